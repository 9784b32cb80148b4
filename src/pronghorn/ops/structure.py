"""Operations that move elements and compute nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, ShapeError, UnsupportedError
from pronghorn.ir import dtypes
from pronghorn.ir.graph import apply
from pronghorn.ir.operators import OPERATORS
from pronghorn.ir.primitive import Kind, Primitive
from pronghorn.ir.shapes import (
    BATCH,
    Batch,
    Dim,
    Shape,
    broadcast,
    resolve_reshape,
    text,
    to_keras,
)
from pronghorn.ir.shapes import axis as one_axis
from pronghorn.ir.shapes import size as count
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import active, as_node, bind, require_eager
from pronghorn.ops.convert import operands, tensor

Target = Sequence[Dim | None]


def full_shape(x: Any) -> Shape:
    """The shape with the batch as a symbol, where Keras shows None."""
    return x.node.shape if isinstance(x, KerasTensor) else tuple(x.shape)


def fixed(name: str, x: Any, axis: int) -> int:
    """The length along an axis, for operations that must know it.

    Raises:
        UnsupportedError: it is the batch.
    """
    length = full_shape(x)[axis]
    if isinstance(length, int):
        return length
    raise UnsupportedError(
        f"ops.{name} does not work along the batch inside a trace.",
        expected="an axis of known length",
        received=f"axis {axis} of {text(full_shape(x))}",
        remedy=f"call ops.{name} on the data before training, or along another axis",
    )


# --- shape rules and gradients


def _reshape_shape(x: Any, shape: Shape) -> tuple[Shape, str]:
    return resolve_reshape(x.shape, shape), x.dtype


def _transpose_shape(x: Any, perm: tuple[int, ...]) -> tuple[Shape, str]:
    return tuple(x.shape[i] for i in perm), x.dtype


def _inverse(perm: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argsort(perm))


def _broadcast_shape(x: Any, shape: Shape) -> tuple[Shape, str]:
    if broadcast(x.shape, shape) != tuple(shape):
        raise ShapeError(
            "A tensor cannot be broadcast so.",
            expected=f"a shape that {text(x.shape)} goes into",
            received=text(shape),
        )
    return tuple(shape), x.dtype


def unbroadcast(g: Any, shape: Shape) -> Any:
    """The gradient of a tensor that was broadcast from `shape`: summed back."""
    have = full_shape(g)
    if have == shape:
        return g
    if broadcast(have, shape) != have:  # a vjp of a wrong shape is not reshaped away
        raise ShapeError(
            "A gradient does not have its tensor's shape.",
            expected=text(shape),
            received=text(have),
        )
    lead = len(have) - len(shape)
    gone = [
        i for i, d in enumerate(have) if i < lead or (shape[i - lead] == 1 and d != 1)
    ]
    summed = OPERATORS["sum"](g, tuple(gone)) if gone else g
    return reshape(summed, shape)


def _concat_shape(*xs: Any, axis: int) -> tuple[Shape, str]:
    total: Dim = 0
    for x in xs:
        _same_but(xs[0], x, axis)
        total = total + x.shape[axis]
    shape = xs[0].shape
    return (*shape[:axis], total, *shape[axis + 1 :]), xs[0].dtype


def _same_but(first: Any, x: Any, axis: int) -> None:
    fits = len(x.shape) == len(first.shape) and all(
        a == b or i == axis for i, (a, b) in enumerate(zip(first.shape, x.shape))
    )
    if not fits:
        raise ShapeError(
            f"These tensors cannot be joined along axis {axis}.",
            expected=f"shapes like {text(first.shape)}, but for that axis",
            received=text(x.shape),
        )


def _concat_vjp(g: Any, _: Any, *xs: Any, axis: int) -> tuple[Any, ...]:
    grads: list[Any] = []
    start: Dim = 0
    rank = len(full_shape(g))
    for x in xs:
        stop = start + full_shape(x)[axis]
        starts: list[Dim] = [0] * rank
        stops = list(full_shape(g))
        starts[axis], stops[axis] = start, stop
        grads.append(slice_static(g, tuple(starts), tuple(stops)))
        start = stop
    return tuple(grads)


def _slice_shape(
    x: Any, starts: Shape, stops: Shape, steps: tuple[int, ...]
) -> tuple[Shape, str]:
    for size, start, stop in zip(x.shape, starts, stops):
        # Along the batch only a run can tell: the backends look.
        places = (start, stop - start, size - stop)
        if any(isinstance(d, int) and d < 0 for d in places):
            raise ShapeError(
                "A slice reaches beyond its tensor.",
                expected=f"places from 0 to {size}",
                received=f"{start}:{stop}",
            )
    return tuple(map(_length, starts, stops, steps)), x.dtype


def _length(start: Dim, stop: Dim, step: int) -> Dim:
    span = stop - start
    if step == 1:
        return span
    if isinstance(span, Batch):
        raise ShapeError("The batch cannot be taken in steps.", received=f"step {step}")
    return -(-span // step)


def _slice_vjp(
    g: Any, _: Any, x: Any, starts: Shape, stops: Shape, steps: tuple[int, ...]
) -> tuple[Any]:
    lengths = full_shape(g)
    high = [
        size - start - (1 + (length - 1) * step if step > 1 else length)
        for size, start, length, step in zip(full_shape(x), starts, lengths, steps)
    ]
    return (_pad(g, starts, tuple(high), tuple(s - 1 for s in steps), 0.0),)


def _pad_value(
    x: np.ndarray,
    low: tuple[int, ...],
    high: tuple[int, ...],
    interior: tuple[int, ...],
    value: float,
) -> np.ndarray:
    shape = tuple(
        a + b + n + max(n - 1, 0) * i
        for a, b, n, i in zip(low, high, x.shape, interior)
    )
    result = np.full(shape, value, x.dtype)
    place = tuple(
        slice(a, a + n + max(n - 1, 0) * i, i + 1)
        for a, n, i in zip(low, x.shape, interior)
    )
    result[place] = x
    return result


def _pad_shape(
    x: Any, low: Shape, high: Shape, interior: tuple[int, ...], value: float
) -> tuple[Shape, str]:
    shape: list[Dim] = []
    for a, b, n, i in zip(low, high, x.shape, interior):
        shape.append(a + b + n + ((n - 1) * i if i else 0))
    return tuple(shape), x.dtype


def _pad_vjp(
    g: Any, _: Any, x: Any, low: Shape, high: Shape, interior: Any, value: float
) -> tuple[Any]:
    stops = tuple(n - b for n, b in zip(full_shape(g), high))
    return (slice_static(g, low, stops, tuple(i + 1 for i in interior)),)


def _flip_free(x: np.ndarray, starts: Any, stops: Any, steps: Any) -> np.ndarray:
    return x[tuple(map(slice, starts, stops, steps))]


reshape_p = Primitive(
    "reshape",
    Kind.STRUCTURE,
    lambda x, shape: np.reshape(x, shape),
    _reshape_shape,
    lambda g, y, x, shape: (reshape(g, full_shape(x)),),
)
transpose_p = Primitive(
    "transpose",
    Kind.STRUCTURE,
    lambda x, perm: np.transpose(x, perm),
    _transpose_shape,
    lambda g, y, x, perm: (transpose(g, _inverse(perm)),),
)
broadcast_to_p = Primitive(
    "broadcast_to",
    Kind.STRUCTURE,
    lambda x, shape: np.broadcast_to(x, shape),
    _broadcast_shape,
    lambda g, y, x, shape: (unbroadcast(g, full_shape(x)),),
)
concat_p = Primitive(
    "concat",
    Kind.STRUCTURE,
    lambda *xs, axis: np.concatenate(xs, axis),
    _concat_shape,
    _concat_vjp,
)
slice_p = Primitive("slice", Kind.STRUCTURE, _flip_free, _slice_shape, _slice_vjp)
pad_p = Primitive("pad", Kind.STRUCTURE, _pad_value, _pad_shape, _pad_vjp)

# --- sources: tensors that depend on nothing but the number of rows

rows_p = Primitive(
    "rows",
    Kind.SOURCE,
    lambda dim: np.asarray(dim, np.int32),
    lambda dim: ((), "int32"),
)
iota_p = Primitive(
    "iota",
    Kind.SOURCE,
    lambda length: np.arange(length, dtype=np.int32),
    lambda length: ((length,), "int32"),
)

# --- the functions


def shape(x: Any) -> tuple[Any, ...]:
    """The shape as a tuple; the batch is a symbolic size that ops understand.

    Outside of a trace there may be several unknown sizes; then each is None.
    """
    known = full_shape(tensor(x))
    several = len([d for d in known if isinstance(d, Batch)]) > 1
    return to_keras(known) if several and active() is None else known


def ndim(x: Any) -> int:
    """The number of axes."""
    return int(tensor(x).ndim)


def size(x: Any) -> Any:
    """The number of elements; a tensor if it follows the batch."""
    total = count(full_shape(tensor(x)))
    return tensor(total) if isinstance(total, Batch) else total


def reshape(x: Any, newshape: Target) -> Any:
    """The same elements in another shape; one dimension may be -1.

    >>> reshape(np.arange(6), (2, -1)).shape
    (2, 3)
    """
    value = tensor(x)
    wanted = (newshape,) if isinstance(newshape, (int, Batch)) else tuple(newshape)
    if not isinstance(value, KerasTensor):
        plain: list[Any] = [-1 if d is None else d for d in wanted]
        if plain.count(-1) > 1 or min(plain, default=0) < -1:
            raise ShapeError(
                "A tensor cannot be reshaped so.",
                where="ops.reshape",
                expected="dimensions of 0 or more, at most one of them -1",
                received=f"newshape={tuple(newshape)}",
            )
        return np.reshape(value, plain)
    target = resolve_reshape(full_shape(value), wanted)
    return (
        value if target == full_shape(value) else bind(reshape_p, value, shape=target)
    )


def ravel(x: Any) -> Any:
    """The elements in one axis."""
    return reshape(x, (-1,))


def transpose(x: Any, axes: Sequence[int] | None = None) -> Any:
    """The axes in another order; reversed by default."""
    value = tensor(x)
    rank = value.ndim
    perm = tuple(range(rank))[::-1] if axes is None else axes
    perm = tuple(one_axis(int(i), rank) for i in perm)
    if sorted(perm) != list(range(rank)):
        raise ShapeError("transpose needs each axis once.", received=perm)
    return value if perm == tuple(range(rank)) else bind(transpose_p, value, perm=perm)


def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """Two axes exchanged."""
    rank = tensor(x).ndim
    perm = list(range(rank))
    a, b = one_axis(axis1, rank), one_axis(axis2, rank)
    perm[a], perm[b] = b, a
    return transpose(x, perm)


def moveaxis(
    x: Any, source: int | Sequence[int], destination: int | Sequence[int]
) -> Any:
    """One axis or more moved to other places; the others keep their order.

    Raises:
        ShapeError: not as many places as axes, or one of them twice.

    >>> moveaxis(np.zeros((2, 3, 4)), [0, 1], [-1, -2]).shape
    (4, 3, 2)
    """
    rank = tensor(x).ndim
    sources, places = (
        [one_axis(int(i), rank) for i in ((v,) if isinstance(v, int) else v)]
        for v in (source, destination)
    )
    if not len(set(sources)) == len(sources) == len(set(places)) == len(places):
        raise ShapeError(
            "Each axis moves to one place.",
            where="ops.moveaxis",
            expected="as many places as axes, none of them twice",
            received=f"source={source}, destination={destination}",
        )
    perm = [i for i in range(rank) if i not in sources]
    for place, axis in sorted(zip(places, sources, strict=True)):
        perm.insert(place, axis)
    return transpose(x, perm)


def expand_dims(x: Any, axis: int | Sequence[int]) -> Any:
    """A new axis of size 1 at `axis`."""
    value = tensor(x)
    listed = (axis,) if isinstance(axis, int) else tuple(axis)
    rank = value.ndim + len(listed)
    places = sorted(one_axis(i, rank) for i in listed)
    wanted = list(full_shape(value))
    for i in places:
        wanted.insert(i, 1)
    return reshape(value, wanted)


def squeeze(x: Any, axis: int | Sequence[int] | None = None) -> Any:
    """The axes of size 1 (all of them, or those named) removed."""
    value = tensor(x)
    have = full_shape(value)
    if axis is None:
        gone = [i for i, d in enumerate(have) if d == 1]
    else:
        listed = (axis,) if isinstance(axis, int) else tuple(axis)
        gone = [one_axis(i, len(have)) for i in listed]
        if any(have[i] != 1 for i in gone):
            raise ShapeError(
                "Only axes of size 1 can be squeezed.",
                expected=f"size 1 along {listed}",
                received=text(have),
            )
    return reshape(value, [d for i, d in enumerate(have) if i not in gone])


def broadcast_to(x: Any, shape: Shape) -> Any:
    """The tensor repeated to a shape, by NumPy's rules."""
    value = tensor(x)
    target = tuple(shape)
    if full_shape(value) == target:
        return value
    if any(isinstance(d, Batch) for d in target) and isinstance(value, np.ndarray):
        return bind(broadcast_to_p, as_tensor(value), shape=target)
    return bind(broadcast_to_p, value, shape=target)


