"""How often training must stop, from the callbacks alone."""

from __future__ import annotations

from typing import Any

import pytest

from pronghorn import callbacks
from pronghorn.callbacks import Callback, granularity, wants_progress
from pronghorn.callbacks.hooks import EVERY_HOOK
from pronghorn.errors import ArgumentError


class ByBatch(Callback):
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        pass


class ByOldName(Callback):
    def on_batch_begin(self, batch: int, logs: Any = None) -> None:
        pass


class ByTest(Callback):
    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        pass


class ByPrediction(Callback):
    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        pass


class AtTheEnds(Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        pass

    def on_train_end(self, logs: Any = None) -> None:
        pass


class Watcher(callbacks.EarlyStopping):
    """Inherits a hook by epoch, adds none."""


class BatchHistory(callbacks.History):
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        pass


class EpochHistory(callbacks.History):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        super().on_epoch_end(epoch, logs)


class Declared(Callback):
    granularity = "epoch"

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        pass


class Wrong(Callback):
    granularity = "epcoh"


@pytest.mark.parametrize(
    ("callback", "train", "test", "predict"),
    [
        (Callback(), "fit", "fit", "fit"),
        (callbacks.History(), "fit", "fit", "fit"),
        (AtTheEnds(), "fit", "fit", "fit"),
        (callbacks.EarlyStopping(), "epoch", "fit", "fit"),
        (Watcher(), "epoch", "fit", "fit"),
        (callbacks.ReduceLROnPlateau(), "epoch", "fit", "fit"),
        (callbacks.LearningRateScheduler(float), "epoch", "fit", "fit"),
        (callbacks.CSVLogger("log.csv"), "epoch", "fit", "fit"),
        (callbacks.ModelCheckpoint("m.keras"), "epoch", "fit", "fit"),
        (callbacks.ModelCheckpoint("m.keras", save_freq=5), "batch", "fit", "fit"),
        (callbacks.TerminateOnNaN(), "batch", "fit", "fit"),
        (callbacks.ProgbarLogger(), "epoch", "fit", "fit"),
        (callbacks.LambdaCallback(), "fit", "fit", "fit"),
        (callbacks.LambdaCallback(on_train_end=print), "fit", "fit", "fit"),
        (callbacks.LambdaCallback(on_epoch_begin=print), "epoch", "fit", "fit"),
        (callbacks.LambdaCallback(on_train_batch_end=print), "batch", "fit", "fit"),
        (callbacks.LambdaCallback(on_batch_end=print), "batch", "fit", "fit"),
        (callbacks.LambdaCallback(on_test_end=print), "epoch", "fit", "fit"),
        (callbacks.LambdaCallback(on_predict_end=print), "fit", "fit", "fit"),
        (ByBatch(), "batch", "fit", "fit"),
        (ByOldName(), "batch", "fit", "fit"),
        (ByTest(), "epoch", "batch", "fit"),
        (ByPrediction(), "fit", "fit", "batch"),
        (BatchHistory(), "batch", "fit", "fit"),
        (EpochHistory(), "epoch", "fit", "fit"),
        (Declared(), "epoch", "fit", "fit"),
    ],
)
def test_granularity(callback: Callback, train: str, test: str, predict: str) -> None:
    found = [granularity([callback], mode) for mode in ("train", "test", "predict")]
    assert found == [train, test, predict]


def test_the_finest_of_all_counts() -> None:
    every = [callbacks.History(), callbacks.EarlyStopping(), ByBatch()]
    assert granularity([]) == "fit"
    assert [granularity(every[:n]) for n in (1, 2, 3)] == ["fit", "epoch", "batch"]
    assert callbacks.CallbackList(every).stops_at() == "batch"


def test_a_hook_set_on_the_instance_counts() -> None:
    callback = callbacks.History()
    callback.on_train_batch_end = print  # type: ignore[method-assign]
    assert granularity([callback]) == "batch"


def test_a_declaration_that_is_none_of_the_known_is_refused() -> None:
    with pytest.raises(ArgumentError, match="did you mean epoch"):
        granularity([Wrong()])


@pytest.mark.parametrize(
    ("verbose", "progress", "stops"),
    [
        (0, False, "fit"),
        (1, True, "epoch"),
        ("auto", True, "epoch"),
        (2, False, "epoch"),
    ],
)
def test_a_bar_wants_calls_only_if_it_moves(
    verbose: Any, progress: bool, stops: str
) -> None:
    logger = callbacks.ProgbarLogger()
    logger.set_params({"verbose": verbose, "epochs": 3, "steps": 5})
    assert wants_progress([logger]) is progress
    assert granularity([logger]) == stops


def test_the_hooks_are_those_of_keras() -> None:
    kinds = ["batch", "epoch", "train_batch", "test_batch", "predict_batch"]
    kinds += ["train", "test", "predict"]
    names = {f"on_{kind}_{end}" for kind in kinds for end in ("begin", "end")}
    assert set(EVERY_HOOK) == names
