"""Scopes of devices and names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn.errors import ArgumentError


def test_code_inside_runs_as_outside() -> None:
    with keras.device("gpu:0"), keras.name_scope("encoder"):
        layer = keras.layers.Dense(1, kernel_initializer="ones", name="unit")
        assert layer(np.float32([[2.0]])) == 2.0
    assert [v.path for v in layer.weights] == ["unit/kernel", "unit/bias"]


@pytest.mark.parametrize("make", [keras.device, keras.name_scope])
@pytest.mark.parametrize("name", [None, 3])
def test_a_name_is_text(make: Any, name: Any) -> None:
    with pytest.raises(ArgumentError, match="expected"), make(name):
        pass


def test_a_name_has_no_slash() -> None:
    with pytest.raises(ArgumentError, match="slash"), keras.name_scope("a/b"):
        pass