def as_tensor(x: Any) -> KerasTensor:
    """A constant of the graph, whatever it was."""
    return x if isinstance(x, KerasTensor) else KerasTensor.of(as_node(x))


def concatenate(xs: Sequence[Any], axis: int = 0) -> Any:
    """The tensors joined along an axis, the first by default.

    Raises:
        ArgumentError: no axis.

    >>> concatenate([np.zeros((2, 1)), np.ones((2, 2))], axis=1).shape
    (2, 3)
    """
    if axis is None:
        raise ArgumentError(
            "Tensors are joined along an axis.",
            where="ops.concatenate",
            expected="axis=0, say",
            received="axis=None",
            remedy="ops.ravel each of them first",
        )
    values = operands(*xs)
    return bind(concat_p, *values, axis=one_axis(axis, values[0].ndim))


def stack(x: Sequence[Any], axis: int = 0) -> Any:
    """The tensors joined along a new axis."""
    return concatenate([expand_dims(v, axis) for v in x], axis)


def split(x: Any, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Any]:
    """The tensor cut along an axis into equal parts, or at the given places."""
    value = tensor(x)
    where = one_axis(axis, value.ndim)
    length = full_shape(value)[where]
    if isinstance(indices_or_sections, int):
        if not isinstance(length, int) or length % indices_or_sections:
            raise ShapeError(
                "split needs equal parts.",
                expected=f"a multiple of {indices_or_sections} along axis {axis}",
                received=length,
            )
        step = length // indices_or_sections
        cuts = [step * i for i in range(1, indices_or_sections)]
    else:
        cuts = list(indices_or_sections)
    edges = [0, *cuts, length]
    return [_between(value, where, a, b) for a, b in pairwise(edges)]


