"""Averaged weights for evaluation, the others for training."""

from __future__ import annotations

from typing import Any

from pronghorn.callbacks.callback import Callback, Logs
from pronghorn.errors import ArgumentError

__all__ = ["SwapEMAWeights"]


class SwapEMAWeights(Callback):
    """Evaluates and predicts with the averages that the optimizer keeps of the weights.

    The optimizer must have `use_ema=True`. Weights and averages change places before an
    evaluation or a prediction, and back after it.

    Args:
        swap_on_epoch: change places also from the end of each epoch to the beginning of
            the next, so that callbacks after this one, say `ModelCheckpoint`, see the
            averages. Default False.

    Raises:
        ArgumentError: in `fit`, `evaluate` or `predict`, if the optimizer keeps none.

    Example:

    >>> import numpy as np
    >>> import pronghorn as keras
    >>> model = keras.Sequential([keras.layers.Dense(1, input_shape=(1,))])
    >>> model.compile(keras.optimizers.SGD(0.1, use_ema=True), loss="mse")
    >>> x = np.array([[1.0], [2.0]], "float32")
    >>> data = {"validation_data": (x, 2 * x), "verbose": 0}
    >>> history = model.fit(x, 2 * x, callbacks=[SwapEMAWeights()], **data)
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = swap_on_epoch

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        if self.swap_on_epoch:
            self._show(averages=False)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.swap_on_epoch:
            self._show(averages=True)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self._show(averages=True)

    def on_test_end(self, logs: Logs | None = None) -> None:
        self._show(averages=False)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._show(averages=True)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._show(averages=False)

    def _show(self, averages: bool) -> None:
        """Lets the model hold the averages, or the weights."""
        optimizer: Any = self.model.optimizer
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        if not getattr(optimizer, "keeps_averages", False):
            raise ArgumentError(
                "The optimizer keeps no averages of the weights.",
                where="SwapEMAWeights",
                expected="an optimizer with use_ema=True that has been built",
                received=f"use_ema={getattr(optimizer, 'use_ema', None)}",
                remedy="compile(optimizer=keras.optimizers.Adam(use_ema=True), ...)",
            )
        if optimizer.averages_shown != averages:
            optimizer.swap_averages()
