"""`BatchNormalization(renorm=True)`, beside its formulas in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import initializers, layers
from pronghorn.errors import ArgumentError, UnsupportedError

RNG = np.random.default_rng(0)
X = RNG.normal(2.0, 3.0, size=(64, 3)).astype("float32")
Y = (X.sum(1) > 6).astype("float32")
STATE = {
    "moving_mean": [0.5, -1.0, 2.0],
    "moving_stddev": [1.5, 2.0, 0.5],
    "renorm_mean": [1.0, 0.0, 3.0],
    "renorm_stddev": [2.0, 1.0, 0.0],  # the last below the floor
    "gamma": [1.5, 0.5, -1.0],
    "beta": [0.1, 0.2, 0.3],
}
EPSILON, MOMENTUM, SLOW = 0.01, 0.9, 0.7


def layer(**more: Any) -> Any:
    made = layers.BatchNormalization(
        momentum=MOMENTUM,
        epsilon=EPSILON,
        renorm=True,
        renorm_momentum=SLOW,
        **more,
    )
    made.build((None, 3))
    for name, value in STATE.items():
        if getattr(made, name) is not None:
            getattr(made, name).assign(value)
    return made


@pytest.mark.parametrize(
    "clipping",
    [None, {}, {"rmax": 1.2}, {"rmin": 1.9, "rmax": 2.5}, {"dmax": 0.25}, {"dmax": 0}],
)
@pytest.mark.parametrize("parts", [{}, {"center": False}, {"scale": False}])
def test_a_training_step(clipping: Any, parts: Any) -> None:
    made = layer(renorm_clipping=clipping, **parts)
    mean, deviation = X.mean(0), np.sqrt(X.var(0) + EPSILON)
    old = {name: np.array(value, "float32") for name, value in STATE.items()}
    floor = np.maximum(old["renorm_stddev"], np.sqrt(EPSILON))
    bounds = clipping or {}
    r = np.clip(deviation / floor, bounds.get("rmin", 0), bounds.get("rmax", np.inf))
    most = bounds.get("dmax", np.inf)
    d = np.clip((mean - old["renorm_mean"]) / floor, -most, most)
    wanted = (X - mean) / deviation * r + d
    if "scale" not in parts:
        wanted = wanted * old["gamma"]
    if "center" not in parts:
        wanted = wanted + old["beta"]
    np.testing.assert_allclose(made(X, training=True), wanted, rtol=1e-4, atol=1e-4)
    moved = MOMENTUM * old["moving_stddev"] + (1 - MOMENTUM) * deviation
    for name, value in {
        "renorm_mean": SLOW * old["renorm_mean"] + (1 - SLOW) * mean,
        "renorm_stddev": SLOW * old["renorm_stddev"] + (1 - SLOW) * deviation,
        "moving_mean": MOMENTUM * old["moving_mean"] + (1 - MOMENTUM) * mean,
        "moving_stddev": moved,
        "moving_variance": np.maximum(moved**2 - EPSILON, 0),
    }.items():
        np.testing.assert_allclose(getattr(made, name), value, rtol=1e-4, atol=1e-5)


def test_prediction_is_as_without() -> None:
    made, plain = layer(), layers.BatchNormalization(epsilon=EPSILON)
    plain.build((None, 3))
    for name in ("gamma", "beta", "moving_mean", "moving_variance"):
        getattr(plain, name).assign(getattr(made, name).value)
    np.testing.assert_array_equal(made(X), plain(X))


def test_the_weights_and_their_first_values() -> None:
    made = layers.BatchNormalization(
        renorm=True,
        moving_variance_initializer=initializers.Constant(4.0),
        moving_mean_initializer="ones",
    )
    made.build((None, 2))
    assert [w.name for w in made.weights] == [
        "gamma", "beta", "moving_mean", "moving_variance", "moving_stddev",
        "renorm_mean", "renorm_stddev",
    ]  # fmt: skip
    assert len(made.trainable_weights) == 2
    np.testing.assert_array_equal(made.moving_stddev, [2.0, 2.0])
    np.testing.assert_array_equal(made.renorm_stddev, [2.0, 2.0])
    np.testing.assert_array_equal(made.renorm_mean, [1.0, 1.0])


def test_fit_is_the_same_on_both_backends(tmp_path: Any) -> None:
    found = []
    for eagerly in (False, True):
        keras.utils.set_random_seed(1)
        model = keras.Sequential(
            [
                layers.BatchNormalization(
                    renorm=True, renorm_clipping={"rmax": 3.0}, input_shape=[3]
                ),
                layers.Dense(1, "sigmoid"),
            ]
        )
        model.compile("adam", "binary_crossentropy", run_eagerly=eagerly)
        history = model.fit(X, Y, epochs=3, batch_size=16, verbose=0).history["loss"]
        assert history[-1] < history[0]
        found.append(model.get_weights())
    for native, reference in zip(*found, strict=True):
        np.testing.assert_allclose(native, reference, rtol=1e-4, atol=1e-5)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        again.predict(X, verbose=0), model.predict(X, verbose=0)
    )
    assert again.layers[0].get_config() == model.layers[0].get_config()


@pytest.mark.parametrize(
    "clipping", [{"max": 1.0}, {"rmin": 2.0, "rmax": 1.0}, {"dmax": -1.0}]
)
def test_bounds_that_are_none(clipping: Any) -> None:
    with pytest.raises(ArgumentError, match="renorm_clipping"):
        layers.BatchNormalization(renorm=True, renorm_clipping=clipping)


def test_there_is_nothing_to_synchronize() -> None:
    with pytest.raises(UnsupportedError, match="synchronized"):
        layers.BatchNormalization(synchronized=True)


def test_rms_scaling_divides_by_the_deviation() -> None:
    with pytest.warns(UserWarning, match="RMSNormalization"):
        made = layers.LayerNormalization(rms_scaling=True, epsilon=EPSILON)
    wanted = X / np.sqrt(X.var(1, keepdims=True) + EPSILON)
    np.testing.assert_allclose(made(X), wanted, rtol=1e-5)
    assert [w.name for w in made.weights] == ["gamma"]
    assert made.get_config()["rms_scaling"]
    with pytest.warns(UserWarning, match="rms_normalization"):
        found = keras.ops.layer_normalization(X, rms_scaling=True, epsilon=EPSILON)
    np.testing.assert_allclose(found, wanted, rtol=1e-5)
