"""Parts of tensors taken, changed, moved and put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, ShapeError, UnsupportedError
from pronghorn.ir.shapes import Batch, Dim, text
from pronghorn.ir.shapes import axis as one_axis
from pronghorn.ir.tracer import is_symbolic, require_eager
from pronghorn.ops.convert import cast, operands, tensor
from pronghorn.ops.elementwise import (
    equal,
    floor_divide,
    less,
    logical_and,
    logical_not,
    maximum,
    minimum,
    mod,
    where,
)
from pronghorn.ops.indexing import add_rows, getitem, segments, take
from pronghorn.ops.reduce import any, max, min, prod
from pronghorn.ops.structure import (
    arange,
    broadcast_to,
    concatenate,
    expand_dims,
    fixed,
    flip,
    full_shape,
    moveaxis,
    ravel,
    reshape,
    slice_static,
    split,
    swapaxes,
)

__all__ = [
    "append",
    "array_split",
    "dsplit",
    "dstack",
    "fliplr",
    "flipud",
    "get_item",
    "hsplit",
    "hstack",
    "roll",
    "rot90",
    "scatter",
    "scatter_update",
    "segment_max",
    "segment_min",
    "segment_prod",
    "select",
    "slice",
    "slice_update",
    "unravel_index",
    "unstack",
    "view",
    "vsplit",
    "vstack",
]

# --- put together


def append(x1: Any, x2: Any, axis: int | None = None) -> Any:
    """`x2` behind `x1` along an axis; both flat by default."""
    if axis is None:
        return concatenate([ravel(x1), ravel(x2)])
    return concatenate([x1, x2], axis)


def _wide(xs: Sequence[Any], rank: int) -> list[Any]:
    """Tensors with as many axes: vectors become rows of a matrix, then its columns."""
    found = []
    for x in xs:
        value = tensor(x)
        if value.ndim == 0:
            value = reshape(value, (1,))
        if value.ndim == 1 and rank > 1:
            value = expand_dims(value, 0)
        if value.ndim == 2 and rank > 2:
            value = expand_dims(value, 2)
        found.append(value)
    return found


def hstack(xs: Sequence[Any]) -> Any:
    """The tensors side by side: along axis 1, vectors one behind the other.

    >>> hstack([np.ones((2, 1)), np.zeros((2, 2))]).shape
    (2, 3)
    """
    values = _wide(xs, 1)
    return concatenate(values, 0 if values[0].ndim == 1 else 1)


def vstack(xs: Sequence[Any]) -> Any:
    """The tensors below each other: along axis 0, vectors as rows.

    >>> vstack([[1.0, 2.0], [3.0, 4.0]]).shape
    (2, 2)
    """
    return concatenate(_wide(xs, 2), 0)


def dstack(xs: Sequence[Any]) -> Any:
    """The tensors behind each other: along axis 2."""
    return concatenate(_wide(xs, 3), 2)


# --- taken apart


def array_split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """The tensor cut along an axis; into parts of sizes that differ by 1 at the most.

    >>> [p.tolist() for p in array_split(np.arange(5), 2)]
    [[0, 1, 2], [3, 4]]
    """
    value = tensor(x)
    length = full_shape(value)[one_axis(axis, value.ndim)]
    if not isinstance(indices_or_sections, int) or not isinstance(length, int):
        return split(value, indices_or_sections, axis)
    size, more = divmod(length, indices_or_sections)
    sizes = [size + (i < more) for i in range(indices_or_sections)]
    return split(value, np.cumsum(sizes)[:-1].tolist(), axis)


def hsplit(x: Any, indices_or_sections: Any) -> list[Any]:
    """The tensor cut along axis 1; a vector along its only one."""
    value = tensor(x)
    return split(value, indices_or_sections, 0 if value.ndim == 1 else 1)


def vsplit(x: Any, indices_or_sections: Any) -> list[Any]:
    """The tensor cut along axis 0."""
    return split(x, indices_or_sections, 0)


def dsplit(x: Any, indices_or_sections: Any) -> list[Any]:
    """The tensor cut along axis 2."""
    return split(x, indices_or_sections, 2)


def unstack(x: Any, num: int | None = None, axis: int = 0) -> list[Any]:
    """The parts along an axis, without it.

    Args:
        x: a tensor.
        num: how many there are; read from the shape by default.
        axis: default the first.

    Raises:
        ShapeError: another number, or the batch inside a trace.

    Example:

    >>> [p.tolist() for p in unstack(np.eye(2))]
    [[1.0, 0.0], [0.0, 1.0]]
    """
    value = tensor(x)
    place = one_axis(axis, value.ndim)
    length = full_shape(value)[place]
    if isinstance(length, Batch) or num not in (None, length):
        raise ShapeError(
            "unstack needs a known number of parts.",
            where="ops.unstack",
            expected=f"{num or 'a fixed number'} along axis {axis}",
            received=text(full_shape(value)),
        )
    front = moveaxis(value, place, 0)
    return [front[i] for i in range(length)]


def get_item(x: Any, key: Any) -> Any:
    """`x[key]`."""
    return getitem(x, key)


def slice(inputs: Any, start_indices: Any, shape: Sequence[int]) -> Any:
    """A box of `inputs`: from `start_indices`, of `shape`, where -1 is all the rest.

    Places may be tensors; they are moved so that the box lies within.

    >>> slice(np.arange(12).reshape(3, 4), (1, 0), (2, 3)).tolist()
    [[4, 5, 6], [8, 9, 10]]
    """
    value, places = tensor(inputs), _places(start_indices)
    have = full_shape(value)
    if not len(places) == len(shape) == value.ndim:
        raise ShapeError(
            "A box has a start and a size along each axis.",
            where="ops.slice",
            expected=f"{value.ndim} in start_indices and {value.ndim} in shape",
            received=f"{len(places)} and {len(shape)}",
        )
    for i, (start, wanted) in enumerate(zip(places, shape, strict=True)):
        size: Dim = wanted
        if wanted == -1:
            require_eager("slice of all the rest from an unknown place", start)
            size = have[i] - int(start)
        value = _run(value, i, start, size)
    return value


def _places(start_indices: Any) -> list[Any]:
    """One number or scalar tensor for each axis."""
    if is_symbolic(start_indices):
        return unstack(start_indices)
    return [s if is_symbolic(s) else int(s) for s in start_indices]


def _run(value: Any, axis: int, start: Any, size: Dim) -> Any:
    length = full_shape(value)[axis]
    if not is_symbolic(start):
        if isinstance(length, int) and isinstance(size, int):
            start = int(np.clip(start, 0, length - size))
        starts: list[Dim] = [0] * value.ndim
        stops = list(full_shape(value))
        starts[axis], stops[axis] = start, start + size
        return slice_static(value, tuple(starts), tuple(stops))
    first = minimum(maximum(cast(start, "int32"), 0), tensor(length - size))
    return take(value, first + arange(size), axis)


def slice_update(inputs: Any, start_indices: Any, updates: Any) -> Any:
    """`inputs` with a box replaced by `updates`, from `start_indices` on.

    Places may be tensors; they are moved so that the box lies within.

    >>> slice_update(np.zeros((2, 3)), (0, 1), np.ones((2, 2))).tolist()
    [[0.0, 1.0, 1.0], [0.0, 1.0, 1.0]]
    """
    value, wide = operands(inputs, updates)
    wide = cast(wide, value.dtype)
    inside: Any = np.ones((1,) * value.ndim, bool)
    for i, start in enumerate(_places(start_indices)):
        length, size = full_shape(value)[i], full_shape(wide)[i]
        if length == size:
            continue
        first = minimum(maximum(cast(start, "int32"), 0), tensor(length - size))
        place = arange(length) - first
        own = [1] * value.ndim
        own[i] = -1
        within = logical_and(less(-1, place), less(place, tensor(size)))
        inside = logical_and(inside, reshape(within, own))
        wide = take(wide, minimum(maximum(place, 0), tensor(size - 1)), i)
    return where(inside, wide, value)


# --- moved


def roll(x: Any, shift: Any, axis: Any = None) -> Any:
    """The elements moved along axes, the last ones back to the front.

    Args:
        x: a tensor.
        shift: how far, or one number for each axis.
        axis: one axis or several. Default: as if it were flat.

    Example:

    >>> roll(np.arange(4), 1).tolist()
    [3, 0, 1, 2]
    """
    value = tensor(x)
    if axis is None:
        return reshape(roll(ravel(value), shift, 0), full_shape(value))
    axes = [axis] if isinstance(axis, int) else list(axis)
    shifts = [shift] * len(axes) if isinstance(shift, int) else list(shift)
    for i, far in zip(axes, shifts, strict=True):
        place = one_axis(i, value.ndim)
        length = full_shape(value)[place]
        if isinstance(length, int):
            far = far % length if length else 0
        if far:
            cut: Any = length - far if far > 0 else -far
            low, high = split(value, [cut], place)
            value = concatenate([high, low], place)
    return value


def rot90(array: Any, k: int = 1, axes: Sequence[int] = (0, 1)) -> Any:
    """The plane of two axes turned by 90 degrees, `k` times.

    Raises:
        ShapeError: the axes are not two.

    >>> rot90(np.array([[1, 2], [3, 4]])).tolist()
    [[2, 4], [1, 3]]
    """
    value = tensor(array)
    plane = [one_axis(i, value.ndim) for i in axes]
    if len(plane) != 2 or plane[0] == plane[1]:
        raise ShapeError(
            "A plane has two axes.",
            where="ops.rot90",
            expected="two axes that differ",
            received=f"axes={tuple(axes)}",
        )
    first, second = plane
    turns = k % 4
    if turns == 2:
        return flip(flip(value, first), second)
    if turns == 1:
        return swapaxes(flip(value, second), first, second)
    return flip(swapaxes(value, first, second), second) if turns else value


def fliplr(x: Any) -> Any:
    """The order of the columns reversed: axis 1."""
    return flip(x, 1)


def flipud(x: Any) -> Any:
    """The order of the rows reversed: axis 0."""
    return flip(x, 0)


def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    """Of each element the first choice whose condition holds, else the default.

    >>> x = np.array([-2.0, 0.5, 3.0])
    >>> select([x < 0, x > 1], [x * 0, x], 9.0).tolist()
    [-0.0, 9.0, 3.0]
    """
    if len(condlist) != len(choicelist):
        raise ArgumentError(
            "select takes one choice for each condition.",
            where="ops.select",
            expected=f"{len(condlist)} choices",
            received=len(choicelist),
        )
    result = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist)):
        result = where(condition, choice, result)
    return tensor(result)


# --- places by number


def unravel_index(indices: Any, shape: Sequence[int]) -> tuple[Any, ...]:
    """The places along each axis of elements counted in order.

    >>> [int(i) for i in unravel_index(5, (2, 3))]
    [1, 2]
    """
    rest = cast(indices, "int32")
    places = []
    for length in reversed(tuple(shape)):
        places.append(mod(rest, length))
        rest = floor_divide(rest, length)
    return tuple(reversed(places))


def _counted(indices: Any, shape: Sequence[Dim]) -> Any:
    """Places `(..., axes)` as numbers of elements in order, `(...)`."""
    ids = cast(indices, "int32")
    number: Any = 0
    for i, length in enumerate(shape):
        number = number * length + ids[..., i]
    return number


def scatter(indices: Any, values: Any, shape: Sequence[int]) -> Any:
    """Zeros of a shape with values added at places.

    Args:
        indices: `(..., axes)`: one place a value, along the first axes of the result.
        values: `(...)` and the axes of the result that are left.
        shape: of the result.

    Raises:
        DataError: a place outside of the shape.

    Example:

    >>> scatter([[0], [2], [0]], np.array([1.0, 2.0, 3.0]), (4,))
    array([4., 0., 2., 0.])
    """
    places, value = tensor(indices), tensor(values)
    axes = full_shape(places)[-1]
    if not isinstance(axes, int) or axes > len(shape):
        raise ShapeError(
            "scatter needs a place along each of the first axes.",
            where="ops.scatter",
            expected=f"indices of shape (..., 1 to {len(shape)})",
            received=text(full_shape(places)),
        )
    front, rest = tuple(shape[:axes]), tuple(shape[axes:])
    flat = reshape(value, (-1, *rest))
    numbers = reshape(_counted(places, front), (-1,))
    total = add_rows(flat, numbers, int(np.prod(front, dtype=int)))
    return reshape(total, tuple(shape))


_UPDATES = {
    None: None,
    "add": np.add,
    "max": np.maximum,
    "min": np.minimum,
    "mul": np.multiply,
}


def scatter_update(
    inputs: Any, indices: Any, updates: Any, reduction: str | None = None
) -> Any:
    """`inputs` with elements at places replaced, or changed.

    Args:
        inputs: a tensor.
        indices: `(n, axes)`: one place an update, along the first axes.
        updates: `(n, ...)`.
        reduction: None (default) replaces, of several updates of one place by the
            last; "add", "max", "min" or "mul".

    Raises:
        ArgumentError: another reduction.
        UnsupportedError: inside a trace, another reduction than None and "add".

    Example:

    >>> scatter_update(np.zeros(3), [[1], [2]], np.array([5.0, 6.0]))
    array([0., 5., 6.])
    """
    if reduction not in _UPDATES:
        raise ArgumentError(
            "There is no such reduction.",
            where="ops.scatter_update",
            expected=", ".join(map(repr, _UPDATES)),
            received=f"reduction={reduction!r}",
        )
    value, places, new = tensor(inputs), cast(indices, "int32"), tensor(updates)
    if not is_symbolic(value, places, new):
        result = np.array(value)
        where_ = tuple(np.moveaxis(np.asarray(places), -1, 0))
        if reduction is None:
            result[where_] = new
        else:
            _UPDATES[reduction].at(result, where_, new)  # type: ignore[union-attr]
        return result
    shape: Any = full_shape(value)
    new = cast(new, value.dtype)
    if reduction == "add":
        return value + scatter(places, new, shape)
    if reduction is not None:
        raise UnsupportedError(
            "Inside a trace, places are replaced or added to.",
            where="ops.scatter_update",
            expected="reduction=None or 'add'",
            received=f"reduction={reduction!r}",
            remedy="compute the update with ops.where",
        )
    numbers = _counted(places, shape[: fixed("scatter_update", places, -1)])
    same = equal(expand_dims(numbers, 1), expand_dims(numbers, 0))
    count = fixed("scatter_update", places, 0)
    again = any(logical_and(same, np.triu(np.ones((count, count), bool), 1)), 1)
    last = reshape(logical_not(again), (count, *[1] * (new.ndim - 1)))
    put = scatter(places, where(last, new, cast(0, new.dtype)), shape)
    ones = broadcast_to(tensor(1.0), full_shape(new))
    touched = scatter(places, ones, shape)
    return where(less(0.0, touched), put, value)


# --- segments


def _segmented(
    name: str, reduce: Callable[..., Any], none: Any, data: Any, ids: Any, count: Any
) -> Any:
    value, numbers = tensor(data), cast(ids, "int32")
    total = segments(name, value, numbers, count)
    own = reshape(numbers, (-1, 1, *[1] * (value.ndim - 1)))
    wanted = arange(total).reshape(1, -1, *[1] * (value.ndim - 1))
    mine = equal(own, wanted)
    return reduce(where(mine, expand_dims(value, 1), cast(none, value.dtype)), 0)


def _limit(data: Any, sign: int) -> float | int:
    """What is beyond every value of a dtype: infinite, or the last whole number."""
    if "int" not in str(tensor(data).dtype):
        return sign * float("inf")
    limits = np.iinfo(np.int32)
    return int(limits.max if sign > 0 else limits.min)


def segment_max(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Any:
    """The largest of the rows of `data` that share a segment; -inf where none do.

    Args:
        data: `(n, ...)`.
        segment_ids: `(n,)`, whole numbers; others than 0 to num_segments - 1 do not
            count.
        num_segments: how many there are. Default the largest number plus 1; needed
            inside a trace. The work grows with it: each row is held against each.
        sorted: whether the ids ascend. Makes no difference.

    Example:

    >>> segment_max(np.array([1.0, 2.0, 4.0]), [0, 1, 0])
    array([4., 2.])
    """
    low = _limit(data, -1)
    return _segmented("segment_max", max, low, data, segment_ids, num_segments)


def segment_min(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Any:
    """The smallest of the rows that share a segment, inf where none do.

    See `segment_max` for the arguments.
    """
    high = _limit(data, 1)
    return _segmented("segment_min", min, high, data, segment_ids, num_segments)


def segment_prod(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Any:
    """The product of the rows that share a segment; 1 where none do.

    See `segment_max` for the arguments. Inside a trace the rows cannot be the batch.
    """
    return _segmented("segment_prod", prod, 1, data, segment_ids, num_segments)


def view(x: Any, dtype: Any = None) -> Any:
    """The same bytes read as another dtype. Arrays only."""
    require_eager("view", x)
    return np.asarray(x).view(dtype)
