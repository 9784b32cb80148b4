"""Patterns of axes between the layers of a model, and in its file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import pronghorn as keras
from pronghorn import ops


def test_a_model_and_its_file_keep_the_pattern(tmp_path: Path) -> None:
    x = keras.Input((6,))
    y = ops.rearrange(x, "b (h w) -> b w h", h=2)
    assert y.shape == (None, 3, 2)
    model = keras.Model(x, y)
    data = np.arange(12, dtype="float32").reshape(2, 6)
    expected = data.reshape(2, 2, 3).transpose(0, 2, 1)
    assert np.array_equal(model.predict(data, verbose=0), expected)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert np.array_equal(again.predict(data[:1], verbose=0), expected[:1])


def test_the_batch_goes_to_another_place() -> None:
    x = keras.KerasTensor((None, 2, 3))
    assert ops.rearrange(x, "b h w -> w (h b)").node.shape[0] == 3
    assert ops.rearrange(x, "b h w -> (b h w)").shape == (None,)