def _between(value: Any, axis: int, start: Dim, stop: Dim) -> Any:
    starts: list[Dim] = [0] * value.ndim
    stops = list(full_shape(value))
    starts[axis], stops[axis] = start, stop
    return slice_static(value, tuple(starts), tuple(stops))


def slice_static(
    x: Any, starts: Shape, stops: Shape, steps: tuple[int, ...] | None = None
) -> Any:
    """The box from `starts` up to `stops`, every `steps`-th element."""
    value = tensor(x)
    every = steps or (1,) * len(starts)
    whole = all(s == 0 for s in starts) and tuple(stops) == full_shape(value)
    if whole and every == (1,) * len(starts):
        return value
    return bind(slice_p, value, starts=tuple(starts), stops=tuple(stops), steps=every)


def _pad(x: Any, low: Shape, high: Shape, interior: Any, value: float) -> Any:
    if not any(low) and not any(high) and not any(interior):
        return x
    return bind(
        pad_p,
        x,
        low=tuple(low),
        high=tuple(high),
        interior=tuple(interior),
        value=value,
    )


def pad(
    x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = None
) -> Any:
    """The tensor with constant borders; other modes work on arrays only.

    Args:
        x: a tensor.
        pad_width: one number, a pair (before, after), or a pair for each axis.
        mode: "constant" (default), or another of `numpy.pad`.
        constant_values: of the border in mode "constant". Default 0.

    Raises:
        ArgumentError: `constant_values` with another mode.
        UnsupportedError: another mode inside a trace.
    """
    value = tensor(x)
    if mode != "constant":
        if constant_values is not None:
            raise ArgumentError(
                "Only constant borders have a value.",
                where="ops.pad",
                expected="constant_values left out",
                received=f"mode={mode!r}, constant_values={constant_values!r}",
            )
        require_eager(f"pad with mode={mode!r}", value)
        return np.pad(value, pad_width, mode=mode)  # type: ignore[call-overload]
    widths = np.broadcast_to(np.asarray(pad_width), (value.ndim, 2)).tolist()
    low, high = zip(*widths)
    return _pad(value, low, high, (0,) * value.ndim, float(constant_values or 0))


