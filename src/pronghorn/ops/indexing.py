"""Operations that pick elements: by number, by slice, by class."""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn.errors import DataError, DtypeError, ShapeError, UnsupportedError
from pronghorn.ir.primitive import Kind, Primitive
from pronghorn.ir.shapes import Batch, Dim, Shape, text
from pronghorn.ir.shapes import axis as one_axis
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import bind, is_symbolic, require_eager
from pronghorn.ops.convert import cast, tensor
from pronghorn.ops.elementwise import equal, maximum, where
from pronghorn.ops.reduce import sum
from pronghorn.ops.structure import (
    arange,
    expand_dims,
    flip,
    full_shape,
    reshape,
    slice_static,
)


def _take_value(x: np.ndarray, indices: np.ndarray, axis: int) -> np.ndarray:
    _check_range(indices, x.shape[axis])
    return np.take(x, indices, axis)


def _check_range(indices: np.ndarray, length: int) -> None:
    wrong = (indices < 0) | (indices >= length)
    if np.any(wrong):
        place = int(np.flatnonzero(wrong)[0])
        raise DataError(
            "An index is outside of its range.",
            expected=f"0 to {length - 1}",
            received=f"{int(np.ravel(indices)[place])} at position {place}",
            remedy="check the ids, or make the table larger (Embedding: input_dim)",
        )


def _take_shape(x: Any, indices: Any, axis: int) -> tuple[Shape, str]:
    return (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]), x.dtype


def _scatter_value(
    g: np.ndarray, indices: np.ndarray, axis: int, length: int
) -> np.ndarray:
    _check_range(indices, length)
    rank = indices.ndim
    result = np.zeros((*g.shape[:axis], length, *g.shape[axis + rank :]), g.dtype)
    front = np.moveaxis(result, axis, 0)
    values = np.moveaxis(g, range(axis, axis + rank), range(rank))
    np.add.at(front, indices, values)
    return result


def _scatter_shape(g: Any, indices: Any, axis: int, length: int) -> tuple[Shape, str]:
    rest = g.shape[axis + len(indices.shape) :]
    return (*g.shape[:axis], length, *rest), g.dtype


def _take_vjp(g: Any, _: Any, x: Any, indices: Any, axis: int) -> tuple[Any, None]:
    return _scatter(g, indices, axis, full_shape(x)[axis]), None


def _scatter(g: Any, indices: Any, axis: int, length: Dim) -> Any:
    return bind(scatter_add_p, g, indices, axis=axis, length=length)


take_p = Primitive("take", Kind.GATHER, _take_value, _take_shape, _take_vjp)
scatter_add_p = Primitive(
    "scatter_add",
    Kind.GATHER,
    _scatter_value,
    _scatter_shape,
    lambda h, y, g, indices, axis, length: (take(h, indices, axis), None),
)


def take(x: Any, indices: Any, axis: int | None = None) -> Any:
    """The elements of `x` at `indices` along an axis (of the flat tensor by default).

    An index below 0 counts from the end; one that a graph computes may not.

    Raises:
        DataError: if an index is outside of its range; in a trace, when it runs.

    >>> take(np.array([10.0, 20.0, 30.0]), [2, 0, -1])
    array([30., 10., 30.])
    """
    value = tensor(x)
    if axis is None:
        value, axis = reshape(value, (-1,)), 0
    ids, place = cast(indices, "int32"), one_axis(axis, value.ndim)
    length = full_shape(value)[place]
    if isinstance(ids, np.ndarray) and isinstance(length, int):
        ids = np.where(ids < 0, ids + length, ids).astype(np.int32)
    return bind(take_p, value, ids, axis=place)


def take_along_axis(x: Any, indices: Any, axis: int | None = None) -> Any:
    """One element of `x` for each index, along an axis (of the flat tensor by default).

    >>> take_along_axis(np.array([[1.0, 2.0], [3.0, 4.0]]), [[1], [0]], axis=1)
    array([[2.],
           [3.]])
    """
    value, ids = tensor(x), cast(indices, "int32")
    if axis is None:
        value, ids, axis = reshape(value, (-1,)), reshape(ids, (-1,)), 0
    if not isinstance(value, KerasTensor) and not isinstance(ids, KerasTensor):
        return np.take_along_axis(value, ids, axis)
    place = one_axis(axis, value.ndim)
    length = full_shape(value)[place]
    # One row of a mask per index: small along a class axis, and its gradient is exact.
    wide = expand_dims(value, place)
    counted = [1] * (value.ndim + 1)
    counted[place + 1] = -1
    chosen = equal(expand_dims(ids, place + 1), reshape(arange(length), counted))
    return sum(where(chosen, wide, cast(0, value.dtype)), place + 1)


def one_hot(
    x: Any,
    num_classes: int,
    axis: int = -1,
    dtype: Any = None,
    sparse: bool = False,
) -> Any:
    """1 at each class, 0 elsewhere; a class outside the range is all zeros.

    Args:
        x: class numbers.
        num_classes: the length of the new axis.
        axis: where it goes. Default the end.
        dtype: default float32.
        sparse: True raises: all tensors are dense.

    Raises:
        UnsupportedError: sparse.

    Example:

    >>> one_hot([0, 2], 3)
    array([[1., 0., 0.],
           [0., 0., 1.]], dtype=float32)
    """
    dense("one_hot", sparse)
    ids = cast(x, "int32")
    place = one_axis(axis, ids.ndim + 1)
    shape = [1] * (ids.ndim + 1)
    shape[place] = num_classes
    classes = np.arange(num_classes, dtype=np.int32).reshape(shape)
    return cast(equal(expand_dims(ids, place), classes), dtype or "float32")


