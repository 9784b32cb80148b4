"""The history as a file that grows by a line per epoch."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from typing import IO, Any

import numpy as np

from pronghorn.callbacks.callback import Callback, Logs

__all__ = ["CSVLogger"]


class CSVLogger(Callback):
    """Writes every epoch's metrics as one row of a CSV file.

    The columns are those of the first epoch, sorted, after `epoch`. A run without
    validation gets empty-handed `val_` columns ("NA"), so that files of several runs
    have the same shape. The file is complete up to the last epoch at any moment.

    Args:
        filename: the file to write.
        separator: what stands between two values. Default ",".
        append: go on with a file that exists, without a second header. Default False:
            it is overwritten.

    Example:

    >>> import tempfile
    >>> import numpy as np
    >>> import pronghorn as keras
    >>> model = keras.Sequential([keras.layers.Dense(1, input_shape=(1,))])
    >>> model.compile(loss="mse")
    >>> x = np.array([[1.0], [2.0]], "float32")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     log = CSVLogger(folder + "/log.csv")
    ...     history = model.fit(x, 2 * x, epochs=2, callbacks=[log], verbose=0)
    ...     with open(folder + "/log.csv") as file:
    ...         print(file.readline().strip(), len(file.readlines()))
    epoch,loss,val_loss 2
    """

    def __init__(
        self,
        filename: str | os.PathLike[str],
        separator: str = ",",
        append: bool = False,
    ) -> None:
        super().__init__()
        self.filename = os.fspath(filename)
        self.sep = separator
        self.append = append
        self.append_header = True
        self.keys: list[str] | None = None
        self.csv_file: IO[str] | None = None
        self._writer: Any = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._close()
        has_rows = self.append and _not_empty(self.filename)
        self.append_header = not has_rows
        mode = "a" if self.append else "w"
        # It stays open from epoch to epoch: no `with` spans two hooks.
        file = open(self.filename, mode, newline="", encoding="utf-8")  # noqa: SIM115
        self.csv_file = file
        self._writer = csv.writer(file, delimiter=self.sep, lineterminator="\n")
        self.keys = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        logs = logs or {}
        if self.csv_file is None:
            self.on_train_begin()
        if self.keys is None:
            self.keys = _columns(logs)
            if self.append_header:
                self._writer.writerow(["epoch", *self.keys])
        values = [_cell(logs.get(key, "NA")) for key in self.keys]
        self._writer.writerow([epoch, *values])
        if self.csv_file is not None:
            self.csv_file.flush()

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._close()

    def _close(self) -> None:
        if self.csv_file is not None:
            self.csv_file.close()
        self.csv_file = None
        self._writer = None


def _not_empty(path: str) -> bool:
    return os.path.exists(path) and os.path.getsize(path) > 0


def _columns(logs: Logs) -> list[str]:
    keys = sorted(logs)
    if not any(key.startswith("val_") for key in keys):
        keys += [f"val_{key}" for key in keys]
    return keys


def _cell(value: Any) -> Any:
    scalar = isinstance(value, str) or np.ndim(value) == 0
    if scalar or not isinstance(value, Iterable):
        return value
    return f'"[{", ".join(map(str, value))}]"'
