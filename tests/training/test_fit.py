"""`fit`, `evaluate` and `predict`: what they do where Keras is no witness.

That the numbers are Keras's is held by tests/conformance; here are stops, re-tracing,
shared layers, divergence and frames.
"""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import pronghorn as keras
from pronghorn import callbacks, layers
from pronghorn.errors import ArgumentError, DataError, DivergedError, StateError

RNG = np.random.default_rng(1)
X = RNG.normal(size=(50, 3)).astype("float32")
Y = (X @ np.float32([1.0, -2.0, 0.5]) + 0.3).astype("float32")


def net(rate: float = 0.05, **compiled: Any) -> Any:
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            layers.Dense(6, activation="tanh", input_shape=[3]),
            layers.BatchNormalization(),
            layers.Dropout(0.2),
            layers.Dense(1),
        ]
    )
    arguments = {"optimizer": keras.optimizers.SGD(rate), "loss": "mse"}
    model.compile(**{**arguments, **compiled})
    return model


def fit(model: Any, x: Any = X, y: Any = Y, **arguments: Any) -> Any:
    keras.utils.set_random_seed(4)
    return model.fit(x, y, **{"batch_size": 8, "verbose": 0, **arguments})


def assert_equal(one: Any, other: Any) -> None:
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_history() -> None:
    history = fit(net(metrics=["mae"]), epochs=3, validation_split=0.2)
    assert sorted(history.history) == ["loss", "mae", "val_loss", "val_mae"]
    assert history.epoch == [0, 1, 2]
    assert history.params == {"verbose": 0, "epochs": 3, "steps": 5}
    assert all(type(v) is float for v in history.history["loss"])


def test_eager_runs_agree_with_native_ones() -> None:
    native, eager = net(metrics=["mae"]), net(metrics=["mae"], run_eagerly=True)
    assert keras.backend_of(native) == "native"
    assert keras.backend_of(eager) == "reference"
    held = (X[:11], Y[:11])
    one = fit(native, epochs=4, validation_data=held)
    other = fit(eager, epochs=4, validation_data=held)
    for a, b in zip(native.get_weights(), eager.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6)
    for key, values in one.history.items():
        assert values == pytest.approx(other.history[key], rel=1e-5), key
    np.testing.assert_allclose(
        native.predict(X, verbose=0), eager.predict(X, verbose=0), rtol=1e-5, atol=1e-6
    )


def test_going_on_is_as_if_unbroken() -> None:
    """Two fits of two epochs draw other orders, but count epochs and steps on."""
    model = net()
    fit(model, epochs=2, shuffle=False)
    history = fit(model, epochs=4, initial_epoch=2, shuffle=False)
    assert history.epoch == [2, 3]
    assert int(np.asarray(model.optimizer.iterations)) == 4 * 7
    with pytest.raises(ArgumentError, match="from 5 up"):
        fit(model, epochs=4, initial_epoch=5)


def test_the_rate_is_read_when_it_runs() -> None:
    model = net()
    fit(model)
    programs = dict(model._programs._cache)
    model.optimizer.learning_rate = 0.0
    before = model.trainable_weights[0].numpy()
    fit(model, epochs=2)
    np.testing.assert_array_equal(model.trainable_weights[0], before)
    assert {k: id(v) for k, v in model._programs._cache.items()} == {
        k: id(v) for k, v in programs.items()
    }, "a new rate needs no new program"


def test_freezing_is_noticed_without_compiling() -> None:
    model = net()
    fit(model)
    model.layers[0].trainable = False
    first, last = model.layers[0].get_weights(), model.layers[3].get_weights()
    fit(model)
    np.testing.assert_array_equal(model.layers[0].kernel, first[0])
    assert (model.layers[3].kernel.numpy() != last[0]).any()
    model.layers[0].trainable = True
    fit(model)
    assert (model.layers[0].kernel.numpy() != first[0]).any()
    model.trainable = False
    weights = model.get_weights()
    with pytest.warns(UserWarning, match="no trainable weight"):
        fit(model)
    for now, before in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(now, before)


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop"])
def test_models_that_share_a_layer_stay_coherent(optimizer: str) -> None:
    shared = layers.Dense(4, activation="tanh", name="shared")
    a, b = keras.Input((3,)), keras.Input((3,))
    one = keras.Model(a, layers.Dense(1)(shared(a)))
    two = keras.Model(b, layers.Dense(1)(shared(b)))
    for model in (one, two):
        model.compile(optimizer, "mse")
    for model, other in ((one, two), (two, one), (one, two)):
        before, kept = shared.kernel.numpy(), other.layers[-1].get_weights()
        fit(model, epochs=2)
        assert (shared.kernel.numpy() != before).any()
        for x, y in zip(other.layers[-1].get_weights(), kept, strict=True):
            np.testing.assert_array_equal(x, y)
        w = shared.get_weights()
        hidden = np.tanh(X @ w[0] + w[1])
        for net_ in (one, two):
            kernel, bias = net_.layers[-1].get_weights()
            np.testing.assert_allclose(
                net_.predict(X, verbose=0), hidden @ kernel + bias, rtol=1e-4, atol=1e-5
            )


