"""Arguments of callbacks: what a run of `fit` shows, keeps and leaves behind."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import pronghorn
from tests.callbacks.helpers import FakeModel
from tests.conformance import data
from tests.conformance.arguments.row import Arguments, Idle, Row, Shown, With

VALUES = [5.0, 4.0, 4.5, 3.99, 4.2, 4.1, 3.0, 3.0, 3.1, 3.2, 2.9, 3.3, 3.4, 3.5]


def watched(make: Callable[[], Any]) -> Any:
    """What a callback does in some epochs with known values, and prints."""
    callback, model, shown = make(), FakeModel(), io.StringIO()
    callback.set_model(model)
    rates = []
    with contextlib.redirect_stdout(shown):
        callback.on_train_begin()
        for epoch, value in enumerate(VALUES):
            model.epoch = epoch
            callback.on_epoch_begin(epoch)
            for batch in range(3):
                callback.on_train_batch_begin(batch)
                callback.on_train_batch_end(batch, {"loss": 9 - epoch})
            callback.on_epoch_end(epoch, {"val_loss": value, "loss": 9.0 - epoch})
            rates.append(model.optimizer.learning_rate)
            if model.stop_training:
                break
        callback.on_train_end()
    return [epoch, rates, model.restored, model.saved, shown.getvalue()]


def written(make: Callable[[], Any]) -> Any:
    """The text that a run leaves in a file."""
    with tempfile.TemporaryDirectory() as folder:
        before = os.getcwd()
        os.chdir(folder)
        try:
            Path("log.csv").write_text("epoch,loss\n0,9.0\n")
            watched(make)
            return {p.name: p.read_text() for p in sorted(Path().iterdir())}
        finally:
            os.chdir(before)


def swapped(make: Callable[[], Any]) -> Any:
    """The losses of a run whose weights are averages now and then."""
    model = data.mlp(pronghorn)
    sgd = pronghorn.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.9)
    model.compile(optimizer=sgd, loss="mse")
    seen: list[Any] = []
    keep = pronghorn.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(np.array(model.weights[0]))
    )
    model.fit(
        data.features(), data.numbers(), epochs=3, callbacks=[make(), keep], verbose=0
    )
    return seen


STOPPING: Arguments = {
    "monitor": "loss",
    "min_delta": With(0.5, patience=2),
    "patience": 3,
    "verbose": 1,
    "mode": "max",
    "baseline": With(3.5, patience=2),
    "restore_best_weights": True,
    "start_from_epoch": 6,
}
PLATEAU: Arguments = {
    "monitor": "loss",
    "factor": 0.5,
    "patience": 2,
    "verbose": 1,
    "mode": "max",
    "min_delta": 1.5,
    "cooldown": 3,
    "min_lr": 0.05,
}
SAVING: Arguments = {
    "filepath": "b{epoch}.keras",
    "monitor": With("loss", save_best_only=True),
    "verbose": 1,
    "save_best_only": True,
    "save_weights_only": True,
    "mode": With("max", save_best_only=True),
    "save_freq": 5,
    "initial_value_threshold": With(4.1, save_best_only=True, mode="min"),
}
REMOTE = "callbacks/test_remote.py::"
BOARD = "callbacks/test_tensorboard.py::"
BACKUP = "callbacks/test_backup.py::"
LIST = "callbacks/test_callback_list.py::"
SMALL = "callbacks/test_small.py::"
HOOKS = (
    "on_epoch_begin",
    "on_epoch_end",
    "on_train_begin",
    "on_train_end",
    "on_train_batch_begin",
    "on_train_batch_end",
)
ORBAX = (
    "directory",
    "monitor",
    "verbose",
    "save_best_only",
    "mode",
    "save_freq",
    "initial_value_threshold",
    "max_to_keep",
    "save_on_background",
    "save_weights_only",
)

# Arguments whose effect other tests show: of servers, event files, killed trainings.
ELSEWHERE: dict[str, dict[str, str]] = {
    "BackupAndRestore": {
        "backup_dir": f"{BACKUP}test_a_killed_training_ends_in_the_same_bits",
        "save_freq": f"{BACKUP}test_a_killed_training_ends_in_the_same_bits",
        "double_checkpoint": f"{BACKUP}test_two_backups_are_safer_than_one",
        "delete_checkpoint": f"{BACKUP}test_the_backup_is_kept_if_wanted",
    },
    "CallbackList": {
        "callbacks": f"{LIST}test_every_hook_reaches_every_callback",
        "add_history": f"{LIST}test_defaults_are_added_once_and_last",
        "add_progbar": f"{LIST}test_defaults_are_added_once_and_last",
        "model": f"{LIST}test_model_and_params_reach_them_all",
    },
    "LambdaCallback": dict.fromkeys(
        HOOKS, f"{SMALL}test_lambda_is_called_at_each_hook"
    ),
    "RemoteMonitor": {
        "root": f"{REMOTE}test_a_form",
        "path": f"{REMOTE}test_json_elsewhere",
        "field": f"{REMOTE}test_another_field_and_no_logs",
        "headers": f"{REMOTE}test_json_elsewhere",
        "send_as_json": f"{REMOTE}test_json_elsewhere",
    },
    "TensorBoard": {
        "log_dir": f"{BOARD}test_the_curves_are_the_history",
        "histogram_freq": f"{BOARD}test_histograms",
        "write_graph": f"{BOARD}test_the_graph_is_the_model_s_config",
        "write_images": f"{BOARD}test_pictures",
        "write_steps_per_second": f"{BOARD}test_speed",
        "update_freq": f"{BOARD}test_batches",
        "profile_batch": f"{BOARD}test_arguments_that_do_not_fit",
        "embeddings_freq": f"{BOARD}test_embeddings_for_the_projector",
        "embeddings_metadata": f"{BOARD}test_embeddings_for_the_projector",
    },
    "TerminateOnNaN": {"raise_error": f"{SMALL}test_terminate_on_nan_raises_if_asked"},
}


def rows() -> Iterator[Row]:
    """The rows of this room."""
    yield Row("callbacks.EarlyStopping", watched, {}, STOPPING)
    yield Row("callbacks.ReduceLROnPlateau", watched, {"patience": 1}, PLATEAU)
    yield Row(
        "callbacks.ModelCheckpoint", watched, {"filepath": "{epoch}.keras"}, SAVING
    )
    yield Row(
        "callbacks.LearningRateScheduler",
        watched,
        {"schedule": lambda epoch: 0.1 / (1 + epoch)},
        {"schedule": lambda epoch: 0.2, "verbose": 1},
    )
    yield Row(
        "callbacks.CSVLogger",
        written,
        {"filename": "log.csv"},
        {"filename": "other.csv", "separator": ";", "append": True},
    )
    yield Row("callbacks.SwapEMAWeights", swapped, {}, {"swap_on_epoch": True})
    for name, arguments in ELSEWHERE.items():
        changes: Arguments = {key: Shown(where) for key, where in arguments.items()}
        yield Row(f"callbacks.{name}", watched, {}, changes)
    refused = Idle("`callbacks.OrbaxCheckpoint`")  # its constructor always raises
    yield Row("callbacks.OrbaxCheckpoint", watched, {}, dict.fromkeys(ORBAX, refused))
