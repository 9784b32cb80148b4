"""Stop when it no longer gets better."""

from __future__ import annotations

from typing import Any

from pronghorn.callbacks.callback import Logs
from pronghorn.callbacks.console import print_line
from pronghorn.callbacks.monitor import MonitorCallback

__all__ = ["EarlyStopping"]


class EarlyStopping(MonitorCallback):
    """Stops training once a watched quantity has stopped improving.

    Args:
        monitor: name of the quantity. Default "val_loss".
        min_delta: a change smaller than this is no improvement. Default 0.
        patience: epochs without improvement to wait. Default 0.
        verbose: 1 prints a line when it acts. Default 0.
        mode: "min", "max" or "auto". Default "auto".
        baseline: training stops unless the quantity gets better than this. Default
            None.
        restore_best_weights: put the weights of the best epoch back at the end,
            whatever the baseline. Default False: those of the last step stay.
        start_from_epoch: epochs to let pass before watching. Default 0.

    Example:

    >>> import numpy as np
    >>> import pronghorn as keras
    >>> model = keras.Sequential([keras.layers.Dense(1, input_shape=(1,))])
    >>> model.compile(keras.optimizers.SGD(0.0), loss="mse")  # it cannot learn
    >>> x = np.array([[1.0], [2.0]], "float32")
    >>> stop = EarlyStopping(monitor="loss", patience=3)
    >>> history = model.fit(x, 2 * x, epochs=10, callbacks=[stop], verbose=0)
    >>> len(history.history["loss"])
    4
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._reset()

    def _reset(self) -> None:
        self.wait = 0
        self.stopped_epoch = 0
        self.best = None
        self.best_epoch = 0
        self.best_weights: Any = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        current = self.monitored(logs, "Early stopping")
        if current is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self._keep(epoch)  # nothing better is known yet
        self.wait += 1
        if self.is_improvement(current, self.best):
            self.best = current
            self._keep(epoch)
            # Patience starts anew only where the baseline is beaten as well.
            if self.baseline is None or self.is_improvement(current, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def _keep(self, epoch: int) -> None:
        self.best_epoch = epoch
        if self.restore_best_weights:
            self.best_weights = self.model.get_weights()

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self.stopped_epoch > 0 and self.verbose > 0:
            print_line(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose > 0:
                print_line(
                    "Restoring model weights from the end of the best epoch: "
                    f"{self.best_epoch + 1}."
                )
            self.model.set_weights(self.best_weights)
