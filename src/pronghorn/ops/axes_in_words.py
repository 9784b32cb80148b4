"""Axes taken apart, ordered anew and merged, as a pattern of names says it."""

from __future__ import annotations

import math
import re
from typing import Any

from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.ir.shapes import Batch, Dim, size, text
from pronghorn.ops.convert import tensor as as_tensor
from pronghorn.ops.recording import recorded
from pronghorn.ops.structure import full_shape, reshape, transpose

__all__ = ["rearrange"]

Groups = list[list[str]]  # of each axis the names that it is made of
_SIDE = re.compile(r"(\s*(\(\s*[^\W\d]\w*(\s+[^\W\d]\w*)*\s*\)|[^\W\d]\w*))+\s*")
# Between the layers of a model they are what its file names.
_reshape, _transpose = recorded("reshape", reshape), recorded("transpose", transpose)
_AXIS = re.compile(r"\(([^()]*)\)|(\w+)")


def rearrange(tensor: Any, pattern: str, **axes_lengths: int) -> Any:
    """The axes of a tensor taken apart, in another order, and merged.

    Args:
        tensor: of as many axes as the left side of the pattern names.
        pattern: names of axes before and after `->`; names in brackets are one axis
            of the tensor: `"b (h c) -> (b h) c"`.
        axes_lengths: lengths of named axes; of the names in a bracket on the left one
            may be left out.

    Returns:
        The same elements, an axis for each name or bracket on the right.

    Raises:
        ArgumentError: no such pattern; names that differ between its sides; a length
            for a name that is not there.
        ShapeError: the tensor does not have the axes that the pattern takes apart.

    Example:

    >>> import numpy as np
    >>> rearrange(np.zeros((6, 8)), "(h w) c -> c h w", h=2).shape
    (8, 2, 3)

    Source: Rogozhnikov 2022, "Einops: clear and reliable tensor manipulations".
    """
    value = as_tensor(tensor)
    before, after = _sides(pattern, axes_lengths)
    names = [name for group in before for name in group]
    lengths = _lengths(before, full_shape(value), pattern, dict(axes_lengths))
    order = [names.index(name) for group in after for name in group]
    apart = _reshape(value, _open([lengths[name] for name in names]))
    merged = [size(tuple(lengths[name] for name in group)) for group in after]
    return _reshape(_transpose(apart, order), _open(merged))


def _open(shape: list[Dim]) -> tuple[Dim, ...]:
    """The shape with -1 where it follows the batch."""
    return tuple(-1 if isinstance(d, Batch) else d for d in shape)


def _sides(pattern: str, given: dict[str, int]) -> tuple[Groups, Groups]:
    sides = pattern.split("->")
    if len(sides) != 2 or not all(_SIDE.fullmatch(side) for side in sides):
        raise ArgumentError(
            "This is no pattern of axes.",
            where="ops.rearrange(pattern=)",
            expected='names of axes, as in "b (h c) -> (b h) c"',
            received=repr(pattern),
        )
    before, after = (
        [(inner or name).split() for inner, name in _AXIS.findall(side)]
        for side in sides
    )
    left, right = (sorted(n for g in side for n in g) for side in (before, after))
    if left != right or len(set(left)) != len(left):
        raise ArgumentError(
            "Each name stands once on each side.",
            where="ops.rearrange(pattern=)",
            received=repr(pattern),
        )
    unknown = set(given) - set(left)
    if unknown:
        raise ArgumentError(
            "The pattern has no such axis.",
            where="ops.rearrange",
            expected=f"lengths of {', '.join(left)}",
            received=", ".join(sorted(unknown)),
        )
    return before, after


def _lengths(
    groups: Groups, shape: tuple[Dim, ...], pattern: str, known: dict[str, int]
) -> dict[str, Dim]:
    """The length of each name."""
    lengths: dict[str, Dim] = dict(known)
    fits = len(groups) == len(shape)
    for group, length in zip(groups, shape, strict=False):
        missing = [name for name in group if name not in known]
        product = math.prod(known[name] for name in group if name in known)
        if not missing:
            fits = fits and product == length
            continue
        try:
            rest = length // product
        except (ValueError, ZeroDivisionError):
            fits = False
            continue
        fits = fits and len(missing) == 1 and rest * product == length
        lengths[missing[0]] = rest
    if not fits:
        raise ShapeError(
            "The tensor does not have the axes of the pattern.",
            where="ops.rearrange",
            expected=f"{pattern.split('->')[0].strip()}, with {known or 'no lengths'}",
            received=f"the shape {text(shape)}",
            remedy="give the lengths of all names in a bracket but one",
        )
    return lengths
