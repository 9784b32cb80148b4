"""Layers around layers, beside what the layers inside do alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.errors import ArgumentError, ShapeError

X = np.random.default_rng(0).normal(size=(6, 3, 4)).astype("float32")


def test_a_wrapper_holds_its_layer() -> None:
    class Twice(layers.Wrapper):
        def call(self, inputs: Any) -> Any:
            return self.layer(self.layer(inputs))

    inner = layers.Dense(4, name="inner")
    layer = Twice(inner, name="twice")
    np.testing.assert_allclose(layer(X), inner(inner(X)), rtol=1e-6)
    assert [w.path for w in layer.weights] == ["twice/inner/kernel", "twice/inner/bias"]
    again = Twice.from_config(layer.get_config())
    assert type(again.layer) is layers.Dense and again.layer.units == 4
    for made in (layers.Wrapper, layers.TimeDistributed, layers.SpectralNormalization):
        with pytest.raises(ArgumentError, match=r"such as layers\.Dense"):
            made(layers.Dense)


@pytest.mark.parametrize("inner", [layers.Dense(5, "tanh"), layers.UnitNormalization()])
def test_each_step_by_itself(inner: Any) -> None:
    layer = layers.TimeDistributed(inner)
    y = layer(X)
    for i in range(3):
        np.testing.assert_allclose(y[:, i], inner(X[:, i]), rtol=1e-5, atol=1e-6)
    model = keras.Sequential([keras.Input((3, 4)), layer])
    np.testing.assert_allclose(model.predict(X, verbose=0), y, rtol=1e-5, atol=1e-6)


def test_steps_of_a_model_and_in_training() -> None:
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(2), layers.Dropout(0.5)])
    layer = layers.TimeDistributed(inner)
    assert layer(X).shape == (6, 3, 2)
    assert (layer(X, training=True) == 0).any()
    norm = layers.TimeDistributed(layers.BatchNormalization())
    y = norm(X, training=True)
    np.testing.assert_allclose(y.mean(0), 0.0, atol=1e-5)
    with pytest.raises(ShapeError, match="three axes"):
        layers.TimeDistributed(layers.Dense(2))(X[:, 0])
    with pytest.raises(ArgumentError, match="known size along axis 1"):
        layers.TimeDistributed(layers.Flatten())(keras.Input((None, 2, 4)))


@pytest.mark.parametrize("backend", ["native", "reference"])
def test_a_kernel_of_length_one(backend: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("PRONGHORN_BACKEND", backend)
    inner = layers.Dense(3)
    layer = layers.SpectralNormalization(inner, power_iterations=5)
    model = keras.Sequential([keras.Input((4,)), layer])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    x, y = X[:, 0], X[:, 1, :3]
    before = inner.kernel.numpy()
    np.testing.assert_allclose(model.predict(x, verbose=0), x @ before, rtol=1e-4)
    model.fit(x, y, epochs=20, verbose=0)
    kernel = inner.kernel.numpy()
    assert abs(np.linalg.norm(kernel, 2) - 1) < 1e-3
    direction = before / np.linalg.norm(before)
    np.testing.assert_allclose(kernel / np.linalg.norm(kernel), direction, atol=1e-4)
    assert [w.shape for w in layer.weights] == [(4, 3), (1, 3), (3,)]


def test_a_kernel_of_zeros_stays() -> None:
    inner = layers.Dense(3, kernel_initializer="zeros")
    layer = layers.SpectralNormalization(inner)
    assert not layer(X[:, 0], training=True).any()
    assert not inner.kernel.numpy().any() and layer.vector_u.numpy().all()
    assert not np.any(layer.normalized_weights()[1])
    with pytest.raises(ArgumentError, match="kernel or embeddings"):
        layers.SpectralNormalization(layers.ReLU())(X)
    with pytest.raises(ArgumentError, match="power_iterations"):
        layers.SpectralNormalization(inner, 0)
