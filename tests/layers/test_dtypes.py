"""Layers that compute in float64, and models of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers

RNG = np.random.default_rng(0)
X = RNG.normal(size=(16, 3)).astype("float32")
Y = X.sum(1, keepdims=True)


def wide(*more: Any) -> Any:
    model = keras.Sequential(
        [layers.Dense(4, "tanh", input_shape=[3], dtype="float64"), *more]
    )
    model.add(layers.Dense(1, dtype="float64"))
    return model


def by_hand(weights: list[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
    """Outputs of the two layers, and the gradients of the mean square, in float64."""
    a, b, c, d = weights
    x, hidden = X.astype("float64"), np.tanh(X.astype("float64") @ a + b)
    outputs = hidden @ c + d
    error = 2 * (outputs - Y) / len(X)
    inner = error @ c.T * (1 - hidden**2)
    return outputs, [x.T @ inner, inner.sum(0), hidden.T @ error, error.sum(0)]


def test_it_computes_in_float64() -> None:
    model = wide()
    assert {w.dtype for w in model.weights} == {"float64"}
    assert model.layers[0].compute_dtype == model.layers[0].variable_dtype == "float64"
    wanted, _ = by_hand(model.get_weights())
    for found in (model(X), model.predict(X, verbose=0)):
        assert found.dtype == "float64"
        np.testing.assert_allclose(found, wanted, rtol=1e-13)
    assert keras.backend_of(model) == "reference"


def test_it_learns_in_float64() -> None:
    model = wide()
    model.compile(keras.optimizers.SGD(0.125), "mse")
    before = model.get_weights()
    _, gradients = by_hand(before)
    model.train_on_batch(X, Y)
    for old, new, gradient in zip(before, model.get_weights(), gradients):
        # The loss is float32, and with it what the gradient begins with.
        np.testing.assert_allclose((old - new) / 0.125, gradient, rtol=1e-5, atol=1e-7)
    first = model.evaluate(X, Y, verbose=0)
    model.fit(X, Y, epochs=20, verbose=0)
    assert model.evaluate(X, Y, verbose=0) < first


def test_files_keep_it(tmp_path: Path) -> None:
    model = wide(layers.BatchNormalization(dtype="float64"))
    model.compile("adam", "mse")
    model.fit(X, Y, verbose=0)
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    assert {w.dtype for w in again.weights} == {"float64"}
    np.testing.assert_array_equal(again(X), model(X))
    model.save_weights(tmp_path / "w.weights.h5")
    narrow = keras.Sequential.from_config(model.get_config())
    narrow.load_weights(tmp_path / "w.weights.h5")
    np.testing.assert_array_equal(narrow(X), model(X))


def test_layers_of_float32_go_on_in_float32() -> None:
    i = keras.Input((3,))
    middle = layers.Dense(2, dtype="float64")(i)
    end = layers.Dense(1)(middle)
    assert (middle.dtype, end.dtype) == ("float64", "float32")
    model = keras.Model(i, end)
    assert [type(x).__name__ for x in model.layers] == ["InputLayer", "Dense", "Dense"]
    assert model(X).dtype == model.predict(X, verbose=0).dtype == "float32"
    np.testing.assert_array_equal(model(X), model.predict(X, verbose=0))
    assert keras.backend_of(model) == "reference"
    plain = keras.Sequential([layers.Dense(1, input_shape=[3])])
    assert keras.backend_of(plain) == keras.config.backend()


def test_lists_and_masks_go_in() -> None:
    both = layers.Add(dtype="float64")([X, X.astype("float64")])
    assert both.dtype == "float64"
    found = layers.Embedding(3, 2, dtype="float64")(np.array([0, 2]))
    assert found.dtype == "float64"
    one_hot = layers.Hashing(3, output_mode="one_hot", dtype="float64")
    assert one_hot(np.array([[1], [2]])).dtype == "float64"


def test_doubles_are_singles_for_other_layers() -> None:
    assert layers.Dense(1)(X.astype("float64")).dtype == "float32"


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_one_policy_for_all(dtype: str) -> None:
    try:
        keras.config.set_dtype_policy(dtype)
        model = keras.Sequential([layers.Dense(2, input_shape=[3]), layers.Softmax()])
    finally:
        keras.config.set_dtype_policy("float32")
    assert model(X).dtype == model.predict(X, verbose=0).dtype == dtype
