"""`keras.backend` and `keras.device`: what conformance does not see."""

from __future__ import annotations

import pytest

import pronghorn as keras
from pronghorn.errors import UnsupportedError


@pytest.mark.parametrize("name", ["cpu", "CPU:0", "/device:CPU:0"])
def test_there_is_the_processor(name: str) -> None:
    with keras.device(name):
        assert keras.ops.ones((2,)).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("name", ["gpu", "cpu:1", "tpu:0", None])
def test_there_is_no_other_device(name: str) -> None:
    with pytest.raises(UnsupportedError, match="device"):
        keras.device(name)
