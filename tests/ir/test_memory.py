"""Arrays side by side in one buffer, and variables that live in them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from pronghorn.ir import Variable
from pronghorn.ir.memory import aligned, fill_zeros, side_by_side


@pytest.mark.parametrize("shapes", [[], [(3,)], [(2, 3), (), (5,), (1, 2)]])
def test_one_after_the_other(shapes: list[tuple[int, ...]]) -> None:
    arrays = side_by_side(shapes)
    assert [a.shape for a in arrays] == shapes
    assert all(a.dtype == np.float32 and not a.any() for a in arrays)
    for one, other in pairwise(arrays):
        assert other.ctypes.data == one.ctypes.data + one.nbytes
    assert not arrays or arrays[0].ctypes.data % 64 == 0


@pytest.mark.parametrize("size", [1 << 18, (1 << 20) + 3, 3 << 20])
def test_large_ones(size: int) -> None:
    """Those that ask for more than they use, and those too large to."""
    a, b = side_by_side([(size,), (7,)])
    a[:] = 1.0
    assert not b.any()
    b[:] = 2.0
    assert (a == 1.0).all()
    assert a.ctypes.data % 64 == 0


def test_a_variable_lives_where_it_is_told() -> None:
    (place,) = side_by_side([(2,)])
    variable = Variable.living_in(place, trainable=False, name="slot")
    variable.assign([1.0, 2.0])
    assert place.tolist() == [1.0, 2.0]
    assert variable.storage is place
    assert (variable.dtype, variable.name, variable.trainable) == (
        "float32",
        "slot",
        False,
    )


@pytest.mark.parametrize("shape", [(), (0,), (3,), (16, 16), (33, 17, 5)])
@pytest.mark.parametrize("dtype", ["float32", "int32", "bool"])
def test_a_copy_begins_a_cache_line(shape: tuple[int, ...], dtype: str) -> None:
    value = np.arange(np.prod(shape), dtype=np.float64).reshape(shape).T
    copy = aligned(value, dtype)
    assert copy.dtype == dtype
    assert copy.flags.c_contiguous
    assert copy.flags.writeable
    assert np.array_equal(copy, value.astype(dtype))
    assert copy.nbytes < 1024 or copy.ctypes.data % 64 == 0
    assert not np.shares_memory(copy, value)


def test_what_a_layer_multiplies_by_begins_a_cache_line() -> None:
    made = [Variable(np.ones((99, 3)), name=str(i)) for i in range(5)]
    assert all(v.storage.ctypes.data % 64 == 0 for v in made)


@pytest.mark.parametrize("size", [3, 1 << 18])
@pytest.mark.parametrize("at", [0, 2, -1])
def test_zeros_are_filled_with_whatever_is_not_zero(size: int, at: int) -> None:
    for last in (0.0, -0.0, 1.0, np.nan):
        (place,) = side_by_side([(size,)])
        value = np.zeros(size, np.float32)
        value[at] = last
        fill_zeros(place, value)
        assert place.tobytes() == value.tobytes()
