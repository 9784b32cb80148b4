"""What a function of symbols gives, found by computing it for arrays of some sizes.

Outside of a trace a symbol is only a shape and a dtype. What the graph cannot hold (a
second unknown size, an operation that works on arrays only) still has a result of some
shape. So the function is computed for arrays of every likely size of what is unknown:
where it works, and always gives the same size, that size is known. Arrays of zeros and
of counting numbers show sizes that depend on values.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from pronghorn.errors import PronghornError, ShapeError, UnsupportedError
from pronghorn.ir import dtypes
from pronghorn.ir.recorder import EagerTensor
from pronghorn.ir.tensor import KerasTensor
from pronghorn.tree import flatten, map_structure, pack_sequence_as

__all__ = ["by_example", "described", "own_rule"]

_SIZES = (5, 7)  # of what is unknown: unlike each other and most sizes that are known
_LIKELY = 64  # a number among the arguments that may be a size, or divide one
_MOST_EXAMPLES = 1500
# Of one example, so that no product of two is large; and times the largest argument.
_MOST_ELEMENTS, _MOST_REPEATED = 1 << 13, 1 << 22

Form = list[tuple[tuple[int, ...], str]]


def described(
    error: Exception,
    function: Callable[..., Any],
    args: Any,
    kwargs: Any,
    options: Any = None,
) -> Any:
    """Symbolic outputs of a function that the graph could not hold; see `by_example`.

    Args:
        error: what the graph said. It is raised again where examples fail too, unless
            it only said that the function is for arrays.

    Raises:
        ShapeError: the function is for arrays, and takes none of these shapes.
    """
    outputs = by_example(function, args, kwargs, options)
    if outputs is not None:
        return outputs
    symbols = [x for x in flatten((args, kwargs)) if isinstance(x, KerasTensor)]
    for sizes in _assignments(symbols, []) if _for_arrays(error) else ():
        arrays = {key: _identities(*of) for key, of in sizes.items()}
        if _computed(function, args, kwargs, arrays) is None:
            raise ShapeError(
                "These symbols do not fit an operation that is for arrays.",
                where=getattr(error, "message", None),
                expected="shapes and dtypes that go together",
                received=" and ".join(f"{x.dtype}{x.shape}" for x in symbols),
            ) from None
    raise error


def _for_arrays(error: Exception) -> bool:
    return isinstance(error, UnsupportedError)


def by_example(
    function: Callable[..., Any], args: Any, kwargs: Any, options: Any = None
) -> Any | None:
    """Symbolic outputs of a function that need not be one of the graph.

    Args:
        function: of arrays.
        args: its arguments, with symbols among them.
        kwargs: the same.
        options: numbers that the function holds already.

    Returns:
        The outputs, in their structure; None if no sizes made the function work, or its
        results have no place in a graph.

    Example:

    >>> by_example(np.sort, (KerasTensor((None, 3)),), {}).shape
    (None, 3)
    """
    leaves = flatten((args, kwargs))
    symbols = {id(x): x for x in leaves if isinstance(x, KerasTensor)}
    if not symbols or any(isinstance(x, EagerTensor) for x in symbols.values()):
        return None
    forms: list[Form] = []
    structure: Any = None
    numbers = [abs(n) for n in [*leaves, *flatten(options)] if type(n) is int]
    for sizes in _assignments(list(symbols.values()), numbers):
        works = False
        for array in (np.zeros, _counting, _identities):
            if works and array is _identities:
                continue  # for what needs an inverse
            arrays = {key: array(*sizes[key]) for key in symbols}
            found = _computed(function, args, kwargs, arrays)
            if found is not None:
                structure, form = found
                forms.append(form)
                works = True
    if not forms or any(len(form) != len(forms[0]) for form in forms):
        return None
    return _symbols(structure, forms)


def _counting(shape: tuple[int, ...], dtype: str) -> np.ndarray:
    return np.arange(1, prod(shape) + 1).reshape(shape).astype(dtype)


def _identities(shape: tuple[int, ...], dtype: str) -> np.ndarray:
    if len(shape) < 2:
        return np.ones(shape, dtype)
    return np.broadcast_to(np.eye(shape[-2], shape[-1], dtype=dtype), shape)


def _assignments(
    symbols: Sequence[KerasTensor], numbers: Sequence[int]
) -> Iterator[dict[int, tuple[tuple[int, ...], str]]]:
    """Sizes for what is unknown, in many ways: shape and dtype of each symbol."""
    known = {d for x in symbols for d in x.shape if d is not None}
    small = {n for n in numbers if 0 < n <= _LIKELY}
    more = {1, *known, *small, *(2 * n for n in small)}
    likely = [*_SIZES, *sorted(more - set(_SIZES))]
    unknown = sum(x.shape.count(None) for x in symbols)
    while len(likely) > 1 and len(likely) ** unknown > _MOST_EXAMPLES:
        likely.pop()
    most = min(_MOST_ELEMENTS, _MOST_REPEATED // max(1, *numbers, 1))
    for chosen in itertools.product(likely, repeat=unknown):
        rest = iter(chosen)
        shapes = [
            tuple(next(rest) if d is None else d for d in x.shape) for x in symbols
        ]
        if all(prod(shape) <= most for shape in shapes):
            yield {id(x): (s, x.dtype) for x, s in zip(symbols, shapes, strict=True)}


def _computed(
    function: Any, args: Any, kwargs: Any, arrays: dict[int, np.ndarray]
) -> tuple[Any, Form] | None:
    """The outputs for these arrays and their form; None where they do not fit."""

    def filled(leaf: Any) -> Any:
        return arrays[id(leaf)] if isinstance(leaf, KerasTensor) else leaf

    given, named = map_structure(filled, (args, kwargs))
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            outputs = function(*given, **named)
            return outputs, [_form(leaf) for leaf in flatten(outputs)]
    except Exception:  # whatever it is: these sizes do not go together
        return None


def _form(leaf: Any) -> tuple[tuple[int, ...], str]:
    array = np.asarray(leaf)
    return array.shape, array.dtype.name


def _symbols(structure: Any, forms: list[Form]) -> Any | None:
    made = []
    for column in zip(*forms, strict=True):
        shapes = [shape for shape, _ in column]
        if len({len(shape) for shape in shapes}) != 1:
            return None
        sizes = [set(dims) for dims in zip(*shapes, strict=True)]
        shape = tuple(d.pop() if len(d) == 1 else None for d in sizes)
        try:
            dtype = dtypes.standard(column[0][1]).replace("64", "32")
        except PronghornError:  # complex numbers, say
            return None
        made.append(KerasTensor(shape, dtype))
    return pack_sequence_as(structure, made)


# --- what examples cannot tell


def own_rule(name: str, args: Any, kwargs: Any) -> Any | None:
    """The outputs of an operation that has a rule of its own; None without one."""
    rule = _RULES.get(name)
    return None if rule is None else rule(*args, **kwargs)


def _like_its_variables(
    cond: Any, body: Any, loop_vars: Any, maximum_iterations: Any = None
) -> Any:
    """A loop may have no end; its variables keep their shapes."""

    def like(x: Any) -> KerasTensor:
        if not isinstance(x, KerasTensor):
            shape, dtype = _form(x)
            return KerasTensor(shape, dtypes.standard(dtype).replace("64", "32"))
        return KerasTensor(x.shape, x.dtype)

    return map_structure(like, loop_vars)


def _by_its_sizes(x: Any, newshape: Any) -> Any | None:
    """Sizes that are tensors are unknown."""
    if isinstance(newshape, KerasTensor) and newshape.ndim == 1:
        newshape = [newshape] * (newshape.shape[0] or 0)
    sizes = newshape if isinstance(newshape, (list, tuple)) else ()
    if not any(isinstance(d, KerasTensor) for d in sizes):
        return None
    shape = tuple(d if isinstance(d, int) and d >= 0 else None for d in sizes)
    return KerasTensor(shape, dtypes.standard(x.dtype))


_RULES: dict[str, Callable[..., Any]] = {
    "reshape": _by_its_sizes,
    "while_loop": _like_its_variables,
}