def test_weights_set_by_hand_are_used_at_once() -> None:
    model = net()
    fit(model)
    model.predict(X, verbose=0)
    model.layers[3].set_weights([np.zeros((6, 1)), [7.0]])
    np.testing.assert_array_equal(model.predict(X, verbose=0), np.full((50, 1), 7.0))
    assert model.evaluate(X, np.full(50, 9.0), verbose=0) == pytest.approx(4.0)


def test_compiling_again_starts_a_new_optimizer() -> None:
    model = net()
    fit(model, epochs=2)
    model.compile("adam", "mae", metrics=["mse"])
    history = fit(model)
    assert sorted(history.history) == ["loss", "mse"]
    assert int(np.asarray(model.optimizer.iterations)) == 7


class Stop(callbacks.Callback):
    """Asks for an end at one moment."""

    def __init__(self, at: str, number: int) -> None:
        super().__init__()
        setattr(self, at, self._stop)
        self.number = number

    def _stop(self, number: int, logs: Any = None) -> None:
        self.model.stop_training = number == self.number


def test_stopping_at_an_epoch() -> None:
    history = fit(net(), epochs=9, callbacks=[Stop("on_epoch_end", 2)])
    assert history.epoch == [0, 1, 2]
    plain = net()
    fit(plain, epochs=3)
    stopped = net()
    fit(stopped, epochs=9, callbacks=[Stop("on_epoch_end", 2)])
    assert_equal(plain, stopped)


@pytest.mark.parametrize("watch", [[], [Stop("on_train_batch_end", -1)]])
def test_a_diverged_training_keeps_finite_weights(watch: Any) -> None:
    model = net()
    model.compile(keras.optimizers.SGD(1e8), "mse")
    with pytest.raises(DivergedError) as caught:
        fit(model, epochs=30, callbacks=watch)
    text = str(caught.value)
    assert "epoch " in text and "step " in text and model.name in text
    assert "lower the learning rate" in text
    assert all(np.isfinite(w).all() for w in model.get_weights())


def test_terminate_on_nan_wins() -> None:
    model = net()
    model.compile(keras.optimizers.SGD(1e8), "mse")
    history = fit(model, epochs=30, callbacks=[callbacks.TerminateOnNaN()])
    assert len(history.epoch) < 30 and np.isnan(history.history["loss"][-1])
    assert model.stop_training
    assert all(np.isfinite(w).all() for w in model.get_weights())


def test_class_weights_are_sample_weights() -> None:
    y = (Y > 0).astype("float32")
    model, other = (net(loss="binary_crossentropy") for _ in range(2))
    for part in (model, other):
        part.layers[-1].activation = keras.activations.sigmoid
    fit(model, X, y, class_weight={0: 0.5, 1: 3.0})
    fit(other, X, y, sample_weight=np.where(y > 0, 3.0, 0.5))
    assert_equal(model, other)
    with pytest.raises(ArgumentError, match="together"):
        fit(model, X, y, class_weight={0: 1.0}, sample_weight=np.ones(50))


def test_class_weights_are_for_one_output() -> None:
    x = keras.Input((3,))
    model = keras.Model(x, [layers.Dense(1, name="a")(x), layers.Dense(1, name="b")(x)])
    model.compile("sgd", "mse")
    with pytest.raises(ArgumentError, match="one output"):
        fit(model, X, [Y, Y], class_weight={0: 1.0})


