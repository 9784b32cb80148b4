"""Averages, quantiles, running products and differences; NaN left out of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.ir.shapes import Shape, text
from pronghorn.ir.shapes import axes as all_axes
from pronghorn.ir.shapes import axis as one_axis
from pronghorn.ir.tracer import is_symbolic, require_eager
from pronghorn.ops.convert import cast, operands, tensor
from pronghorn.ops.elementwise import (
    divide,
    isnan,
    log10,
    logical_not,
    not_equal,
    square,
    subtract,
    where,
)
from pronghorn.ops.elementwise import sqrt as _sqrt
from pronghorn.ops.linalg import matmul
from pronghorn.ops.reduce import (
    all,
    any,
    argmax,
    argmin,
    cumsum,
    max,
    mean,
    min,
    prod,
    sum,
)
from pronghorn.ops.sorting import sort
from pronghorn.ops.structure import (
    broadcast_to,
    concatenate,
    expand_dims,
    fixed,
    full_shape,
    moveaxis,
    ravel,
    reshape,
    slice_static,
    transpose,
)

__all__ = [
    "average",
    "bincount",
    "corrcoef",
    "correlate",
    "cumprod",
    "diff",
    "histogram",
    "median",
    "nanargmax",
    "nanargmin",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmedian",
    "nanmin",
    "nanpercentile",
    "nanprod",
    "nanquantile",
    "nanstd",
    "nansum",
    "nanvar",
    "percentile",
    "psnr",
    "ptp",
    "quantile",
    "trapezoid",
]

Axis = int | Sequence[int] | None


def average(x: Any, axis: Axis = None, weights: Any = None) -> Any:
    """The mean along `axis`, weighed if weights are given.

    Args:
        x: a tensor.
        axis: one axis or several. Default all.
        weights: of the shape of `x`, or of one axis.

    Example:

    >>> average(np.array([1.0, 2.0, 6.0]), weights=[1.0, 1.0, 0.0]).item()
    1.5
    """
    if weights is None:
        return mean(x, axis)
    value, weight = operands(x, weights, floating=True)
    if weight.ndim == 1 and value.ndim > 1:
        own = [1] * value.ndim
        if not isinstance(axis, int):
            raise ShapeError(
                "A vector of weights needs its axis.",
                where="ops.average",
                expected="axis=... of the weights",
                received=f"axis={axis}",
            )
        own[axis] = -1
        weight = reshape(weight, own)
    weight = broadcast_to(weight, full_shape(value))
    return divide(sum(value * weight, axis), sum(weight, axis))


def ptp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The distance from the smallest to the largest element along `axis`."""
    return subtract(max(x, axis, keepdims), min(x, axis, keepdims))


# --- quantiles

_METHODS = ("linear", "lower", "higher", "midpoint", "nearest")


def _spread(x: Any, axis: Axis) -> tuple[Any, Shape]:
    """The axes to reduce as one last axis, and the shape where they are of size 1."""
    gone = all_axes(axis, x.ndim)
    have = full_shape(x)
    rest = [i for i in range(x.ndim) if i not in gone]
    flat = reshape(transpose(x, [*rest, *gone]), (*[have[i] for i in rest], -1))
    return flat, tuple(1 if i in gone else d for i, d in enumerate(have))


