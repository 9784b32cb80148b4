"""Go on after a crash, as if nothing had happened."""

from __future__ import annotations

import json
import os
import shutil
from typing import Any

from pronghorn.callbacks.callback import Callback, Logs
from pronghorn.callbacks.frequency import Frequency
from pronghorn.errors import ArgumentError, PronghornError

__all__ = ["BackupAndRestore"]

_METADATA, _WEIGHTS = "training_metadata.json", ".weights.h5"
_OF_KERAS = "latest.weights.h5"


class BackupAndRestore(Callback):
    """Keeps a backup of a running `fit`; a `fit` that finds one goes on from there.

    Run the script again after a crash: the model gets the weights and the optimizer's
    state of the backup, and training goes on to the same bits as if it had not been
    broken off, in the middle of an epoch too. The history holds the epochs from there
    on; other callbacks start anew. A crash while the backup is written leaves the one
    before.

    Args:
        backup_dir: a folder for this `fit` alone; made if it is not there.
        save_freq: "epoch", or a number of batches. Batches make training stop after
            each one. Default "epoch".
        double_checkpoint: keep the backup before the last as well, for a disk that
            spoils the last. Default False.
        delete_checkpoint: delete the backup when training is over. Default True.

    Raises:
        ArgumentError: an empty `backup_dir`, a `save_freq` that does not fit; in `fit`,
            a backup within an epoch of other batches.
        FileFormatError: in `fit`, a backup of another model.

    Example:

    >>> import tempfile
    >>> import numpy as np
    >>> import pronghorn as keras
    >>> def trained(epochs_to_crash, folder):
    ...     keras.utils.set_random_seed(1)
    ...     model = keras.Sequential([keras.layers.Dense(1, input_shape=(1,))])
    ...     model.compile(loss="mse")
    ...     def crash(epoch, logs):
    ...         if epoch == epochs_to_crash:
    ...             raise OSError("crash")
    ...     calls = [BackupAndRestore(folder)]
    ...     calls += [keras.callbacks.LambdaCallback(on_epoch_begin=crash)]
    ...     x = np.array([[1.0], [2.0]], "float32")
    ...     return model.fit(x, 2 * x, epochs=5, callbacks=calls, verbose=0).epoch
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     try:
    ...         trained(3, folder)
    ...     except OSError:
    ...         trained(None, folder)
    [3, 4]
    """

    def __init__(
        self,
        backup_dir: str | os.PathLike[str],
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        super().__init__()
        if not backup_dir:
            raise ArgumentError(
                "Empty `backup_dir` argument passed.",
                where="BackupAndRestore, argument `backup_dir`",
                expected="the path of a folder",
                received=repr(backup_dir),
                remedy="pass backup_dir='backup'",
            )
        self.backup_dir = os.fspath(backup_dir)
        self.save_freq = save_freq
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self._frequency = Frequency(save_freq, "BackupAndRestore")
        self._training_metadata_path = self._in_folder(_METADATA)
        self._prev_training_metadata_path = f"{self._training_metadata_path}.bkp"
        self._current_epoch = self._last_batch_seen = 0

    @property
    def granularity(self) -> str:
        """By batch only if it saves by batch."""
        return "epoch" if self._frequency.by_epoch else "batch"

    def on_train_begin(self, logs: Logs | None = None) -> None:
        try:
            self._restore(self._training_metadata_path)
        except (PronghornError, OSError, ValueError):
            if not os.path.exists(self._prev_training_metadata_path):
                raise
            self._restore(self._prev_training_metadata_path)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._current_epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._last_batch_seen = batch
        if self._frequency.is_due(batch):
            self._save(self._current_epoch, self._last_batch_seen + 1)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._current_epoch, self._last_batch_seen = epoch + 1, 0
        if self._frequency.by_epoch:
            self._save(epoch + 1, 0)

    def on_train_end(self, logs: Logs | None = None) -> None:
        if not self.delete_checkpoint or not os.path.isdir(self.backup_dir):
            return
        for name in os.listdir(self.backup_dir):
            if name.startswith(_METADATA) or name.endswith(_WEIGHTS):
                os.remove(self._in_folder(name))
        if not os.listdir(self.backup_dir):
            os.rmdir(self.backup_dir)

    def _in_folder(self, name: str) -> str:
        return os.path.join(self.backup_dir, name)

    def _save(self, epoch: int, batch: int) -> None:
        """Writes the weights, then what names them: each file is whole or not there."""
        os.makedirs(self.backup_dir, exist_ok=True)
        run = self.model.fit_run.state(within_epoch=batch > 0)
        weights = f"step-{run['step']:09d}{_WEIGHTS}"
        kept = {weights}
        self._weights_path = self._in_folder(weights)
        if self.double_checkpoint and os.path.exists(self._training_metadata_path):
            shutil.copyfile(
                self._training_metadata_path, self._prev_training_metadata_path
            )
            before = _read(self._prev_training_metadata_path)["weights"]
            kept.add(before)
            self._prev_weights_path = self._in_folder(before)
        self.model.save_weights(self._weights_path, overwrite=True)
        metadata = {"epoch": epoch, "batch": batch, "weights": weights, "run": run}
        temporary = f"{self._training_metadata_path}.tmp"
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(metadata, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, self._training_metadata_path)
        for name in os.listdir(self.backup_dir):
            if name.endswith(_WEIGHTS) and name not in kept:
                os.remove(self._in_folder(name))

    def _restore(self, path: str) -> None:
        if not os.path.exists(path):
            return
        metadata = _read(path)
        self.model.load_weights(self._in_folder(metadata["weights"]))
        batch = metadata["batch"] if "run" in metadata else 0
        self.model.fit_run.resume(metadata["epoch"], batch, metadata.get("run"))


def _read(path: str) -> dict[str, Any]:
    with open(path, encoding="utf-8") as file:
        metadata = json.load(file)
    # Keras's own backups name no weights, and begin their epoch anew.
    return {"weights": _OF_KERAS, "batch": 0, **metadata}
