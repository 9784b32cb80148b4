"""What a mask leaves out does not count: in losses, metrics and statistics of `fit`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers

RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 4, 3)).astype("float32")
MASK = RNG.random((12, 4)) > 0.4
X[~MASK] = 0.0
Y = RNG.normal(size=(12, 4, 1)).astype("float32")
WEIGHTS = RNG.random((12, 4)).astype("float32")


@pytest.fixture(autouse=True, params=["native", "reference"])
def backend(request: Any, monkeypatch: Any) -> str:
    monkeypatch.setenv("PRONGHORN_BACKEND", request.param)
    name: str = request.param
    return name


def net(**options: Any) -> Any:
    keras.utils.set_random_seed(3)
    parts = [
        keras.Input((4, 3)),
        layers.Masking(),
        layers.Dense(2, activation="tanh", name="hidden"),
        layers.Dense(1, name="out"),
    ]
    model = keras.Sequential(parts)
    model.compile(**{"optimizer": keras.optimizers.SGD(0.1), "loss": "mse"} | options)
    return model


def errors(model: Any) -> np.ndarray:
    return np.asarray(model.predict(X, verbose=0) - Y)[:, :, 0]


def test_losses_and_metrics_leave_out_what_the_mask_does(backend: str) -> None:
    options = {"metrics": ["mae"], "weighted_metrics": ["mse"]}
    model = net(**options)
    found = model.evaluate(X, Y, batch_size=12, verbose=0, return_dict=True)
    kept = errors(model)[MASK]
    np.testing.assert_allclose(found["loss"], np.square(kept).mean(), rtol=1e-5)
    np.testing.assert_allclose(found["mse"], np.square(kept).mean(), rtol=1e-5)
    np.testing.assert_allclose(found["mae"], np.abs(kept).mean(), rtol=1e-5)
    assert keras.backend_of(model) == backend


def test_sample_weights_and_a_mask_multiply() -> None:
    model = net(metrics=["mse"], weighted_metrics=["mae"])
    found = model.evaluate(
        X, Y, batch_size=12, sample_weight=WEIGHTS, verbose=0, return_dict=True
    )
    kept, weights = errors(model)[MASK], WEIGHTS[MASK]
    wanted = (weights * np.square(kept)).mean()
    np.testing.assert_allclose(found["loss"], wanted, rtol=1e-5)
    np.testing.assert_allclose(found["mse"], np.square(kept).mean(), rtol=1e-5)
    # As in Keras: a mean over steps in each row, then over rows.
    rows = (np.abs(errors(model)) * MASK * WEIGHTS).mean(1).sum()
    wanted = rows / (MASK * WEIGHTS).mean(1).sum()
    np.testing.assert_allclose(found["mae"], wanted, rtol=1e-5)


def test_training_learns_nothing_from_what_is_left_out() -> None:
    model, other = net(), net()
    model.fit(X, Y, batch_size=4, epochs=2, shuffle=False, verbose=0)
    noise = np.where(MASK[:, :, None], Y, 100.0)
    other.fit(X, noise, batch_size=4, epochs=2, shuffle=False, verbose=0)
    for one, two in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    model.fit(X, np.where(MASK[:, :, None], 100.0, Y), epochs=1, verbose=0)
    assert not np.allclose(model.get_weights()[0], other.get_weights()[0])


def test_a_batch_of_which_nothing_counts_changes_nothing() -> None:
    model = net()
    before = model.get_weights()
    history = model.fit(np.zeros_like(X), Y, epochs=1, verbose=0).history
    assert history["loss"] == [0.0]
    for one, two in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_whole_rows_are_left_out_of_a_table() -> None:
    x = np.array([[1.0, 2.0], [0.0, 0.0], [3.0, 1.0]], "float32")
    parts = [keras.Input((2,)), layers.Masking(), layers.Dense(1)]
    model = keras.Sequential(parts)
    model.compile("sgd", "mse")
    found = model.evaluate(x, np.array([1.0, 50.0, 2.0]), verbose=0)
    kept = model.predict(x, verbose=0)[[0, 2], 0] - [1.0, 2.0]
    np.testing.assert_allclose(found, np.square(kept).mean(), rtol=1e-5)


def test_classes_of_the_steps_that_count() -> None:
    ids = np.array([[1, 2, 0], [3, 0, 0], [2, 1, 3]], "int32")
    layer = layers.Embedding(4, 3, mask_zero=True)
    model = keras.Sequential([keras.Input((3,), dtype="int32"), layer])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=2)
    model.compile("sgd", loss, metrics=["accuracy"])
    table = np.array([[9, 0, 0], [3, 1, 0], [0, 2, 1], [1, 0, 4]], "float32")
    layer.set_weights([table])
    y = np.array([[0, 0, 1], [2, 0, 0], [1, 1, 2]])
    loss_found, accuracy = model.evaluate(ids, y, verbose=0)
    counts = ids != 0
    np.testing.assert_allclose(accuracy, (table[ids].argmax(-1) == y)[counts].mean())
    logits, kept = table[ids], counts & (y != 2)
    each = np.log(np.exp(logits).sum(-1)) - np.take_along_axis(
        logits, y[:, :, None], 2
    ).squeeze(-1)
    np.testing.assert_allclose(loss_found, each[kept].mean(), rtol=1e-5)


def test_batch_normalization_in_fit() -> None:
    parts = [
        keras.Input((4, 3)),
        layers.Masking(),
        layers.BatchNormalization(momentum=0.0, name="norm"),
        layers.Dense(1),
    ]
    model = keras.Sequential(parts)
    model.compile("sgd", "mse")
    model.fit(X, Y, batch_size=12, epochs=1, verbose=0)
    norm = model.get_layer("norm")
    np.testing.assert_allclose(norm.moving_mean.numpy(), X[MASK].mean(0), atol=1e-6)
    np.testing.assert_allclose(norm.moving_variance.numpy(), X[MASK].var(0), rtol=1e-5)


def test_a_step_of_one_s_own_sees_the_mask() -> None:
    class Own(keras.Sequential):
        def train_step(self, data: Any) -> Any:
            x, y = data
            with keras.GradientTape() as tape:
                loss = self.compute_loss(x, y, self(x, training=True))
            weights = self.trainable_variables
            self.optimizer.apply(tape.gradient(loss, weights), weights)
            return {"loss": loss}

    parts = [
        keras.Input((4, 3)),
        layers.Masking(),
        layers.Dense(2, activation="tanh", name="hidden"),
        layers.Dense(1, name="out"),
    ]
    model, plain = Own(parts), net()
    model.compile(keras.optimizers.SGD(0.1), "mse")
    model.set_weights(plain.get_weights())
    for one in (model, plain):
        one.fit(X, Y, batch_size=12, epochs=3, shuffle=False, verbose=0)
    for one, two in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-7)


def test_a_mask_costs_no_step_of_python(backend: str) -> None:
    model = net()
    model.fit(X, Y, batch_size=4, epochs=1, verbose=0)
    called = []
    masking = model.layers[0]
    inner = masking.call
    object.__setattr__(masking, "call", lambda x: called.append(1) or inner(x))
    model.fit(X, Y, batch_size=4, epochs=5, verbose=0)
    assert not called
