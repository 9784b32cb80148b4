"""Operations that combine the elements along axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, UnsupportedError
from pronghorn.ir.primitive import Kind, Primitive
from pronghorn.ir.shapes import Dim, Shape, axes, size
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import bind, require_eager
from pronghorn.ops.convert import cast, operands, tensor
from pronghorn.ops.elementwise import (
    absolute,
    divide,
    equal,
    exp,
    log,
    logical_not,
    maximum,
    minimum,
    multiply,
    negative,
    square,
    stop_gradient,
    where,
)
from pronghorn.ops.elementwise import sqrt as _sqrt
from pronghorn.ops.structure import (
    broadcast_to,
    concatenate,
    fixed,
    full_shape,
    moveaxis,
    reshape,
    slice_static,
)

Axis = int | Sequence[int] | None


def _reduced(x: Any, axes: tuple[int, ...]) -> tuple[Shape, str]:
    return tuple(d for i, d in enumerate(x.shape) if i not in axes), x.dtype


def _one_axis(x: Any, axis: int) -> tuple[Shape, str]:
    return _reduced(x, (axis,))[0], "int32"


def _kept(shape: Shape, axes: tuple[int, ...]) -> Shape:
    return tuple(1 if i in axes else d for i, d in enumerate(shape))


def _spread(g: Any, x: Any, axes: tuple[int, ...]) -> Any:
    """A reduced value, back at every element that it was reduced from."""
    shape = full_shape(x)
    return broadcast_to(reshape(g, _kept(shape, axes)), shape)


def _max_vjp(g: Any, y: Any, x: Any, axes: tuple[int, ...]) -> tuple[Any]:
    chosen = equal(x, _spread(y, x, axes))
    count = sum(cast(chosen, x.dtype), axes)
    return (where(chosen, _spread(g / count, x, axes), 0.0),)


sum_p = Primitive(
    "sum",
    Kind.REDUCTION,
    lambda x, axes: np.sum(x, axis=axes, dtype=x.dtype),
    _reduced,
    lambda g, y, x, axes: (_spread(g, x, axes),),
)
max_p = Primitive(
    "max", Kind.REDUCTION, lambda x, axes: np.max(x, axis=axes), _reduced, _max_vjp
)
argmax_p = Primitive(
    "argmax",
    Kind.REDUCTION,
    lambda x, axis: np.asarray(np.argmax(x, axis=axis), np.int32),
    _one_axis,
    lambda g, y, x, axis: (None,),
)


def _reduce(primitive: Primitive, x: Any, axis: Axis, keepdims: bool) -> Any:
    where_ = axes(axis, x.ndim)
    result = bind(primitive, x, axes=where_) if where_ else x
    return reshape(result, _kept(full_shape(x), where_)) if keepdims else result


def _counted(x: Any, axis: Axis) -> Dim:
    shape = full_shape(x)
    return size(tuple(shape[i] for i in axes(axis, x.ndim)))


def sum(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The sum along `axis` (all axes by default). Booleans are counted.

    >>> sum(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    array([4., 6.])
    """
    value = tensor(x)
    if value.dtype == "bool":
        value = cast(value, "int32")
    return _reduce(sum_p, value, axis, keepdims)