def dense(name: str, sparse: bool) -> None:
    """Raises if a sparse result is asked for."""
    if sparse:
        raise UnsupportedError(
            "Tensors are dense here.",
            where=f"ops.{name}",
            received="sparse=True",
            remedy="leave it out; ops.take picks rows by number without any zeros",
        )


def segment_sum(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Any:
    """The sums of the rows of `data` that share a segment.

    Args:
        data: `(n, ...)`.
        segment_ids: `(n,)`, whole numbers; rows of negative ones do not count.
        num_segments: how many there are. Default the largest number plus 1; needed
            inside a trace.
        sorted: whether they ascend. Makes no difference.

    Returns:
        `(num_segments, ...)`; zeros where a segment has no rows.

    Raises:
        UnsupportedError: `num_segments` left out inside a trace.
        ShapeError: ids that are not one for each row.
        DataError: a number of `num_segments` or more.

    Example:

    >>> segment_sum(np.array([1.0, 2.0, 4.0]), [0, 2, 0])
    array([5., 0., 2.])
    """
    value, ids = tensor(data), cast(segment_ids, "int32")
    count = segments("segment_sum", value, ids, num_segments)
    if not is_symbolic(value, ids):
        counting = np.asarray(ids) >= 0
        if not counting.all():
            value, ids = np.asarray(value)[counting], np.asarray(ids)[counting]
        return add_rows(value, ids, count)
    # What does not count goes into one more segment in front, which is then left out.
    return add_rows(value, maximum(ids + 1, 0), count + 1)[1:]


def add_rows(value: Any, places: Any, count: int) -> Any:
    """Zeros of `count` rows, to which the rows of `value` are added at their places.

    Raises:
        DataError: a place that is not below `count`, or is negative.
    """
    return _scatter(value, places, 0, count)


def segments(name: str, value: Any, ids: Any, count: int | None) -> int:
    """The number of segments, read from the ids where it was not given.

    Raises:
        ShapeError: the ids are not one for each row of the value.
    """
    rows = full_shape(value)[:1]
    if len(full_shape(ids)) != 1 or full_shape(ids) != rows:
        raise ShapeError(
            "Each row belongs to one segment.",
            where=f"ops.{name}",
            expected=f"segment_ids of shape {text(rows)}",
            received=text(full_shape(ids)),
        )
    if count is not None:
        return int(count)
    require_eager(f"{name} without num_segments", ids)
    return int(np.max(ids, initial=-1)) + 1


def getitem(x: Any, key: Any) -> Any:
    """`x[key]` with integers, slices, `...`, None, or one integer tensor first."""
    value = tensor(x)
    if not isinstance(value, KerasTensor):
        return value[key if not isinstance(key, KerasTensor) else np.asarray(key)]
    if isinstance(key, (list, np.ndarray, KerasTensor)):
        return take(value, key, 0)
    if isinstance(key, str):
        raise DtypeError(
            "A tensor's columns have no names.",
            expected="places, such as x[:, 0]",
            received=f"x[{key!r}]",
            remedy="give the model a dict of columns, {name: frame[name].to_numpy() "
            "for name in frame}, for a call that takes one; a frame is one tensor",
        )
    keys = _expand(key if isinstance(key, tuple) else (key,), value.ndim)
    return _basic(value, keys)


def _expand(keys: tuple[Any, ...], rank: int) -> list[Any]:
    used = len([k for k in keys if k is not None and k is not Ellipsis])
    if used > rank:
        raise ShapeError(f"A tensor of {rank} axes has no {used} indices.")
    rest = [slice(None)] * (rank - used)
    for i, k in enumerate(keys):
        if k is Ellipsis:
            return [*keys[:i], *rest, *keys[i + 1 :]]
    return [*keys, *rest]


def _basic(value: Any, keys: list[Any]) -> Any:
    starts, stops, steps, shape, reverse = [], [], [], [], []
    axis = 0
    for key in keys:
        if key is None:
            shape.append(1)
            continue
        length = full_shape(value)[axis]
        start, stop, step = _bounds(key, length)
        if step < 0:
            reverse.append(axis)
        starts.append(start)
        stops.append(stop)
        steps.append(1 if step < 0 else step)
        if isinstance(key, slice):
            shape.append(-1)
        axis += 1
    for i in reverse:
        value = flip(value, i)
    part = slice_static(value, tuple(starts), tuple(stops), tuple(steps))
    kept = [
        d
        for d, k in zip(full_shape(part), (k for k in keys if k is not None))
        if isinstance(k, slice)
    ]
    sizes = iter(kept)
    return reshape(part, tuple(1 if d == 1 else next(sizes) for d in shape))


def _bounds(key: Any, length: Dim) -> tuple[Dim, Dim, int]:
    if not isinstance(key, slice):
        if isinstance(length, int) and not -length <= int(key) < length:
            raise ShapeError(
                "An index is outside of its axis.",
                expected=f"{-length} to {length - 1}",
                received=int(key),
            )
        place = _place(int(key), length)
        return place, place + 1, 1
    step = 1 if key.step is None else int(key.step)
    if step < 0 and (step != -1 or key.start is not None or key.stop is not None):
        raise ShapeError("Of negative steps, only [::-1] can be traced.", received=key)
    start = 0 if key.start is None else _place(key.start, length)
    stop = length if key.stop is None else _place(key.stop, length)
    if isinstance(length, int) and isinstance(start, int) and isinstance(stop, int):
        start, stop = min(start, length), max(min(stop, length), min(start, length))
    return start, stop, step


def _place(index: int, length: Dim) -> Dim:
    if isinstance(index, Batch):
        return index
    if index >= 0 or isinstance(length, Batch):
        return index if index >= 0 else length + index
    return max(length + index, 0)
