"""The limit on what a file's config may allocate."""

from __future__ import annotations

import pytest

from pronghorn.errors import FileFormatError
from pronghorn.limits import allocation_limit, charge_allocation


def test_without_a_limit_anything_goes():
    charge_allocation((10**9, 10**9), "kernel")


def test_the_sum_counts():
    with allocation_limit(10, "m.keras"):
        charge_allocation((2, 3), "kernel")
        charge_allocation((4,), "bias")
        with pytest.raises(FileFormatError, match="larger variables") as caught:
            charge_allocation((1,), "gamma")
    assert "m.keras" in caught.value.where and "gamma" in caught.value.where


def test_sizes_beyond_any_integer_are_counted():
    with allocation_limit(10, "m.keras"), pytest.raises(FileFormatError):
        charge_allocation((2**40, 2**40), "kernel")


def test_the_limit_ends_with_its_scope():
    with pytest.raises(FileFormatError), allocation_limit(1, "m.keras"):
        charge_allocation((5,), "kernel")
    charge_allocation((5,), "kernel")
