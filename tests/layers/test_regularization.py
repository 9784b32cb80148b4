"""Layers of noise: their statistics, their seeds, and what training sees of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.errors import ArgumentError, ShapeError

ONES = np.ones((400, 50), "float32")
MAKERS = {
    "AlphaDropout": lambda **kw: layers.AlphaDropout(0.3, **kw),
    "Dropout": lambda **kw: layers.Dropout(0.3, **kw),
    "GaussianDropout": lambda **kw: layers.GaussianDropout(0.3, **kw),
    "GaussianNoise": lambda **kw: layers.GaussianNoise(0.3, **kw),
}


@pytest.mark.parametrize("name", MAKERS)
def test_noise_comes_in_training_only_and_by_seed(name: str) -> None:
    make = MAKERS[name]
    layer = make(seed=1)
    np.testing.assert_array_equal(layer(ONES), ONES)
    first, second = layer(ONES, training=True), layer(ONES, training=True)
    assert (first != second).any(), "each call draws anew"
    np.testing.assert_array_equal(make(seed=1)(ONES, training=True), first)
    assert (make(seed=2)(ONES, training=True) != first).any()
    again = type(layer).from_config(layer.get_config())
    np.testing.assert_array_equal(again(ONES, training=True), first)


def test_gaussian_noise_has_its_mean_and_deviation() -> None:
    added = layers.GaussianNoise(0.5, seed=1)(3 * ONES, training=True) - 3
    assert abs(added.mean()) < 0.02 and abs(added.std() - 0.5) < 0.02
    times = layers.GaussianDropout(0.2, seed=1)(3 * ONES, training=True) / 3
    assert abs(times.mean() - 1) < 0.02 and abs(times.std() - 0.5) < 0.02


def test_alpha_dropout_keeps_mean_and_variance() -> None:
    x = np.random.default_rng(0).normal(size=(4000, 50)).astype("float32")
    y = layers.AlphaDropout(0.3, seed=1)(x, training=True)
    assert abs(y.mean()) < 0.01 and abs(y.std() - 1) < 0.01
    values, counts = np.unique(y, return_counts=True)
    assert abs(counts.max() / y.size - 0.3) < 0.01, "a share of 0.3 has one value"
    lowest = -1.6732632423543772 * 1.0507009873554805
    scale = (0.7 * (1 + 0.3 * lowest**2)) ** -0.5
    expected = scale * lowest - scale * lowest * 0.3
    assert abs(values[counts.argmax()] - expected) < 1e-5
    rows = layers.AlphaDropout(0.5, noise_shape=(None, 1), seed=1)(ONES, training=True)
    assert (rows == rows[:, :1]).all() and len(np.unique(rows)) == 2


def test_spatial_dropout_drops_whole_columns() -> None:
    x = np.ones((100, 7, 20), "float32")
    layer = layers.SpatialDropout1D(0.3, seed=1)
    y = layer(x, training=True)
    assert (y == y[:, :1]).all() and abs((y == 0).mean() - 0.3) < 0.05
    np.testing.assert_array_equal(layer(x), x)
    assert layer.get_config() == {
        "rate": 0.3, "seed": 1, "name": layer.name, "dtype": "float32",
    }  # fmt: skip
    with pytest.raises(ShapeError, match="3 axes"):
        layer(ONES)


def test_activity_regularization_adds_to_the_loss() -> None:
    model = keras.Sequential([keras.Input((3,)), layers.ActivityRegularization(0.5, 2)])
    model.compile("sgd", "mse")
    x = np.array([[1.0, -2.0, 3.0], [0.0, 1.0, 0.0]], "float32")
    penalty = (0.5 * np.abs(x).sum() + 2 * np.square(x).sum()) / 2
    assert model.evaluate(x, x, verbose=0) == pytest.approx(penalty, rel=1e-6)
    assert "activity_regularizer" not in model.layers[0].get_config()


@pytest.mark.parametrize("name", MAKERS)
def test_noise_is_traced_and_repeats_by_seed(name: str) -> None:
    x = np.random.default_rng(0).normal(size=(40, 5)).astype("float32")
    weights = []
    for _ in range(2):
        keras.utils.set_random_seed(7)
        parts = [layers.Dense(4, "selu"), MAKERS[name](), layers.Dense(1)]
        model = keras.Sequential([keras.Input((5,)), *parts])
        model.compile(keras.optimizers.SGD(0.01), "mse")
        start = model.get_weights()
        model.fit(x, x[:, :1], epochs=3, batch_size=16, verbose=0)
        weights.append(model.get_weights())
    for a, b in zip(*weights, strict=True):
        np.testing.assert_array_equal(a, b)
    quiet = keras.Sequential([keras.Input((5,)), parts[0], parts[2]])
    quiet.set_weights(start)
    quiet.compile(keras.optimizers.SGD(0.01), "mse")
    quiet.fit(x, x[:, :1], epochs=3, batch_size=16, verbose=0)
    assert (quiet.get_weights()[0] != weights[0][0]).any(), "the noise was there"


@pytest.mark.parametrize("base", [layers.Dropout, layers.AlphaDropout])
def test_a_subclass_that_always_drops(base: Any) -> None:
    class Always(base):  # type: ignore[misc]
        def call(self, inputs: Any) -> Any:
            return super().call(inputs, training=True)

    x = np.random.default_rng(0).normal(size=(200, 5)).astype("float32")
    inner = layers.Dense(50, "selu")
    model = keras.Sequential([keras.Input((5,)), inner, Always(0.5), layers.Dense(1)])
    first, second = model.predict(x, verbose=0), model.predict(x, verbose=0)
    assert (first != second).any(), "each prediction draws anew"
    assert Always.from_config(Always(0.2, seed=3).get_config()).rate == 0.2
    model.compile("sgd", "mse")
    model.fit(x, x[:, :1], verbose=0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.AlphaDropout(1.5),
        lambda: layers.GaussianDropout(-0.1),
        lambda: layers.GaussianNoise("a"),
        lambda: layers.SpatialDropout1D(2),
        lambda: layers.AlphaDropout(1)(ONES, training=True),
        lambda: layers.GaussianDropout(1.0)(ONES, training=True),
        lambda: layers.Dropout(0.5, noise_shape=(0, 1)),
        lambda: layers.AlphaDropout(0.5, noise_shape="a"),
    ],
)
def test_bad_rates_and_shapes_of_noise(make: Any) -> None:
    with pytest.raises(ArgumentError, match="layer '"):
        make()


def test_the_flag_of_a_recorded_call_gives_way_to_the_models() -> None:
    inputs = keras.Input((50,))
    for recorded in (True, False):
        outputs = layers.Dropout(0.5)(inputs, training=recorded)
        model = keras.Model(inputs, outputs)
        assert (model(ONES, training=True) == 0).any()
        np.testing.assert_array_equal(model.predict(ONES, verbose=0), ONES)
