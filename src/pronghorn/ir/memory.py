"""Room for many arrays at once."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

__all__ = ["aligned", "fill_zeros", "side_by_side"]

_ALIGN = 64  # bytes: a cache line, and the widest vector
# NumPy asks for huge pages from 4 MiB on. Touching memory for the first time costs
# microseconds per page, so from 1 MiB on it pays to ask for that much.
_LARGE, _HUGE = 1 << 20, 1 << 22
_SMALL = 1 << 10  # bytes: of so few it does not matter where they lie


def side_by_side(shapes: Sequence[tuple[int, ...]]) -> list[np.ndarray]:
    """Arrays of zeros, one right after the other in one buffer.

    Args:
        shapes: one for each.

    Returns:
        float32 arrays; the first begins a cache line. What nobody writes to takes no
        memory yet.

    >>> a, b = side_by_side([(2, 3), (4,)])
    >>> a.shape, b.shape, b.ctypes.data - a.ctypes.data
    ((2, 3), (4,), 24)
    """
    sizes = [prod(shape) for shape in shapes]
    room = 4 * sum(sizes) + 2 * _ALIGN
    raw = np.zeros((max(room, _HUGE) if room >= _LARGE else room) // 4, np.float32)
    at = -raw.__array_interface__["data"][0] % _ALIGN // 4
    arrays = []
    for shape, size in zip(shapes, sizes, strict=True):
        arrays.append(raw[at : at + size].reshape(shape))
        at += size
    return arrays


def fill_zeros(place: np.ndarray, value: np.ndarray) -> None:
    """Copies a value to where zeros are, unless it is large and zeros, too.

    What nobody has written to takes no memory yet; taking it costs more than looking.

    Args:
        place: an array of zeros, as `side_by_side` gives it.
        value: of the same shape, in C's order, with elements of four bytes.

    >>> (place,) = side_by_side([(2,)])
    >>> fill_zeros(place, np.float32([0, -0.0]))
    >>> np.signbit(place).tolist()
    [False, True]
    """
    if value.nbytes < _LARGE or value.view(np.uint32).max():
        np.copyto(place, value)


def aligned(value: np.ndarray, dtype: str) -> np.ndarray:
    """A copy of an array, in C's order, that begins a cache line.

    Vectors of its elements then lie in one line each, which reads it up to half as fast
    again. Of less than 1 KiB a plain copy.

    Args:
        value: of any shape.
        dtype: of the copy.

    >>> a = aligned(np.ones((30, 20)), "float32")
    >>> a.shape, a.dtype.name, a.ctypes.data % 64
    ((30, 20), 'float32', 0)
    """
    bytes_ = value.size * np.dtype(dtype).itemsize
    if bytes_ < _SMALL:
        return np.array(value, dtype=dtype, order="C")
    raw = np.empty(bytes_ + _ALIGN, np.uint8)
    at = -raw.__array_interface__["data"][0] % _ALIGN
    copy = raw[at : at + bytes_].view(dtype).reshape(value.shape)
    np.copyto(copy, value, casting="unsafe")
    return copy
