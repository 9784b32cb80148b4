"""Tensors made from numbers, and matrices made from vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn.errors import ShapeError
from pronghorn.ir import dtypes
from pronghorn.ir.shapes import axis as one_axis
from pronghorn.ir.shapes import text
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import is_symbolic
from pronghorn.ir.variable import Variable
from pronghorn.ops.convert import cast, convert_to_tensor, operands, tensor
from pronghorn.ops.elementwise import exp, less_equal, log, multiply, where
from pronghorn.ops.reduce import sum
from pronghorn.ops.structure import (
    arange,
    broadcast_to,
    expand_dims,
    fixed,
    full_shape,
    moveaxis,
    pad,
    ravel,
    reshape,
    slice_static,
    stack,
    zeros,
    zeros_like,
)

__all__ = [
    "array",
    "bartlett",
    "blackman",
    "copy",
    "diag",
    "diagflat",
    "diagonal",
    "dtype",
    "empty",
    "empty_like",
    "geomspace",
    "hamming",
    "hanning",
    "identity",
    "is_tensor",
    "kaiser",
    "linspace",
    "logspace",
    "meshgrid",
    "trace",
    "tri",
    "tril",
    "triu",
    "vander",
]


def array(x: Any, dtype: Any = None) -> Any:
    """`x` as an array, of `dtype` if one is given; see `convert_to_tensor`.

    >>> array([1.0, 2.0])
    array([1., 2.], dtype=float32)
    """
    return convert_to_tensor(x, dtype)


def copy(x: Any) -> Any:
    """The same values in an array of their own."""
    value = tensor(x)
    return value if is_symbolic(value) else np.array(value)


def dtype(x: Any) -> str:
    """The name of a tensor's dtype.

    >>> dtype([1, 2])
    'int32'
    """
    return str(tensor(x).dtype)


def is_tensor(x: Any) -> bool:
    """Whether `x` is an array, a variable or a symbolic tensor.

    >>> is_tensor(np.ones(2)), is_tensor([1.0, 1.0])
    (True, False)
    """
    return isinstance(x, (np.ndarray, Variable, KerasTensor))


def empty(shape: Sequence[int], dtype: Any = None) -> Any:
    """A new array; zeros here, so that nothing is left to chance."""
    return zeros(shape, dtype)


def empty_like(x: Any, dtype: Any = None) -> Any:
    """A new array in the shape of `x`; zeros here."""
    return zeros_like(x, dtype)


def identity(n: int, dtype: Any = None) -> Any:
    """Ones on the diagonal, zeros elsewhere; float32 by default."""
    return np.eye(n, dtype=dtypes.standard(dtype or "float32"))


# --- ranges


def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """Numbers from start to stop with equal distances.

    Args:
        start: a number or a tensor.
        stop: a number or a tensor.
        num: how many. Default 50.
        endpoint: whether `stop` is the last of them. Default True.
        retstep: whether the distance is returned too.
        dtype: default float32.
        axis: where the numbers go, if start and stop are tensors. Default the front.

    Example:

    >>> linspace(0.0, 1.0, 5)
    array([0.  , 0.25, 0.5 , 0.75, 1.  ], dtype=float32)
    """
    first, last = operands(start, stop, floating=True)
    if not is_symbolic(first, last):
        values, step = np.linspace(first, last, num, endpoint, retstep=True, axis=axis)
        values = values.astype(_float(first) if dtype is None else dtype)
        return (values, step) if retstep else values
    step = (last - first) / float(max(num - 1 if endpoint else num, 1))
    rank = step.ndim
    counts = np.arange(num, dtype=np.float32).reshape(num, *[1] * rank)
    values = expand_dims(first, 0) + counts * expand_dims(step, 0)
    values = moveaxis(values, 0, one_axis(axis, rank + 1))
    values = values if dtype is None else cast(values, dtype)
    return (values, step) if retstep else values


def _float(x: Any) -> str:
    return "float64" if isinstance(x, np.ndarray) and x.dtype == "f8" else "float32"


def logspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    base: Any = 10,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """Powers of `base` whose exponents are `linspace(start, stop)`.

    >>> logspace(0, 2, 3)
    array([  1.,  10., 100.], dtype=float32)
    """
    if not is_symbolic(tensor(start), tensor(stop)):
        values = np.logspace(start, stop, num, endpoint, base, axis=axis)
        return values.astype(_float(start) if dtype is None else dtype)
    exponents = linspace(start, stop, num, endpoint, axis=axis)
    values = exp(multiply(exponents, float(np.log(base))))
    return values if dtype is None else cast(values, dtype)


def geomspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """Numbers from start to stop, each the same multiple of the one before.

    >>> geomspace(1.0, 8.0, 4)
    array([1., 2., 4., 8.], dtype=float32)
    """
    if not is_symbolic(tensor(start), tensor(stop)):
        values = np.geomspace(start, stop, num, endpoint, axis=axis)
        return values.astype(_float(start) if dtype is None else dtype)
    values = exp(linspace(log(start), log(stop), num, endpoint, axis=axis))
    return values if dtype is None else cast(values, dtype)


def meshgrid(*x: Any, indexing: str = "xy") -> list[Any]:
    """One tensor for each vector, which holds it along an axis of its own.

    Args:
        *x: vectors.
        indexing: "xy" (default): the first goes along axis 1, the second along axis
            0; "ij": each along the axis of its number.

    Example:

    >>> [g.tolist() for g in meshgrid([1, 2], [5, 6], indexing="ij")]
    [[[1, 1], [2, 2]], [[5, 6], [5, 6]]]
    """
    if indexing not in ("xy", "ij"):
        raise ShapeError(
            "There are two ways to lay out a grid.",
            where="ops.meshgrid",
            expected="indexing='xy' or 'ij'",
            received=f"indexing={indexing!r}",
        )
    vectors = [ravel(tensor(v)) for v in x]
    places = list(range(len(vectors)))
    if indexing == "xy" and len(vectors) > 1:
        places[:2] = [1, 0]
    shape: list[Any] = [1] * len(vectors)
    for v, place in zip(vectors, places):
        shape[place] = full_shape(v)[0]
    grids = []
    for v, place in zip(vectors, places):
        own = [1] * len(vectors)
        own[place] = -1
        grids.append(broadcast_to(reshape(v, own), tuple(shape)))
    return grids


# --- triangles and diagonals


def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Any:
    """Ones on and below a diagonal, zeros above; float32 by default."""
    return np.tri(N, M, k, dtype=dtypes.standard(dtype or "float32"))


def tril(x: Any, k: int = 0) -> Any:
    """The matrices with zeros above the diagonal of number `k`.

    >>> tril(np.ones((2, 2))).tolist()
    [[1.0, 0.0], [1.0, 1.0]]
    """
    value = tensor(x)
    return where(_below("tril", value, k), value, cast(0, value.dtype))


def triu(x: Any, k: int = 0) -> Any:
    """The matrices with zeros below the diagonal of number `k`."""
    value = tensor(x)
    return where(_below("triu", value, k - 1), cast(0, value.dtype), value)


def _below(name: str, x: Any, k: int) -> Any:
    """Which elements of matrices lie on or below the diagonal of number `k`."""
    _check_matrix(name, x)
    n, m = full_shape(x)[-2:]
    if isinstance(n, int) and isinstance(m, int):
        return np.tri(n, m, k, dtype=bool)
    return less_equal(expand_dims(arange(m), 0) - k, expand_dims(arange(n), 1))


def _matrix(name: str, x: Any) -> tuple[int, int]:
    """The fixed sizes of the last two axes."""
    _check_matrix(name, x)
    return fixed(name, x, -2), fixed(name, x, -1)


def _check_matrix(name: str, x: Any) -> None:
    if x.ndim < 2:
        raise ShapeError(
            f"{name} takes matrices.",
            where=f"ops.{name}",
            expected="two axes or more",
            received=text(full_shape(x)),
        )


def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The elements on a diagonal of two axes, along a last axis.

    >>> diagonal(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([1., 4.])
    """
    value = tensor(x)
    if not is_symbolic(value):
        return np.array(np.diagonal(value, offset, axis1, axis2))
    first, second = one_axis(axis1, value.ndim), one_axis(axis2, value.ndim)
    value = moveaxis(value, first, -1)
    value = moveaxis(value, second - (first < second), -1)
    n, m = _matrix("diagonal", value)
    on = np.eye(n, m, offset, dtype=bool)
    columns = sum(where(on, value, cast(0, value.dtype)), -2)
    low, length = max(offset, 0), int(on.sum())
    lead = full_shape(columns)[:-1]
    return slice_static(columns, (*[0] * len(lead), low), (*lead, low + length))