def flip(x: Any, axis: int | Sequence[int] | None = None) -> Any:
    """The order along the axes reversed."""
    value = tensor(x)
    listed = range(value.ndim) if axis is None else axis
    for i in (listed,) if isinstance(listed, int) else listed:
        where = one_axis(i, value.ndim)
        length = full_shape(value)[where]
        value = OPERATORS["take"](value, arange(length - 1, -1, -1), where)
    return value


def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Any:
    """Numbers from start up to stop; `arange(ops.shape(x)[0])` follows the batch.

    >>> arange(2, 8, 2)
    array([2, 4, 6], dtype=int32)
    """
    step = 1 if step is None else step
    first, last = (0, start) if stop is None else (start, stop)
    symbolic = isinstance(first, Batch) or isinstance(last, Batch)
    if not symbolic:
        array = np.arange(first, last, step)
        narrow = dtypes.standard(array.dtype).replace("64", "32")
        return array.astype(dtype or narrow)
    length = (last - first) if step > 0 else (first - last)
    if step not in (1, -1):
        raise ShapeError("The batch cannot be counted in steps.", received=step)
    numbers = KerasTensor.of(apply(iota_p, (), {"length": length}))
    return OPERATORS["cast"](numbers * step + tensor(first), dtype or "int32")


def zeros(shape: Target, dtype: Any = None) -> Any:
    """Zeros, float32 by default."""
    return full(shape, 0, dtype or "float32")


def ones(shape: Target, dtype: Any = None) -> Any:
    """Ones, float32 by default."""
    return full(shape, 1, dtype or "float32")


def full(shape: Target, fill_value: Any, dtype: Any = None) -> Any:
    """One value, everywhere."""
    wanted = (shape,) if isinstance(shape, (int, Batch)) else tuple(shape)
    target = tuple(BATCH if d is None else d for d in wanted)
    value = tensor(fill_value)
    value = value if dtype is None else OPERATORS["cast"](value, dtype)
    result = broadcast_to(value, target)
    return result.copy() if isinstance(result, np.ndarray) else result


def zeros_like(x: Any, dtype: Any = None) -> Any:
    """Zeros in the shape of `x`."""
    return full_like(x, 0, dtype)


def ones_like(x: Any, dtype: Any = None) -> Any:
    """Ones in the shape of `x`."""
    return full_like(x, 1, dtype)


def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Any:
    """One value in the shape of `x`."""
    value = tensor(x)
    return full(full_shape(value), fill_value, dtype or value.dtype)


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Any:
    """Ones on a diagonal, zeros elsewhere; float32 by default."""
    return np.eye(N, M, k, dtype=dtypes.standard(dtype or "float32"))
