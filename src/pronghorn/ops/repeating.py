"""Elements and whole tensors repeated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn.errors import ShapeError
from pronghorn.ir.shapes import axis as one_axis
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ops.convert import tensor
from pronghorn.ops.structure import (
    broadcast_to,
    concatenate,
    expand_dims,
    full_shape,
    ravel,
    reshape,
    split,
)


def repeat(x: Any, repeats: int | Sequence[int], axis: int | None = None) -> Any:
    """Each element `repeats` times along an axis, of the flat tensor by default.

    Args:
        x: a tensor.
        repeats: how often; or how often each element along the axis.
        axis: default None.

    Raises:
        ShapeError: not as many numbers as elements.

    >>> repeat(np.array([5, 6]), [1, 2])
    array([5, 6, 6])
    """
    value = tensor(x)
    if axis is None:
        value, axis = ravel(value), 0
    where = one_axis(axis, value.ndim)
    have = full_shape(value)
    if not isinstance(repeats, int):
        times = [int(n) for n in np.reshape(repeats, -1)]
        if len(times) != 1:
            return _repeat_each(value, times, where)
        repeats = times[0]
    spread = (*have[: where + 1], repeats, *have[where + 1 :])
    wide = broadcast_to(expand_dims(value, where + 1), spread)
    return reshape(wide, (*have[:where], have[where] * repeats, *have[where + 1 :]))


def _repeat_each(value: Any, times: list[int], axis: int) -> Any:
    length = full_shape(value)[axis]
    if length != len(times) or min(times, default=0) < 0:
        raise ShapeError(
            "Each element is repeated so many times.",
            where="ops.repeat",
            expected=f"{length} numbers of 0 or more",
            received=times,
        )
    if not isinstance(value, KerasTensor):
        return np.repeat(value, times, axis)
    parts = split(value, len(times), axis)
    wide = [part for part, n in zip(parts, times, strict=True) for _ in range(n)]
    return concatenate(wide, axis) if wide else split(value, [0], axis)[0]


def tile(x: Any, repeats: int | Sequence[int]) -> Any:
    """The whole tensor repeated along each axis."""
    value = tensor(x)
    times = (repeats,) if isinstance(repeats, int) else tuple(repeats)
    while value.ndim < len(times):
        value = expand_dims(value, 0)
    times = (1,) * (value.ndim - len(times)) + times
    for i, copies in enumerate(times):
        if copies != 1:
            value = concatenate([value] * copies, i)
    return value
