"""Order: sorting, the largest few, places in a sorted list, what is there once.

The engine does not sort. Inside a trace the elements along an axis of known length are
held against each other, each with each: right for a few dozen, dear for thousands, and
refused along the batch.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.ir.shapes import axis as one_axis
from pronghorn.ir.shapes import text
from pronghorn.ir.tracer import is_symbolic, require_eager
from pronghorn.ops.convert import cast, operands, tensor
from pronghorn.ops.elementwise import (
    equal,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    where,
)
from pronghorn.ops.reduce import any, sum
from pronghorn.ops.structure import (
    arange,
    expand_dims,
    fixed,
    full_shape,
    moveaxis,
    ravel,
    slice_static,
)

__all__ = [
    "argpartition",
    "argsort",
    "digitize",
    "isin",
    "nonzero",
    "searchsorted",
    "sort",
    "top_k",
    "unique",
]


def _ranks(name: str, x: Any) -> Any:
    """The place of each element along the last axis, if it were sorted; equals keep
    their order."""
    length = fixed(name, x, -1)
    one, other = expand_dims(x, -1), expand_dims(x, -2)
    before = np.tri(length, k=-1) > 0
    lower = logical_or(less(other, one), logical_and(equal(other, one), before))
    return sum(cast(lower, "int32"), -1)


def _at_ranks(ranks: Any, values: Any) -> Any:
    """Each value moved to the place that its rank says."""
    length = full_shape(ranks)[-1]
    here = equal(expand_dims(ranks, -1), arange(length))
    return sum(where(here, expand_dims(values, -1), cast(0, values.dtype)), -2)


def sort(x: Any, axis: int | None = -1) -> Any:
    """The elements along an axis in ascending order; None: of the flat tensor.

    Raises:
        UnsupportedError: along the batch inside a trace.

    Example:

    >>> sort(np.array([3.0, 1.0, 2.0]))
    array([1., 2., 3.])
    """
    value = tensor(x)
    if axis is None:
        value, axis = ravel(value), 0
    if not is_symbolic(value):
        return np.sort(value, axis)
    place = one_axis(axis, value.ndim)
    last = moveaxis(value, place, -1)
    return moveaxis(_at_ranks(_ranks("sort", last), last), -1, place)


def argsort(x: Any, axis: int | None = -1) -> Any:
    """The places of the elements in ascending order; equals keep theirs; int32.

    Raises:
        UnsupportedError: along the batch inside a trace.

    Example:

    >>> argsort(np.array([3.0, 1.0, 2.0])).tolist()
    [1, 2, 0]
    """
    value = tensor(x)
    if axis is None:
        value, axis = ravel(value), 0
    if not is_symbolic(value):
        return np.argsort(value, axis, kind="stable").astype(np.int32)
    place = one_axis(axis, value.ndim)
    ranks = _ranks("argsort", moveaxis(value, place, -1))
    own = arange(full_shape(ranks)[-1]) + ranks * 0
    return moveaxis(_at_ranks(ranks, own), -1, place)


def argpartition(x: Any, kth: int, axis: int | None = -1) -> Any:
    """The places of elements, the `kth` smallest at place `kth`, smaller ones before.

    All of them are sorted here. See `argsort`.
    """
    order = argsort(x, axis)
    length = full_shape(order)[-1 if axis is None else axis]
    if isinstance(length, int) and not -length <= kth < length:
        raise ArgumentError(
            "There is no such element.",
            where="ops.argpartition",
            expected=f"kth from 0 to {length - 1}",
            received=f"kth={kth}",
        )
    return order


def top_k(x: Any, k: int, sorted: bool = True) -> tuple[Any, Any]:
    """The `k` largest elements along the last axis, and their places.

    Args:
        x: a tensor with a last axis of `k` or more.
        k: how many.
        sorted: whether the largest goes first; it does in either case.

    Returns:
        (values, places), the places as int32; of equals the first goes first.

    Raises:
        ArgumentError: `k` is more than there are.

    Example:

    >>> [a.tolist() for a in top_k(np.array([1.0, 4.0, 3.0]), 2)]
    [[4.0, 3.0], [1, 2]]
    """
    value = tensor(x)
    if value.ndim == 0 or not 0 <= k <= (value.shape[-1] or 0):
        raise ArgumentError(
            "There are not so many elements.",
            where="ops.top_k",
            expected=f"k up to the last axis of {text(full_shape(value))}",
            received=f"k={k}",
        )
    if not is_symbolic(value):
        places = np.argsort(-_signed(value), -1, kind="stable")[..., :k]
        return np.take_along_axis(value, places, -1), places.astype(np.int32)
    ranks = _ranks("top_k", -1 * value)
    own = arange(full_shape(ranks)[-1]) + ranks * 0
    lead = full_shape(value)[:-1]
    first = ((0,) * value.ndim, (*lead, k))
    values, places = _at_ranks(ranks, value), _at_ranks(ranks, own)
    return slice_static(values, *first), slice_static(places, *first)


def _signed(x: np.ndarray) -> np.ndarray:
    return x if x.dtype.kind == "f" else x.astype(np.int64)


def searchsorted(sorted_sequence: Any, values: Any, side: str = "left") -> Any:
    """Where values would go in a sorted vector; int32.

    Args:
        sorted_sequence: ascending, `(m,)`.
        values: a tensor.
        side: of equals, "left" (default) goes before them, "right" behind.

    Raises:
        ArgumentError: another side.
        ShapeError: a sequence of another rank than 1.

    Example:

    >>> searchsorted(np.array([1.0, 2.0, 3.0]), np.array([0.0, 2.0, 9.0])).tolist()
    [0, 1, 3]
    """
    if side not in ("left", "right"):
        raise ArgumentError(
            "There are two sides.",
            where="ops.searchsorted",
            expected="side='left' or 'right'",
            received=f"side={side!r}",
        )
    steps, wanted = operands(sorted_sequence, values)
    if steps.ndim != 1:
        raise ShapeError(
            "The sorted sequence is a vector.",
            where="ops.searchsorted",
            expected="shape (m,)",
            received=text(full_shape(steps)),
        )
    if not is_symbolic(steps, wanted):
        found = np.searchsorted(steps, wanted, side)  # type: ignore[call-overload]
        return np.asarray(found, np.int32)
    below = less if side == "left" else less_equal
    return sum(cast(below(steps, expand_dims(wanted, -1)), "int32"), -1)


def digitize(x: Any, bins: Any) -> Any:
    """The number of each element's bin: how many borders it has reached; int32.

    Args:
        x: a tensor.
        bins: the borders, ascending.

    Example:

    >>> digitize(np.array([-1.0, 0.0, 2.5]), [0.0, 1.0, 2.0]).tolist()
    [0, 1, 3]
    """
    return searchsorted(bins, x, "right")


def isin(x1: Any, x2: Any, assume_unique: bool = False, invert: bool = False) -> Any:
    """Whether each element of `x1` is among those of `x2`.

    Args:
        x1: a tensor.
        x2: the elements that are looked for.
        assume_unique: whether neither holds an element twice. Makes no difference.
        invert: whether the answer is turned around.

    Example:

    >>> isin(np.array([1, 2, 3]), [2, 5]).tolist()
    [False, True, False]
    """
    a, b = operands(x1, x2)
    if not is_symbolic(a, b):
        return np.isin(a, b, invert=invert)
    found = any(equal(expand_dims(a, -1), ravel(b)), -1)
    return logical_not(found) if invert else found


def nonzero(x: Any) -> tuple[Any, ...]:
    """The places of elements that are not 0: one vector for each axis. Arrays only."""
    require_eager("nonzero", x)
    return tuple(i.astype(np.int32) for i in np.nonzero(tensor(x)))


def unique(
    x: Any,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: Any = None,
) -> Any:
    """The elements without repetitions, in ascending order. Arrays only.

    Args:
        x: an array.
        sorted: whether they ascend; they do in either case.
        return_index: whether the place where each comes first is returned.
        return_inverse: whether the number of each element's value is returned.
        return_counts: whether it is returned how often each comes.
        axis: parts along an axis are compared. Default: single elements.
        size: how many are returned: more are cut off, fewer filled up.
        fill_value: what fills up. Default the first of them.

    Returns:
        The elements, or a tuple of them and what else was asked for, as int32.

    Raises:
        UnsupportedError: inside a trace.

    Example:

    >>> unique(np.array([3, 1, 3]), return_counts=True)[1].tolist()
    [1, 2]
    """
    require_eager("unique", x)
    value = np.asarray(tensor(x))
    found, first, number, count = np.unique(
        value, True, True, True, axis=axis, equal_nan=False
    )
    if axis is None:
        number = number.reshape(value.shape)
    if size is not None:
        place = 0 if axis is None else axis
        found = _filled(found, size, place, fill_value)
        first = _filled(first, size, 0, None)
        count = _filled(count, size, 0, 0)
    more = ((return_index, first), (return_inverse, number), (return_counts, count))
    others = [a.astype(np.int32) for asked, a in more if asked]
    return (found, *others) if others else found


def _filled(values: np.ndarray, size: int, axis: int, fill: Any) -> np.ndarray:
    have = values.shape[axis]
    kept = np.take(values, np.arange(min(have, size)), axis)
    if have >= size:
        return kept
    one = np.take(values, [0], axis)
    rest = np.repeat(one, size - have, axis)
    return np.concatenate([kept, rest if fill is None else rest * 0 + fill], axis)