def test_rows_of_weight_zero_do_not_count() -> None:
    weights = np.where(np.arange(50) < 30, 1.0, 0.0)
    model = net()
    loss = model.evaluate(X, Y, sample_weight=weights, batch_size=50, verbose=0)
    part = model.evaluate(X[:30], Y[:30], batch_size=50, verbose=0)
    assert loss == pytest.approx(part * 30 / 50, rel=1e-5)


NAMES = ["sugars", "fiber", "protein"]


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, dict])
def test_frames_are_matched_by_name(make: Any) -> None:
    table = {name: X[:, i] for i, name in enumerate(NAMES)}
    model = net()
    fit(model, make(table), Y)
    plain = net()
    fit(plain, X, Y)
    assert_equal(model, plain)
    expected = model.predict(X, verbose=0)
    turned = {name: table[name] for name in reversed(NAMES)}
    np.testing.assert_array_equal(model.predict(make(turned), verbose=0), expected)
    with pytest.raises(DataError, match="'name'"):
        model.predict(make({"name": X[:, 0], **turned}), verbose=0)
    del turned["fiber"]
    with pytest.raises(DataError, match="fiber"):
        model.predict(make(turned), verbose=0)


def test_a_column_twice_is_named() -> None:
    twice = pd.DataFrame(X, columns=["sugars", "fiber", "sugars"])
    with pytest.raises(DataError, match="sugars"):
        fit(net(), twice, Y)


def test_evaluate_gives_a_number_a_list_or_a_dict() -> None:
    model = net()
    assert type(model.evaluate(X, Y, verbose=0)) is float
    model.compile("sgd", "mse", metrics=["mae"])
    assert model.metrics_names == ["loss", "mae"]
    listed = model.evaluate(X, Y, verbose=0)
    mapped = model.evaluate(X, Y, verbose=0, return_dict=True)
    assert listed == [mapped["loss"], mapped["mae"]] and set(mapped) == {"loss", "mae"}


def test_metrics_names_of_a_loaded_model(tmp_path: Any) -> None:
    model = net(metrics=["mae", "mse"])
    fit(model)
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    assert loaded.metrics_names == model.metrics_names == ["loss", "mae", "mse"]


@pytest.mark.parametrize("enabled", [True, False])
def test_whether_garbage_is_collected_is_left_as_it_was(enabled: bool) -> None:
    was = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        fit(net())
        with pytest.raises(ArgumentError, match="nothing"):  # while it is traced
            fit(net(loss={"nothing": "mse"}))
    finally:
        found = gc.isenabled()
        (gc.enable if was else gc.disable)()
    assert found is enabled


def test_the_state_of_the_optimizer_lies_together() -> None:
    """Weights and each kind of slot: one run of memory, each on a cache line."""
    model = net()
    fit(model)
    optimizer = keras.optimizers.Adam()
    model.compile(optimizer, "mse")
    fit(model)
    state = optimizer.variables[2:]
    for group in (model.trainable_variables, state[::2], state[1::2]):
        address = group[0].storage.ctypes.data
        assert address % 64 == 0
        for variable in group:
            assert variable.storage.ctypes.data == address
            address += variable.storage.nbytes


def test_there_is_no_optimizer_before_compile():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    with pytest.raises(AttributeError, match="optimizer"):
        _ = model.optimizer
    model.compile("sgd", "mse")
    assert type(model.optimizer).__name__ == "SGD"


def test_a_model_without_an_optimizer_is_measured_and_not_trained(
    tmp_path: Any,
) -> None:
    model = keras.Sequential([layers.Dense(1, input_shape=[3])])
    model.compile(optimizer=None, loss="mse", metrics=["mae"])
    assert model.optimizer is None
    x = np.arange(12, dtype="float32").reshape(4, 3) / 12
    wanted = model.evaluate(x, x[:, 0], return_dict=True, verbose=0)
    assert set(wanted) == {"loss", "mae"}
    assert model.test_on_batch(x, x[:, 0], return_dict=True) == pytest.approx(wanted)
    for train in (model.fit, model.train_on_batch):
        with pytest.raises(StateError, match="needs an optimizer"):
            train(x, x[:, 0])
    model.summary(print_fn=lambda text: None)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.optimizer is None
    assert again.evaluate(x, x[:, 0], return_dict=True, verbose=0) == wanted
