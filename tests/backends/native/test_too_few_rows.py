"""A graph that takes more rows from its batch than it was planned for."""

from __future__ import annotations

import numpy as np
import pytest

import pronghorn as keras
from pronghorn.errors import ShapeError


class FirstSeven(keras.Layer):
    def call(self, x: object) -> object:
        return (
            x - x[:7].sum() if isinstance(x, np.ndarray) else x - keras.ops.sum(x[:7])
        )


def test_a_fixed_number_of_rows_needs_a_batch_of_so_many() -> None:
    model = keras.Sequential([FirstSeven()])
    assert model.predict(np.ones((8, 1), "float32"), verbose=0).ravel()[0] == -6.0
    with pytest.raises(ShapeError, match="more rows than a batch has"):
        model.predict(np.ones((4, 1), "float32"), batch_size=4, verbose=0)
    fresh = keras.Sequential([FirstSeven()])
    with pytest.raises(ShapeError, match="more rows than a batch has"):
        fresh.predict(np.ones((4, 1), "float32"), verbose=0)
