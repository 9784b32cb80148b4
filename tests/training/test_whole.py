"""Many epochs in one call of the engine: the same bits as one epoch at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers

RNG = np.random.default_rng(3)
X = RNG.normal(size=(77, 3)).astype("float32")
Y = (X.sum(1) > 0).astype("int32")
EACH_EPOCH = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: None)
EACH_BATCH = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None)


def trained(metrics: list[Any], callbacks: list[Any], **arguments: Any) -> Any:
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            layers.BatchNormalization(input_shape=[3]),
            layers.Dense(16, "relu"),
            layers.Dropout(0.3),
            layers.Dense(1, "sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=metrics)
    given = {"epochs": 7, "verbose": 0, **arguments}
    history = model.fit(X, Y, callbacks=callbacks, **given)
    return history.history, history.epoch, model.get_weights()


@pytest.mark.parametrize("metrics", [[], ["accuracy", "mae"], ["AUC", "accuracy"]])
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"validation_split": 0.2},
        {"validation_split": 0.2, "validation_freq": 3},
        {"shuffle": False, "batch_size": 100},
        {"initial_epoch": 4, "batch_size": 7},
    ],
)
def test_whole_runs_give_the_same_bits(metrics: list[Any], arguments: Any) -> None:
    whole = trained(metrics, [], **arguments)
    for callback in (EACH_EPOCH, EACH_BATCH):
        other = trained(metrics, [callback], **arguments)
        assert whole[0] == other[0]
        assert whole[1] == other[1]
        for ours, theirs in zip(whole[2], other[2], strict=True):
            assert np.array_equal(ours, theirs)


def test_a_metric_without_state_in_single_numbers_is_read_epoch_by_epoch() -> None:
    history, _, _ = trained(["AUC"], [])
    assert len(history["AUC"]) == 7
    assert len(set(history["AUC"])) > 1


class Total(keras.metrics.Metric):
    """A metric whose result is its state itself, as in Keras's own example."""

    def __init__(self, name: str = "total", **options: Any) -> None:
        super().__init__(name=name, **options)
        self.total = self.add_variable(shape=(), initializer="zeros", name="total")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.total.assign_add(keras.ops.sum(keras.ops.abs(y_pred)))

    def result(self) -> Any:
        return self.total


def test_a_metric_whose_result_is_a_variable_is_read_in_a_whole_run() -> None:
    whole = trained([Total()], [], validation_split=0.2)[0]
    assert whole == trained([Total()], [EACH_EPOCH], validation_split=0.2)[0]
    assert len(set(whole["total"])) == 7


def test_divergence_in_a_whole_run_names_the_epoch_and_keeps_finite_weights() -> None:
    model = keras.Sequential([layers.Dense(1, input_shape=[3])])
    model.compile(keras.optimizers.SGD(1e6), "mse")
    with pytest.raises(keras.errors.DivergedError, match="epoch 2, step"):
        model.fit(X, Y, epochs=50, verbose=0)
    assert all(np.isfinite(w).all() for w in model.get_weights())


def test_the_end_of_training_is_told_the_last_epochs_metrics() -> None:
    told: list[Any] = []
    end = keras.callbacks.LambdaCallback(on_train_end=told.append)
    whole, _, _ = trained([], [end])
    trained([], [end, EACH_EPOCH])
    assert told[0] == told[1] == {"loss": whole["loss"][-1]}


class Quiet(keras.callbacks.Callback):
    """Hears of epochs whenever it suits the engine."""

    granularity = "fit"

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Any] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.told.append(epoch)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.told.append(dict(logs))
        logs["zeal"] = float(epoch)


@pytest.mark.parametrize("metrics", [["accuracy"], ["AUC"]])
def test_whoever_hears_of_epochs_hears_of_each(metrics: list[Any]) -> None:
    quiet = Quiet()
    plain, _, _ = trained(metrics, [], validation_split=0.2)
    history, epochs, _ = trained(metrics, [quiet], validation_split=0.2)
    assert quiet.told[::2] == epochs == list(range(7))
    for epoch, logs in enumerate(quiet.told[1::2]):
        assert logs == {name: values[epoch] for name, values in plain.items()}
    assert history == plain | {"zeal": [float(i) for i in range(7)]}
    assert list(plain) == sorted(plain)


def test_a_history_of_ones_own_hears_of_each_epoch() -> None:
    class Longer(keras.callbacks.History):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            super().on_epoch_end(epoch, {**logs, "twice": 2.0 * logs["loss"]})

    history, epochs, _ = trained([], [Longer()])
    assert epochs == list(range(7))
    assert history["twice"] == [2.0 * value for value in history["loss"]]
