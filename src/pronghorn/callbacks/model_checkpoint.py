"""Save the model while it trains."""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np

from pronghorn.callbacks.callback import Logs
from pronghorn.callbacks.console import print_line
from pronghorn.callbacks.frequency import Frequency
from pronghorn.callbacks.monitor import MonitorCallback
from pronghorn.errors import ArgumentError

__all__ = ["ModelCheckpoint"]


class ModelCheckpoint(MonitorCallback):
    """Saves the model, or its weights, by epoch or every so many batches.

    Args:
        filepath: where to; ends with ".keras" (or ".h5", the older format), or with
            ".weights.h5" if `save_weights_only`. May hold `{epoch}`, `{batch}` and
            names of metrics with formats, as in "{epoch:02d}-{val_loss:.2f}.keras";
            epochs and batches count from 1 here. Missing folders are made.
        monitor: the quantity that tells the best. Default "val_loss".
        verbose: 1 prints a line when it acts. Default 0.
        save_best_only: save only what is better than all before. Default False.
        save_weights_only: `model.save_weights` instead of `model.save`. Default False.
        mode: "min", "max" or "auto". Default "auto".
        save_freq: "epoch", or a number of batches. Batches make training stop after
            each one, and judge by the metrics of an epoch so far. Default "epoch".
        initial_value_threshold: the value that the first saved one has to beat. Default
            None.

    Raises:
        ArgumentError: an ending or a `save_freq` that does not fit.

    Example:

    >>> import os, tempfile
    >>> import numpy as np
    >>> import pronghorn as keras
    >>> model = keras.Sequential([keras.layers.Dense(1, input_shape=(1,))])
    >>> model.compile(loss="mse")
    >>> x = np.array([[1.0], [2.0]], "float32")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     keep = ModelCheckpoint(folder + "/{epoch:02d}.keras")
    ...     history = model.fit(x, 2 * x, epochs=2, callbacks=[keep], verbose=0)
    ...     print(sorted(os.listdir(folder)))
    ['01.keras', '02.keras']
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(monitor, mode, initial_value_threshold)
        self.filepath = os.fspath(filepath)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        self._current_epoch = 0
        self._frequency = Frequency(save_freq, "ModelCheckpoint")
        _check_ending(self.filepath, save_weights_only)

    @property
    def granularity(self) -> str:
        """By batch only if it saves by batch."""
        return "epoch" if self._frequency.by_epoch else "batch"

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._current_epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if self._frequency.is_due(batch):
            self._save(self._current_epoch, batch, logs or {})

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self._frequency.by_epoch:
            self._save(epoch, None, logs or {})

    def _save(self, epoch: int, batch: int | None, logs: Logs) -> None:
        path = self._path(epoch, batch, logs)
        if not self._worth_saving(epoch, logs, path):
            return
        if os.path.isdir(path):
            raise ArgumentError(
                "The checkpoint's path is a folder.",
                where="ModelCheckpoint, argument `filepath`",
                expected="the path of a file",
                received=path,
                remedy="add a file name, say 'best.keras'",
            )
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        if self.save_weights_only:
            self.model.save_weights(path, overwrite=True)
        else:
            self.model.save(path, overwrite=True)
        self._say(epoch, f"finished saving model to {path}")

    def _path(self, epoch: int, batch: int | None, logs: Logs) -> str:
        names = {"epoch": epoch + 1}
        if batch is not None:
            names["batch"] = batch + 1
        try:
            return self.filepath.format(**{**names, **logs})
        except (KeyError, IndexError, ValueError) as error:
            raise ArgumentError(
                f"The checkpoint's file name cannot be filled in: {error}.",
                where="ModelCheckpoint, argument `filepath`",
                expected="names among " + ", ".join([*names, *logs]),
                received=self.filepath,
                remedy="use a known name; `val_` ones need validation data, and "
                "`batch` a save_freq in batches",
            ) from None

    def _worth_saving(self, epoch: int, logs: Logs, path: str) -> bool:
        if not self.save_best_only:
            self._say(epoch, f"saving model to {path}")
            return True
        current = logs.get(self.monitor)
        if current is None:
            warnings.warn(
                f"Can save best model only with {self.monitor} available.",
                stacklevel=2,
            )
            return True
        if np.ndim(current) > 0:
            warnings.warn(
                "Can save best model only when `monitor` is a scalar value. Received: "
                f"{current}. Falling back to `save_best_only=False`.",
                stacklevel=2,
            )
            return True
        return self._is_best(epoch, current, path)

    def _is_best(self, epoch: int, current: Any, path: str) -> bool:
        before = "None" if self.best is None else f"{self.best:.5f}"
        if not self.is_improvement(current, self.best):
            self._say(epoch, f"{self.monitor} did not improve from {before}")
            return False
        self._say(
            epoch,
            f"{self.monitor} improved from {before} to {current:.5f}, "
            f"saving model to {path}",
        )
        self.best = current
        return True

    def _say(self, epoch: int, text: str) -> None:
        if self.verbose > 0:
            print_line(f"\nEpoch {epoch + 1}: {text}")


def _check_ending(path: str, weights_only: bool) -> None:
    if path.endswith(".weights.h5" if weights_only else (".keras", ".h5")):
        return
    raise ArgumentError(
        "The checkpoint's file name does not fit what it will hold.",
        where="ModelCheckpoint, argument `filepath`",
        expected=(
            "a path that ends with '.weights.h5', as save_weights_only=True"
            if weights_only
            else "a path that ends with '.keras', or with '.h5'"
        ),
        received=path,
        remedy="change the ending",
    )
