"""`BatchNormalization(renorm=True)`, and the old `rms_scaling`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.errors import ArgumentError

X = np.random.default_rng(1).normal(1.0, 2.0, (8, 3)).astype("float32")


def layer(**given: Any) -> Any:
    made = layers.BatchNormalization(renorm=True, renorm_momentum=0.8, **given)
    made.build((None, 3))
    return made


def test_training_is_corrected_towards_the_moving_statistics() -> None:
    made = layer(epsilon=0.01)
    made.renorm_mean.assign([1.0, 0.0, 2.0])
    made.renorm_stddev.assign([2.0, 1.0, 0.0])  # 0 counts as the root of epsilon
    slow = np.array([2.0, 1.0, 0.1])
    expected = (X - [1.0, 0.0, 2.0]) / slow
    np.testing.assert_allclose(made(X, training=True), expected, rtol=2e-4, atol=1e-4)
    deviation = np.sqrt(X.var(axis=0) + 0.01)
    np.testing.assert_allclose(
        made.renorm_stddev, [1.6, 0.8, 0.0] + 0.2 * deviation, rtol=1e-5
    )
    np.testing.assert_allclose(
        made.renorm_mean, [0.8, 0.0, 1.6] + 0.2 * X.mean(axis=0), rtol=1e-5
    )
    kept = 0.99 + 0.01 * deviation
    np.testing.assert_allclose(made.moving_stddev, kept, rtol=1e-5)
    np.testing.assert_allclose(made.moving_variance, kept**2 - 0.01, rtol=1e-4)


def test_bounds_hold() -> None:
    made = layer(renorm_clipping={"rmin": 1.0, "rmax": 1.0, "dmax": 0.0})
    plain = layers.BatchNormalization()
    made.renorm_mean.assign([50.0, 0.0, 0.0])
    np.testing.assert_allclose(
        made(X, training=True), plain(X, training=True), rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("backend", ["native", "reference"])
def test_no_gradient_goes_through_the_corrections(
    backend: str, monkeypatch: Any
) -> None:
    monkeypatch.setenv("PRONGHORN_BACKEND", backend)
    made = layers.BatchNormalization(renorm=True, name="norm")
    model = keras.Sequential([keras.Input((3,)), made, layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    before = made.renorm_mean.numpy()
    losses = model.fit(X, X[:, :1], epochs=40, batch_size=8, verbose=0)
    assert losses.history["loss"][-1] < 0.3 * losses.history["loss"][0]
    assert not np.allclose(made.renorm_mean, before)
    assert keras.backend_of(model) == backend


@pytest.mark.parametrize(
    "bounds", [{"max": 1.0}, {"rmin": 2.0, "rmax": 1.0}, {"dmax": -1.0}]
)
def test_bounds_that_are_none(bounds: Any) -> None:
    with pytest.raises(ArgumentError, match="rmin <= rmax and dmax >= 0"):
        layer(renorm_clipping=bounds)


def test_statistics_of_several_machines_are_refused() -> None:
    with pytest.raises(ArgumentError, match="synchronized"):
        layers.BatchNormalization(synchronized=True)


def test_rms_scaling_leaves_the_mean_in_and_warns() -> None:
    with pytest.warns(UserWarning, match="RMSNormalization"):
        made = layers.LayerNormalization(rms_scaling=True, epsilon=0.0)
    expected = X / X.std(axis=1, keepdims=True)
    np.testing.assert_allclose(made(X), expected, rtol=1e-5)
    assert [w.name for w in made.weights] == ["gamma"]
    assert made.get_config()["rms_scaling"] is True
