"""Normalization of rows by themselves, and `PReLU`, `Rescaling` beside formulas."""

from __future__ import annotations

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.errors import ArgumentError, DtypeError

X = np.random.default_rng(0).normal(size=(6, 3, 4)).astype("float32")


def test_groups_of_features() -> None:
    layer = layers.GroupNormalization(2, epsilon=1e-5)
    y = layer(X).reshape(6, 3, 2, 2)
    np.testing.assert_allclose(y.mean((1, 3)), 0.0, atol=1e-5)
    np.testing.assert_allclose(y.std((1, 3)), 1.0, atol=1e-3)
    first = layers.GroupNormalization(3, axis=1)
    np.testing.assert_allclose(first(X).mean(2), 0.0, atol=1e-5)
    single = layers.GroupNormalization(-1)
    assert single(X).shape == X.shape and single.groups == 4
    for groups in (0, 2.5, -2):
        with pytest.raises(ArgumentError, match="from 1 up, or -1"):
            layers.GroupNormalization(groups)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="divisor of 4"):
        layers.GroupNormalization(3)(X)


def test_mean_squares_and_lengths() -> None:
    y = layers.RMSNormalization(axis=[1, 2])(X)
    np.testing.assert_allclose(np.square(y).mean((1, 2)), 1.0, rtol=1e-4)
    unit = layers.UnitNormalization(axis=[1, 2])
    lengths = np.sqrt(np.square(unit(X)).sum((1, 2)))
    np.testing.assert_allclose(lengths, 1.0, rtol=1e-5)
    assert not unit(0 * X).any(), "no division by zero"
    with pytest.raises(DtypeError, match="whole number"):
        layers.UnitNormalization(axis="a")  # type: ignore[arg-type]


def test_prelu_learns_a_slope_for_each_feature() -> None:
    layer = layers.PReLU("ones", alpha_regularizer="l2", shared_axes=1)
    np.testing.assert_array_equal(layer(X), X)
    assert layer.alpha.shape == (1, 4) and float(layer.losses[0]) > 0
    model = keras.Sequential([keras.Input((4,)), layers.PReLU()])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    x = X[:, 0]
    model.fit(x, x, epochs=1, verbose=0)
    slope = 0.1 * 2 * np.square(np.minimum(x, 0)).sum(0) / x.size
    np.testing.assert_allclose(model.get_weights()[0], slope, rtol=1e-4)


def test_rescaling_by_columns() -> None:
    layer = layers.Rescaling(np.array([1.0, 2.0, 3.0, 4.0]), offset=[1, 0, 0, 0])
    expected = X * [1, 2, 3, 4] + [1, 0, 0, 0]
    np.testing.assert_allclose(layer(X), expected, rtol=1e-6)
    again = layers.Rescaling.from_config(layer.get_config())
    np.testing.assert_allclose(again(X), expected, rtol=1e-6)
    np.testing.assert_allclose(layers.Rescaling(0.5)(np.array([2, 4])), [1.0, 2.0])


def test_slopes_below_zero_are_refused() -> None:
    for make in (
        lambda: layers.LeakyReLU(-0.1),
        lambda: layers.ReLU(negative_slope=-1.0),
        lambda: layers.ReLU(max_value=-1.0),
        lambda: layers.ReLU(threshold=-1.0),
    ):
        with pytest.raises(ArgumentError, match="from 0 up"):
            make()


def test_rescaling_is_built_by_its_first_call() -> None:
    layer = layers.Rescaling(2.0)
    assert not layer.built and layer.get_build_config() is None
    layer(keras.Input((3,)))
    assert layer.built and layer.get_build_config() == {"input_shape": (None, 3)}
