"""Layers that change shapes, and what does not fit them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.errors import ArgumentError, DtypeError, ShapeError

X = np.arange(24, dtype="float32").reshape(2, 3, 4)


def test_reshape() -> None:
    np.testing.assert_array_equal(layers.Reshape((4, 3))(X), X.reshape(2, 4, 3))
    np.testing.assert_array_equal(layers.Reshape([-1])(X), X.reshape(2, 12))
    np.testing.assert_array_equal(layers.Reshape((2, -1))(X), X.reshape(2, 2, 6))
    assert layers.Reshape(())(X[:, :1, 0]).shape == (2,)
    assert layers.Reshape((6, 2))(keras.Input((3, 4))).shape == (None, 6, 2)
    for target in ((5, 2), (5, -1)):
        with pytest.raises(ShapeError, match="elements a row"):
            layers.Reshape(target)(X)
    for target in ((-1, -1), (3, None), (-2, 6)):
        with pytest.raises(ArgumentError, match="at most one of them -1"):
            layers.Reshape(target)


def test_permute_and_repeat() -> None:
    np.testing.assert_array_equal(layers.Permute((2, 1))(X), X.transpose(0, 2, 1))
    repeated = layers.RepeatVector(3)(X[:, 0])
    np.testing.assert_array_equal(repeated, np.stack([X[:, 0]] * 3, axis=1))
    with pytest.raises(ArgumentError, match="each of 1, 2"):
        layers.Permute((0, 1))
    with pytest.raises(ArgumentError, match="from 1 up"):
        layers.RepeatVector(0)
    with pytest.raises(DtypeError, match="whole number"):
        layers.RepeatVector("3")  # type: ignore[arg-type]
    with pytest.raises(ShapeError, match="2 axes"):
        layers.RepeatVector(2)(X)
    with pytest.raises(ShapeError, match="3 axes"):
        layers.Permute((2, 1))(X[:, 0])


def test_flatten() -> None:
    np.testing.assert_array_equal(layers.Flatten()(X), X.reshape(2, 12))
    first = layers.Flatten(data_format="channels_first")
    np.testing.assert_array_equal(first(X), X.transpose(0, 2, 1).reshape(2, 12))
    np.testing.assert_array_equal(first(X[:, 0, 0]), X[:, :1, 0])
    assert first.get_config()["data_format"] == "channels_first"
    with pytest.raises(ArgumentError, match="channels_last"):
        layers.Flatten("channels")


def test_open_sizes_are_told_and_a_step_knows_them() -> None:
    assert layers.Flatten()(keras.Input((2, None))).shape == (None, None)
    assert layers.Reshape((-1, 3))(keras.Input((None, 3))).shape == (None, None, 3)
    assert layers.RepeatVector(3)(keras.Input((None,))).shape == (None, 3, None)
    reshaped = layers.Reshape((3, 4))(keras.Input((None,)))
    assert reshaped.shape == (None, 3, 4)
    model = keras.Model(reshaped._keras_history.operation.input, reshaped)
    x = X.reshape(2, 12)
    np.testing.assert_array_equal(model.predict(x, verbose=0), x.reshape(2, 3, 4))
    with pytest.raises(ShapeError, match="12 elements a row"):
        model.predict(x[:, :11], verbose=0)


@pytest.mark.parametrize("backend", ["native", "reference"])
def test_gradients_pass_through(backend: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("PRONGHORN_BACKEND", backend)
    steps = [layers.RepeatVector(3), layers.Permute((2, 1)), layers.Reshape((2, -1))]
    inner = layers.Dense(4, use_bias=False)
    model = keras.Sequential([keras.Input((4,)), inner, *steps, layers.Flatten()])
    model.compile(keras.optimizers.SGD(1.0), "mse")
    x, y = X[:, 0] / 10, X.reshape(2, 12) / 10
    before = inner.kernel.numpy()
    model.fit(x, y, epochs=1, verbose=0)
    # Each output of the layer comes three times, beside three targets.
    errors = (x @ before)[:, :, None] - y.reshape(2, 4, 3)
    slope = x.T @ (2 * errors.sum(2)) / y.size
    np.testing.assert_allclose(inner.kernel.numpy(), before - slope, rtol=1e-4)
    assert keras.backend_of(model) == backend
