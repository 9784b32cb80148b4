"""The callback that `fit` returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pronghorn.callbacks.callback import Callback, Logs

__all__ = ["History"]


class History(Callback):
    """Keeps the metrics of every epoch. `fit` adds one and returns it.

    It may be told about epochs long after they ran, so it alone never makes training
    stop between them.

    Attributes:
        history: dict of lists, one value per epoch, e.g. `{"loss": [0.9, 0.4]}`.
        epoch: the indices of the epochs of the last `fit`.

    Example:

    >>> import numpy as np
    >>> import pronghorn as keras
    >>> model = keras.Sequential([keras.layers.Dense(1, input_shape=(1,))])
    >>> model.compile(loss="mse")
    >>> x = np.array([[1.0], [2.0]], "float32")
    >>> history = model.fit(x, 2 * x, epochs=3, verbose=0)
    >>> history.epoch, list(history.history)
    ([0, 1, 2], ['loss'])
    """

    granularity = "fit"

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.extend([epoch], {key: [value] for key, value in (logs or {}).items()})

    def extend(self, epochs: Iterable[int], columns: Mapping[str, list[Any]]) -> None:
        """Keeps epochs that are over, as if each was told of when it ended.

        Args:
            epochs: their indices.
            columns: by name a metric's values, one for each epoch.
        """
        self.epoch.extend(epochs)
        for key, values in columns.items():
            self.history.setdefault(key, []).extend(values)
        if self.model is not None:
            self.model.history = self
