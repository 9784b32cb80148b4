"""What beginners do with layers and models, and what they are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, ops
from pronghorn.errors import ArgumentError, ReservedNameError, StateError

X = np.ones((8, 3), "float32")


def test_a_layer_without_super_init_names_the_missing_call() -> None:
    class Forgetful(layers.Layer):
        def __init__(self, units: int) -> None:
            self.units = units

        def call(self, x: Any) -> Any:
            return x

    with pytest.raises(StateError, match=r"does not call super\(\).__init__\(\)"):
        keras.Sequential([Forgetful(2)])


def test_a_misspelt_argument_of_a_layer_has_a_hint() -> None:
    with pytest.raises(ArgumentError, match=r"did you mean activation\?"):
        layers.Dense(3, activaton="relu")


def test_a_model_with_a_lambda_as_loss_is_saved_with_a_warning(tmp_path: Path) -> None:
    model = keras.Sequential([layers.Dense(1, input_shape=[3])])
    model.compile("adam", loss=lambda y, p: ops.mean(ops.square(y - p)))
    y = np.arange(8, dtype="float32")
    model.fit(X, y, verbose=0)
    with pytest.warns(UserWarning, match="compiled again after loading"):
        model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    assert np.array_equal(again.predict(X), model.predict(X))
    with pytest.raises(StateError, match="compiled"):
        again.fit(X, y)


def test_a_model_keeps_its_list_of_layers() -> None:
    class Blocks(keras.Model):
        def __init__(self) -> None:
            super().__init__(name="blocks")
            self.layers = [layers.Dense(2)]  # type: ignore[misc]

    with pytest.raises(ReservedNameError, match=r"'blocks'[\s\S]*self\.blocks"):
        Blocks()
    model = keras.Sequential([layers.Dense(1, input_shape=[3])])
    with pytest.raises(AttributeError, match="by itself"):
        model.layers = []  # type: ignore[misc]
    assert len(model.layers) == 1
