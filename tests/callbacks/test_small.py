"""CSVLogger, LambdaCallback, TerminateOnNaN."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pronghorn.callbacks import (
    CallbackList,
    CSVLogger,
    LambdaCallback,
    ReduceLROnPlateau,
    TerminateOnNaN,
)
from pronghorn.errors import ArgumentError, DivergedError

from .helpers import FakeModel, run_epochs

TWO = [{"loss": 1.5, "acc": 0.5}, {"loss": 1.0, "acc": 0.75}]


def _log(path: Path, logs: list[dict[str, Any]], **arguments: Any) -> str:
    run_epochs(CallbackList([CSVLogger(path, **arguments)]), FakeModel(), logs)
    return path.read_text()


def test_csv_rows_and_columns(tmp_path: Path) -> None:
    text = _log(tmp_path / "log.csv", TWO)
    assert text.splitlines() == [
        "epoch,acc,loss,val_acc,val_loss",
        "0,0.5,1.5,NA,NA",
        "1,0.75,1.0,NA,NA",
    ]


def test_csv_with_validation_has_its_own_columns_only(tmp_path: Path) -> None:
    text = _log(tmp_path / "log.csv", [{"loss": 1.0, "val_loss": 2.0}], separator=";")
    assert text.splitlines() == ["epoch;loss;val_loss", "0;1.0;2.0"]


def test_csv_appends_without_a_second_header(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    _log(path, TWO, append=True)
    lines = _log(path, TWO[:1], append=True).splitlines()
    assert len(lines) == 4 and lines[-1] == "0,0.5,1.5,NA,NA"
    assert len(_log(path, TWO).splitlines()) == 3


def test_csv_spells_lists_out(tmp_path: Path) -> None:
    text = _log(tmp_path / "log.csv", [{"curve": np.array([1, 2]), "note": "a"}])
    assert '"""[1, 2]"""' in text and ",a," in text


def test_csv_is_complete_after_every_epoch(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    log = CSVLogger(path)
    log.on_train_begin()
    log.on_epoch_end(0, {"loss": 1.0})
    assert path.read_text().splitlines()[-1] == "0,1.0,NA"
    log.on_train_end()


def test_lambda_calls_what_it_was_given() -> None:
    seen: list[Any] = []
    callback = LambdaCallback(
        on_epoch_begin=lambda e, whatever: seen.append(("epoch", e)),
        on_train_end=lambda whatever: seen.append("end"),
        on_test_begin=lambda logs: seen.append("test"),
    )
    everyone = CallbackList([callback])
    run_epochs(everyone, FakeModel(), TWO)
    everyone.on_test_begin()
    assert seen == [("epoch", 0), ("epoch", 1), "end", "test"]


@pytest.mark.parametrize(
    "hook",
    [
        "on_epoch_begin",
        "on_epoch_end",
        "on_train_begin",
        "on_train_end",
        "on_train_batch_begin",
        "on_train_batch_end",
    ],
)
def test_lambda_is_called_at_each_hook(hook: str) -> None:
    seen: list[Any] = []
    called = {hook: lambda *given, **logs: seen.append(len(given) + len(logs))}
    callback = LambdaCallback(**called)
    everyone = CallbackList([callback])
    run_epochs(everyone, FakeModel(), TWO)
    everyone.on_train_batch_begin(0)
    everyone.on_train_batch_end(0)
    of_epochs = hook.startswith("on_epoch")
    of_training = hook in ("on_train_begin", "on_train_end")
    assert seen == ([2, 2] if of_epochs else [1] if of_training else [2])


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"on_epoch_ends": print}, "did you mean on_epoch_end"),
        ({"on_epoch_end": 3}, "no function"),
    ],
)
def test_lambda_refuses_what_would_never_be_called(
    arguments: dict[str, Any], match: str
) -> None:
    with pytest.raises(ArgumentError, match=match):
        LambdaCallback(**arguments)


def test_lambda_keeps_what_else_it_is_given() -> None:
    callback = LambdaCallback(patience=3, tell=print)
    assert callback.patience == 3 and callback.tell is print


@pytest.mark.parametrize("loss", [float("nan"), float("inf"), -float("inf")])
def test_terminate_on_nan_stops(
    loss: float, capsys: pytest.CaptureFixture[str]
) -> None:
    model = FakeModel()
    everyone = CallbackList([TerminateOnNaN()], model=model)
    everyone.on_train_batch_end(0, {"loss": 1.0})
    everyone.on_train_batch_end(1, {"acc": 1.0})
    assert not model.stop_training
    everyone.on_train_batch_end(2, {"loss": loss})
    assert model.stop_training
    assert capsys.readouterr().out == "Batch 2: Invalid loss, terminating training\n"


def test_terminate_on_nan_raises_if_asked() -> None:
    everyone = CallbackList([TerminateOnNaN(raise_error=True)], model=FakeModel())
    with pytest.raises(RuntimeError, match="batch 3") as caught:
        everyone.on_train_batch_end(3, {"loss": float("nan")})
    assert isinstance(caught.value, DivergedError)


def test_plateau_knows_the_name_of_keras_2_and_no_others() -> None:
    assert ReduceLROnPlateau(epsilon=0.5).min_delta == 0.5
    with pytest.raises(ArgumentError, match="patienc=3"):
        ReduceLROnPlateau(patienc=3)
