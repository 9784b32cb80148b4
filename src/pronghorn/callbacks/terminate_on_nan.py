"""Stop at the first loss that is no number."""

from __future__ import annotations

import math

from pronghorn.callbacks.callback import Callback, Logs
from pronghorn.callbacks.console import print_line
from pronghorn.errors import DivergedError

__all__ = ["TerminateOnNaN"]


class TerminateOnNaN(Callback):
    """Stops training after the batch whose loss is NaN or infinite.

    Where it is present, it decides what happens then: training ends in peace, instead
    of with the error that `fit` raises by itself.

    Args:
        raise_error: raise instead of stopping, so that no `on_train_end` of other
            callbacks runs. Default False.

    Raises:
        DivergedError: in `fit`, if `raise_error`.

    Example:

    >>> from types import SimpleNamespace
    >>> stop = TerminateOnNaN()
    >>> stop.set_model(SimpleNamespace(stop_training=False))
    >>> stop.on_train_batch_end(7, {"loss": float("nan")})
    Batch 7: Invalid loss, terminating training
    >>> stop.model.stop_training
    True
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise DivergedError(
                f"NaN or Inf loss encountered at batch {batch}.",
                where=f"batch {batch}",
                expected="a finite loss",
                received=f"loss={loss}",
                remedy="lower the learning rate, scale the inputs, or clip gradients",
            )
        print_line(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True
