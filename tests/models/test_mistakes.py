"""What beginners do with layers and models, and what they are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

import pronghorn as keras
from pronghorn import layers, ops
from pronghorn.errors import (
    ArgumentError,
    DataError,
    DtypeError,
    ReservedNameError,
    StateError,
)

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


def test_a_frame_where_call_takes_columns_by_name_says_what_to_give() -> None:
    class Named(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.unit = layers.Dense(1)

        def call(self, inputs: Any) -> Any:
            return self.unit(inputs["x"])

    frame = pandas.DataFrame({"x": [1.0, 2.0], "n": [1, 2]})
    y = np.array([0.0, 1.0])
    model = Named()
    model.compile("sgd", "mse")
    with pytest.raises(DtypeError, match=r"x\['x'\]") as caught:
        model.fit(frame, y, verbose=0)
    assert "dict of columns" in str(caught.value)
    columns = {name: frame[name].to_numpy()[:, None] for name in frame}
    model.fit(columns, y, verbose=0)
    text = {**columns, "color": np.array([["red"], ["blue"]])}
    with pytest.raises(DataError, match="color"):
        model.fit(text, y, verbose=0)


def test_a_model_has_no_loss_before_it_is_compiled() -> None:
    x = keras.Input((3,))
    for model in (keras.Sequential(), keras.Model(x, layers.Dense(1)(x))):
        assert model.loss is None
        model.compile(loss="mse")
        assert model.loss == "mse"
