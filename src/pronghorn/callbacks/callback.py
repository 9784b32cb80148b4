"""The base class of all callbacks: every hook, each doing nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["Callback", "Logs"]

# What a hook is given: names of metrics and their values so far.
Logs = dict[str, Any]


class Callback:
    """A user's own code, called at chosen moments of fit, evaluate and predict.

    Subclass it and override the hooks you need. Which ones a class overrides also
    decides how often training leaves the engine: hooks by epoch cost one stop per
    epoch, hooks by batch one stop per batch, none of them no stop at all.

    Attributes:
        params: dict with `verbose`, `epochs` and `steps`, or None before training.
        model: the model being trained, evaluated or asked to predict.

    Example:

    >>> import numpy as np
    >>> import pronghorn as keras
    >>> class Ends(keras.callbacks.Callback):
    ...     def on_train_end(self, logs=None):
    ...         print("trained,", sorted(logs))
    >>> model = keras.Sequential([keras.layers.Dense(1, input_shape=(1,))])
    >>> model.compile(loss="mse")
    >>> x = np.array([[1.0], [2.0]], "float32")
    >>> history = model.fit(x, 2 * x, callbacks=[Ends()], verbose=0)
    trained, ['loss']
    """

    def __init__(self) -> None:
        self.params: Mapping[str, Any] | None = None
        self._model: Any = None

    @property
    def granularity(self) -> str | None:
        """How often this callback must be called: None means "as its hooks say".

        A class may declare "fit", "epoch", "progress" (about every 50 ms of work) or
        "batch" instead. The declaration speaks for the hooks of the class that makes
        it, not for those that a subclass overrides further down.
        """
        return None

    @property
    def model(self) -> Any:
        """The model this callback is attached to."""
        return self._model

    def set_params(self, params: Mapping[str, Any]) -> None:
        """Tells the callback about the run: `verbose`, `epochs`, `steps`."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Attaches the callback to `model`."""
        self._model = model

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """An older name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """An older name of `on_train_batch_end`."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Called before an epoch of training; epochs count from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Called after an epoch.

        Args:
            epoch: index of the epoch, from 0.
            logs: the epoch's metrics, those of validation prefixed with `val_`. What a
                callback adds here, the callbacks after it and the history see.
        """

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before a batch of training; batches count from 0 in every epoch."""
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after a batch, with the metrics of the epoch so far."""
        self.on_batch_end(batch, logs=logs)

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before a batch of `evaluate`, or of validation inside `fit`."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after a batch of `evaluate`, or of validation inside `fit`."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before a batch of `predict`."""

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after a batch of `predict`."""

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Called once, before the first epoch."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Called once, after the last epoch, with that epoch's logs."""

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Called before `evaluate`, and before each validation inside `fit`."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Called after `evaluate`, and after each validation inside `fit`."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Called before `predict`."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Called after `predict`."""
