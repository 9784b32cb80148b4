"""What stands in for Keras's internals in its own tests."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.keras_suite.stand_ins import standardize_dtype


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (None, "float32"),
        (float, "float32"),
        (int, "int32"),
        (bool, "bool"),
        (np.dtype("float64"), "float64"),  # equal to Python's float, but not it
        (np.int64, "int64"),
        ("float32", "float32"),
    ],
)
def test_names_of_dtypes(given: Any, name: str) -> None:
    assert standardize_dtype(given) == name