def quantile(
    x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Any:
    """The values below which the shares `q` of the elements along `axis` lie.

    Args:
        x: a tensor.
        q: a number from 0 to 1, or several: then their results come along axis 0.
        axis: one axis or several. Default all.
        method: between two elements: "linear" (default), "lower", "higher", "midpoint"
            or "nearest".
        keepdims: whether reduced axes stay, of size 1.

    Raises:
        ArgumentError: another method.
        UnsupportedError: inside a trace over the batch, or with a `q` from a tensor.

    Example:

    >>> quantile(np.array([1.0, 2.0, 3.0, 4.0]), [0.0, 0.5]).tolist()
    [1.0, 2.5]
    """
    if method not in _METHODS:
        raise ArgumentError(
            "There is no such method.",
            where="ops.quantile",
            expected=" or ".join(map(repr, _METHODS)),
            received=f"method={method!r}",
        )
    (value,) = operands(x, floating=True)
    if not is_symbolic(value):
        return _of_numpy(np.quantile, value, q, axis, method, keepdims)
    require_eager("quantile of an unknown share", q)
    flat, kept = _spread(value, axis)
    ordered = sort(flat)
    shares = np.asarray(q, float)
    parts = [_between(ordered, float(s), method) for s in shares.reshape(-1)]
    if keepdims:
        parts = [reshape(p, kept) for p in parts]
    if shares.ndim == 0:
        return parts[0]
    rows = concatenate([expand_dims(p, 0) for p in parts])
    return reshape(rows, (*shares.shape, *full_shape(parts[0])))


def _of_numpy(
    function: Callable[..., Any],
    value: np.ndarray,
    q: Any,
    axis: Axis,
    method: str,
    keepdims: bool,
) -> np.ndarray:
    along = axis if axis is None or isinstance(axis, int) else tuple(axis)
    share = np.asarray(tensor(q))
    found = function(value, share, along, method=method, keepdims=keepdims)
    return np.asarray(found, value.dtype)


def _between(ordered: Any, share: float, method: str) -> Any:
    last = fixed("quantile", ordered, -1) - 1
    place = share * last
    low, high = int(np.floor(place)), int(np.ceil(place))
    part = place - low
    if method == "nearest":
        low = high = int(np.rint(place))
    elif method == "lower":
        high = low
    elif method == "higher":
        low = high
    elif method == "midpoint":
        part = 0.5
    a, b = ordered[..., low], ordered[..., high]
    return a if low == high else a + (b - a) * part


def percentile(
    x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Any:
    """The values below which `q` percent of the elements lie; see `quantile`."""
    require_eager("percentile of an unknown share", q)
    return quantile(x, np.asarray(tensor(q)) / 100.0, axis, method, keepdims)


def median(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The middle of the elements along `axis`, or the mean of the middle two.

    >>> median(np.array([1.0, 9.0, 2.0])).item()
    2.0
    """
    return quantile(x, 0.5, axis, "linear", keepdims)


# --- running


def cumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """The running product along `axis`; of the flattened tensor by default.

    Raises:
        UnsupportedError: over the batch inside a trace.

    Example:

    >>> cumprod(np.array([1.0, 2.0, 3.0]))
    array([1., 2., 6.])
    """
    value = tensor(x) if dtype is None else cast(x, dtype)
    if not is_symbolic(value):
        return np.cumprod(value, axis=axis, dtype=value.dtype)
    if axis is None:
        value, axis = ravel(value), 0
    place = one_axis(axis, value.ndim)
    value = moveaxis(value, place, 0)
    length = fixed("cumprod", value, 0)
    rest = full_shape(value)[1:]
    origin = (0,) * len(rest)
    step = 1
    while step < length:
        # Hillis and Steele, 1986: each product reaches twice as far back.
        head = slice_static(value, (0, *origin), (step, *rest))
        back = slice_static(value, (0, *origin), (length - step, *rest))
        tail = slice_static(value, (step, *origin), (length, *rest))
        value = concatenate([head, tail * back])
        step *= 2
    return moveaxis(value, 0, place)


def diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    """The differences of neighbours along an axis, `n` times over.

    >>> diff(np.array([1.0, 4.0, 9.0]))
    array([3., 5.])
    """
    value = tensor(a)
    place = one_axis(axis, value.ndim)
    origin: Shape = (0,) * value.ndim
    for _ in range(n):
        shape = full_shape(value)
        if shape[place] == 0:
            break
        ends, starts = list(shape), list(origin)
        ends[place], starts[place] = shape[place] - 1, 1
        high = slice_static(value, tuple(starts), shape)
        low = slice_static(value, origin, tuple(ends))
        boolean = value.dtype == "bool"
        value = not_equal(high, low) if boolean else subtract(high, low)
    return value


def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    """The area below a curve of points, by the trapezoidal rule.

    Args:
        y: heights.
        x: their places: of the shape of `y`, or a vector. Default: `dx` apart.
        dx: default 1.
        axis: default the last.

    Example:

    >>> trapezoid(np.array([0.0, 1.0, 2.0])).item()
    2.0
    """
    (heights,) = operands(y, floating=True)
    heights = moveaxis(heights, axis, -1)
    width: Any = dx
    if x is not None:
        places = tensor(x)
        width = diff(places if places.ndim == 1 else moveaxis(places, axis, -1))
    return sum((heights[..., 1:] + heights[..., :-1]) * width, -1) / 2.0


# --- counted


def bincount(
    x: Any, weights: Any = None, minlength: int = 0, sparse: bool = False
) -> Any:
    """How often each whole number from 0 comes, or the sum of its weights. Arrays only.

    Args:
        x: whole numbers from 0, `(n,)`, or `(rows, n)`, counted row by row.
        weights: of the same shape.
        minlength: the least length of the result. Default 0.
        sparse: True raises: all tensors are dense.

    Raises:
        UnsupportedError: inside a trace, where ops.one_hot and ops.sum count; sparse.

    Example:

    >>> bincount(np.array([0, 2, 2])).tolist()
    [1, 0, 2]
    """
    if sparse:
        require_eager("bincount with sparse=True", x)
        raise ArgumentError(
            "Tensors are dense here.", where="ops.bincount(sparse=True)"
        )
    require_eager("bincount", x, weights)
    value = np.asarray(tensor(x))
    given = None if weights is None else np.asarray(tensor(weights))
    rows = value.reshape(-1, value.shape[-1])
    length = int(np.max(value, initial=-1)) + 1
    length = length if length > (minlength or 0) else minlength
    found = np.stack(
        [
            np.bincount(
                row,
                None if given is None else given.reshape(rows.shape)[i],
                length,
            )
            for i, row in enumerate(rows)
        ]
    )
    kind = np.dtype(np.int32) if given is None else given.dtype
    return found.reshape(*value.shape[:-1], -1).astype(kind)


def histogram(x: Any, bins: Any = 10, range: Any = None) -> tuple[Any, Any]:
    """How many elements lie in each of so many bins, and the borders. Arrays only.

    Args:
        x: an array.
        bins: how many (default 10), or the borders.
        range: (lowest, highest). Default those of `x`.

    Raises:
        ArgumentError: no bins, or a range that is none.
        ShapeError: `x` is no vector.

    Example:

    >>> histogram(np.array([0.0, 1.0, 1.0]), bins=2)[0].tolist()
    [1, 2]
    """
    require_eager("histogram", x)
    (value,) = operands(x, floating=True)
    if value.ndim != 1:
        raise ShapeError(
            "A histogram is of one column.",
            where="ops.histogram",
            expected="a vector",
            received=f"the shape {text(value.shape)}",
            remedy="ops.ravel(x)",
        )
    if isinstance(bins, int) and bins < 1:
        raise ArgumentError(
            "A histogram has bins.",
            where="ops.histogram(bins=)",
            expected="a number of 1 or more, or the borders",
            received=bins,
        )
    if range is not None and (len(range) != 2 or range[0] > range[1]):
        raise ArgumentError(
            "The range goes from the lowest to the highest.",
            where="ops.histogram(range=)",
            expected="(lowest, highest)",
            received=range,
        )
    counts, borders = np.histogram(value, bins, range)
    return counts.astype(np.int32), borders.astype(value.dtype)


def corrcoef(x: Any) -> Any:
    """The correlation of each row with each other row.

    >>> corrcoef(np.array([[1.0, 2.0], [2.0, 1.0]])).round(3).tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    (value,) = operands(x, floating=True)
    if value.ndim < 2:
        return sum(value * 0.0) + 1.0
    if value.ndim != 2:
        raise ShapeError(
            "corrcoef takes rows.",
            where="ops.corrcoef",
            expected="a matrix",
            received=text(full_shape(value)),
        )
    centered = value - mean(value, 1, keepdims=True)
    scaled = divide(centered, _sqrt(sum(square(centered), 1, keepdims=True)))
    return matmul(scaled, transpose(scaled))


def correlate(x1: Any, x2: Any, mode: str = "valid") -> Any:
    """The sums of products of two vectors, one moved along the other. Arrays only."""
    require_eager("correlate", x1, x2)
    a, b = operands(x1, x2, floating=True)
    return np.correlate(a, b, mode)  # type: ignore[call-overload]


def psnr(x1: Any, x2: Any, max_val: float) -> Any:
    """The peak signal to noise ratio of two tensors, in decibels."""
    a, b = operands(x1, x2, floating=True)
    error = mean(square(a - b))
    return 20.0 * log10(tensor(float(max_val))) - 10.0 * log10(error)


# --- NaN left out


def _without(x: Any, value: Any) -> Any:
    """`x` with `value` in place of NaN."""
    (numbers,) = operands(x, floating=True)
    return where(isnan(numbers), value, numbers)


def _counted(x: Any, axis: Axis, keepdims: bool) -> Any:
    (numbers,) = operands(x, floating=True)
    there = cast(logical_not(isnan(numbers)), numbers.dtype)
    return sum(there, axis, keepdims)


def nansum(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The sum along `axis`, NaN counted as 0."""
    return sum(_without(x, 0.0), axis, keepdims)


def nanprod(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The product along `axis`, NaN counted as 1."""
    return prod(_without(x, 1.0), axis, keepdims)


def nancumsum(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """The running sum along `axis`, NaN counted as 0; by default as if it were flat."""
    return _running(cumsum, _without(x, 0.0), axis, dtype)


def nancumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """The running product along `axis`, NaN counted as 1; by default as if flat."""
    return _running(cumprod, _without(x, 1.0), axis, dtype)


def _running(running: Any, x: Any, axis: Any, dtype: Any) -> Any:
    """Along an axis, which may stand in a tuple; along no axis nothing is added up."""
    if axis == ():
        return x if dtype is None else cast(x, dtype)
    return running(x, axis[0] if isinstance(axis, tuple) else axis, dtype)


def nanmean(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The mean along `axis` of what is not NaN; NaN where nothing is.

    >>> nanmean(np.array([1.0, np.nan, 3.0])).item()
    2.0
    """
    return divide(nansum(x, axis, keepdims), _counted(x, axis, keepdims))


def nanvar(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The variance along `axis` of what is not NaN; NaN where nothing is."""
    (value,) = operands(x, floating=True)
    apart = square(value - nanmean(value, axis, keepdims=True))
    return nanmean(apart, axis, keepdims)


def nanstd(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The standard deviation along `axis` of what is not NaN."""
    return _sqrt(nanvar(x, axis, keepdims))


def _extreme(
    reduce: Callable[..., Any], worst: float, x: Any, axis: Axis, keepdims: bool
) -> Any:
    (value,) = operands(x, floating=True)
    found = reduce(_without(value, worst), axis, keepdims)
    return where(all(isnan(value), axis, keepdims), float("nan"), found)


def nanmax(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The largest along `axis` of what is not NaN; NaN where nothing is."""
    return _extreme(max, -float("inf"), x, axis, keepdims)


def nanmin(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The smallest along `axis` of what is not NaN; NaN where nothing is."""
    return _extreme(min, float("inf"), x, axis, keepdims)


def _place(
    find: Callable[..., Any], worst: float, x: Any, axis: int | None, keepdims: bool
) -> Any:
    (value,) = operands(x, floating=True)
    found = find(_without(value, worst), axis, keepdims)
    there = any(logical_not(isnan(value)), axis, keepdims)
    return where(there, found, -1)


def nanargmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """The place of the largest along `axis` of what is not NaN; -1 where nothing is."""
    return _place(argmax, -float("inf"), x, axis, keepdims)


def nanargmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """The place of the smallest along `axis` of what is not NaN; -1 where none is."""
    return _place(argmin, float("inf"), x, axis, keepdims)


def nanquantile(
    x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Any:
    """`quantile` of what is not NaN. Arrays only: how much that is, is in the data."""
    require_eager("nanquantile", x, q)
    (value,) = operands(x, floating=True)
    return _of_numpy(np.nanquantile, value, q, axis, method, keepdims)


def nanpercentile(
    x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Any:
    """`percentile` of what is not NaN. Arrays only."""
    require_eager("nanpercentile", x, q)
    return nanquantile(x, np.asarray(tensor(q)) / 100.0, axis, method, keepdims)


def nanmedian(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The median of what is not NaN. Arrays only."""
    require_eager("nanmedian", x)
    (value,) = operands(x, floating=True)
    along = axis if axis is None or isinstance(axis, int) else tuple(axis)
    # Of infinite neighbours NumPy's median is right where its quantile is NaN.
    return np.asarray(np.nanmedian(value, along, keepdims=keepdims), value.dtype)
