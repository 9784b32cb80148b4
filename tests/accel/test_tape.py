"""Gradient tapes under accel: what a script watches, and steps of a model's own."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn.accel.symbols import gradient_tape
from pronghorn.errors import DivergedError

pytestmark = pytest.mark.usefixtures("installed")
X = np.arange(12, dtype="float32").reshape(4, 3) / 10


def tf() -> Any:
    return importlib.import_module("tensorflow")


def test_a_watched_constant_is_followed_through_models_and_functions() -> None:
    x = tf().constant(X)
    unit = keras.Sequential([keras.layers.Dense(1, input_shape=[3])])
    with tf().GradientTape() as tape:
        tape.watch(x)
        y = tf().reduce_sum(tf().square(unit(x))) + tf().reduce_sum(x[0] * 3.0)
    slopes = tape.gradient(y, x)
    w = unit.weights[0].numpy()
    expected = 2.0 * (X @ w) @ w.T
    expected[0] += 3.0
    assert np.allclose(slopes.numpy(), expected, atol=1e-5)


def test_two_tapes_watch_one_constant() -> None:
    x = tf().constant(2.0)
    with tf().GradientTape() as outer:
        outer.watch(x)
        with tf().GradientTape() as inner:
            inner.watch(x)
            y = x * x * x
        slope = inner.gradient(y, x)
    assert slope.numpy() == 12.0 and outer.gradient(slope, x).numpy() == 12.0


def test_structures_of_sources() -> None:
    a, v = tf().constant([1.0, 2.0]), tf().Variable(3.0)
    with tf().GradientTape(persistent=True) as tape:
        tape.watch([a])
        y = tf().reduce_sum(a * v)
    slopes = tape.gradient(y, {"a": a, "v": v})
    assert slopes["a"].numpy().tolist() == [3.0, 3.0] and slopes["v"].numpy() == 3.0
    assert tape.jacobian(y, a).numpy().tolist() == [3.0, 3.0]


class Own(keras.Model):
    """A model with a step of its own."""

    def train_step(self, data: Any) -> Any:
        """One step, by a tape."""
        x, y = data
        with gradient_tape()() as tape:
            loss = self.compute_loss(x, y, self(x, training=True))
        slopes = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(slopes, self.trainable_weights))
        return {"loss": loss}


@pytest.mark.parametrize("eagerly", [False, True])
def test_bad_data_goes_on_in_a_models_own_step(eagerly: bool) -> None:
    inputs = keras.Input(shape=(3,))
    model = Own(inputs, keras.layers.Dense(1)(inputs))
    model.compile("sgd", "mse", run_eagerly=eagerly)
    x = X.copy()
    x[1, 1] = np.nan
    with pytest.warns(UserWarning) as told:
        history = model.fit(x, X.sum(axis=1), epochs=2, verbose=0)
    assert np.isnan(history.history["loss"]).all() and len(history.epoch) == 2
    assert [str(w.message)[:11] for w in told] == ["x holds NaN", "The loss of"]


def test_the_error_is_the_one_without_accel() -> None:
    keras.accel.uninstall()
    inputs = keras.Input(shape=(3,))
    model = Own(inputs, keras.layers.Dense(1)(inputs))
    model.compile(keras.optimizers.SGD(1e30), "mse")
    with pytest.raises(DivergedError):
        model.fit(X, X.sum(axis=1), epochs=30, verbose=0)