def mean(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The mean along `axis` (all axes by default), as a float.

    Of an array of float16 it is float16, added up in float32.

    >>> mean(np.full(3, 40000.0, "float16"))
    array(4.e+04, dtype=float16)
    """
    if _is_half(x):
        return cast(mean(cast(x, "float32"), axis, keepdims), "float16")
    (value,) = operands(x, floating=True)
    # A sum of doubles is one: as a scalar it would pass for a number of Python's.
    return divide(tensor(sum(value, axis, keepdims)), tensor(_counted(value, axis)))


def var(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The variance along `axis`: the mean squared distance from the mean."""
    (value,) = operands(x, floating=True)
    centered = value - mean(value, axis, keepdims=True)
    return mean(square(centered), axis, keepdims)


def std(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The standard deviation along `axis`."""
    return _sqrt(tensor(var(x, axis, keepdims)))


def max(x: Any, axis: Axis = None, keepdims: bool = False, initial: Any = None) -> Any:
    """The largest element along `axis`, and not less than `initial`.

    Ties share the gradient evenly.

    >>> max(np.array([[1.0, 5.0], [3.0, 2.0]]), axis=1, initial=4.0)
    array([5., 4.])
    """
    value = tensor(x)
    if initial is not None and isinstance(value, np.ndarray) and not value.size:
        where_ = axes(axis, value.ndim)
        return np.asarray(np.max(value, where_, keepdims=keepdims, initial=initial))
    result = _reduce(max_p, value, axis, keepdims)
    return result if initial is None else maximum(result, initial)


def min(x: Any, axis: Axis = None, keepdims: bool = False, initial: Any = None) -> Any:
    """The smallest element along `axis`, and not more than `initial`.

    Ties share the gradient evenly.
    """
    value = tensor(x)
    if initial is not None and isinstance(value, np.ndarray) and not value.size:
        where_ = axes(axis, value.ndim)
        return np.asarray(np.min(value, where_, keepdims=keepdims, initial=initial))
    result = negative(max(negative(value), axis, keepdims))
    return result if initial is None else minimum(result, initial)


def amax(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The largest element along `axis`. Ties share the gradient evenly."""
    return max(x, axis, keepdims)


def amin(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The smallest element along `axis`. Ties share the gradient evenly."""
    return min(x, axis, keepdims)


def any(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Whether one element along `axis` holds."""
    return _reduce(max_p, cast(x, "bool"), axis, keepdims)


def all(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Whether every element along `axis` holds."""
    return logical_not(any(logical_not(x), axis, keepdims))


def prod(x: Any, axis: Axis = None, keepdims: bool = False, dtype: Any = None) -> Any:
    """The product along `axis` (all axes by default).

    Raises:
        UnsupportedError: over the batch inside a trace.
    """
    value = tensor(x) if dtype is None else cast(x, dtype)
    if value.dtype == "bool":
        value = cast(value, "int32")
    gone = axes(axis, value.ndim)
    if not isinstance(value, KerasTensor):
        return np.prod(value, axis=gone, keepdims=keepdims, dtype=value.dtype)
    kept = _kept(full_shape(value), gone)
    for i in reversed(gone):
        value = _halved(value, i)
    return reshape(value, kept) if keepdims else value


def _halved(value: Any, axis: int) -> Any:
    """The product along one axis: of its two halves, until one is left."""
    count = fixed("prod", value, axis)
    value = moveaxis(value, axis, 0)
    rest = full_shape(value)[1:]
    if count == 0:
        return broadcast_to(cast(1, value.dtype), rest)
    while count > 1:
        half = count // 2
        odd = slice_static(value, (2 * half, *_zeros(rest)), (count, *rest))
        low = slice_static(value, (0, *_zeros(rest)), (half, *rest))
        high = slice_static(value, (half, *_zeros(rest)), (2 * half, *rest))
        value = multiply(low, high)
        if count % 2:
            value = concatenate([value, odd])
        count = half + count % 2
    return reshape(value, rest)


def _zeros(shape: Shape) -> tuple[int, ...]:
    return (0,) * len(shape)


def cumsum(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """The running sum along `axis`; of the flattened tensor by default.

    Raises:
        UnsupportedError: over the batch inside a trace.
    """
    value = tensor(x) if dtype is None else cast(x, dtype)
    if not isinstance(value, KerasTensor):
        return np.cumsum(value, axis=axis, dtype=value.dtype)
    if axis is None:
        value, axis = reshape(value, (-1,)), 0
    return _cumsum(value, axes(axis, value.ndim)[0])


def _cumsum(value: Any, axis: int) -> Any:
    count = fixed("cumsum", value, axis)
    upto = np.tril(np.ones((count, count), np.float32))
    shape = [1] * (value.ndim + 1)
    shape[axis], shape[axis + 1] = count, count
    spread = reshape(value, (*full_shape(value)[:axis], 1, *full_shape(value)[axis:]))
    return sum(multiply(spread, cast(upto.reshape(shape), value.dtype)), axis + 1)


def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """The place of the largest element along `axis`, the first of equals; int32."""
    value = tensor(x)
    shape = full_shape(value)
    if axis is None:
        value = reshape(value, (-1,))
    where_ = axes(0 if axis is None else axis, value.ndim)
    result = bind(argmax_p, value, axis=where_[0])
    if not keepdims:
        return result
    kept = (1,) * len(shape) if axis is None else _kept(shape, where_)
    return reshape(result, kept)


def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """The place of the smallest element along `axis`, the first of equals; int32."""
    return argmax(negative(x), axis, keepdims)


def count_nonzero(x: Any, axis: Axis = None) -> Any:
    """How many elements along `axis` are not zero; int32."""
    return sum(cast(x, "bool"), axis)


def logsumexp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """`log(sum(exp(x)))` without overflow."""
    (value,) = operands(x, floating=True)
    top = stop_gradient(max(value, axis, keepdims=True))
    result = log(sum(exp(value - top), axis, keepdims=True)) + top
    shape = _reduced_shape(value, axis)
    return result if keepdims else reshape(result, shape)


def _reduced_shape(x: Any, axis: Axis) -> Shape:
    gone = axes(axis, x.ndim)
    return tuple(d for i, d in enumerate(full_shape(x)) if i not in gone)


def norm(x: Any, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Any:
    """The length of vectors along an axis, or the norm of matrices along two.

    Args:
        x: any shape.
        ord: None for the root of the sum of squares; of vectors 1, 2, inf and other
            powers; of matrices "fro", "nuc", 1, 2, inf and their negatives, as NumPy
            has them. In a graph of vectors None, 1, 2 and inf, of matrices None,
            "fro", 1 and inf. Default None.
        axis: one axis for vectors, two for matrices. Default None: all of `x`, which
            has one or two axes unless `ord` is None.
        keepdims: whether the axes stay, of size 1. Default False.

    Raises:
        ArgumentError: `ord` is none of vectors or of matrices, whichever these are.
        UnsupportedError: in a graph, for another `ord`.

    >>> float(norm(np.array([[3.0, 4.0], [0.0, 0.0]]), ord=1))
    4.0
    """
    x = tensor(x)
    if ord in (None, "euclidean"):
        return _sqrt(sum(square(x), axis, keepdims))
    along = axes(axis, len(x.shape))
    matrix = len(along) == 2
    if len(along) not in (1, 2) or (isinstance(ord, str) and not matrix):
        raise ArgumentError(
            "There is no such norm.",
            where=f"norm(ord={ord!r}, axis={axis!r})",
            expected="one axis and a number for vectors, two axes for matrices",
            received=f"{len(along)} axes of {tuple(x.shape)}",
        )
    if ord == ("fro" if matrix else 2):
        return _sqrt(sum(square(x), axis, keepdims))
    if ord in (1, np.inf) and not matrix:
        return (sum if ord == 1 else max)(absolute(x), axis, keepdims)
    if ord in (1, np.inf):  # the largest sum of a column, or of a row
        rows, columns = axis if isinstance(axis, Sequence) else along
        summed = sum(absolute(x), rows if ord == 1 else columns, keepdims=True)
        return max(summed, axis, keepdims)
    require_eager(f"norm with ord={ord!r}", x)
    return np.linalg.norm(x, ord, axis, keepdims)  # type: ignore[arg-type]


def moments(
    x: Any, axes: Axis, keepdims: bool = False, synchronized: bool = False
) -> tuple[Any, Any]:
    """The mean and the variance along `axes`.

    Of an array of float16 both are so, computed in float32; a variance that float16
    cannot hold is its largest number.

    Raises:
        UnsupportedError: `synchronized=True`: there is one process.
    """
    if synchronized:
        raise UnsupportedError(
            "Statistics are those of one process.",
            where="ops.moments",
            received="synchronized=True",
            remedy="leave it out",
        )
    if _is_half(x):
        wide = cast(x, "float32")
        largest = float(np.finfo(np.float16).max)
        spread = minimum(var(wide, axes, keepdims), largest)
        return mean(x, axes, keepdims), cast(spread, "float16")
    return mean(x, axes, keepdims), var(x, axes, keepdims)


def _is_half(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype == np.float16
