"""`Input`: its shapes, what may not be given together, and inputs that may be None."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, ops
from pronghorn.errors import ArgumentError, UnsupportedError

X = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")


def test_a_number_of_rows_is_told_by_shapes() -> None:
    x = keras.Input((3,), batch_size=2)
    assert x.shape == (2, 3)
    y = layers.Dense(4)(ops.relu(x) * 2.0)
    assert y.shape == (2, 4)
    model = keras.Model(x, y)
    assert model.input_shape == (2, 3) and model.output_shape == (2, 4)
    assert model(keras.Input((3,), batch_size=7)).shape == (7, 4)
    assert model(keras.Input((3,))).shape == (None, 4)
    assert keras.Input(batch_shape=(2, 3)).shape == (2, 3)


def test_a_model_of_so_many_rows_takes_any_number() -> None:
    x = keras.Input((3,), batch_size=2)
    hidden = layers.BatchNormalization()(layers.Dense(4, "relu")(x))
    model = keras.Model(x, layers.Dense(1)(layers.Dropout(0.5)(hidden)))
    model.compile("sgd", "mse")
    model.fit(X, X.sum(1), batch_size=4, verbose=0)
    assert model.predict(X, verbose=0).shape == (5, 1)
    assert model(X[:3]).shape == (3, 1)
    chain = keras.Sequential([keras.Input((3,), batch_size=2), layers.Dense(1)])
    assert chain.output_shape == (2, 1)
    assert chain.predict(X, verbose=0).shape == (5, 1)


def test_the_config_holds_the_number_of_rows(tmp_path: Any) -> None:
    x = keras.Input((3,), batch_size=2, name="x")
    model = keras.Model(x, layers.Dense(1)(x))
    config = model.layers[0].get_config()
    assert config["batch_shape"] == (2, 3) and not config["optional"]
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.input_shape == (2, 3) and again.output_shape == (2, 1)


def test_an_input_stands_for_a_tensor() -> None:
    tensor = keras.KerasTensor((2, 3), "int32")
    layer = layers.InputLayer(input_tensor=tensor)
    assert layer.output is tensor and layer.batch_shape == (2, 3)
    assert layer.dtype == "int32"
    again = layers.InputLayer(
        shape=(3,), batch_size=2, dtype="int32", sparse=False, input_tensor=tensor
    )
    assert again.batch_shape == (2, 3)


TENSOR = keras.KerasTensor((2, 3))
WRONG: dict[str, dict[str, Any]] = {
    "shape or batch_shape": {"shape": (3,), "batch_shape": (2, 3)},
    "batch_size or batch_shape": {"batch_size": 2, "batch_shape": (2, 3)},
    "shape of one row": {},
    "symbolic tensor": {"input_tensor": X},
    "shape is not that": {"shape": (4,), "input_tensor": TENSOR},
    "batch_shape is not that": {"batch_shape": (2, 4), "input_tensor": TENSOR},
    "batch_size is not that": {"batch_size": 5, "input_tensor": TENSOR},
    "dtype is not that": {"dtype": "int32", "input_tensor": TENSOR},
    "sparse is not that": {"sparse": True, "input_tensor": TENSOR},
    "whole numbers": {"shape": ("3",)},
}


@pytest.mark.parametrize("words", WRONG)
def test_what_does_not_go_together(words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        layers.InputLayer(**WRONG[words])


@pytest.mark.parametrize("kind", ["sparse", "ragged"])
def test_inputs_are_dense(kind: str) -> None:
    with pytest.raises(UnsupportedError, match="dense"):
        layers.InputLayer(shape=(3,), **{kind: True})
    layer = layers.InputLayer(shape=(3,))
    assert not layer.sparse and not layer.ragged
    assert not layer.output.sparse and not layer.output.ragged
    assert layer.call() is None


def test_the_older_names_of_the_shape(recwarn: Any) -> None:
    assert layers.InputLayer(input_shape=(3,), batch_size=4).batch_shape == (4, 3)
    assert layers.InputLayer(batch_input_shape=(4, 3)).batch_shape == (4, 3)
    assert not recwarn.list