def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum of a diagonal.

    >>> trace(np.array([[1.0, 2.0], [3.0, 4.0]])).item()
    5.0
    """
    return sum(diagonal(x, offset, axis1, axis2), -1)


def diag(x: Any, k: int = 0) -> Any:
    """A matrix with a vector on its diagonal; of a matrix, the diagonal.

    Raises:
        ShapeError: neither a vector nor a matrix.

    Example:

    >>> diag([1, 2]).tolist()
    [[1, 0], [0, 2]]
    """
    value = tensor(x)
    if value.ndim == 2:
        return diagonal(value, k)
    if value.ndim != 1:
        raise ShapeError(
            "diag takes a vector or a matrix.",
            where="ops.diag",
            expected="one axis or two",
            received=text(full_shape(value)),
        )
    if not is_symbolic(value):
        return np.diag(value, k)
    columns = expand_dims(value, 0)
    on = np.eye(fixed("diag", value, 0), dtype=bool)
    square = where(on, columns, cast(0, value.dtype))
    above, below = max(k, 0), max(-k, 0)
    return pad(square, ((below, above), (above, below)))


def diagflat(x: Any, k: int = 0) -> Any:
    """A matrix with all elements on its diagonal."""
    return diag(ravel(x), k)


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """The powers of a vector's elements as columns, the highest first.

    >>> vander([2, 3], 3).tolist()
    [[4, 2, 1], [9, 3, 1]]
    """
    value = tensor(x)
    if not is_symbolic(value):
        return np.vander(value, N, increasing).astype(value.dtype)
    count = fixed("vander", value, 0) if N is None else N
    powers = [value * 0 + 1]
    for _ in range(count - 1):
        powers.append(powers[-1] * value)
    return stack(powers if increasing else powers[::-1], -1)


# --- windows


def bartlett(x: int) -> Any:
    """Bartlett's window of `x` points: a triangle."""
    return np.bartlett(int(x)).astype(np.float32)


def blackman(x: int) -> Any:
    """Blackman's window of `x` points."""
    return np.blackman(int(x)).astype(np.float32)


def hamming(x: int) -> Any:
    """Hamming's window of `x` points."""
    return np.hamming(int(x)).astype(np.float32)


def hanning(x: int) -> Any:
    """Hann's window of `x` points."""
    return np.hanning(int(x)).astype(np.float32)


def kaiser(x: int, beta: float) -> Any:
    """Kaiser's window of `x` points; the larger beta, the narrower."""
    return np.kaiser(int(x), float(beta)).astype(np.float32)
