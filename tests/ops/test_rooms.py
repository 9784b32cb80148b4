"""The parts of `keras.ops`: `linalg`, `nn`, `numpy`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn import ops
from pronghorn.errors import UnsupportedError


def test_operations_by_the_path_of_their_part() -> None:
    assert ops.linalg.norm(np.float32([3.0, 4.0])) == 5.0
    assert ops.linalg.inv is ops.inv and ops.nn.psnr is ops.psnr
    assert ops.nn.dot_product_attention is ops.dot_product_attention
    assert ops.numpy.nanmean is ops.nanmean and ops.numpy.sum([1, 2]) == 3


@pytest.mark.parametrize(("part", "name"), [("nn", "conv"), ("linalg", "jvp")])
def test_what_is_outside_of_the_field(part: str, name: str) -> None:
    with pytest.raises(UnsupportedError, match=f"ops.{name}"):
        getattr(getattr(ops, part), name)


@pytest.mark.parametrize("part", [ops.linalg, ops.nn, ops.numpy])
def test_other_names_are_attribute_errors(part: Any) -> None:
    for name in ("nothing", "_nothing"):
        with pytest.raises(AttributeError, match=name):
            getattr(part, name)
