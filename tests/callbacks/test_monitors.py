"""EarlyStopping, ModelCheckpoint, ReduceLROnPlateau: what recorded runs do not show."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pronghorn.callbacks import (
    Callback,
    CallbackList,
    EarlyStopping,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
)
from pronghorn.errors import ArgumentError

from .helpers import FakeModel, run_epochs

SHRINKING = [{"val_acc": value} for value in (0.9, 0.8, 0.7, 0.6)]


@pytest.fixture(autouse=True)
def _in_tmp_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield


@pytest.mark.parametrize(("direction", "epochs"), [("up", 2), ("down", 4)])
def test_auto_takes_the_direction_of_the_metric(direction: str, epochs: int) -> None:
    model = FakeModel({"acc": direction})
    stop = CallbackList([EarlyStopping("val_acc")])
    assert run_epochs(stop, model, SHRINKING) == epochs


@pytest.mark.parametrize(("monitor", "epochs"), [("loss", 2), ("val_out_a_loss", 2)])
def test_auto_knows_losses(monitor: str, epochs: int) -> None:
    logs = [{monitor: value} for value in (1.0, 2.0, 3.0)]
    assert (
        run_epochs(CallbackList([EarlyStopping(monitor)]), FakeModel(), logs) == epochs
    )


@pytest.mark.parametrize(
    "callback", [EarlyStopping("val_acc"), ReduceLROnPlateau("val_acc")]
)
def test_an_unknown_direction_asks_for_a_mode(callback: Callback) -> None:
    with pytest.raises(ArgumentError, match="mode='max'") as caught:
        run_epochs(CallbackList([callback]), FakeModel(), SHRINKING)
    assert type(callback).__name__ in (caught.value.where or "")
    assert "val_acc" in str(caught.value)


def test_a_missing_quantity_is_warned_of() -> None:
    with pytest.warns(UserWarning, match=r"`val_loss` which is not available.*: loss"):
        run_epochs(CallbackList([EarlyStopping()]), FakeModel(), [{"loss": 1.0}])
    with pytest.warns(UserWarning, match="Learning rate reduction"):
        run_epochs(CallbackList([ReduceLROnPlateau()]), FakeModel(), [{"loss": 1.0}])


def test_an_unknown_mode_falls_back_with_a_warning() -> None:
    with pytest.warns(UserWarning, match="mode 'least' is unknown"):
        assert EarlyStopping(mode="least").mode == "auto"


def test_early_stopping_starts_anew_with_each_fit() -> None:
    stop = EarlyStopping("val_acc", mode="max", restore_best_weights=True)
    for _ in range(2):
        model = FakeModel()
        assert run_epochs(CallbackList([stop]), model, SHRINKING) == 2
        assert model.restored == [0]


def test_checkpoint_by_batches_counts_across_epochs() -> None:
    model = FakeModel()
    keep = ModelCheckpoint("{epoch}-{batch}.keras", save_freq=4)
    keep.set_model(model)
    for epoch in range(2):
        keep.on_epoch_begin(epoch)
        for batch in range(5):
            keep.on_train_batch_end(batch, {"loss": 1.0})
        keep.on_epoch_end(epoch, {"loss": 1.0})
    assert model.saved == ["1-4.keras", "2-3.keras"]


def test_checkpoint_of_the_best_batch() -> None:
    model = FakeModel()
    keep = ModelCheckpoint("{batch}.keras", "loss", save_best_only=True, save_freq=1)
    keep.set_model(model)
    keep.on_epoch_begin(0)
    for batch, loss in enumerate([3.0, 4.0, 2.0]):
        keep.on_train_batch_end(batch, {"loss": loss})
    assert model.saved == ["1.keras", "3.keras"]


def test_checkpoint_makes_folders_and_refuses_one_as_a_file(tmp_path: Path) -> None:
    keep = ModelCheckpoint(tmp_path / "a" / "b" / "m.keras")
    run_epochs(CallbackList([keep]), FakeModel(), [{"loss": 1.0}])
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "folder.keras").mkdir()
    keep = ModelCheckpoint(tmp_path / "folder.keras")
    with pytest.raises(ArgumentError, match="is a folder"):
        run_epochs(CallbackList([keep]), FakeModel(), [{"loss": 1.0}])


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("{val_los:.2f}.keras", "val_los"),
        ("{batch}.keras", "batch"),
        ("{}.keras", "filled"),
        ("{loss:d}.keras", "d"),
    ],
)
def test_checkpoint_names_what_a_path_asks_in_vain(name: str, wrong: str) -> None:
    keep = CallbackList([ModelCheckpoint(name)])
    with pytest.raises(ArgumentError, match=wrong) as caught:
        run_epochs(keep, FakeModel(), [{"loss": 1.0}])
    assert "epoch, loss" in (caught.value.expected or "")
    assert caught.value.received == name


def test_checkpoint_saves_all_where_the_best_cannot_be_told() -> None:
    model = FakeModel()
    keep = ModelCheckpoint("m.keras", save_best_only=True)
    with pytest.warns(UserWarning, match="only with val_loss available"):
        run_epochs(CallbackList([keep]), model, [{"loss": 1.0}])
    with pytest.warns(UserWarning, match="scalar value"):
        run_epochs(CallbackList([keep]), model, [{"val_loss": np.ones(2)}])
    assert model.saved == ["m.keras", "m.keras"]


@pytest.mark.parametrize("save_freq", ["batch", 0, -1, 2.5, True, None])
def test_checkpoint_refuses_other_frequencies(save_freq: Any) -> None:
    with pytest.raises(ArgumentError, match="save_freq"):
        ModelCheckpoint("m.keras", save_freq=save_freq)


@pytest.mark.parametrize(
    ("path", "weights", "error"),
    [
        ("m", False, ArgumentError),
        ("m.h5", True, ArgumentError),
        ("m.keras", True, ArgumentError),
        ("m.hdf5", False, ArgumentError),
    ],
)
def test_checkpoint_refuses_other_endings(
    path: str, weights: bool, error: type[Exception]
) -> None:
    with pytest.raises(error, match="ends with"):
        ModelCheckpoint(path, save_weights_only=weights)


def test_plateau_refuses_a_factor_that_reduces_nothing() -> None:
    with pytest.raises(ArgumentError, match="factor >= 1"):
        ReduceLROnPlateau(factor=1.0)


@pytest.mark.parametrize("answer", [None, "0.1", float("nan"), [0.1], True])
def test_scheduler_refuses_what_is_no_rate(answer: Any) -> None:
    schedule = CallbackList([LearningRateScheduler(lambda epoch, rate: answer)])
    with pytest.raises(ArgumentError, match="should be a float") as caught:
        run_epochs(schedule, FakeModel(), [{"loss": 1.0}])
    assert "epoch 0" in (caught.value.where or "")


@pytest.mark.parametrize("answer", [0.5, np.float32(0.5), np.array(0.5), 1])
def test_scheduler_takes_every_kind_of_number(answer: Any) -> None:
    model = FakeModel()
    schedule = CallbackList([LearningRateScheduler(lambda epoch, rate: answer)])
    run_epochs(schedule, model, [{"loss": 1.0}])
    assert model.optimizer.learning_rate == float(answer)


def test_scheduler_shows_the_mistake_inside_a_schedule() -> None:
    def schedule(epoch: int, rate: float) -> float:
        return rate + None  # type: ignore[operator]

    with pytest.raises(TypeError, match="unsupported operand"):
        run_epochs(
            CallbackList([LearningRateScheduler(schedule)]),
            FakeModel(),
            [{"loss": 1.0}],
        )
