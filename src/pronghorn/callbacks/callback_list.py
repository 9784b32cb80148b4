"""Many callbacks called as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from pronghorn.callbacks.callback import Callback, Logs
from pronghorn.callbacks.history import History
from pronghorn.callbacks.hooks import (
    Granularity,
    Mode,
    granularity,
    hears_of_epochs,
    wants_progress,
)
from pronghorn.callbacks.progbar import ProgbarLogger
from pronghorn.errors import ArgumentError

__all__ = ["CallbackList"]


class CallbackList(Callback):
    """A callback that hands every call on to each of its callbacks, in order.

    Args:
        callbacks: a callback, or a list of them (lists may be nested). Default none.
        add_history: append a `History` unless there is one. Default False.
        add_progbar: append a `ProgbarLogger` unless there is one. Default False.
        model: the model that they are attached to. Default none.
        **params: handed to each callback's `set_params`: `verbose`, `epochs`, `steps`.

    Raises:
        ArgumentError: something in the list is no callback.

    Example:

    >>> seen = []
    >>> from pronghorn.callbacks import LambdaCallback
    >>> both = CallbackList([
    ...     LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(extra=1)),
    ...     LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(logs)),
    ... ])
    >>> both.on_epoch_end(0, {"loss": 0.5})
    >>> seen
    [{'loss': 0.5, 'extra': 1}]
    """

    def __init__(
        self,
        callbacks: Callback | Sequence[Any] | None = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        super().__init__()
        self.callbacks: list[Callback] = list(_flatten(callbacks))
        if add_history and self._first(History) is None:
            self.callbacks.append(History())
        if add_progbar and self._first(ProgbarLogger) is None:
            self.callbacks.append(ProgbarLogger())
        if model is not None:
            self.set_model(model)
        self.set_params(params)

    def __iter__(self) -> Iterator[Callback]:
        return iter(self.callbacks)

    def __len__(self) -> int:
        return len(self.callbacks)

    def append(self, callback: Callback) -> None:
        """Adds one more at the end, attached to the same model and run."""
        (callback,) = _flatten(callback)
        if self._model is not None:
            callback.set_model(self._model)
        if self.params:
            callback.set_params(self.params)
        self.callbacks.append(callback)

    def _first(self, kind: type[Callback]) -> Callback | None:
        return next((c for c in self.callbacks if isinstance(c, kind)), None)

    @property
    def history(self) -> History | None:
        """The `History` among them, if there is one."""
        found = self._first(History)
        return found if isinstance(found, History) else None

    def stops_at(self, mode: Mode = "train") -> Granularity:
        """The finest moment that any of them asks for (see `granularity`)."""
        return granularity(self.callbacks, mode)

    @property
    def shows_progress(self) -> bool:
        """Whether a progress bar among them wants calls within an epoch."""
        return wants_progress(self.callbacks)

    def show_progress(self, mode: Mode, batch: int, logs: Logs | None = None) -> None:
        """Tells the bars among them, and nobody else, that a batch is done."""
        for callback in self.callbacks:
            if callback.granularity == "progress":
                getattr(callback, f"on_{mode}_batch_end")(batch, logs=logs)

    def set_params(self, params: Mapping[str, Any]) -> None:
        self.params = params
        if params:
            for callback in self.callbacks:
                callback.set_params(params)

    def set_model(self, model: Any) -> None:
        super().set_model(model)
        if self.history is not None:
            model.history = self.history
        for callback in self.callbacks:
            callback.set_model(model)

    # Positional or by keyword, as Keras does: a user's lambda may name its parameters
    # as it likes in the hooks of an epoch, but not in those of a batch.

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        logs = python_logs(logs)
        for callback in self.callbacks:
            callback.on_batch_begin(batch, logs=logs)

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        logs = python_logs(logs)
        for callback in self.callbacks:
            callback.on_batch_end(batch, logs=logs)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        logs = python_logs(logs)
        for callback in self.callbacks:
            callback.on_epoch_begin(epoch, logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        logs = python_logs(logs)
        for callback in self.callbacks:
            callback.on_epoch_end(epoch, logs)

    def on_epochs(self, epochs: range, columns: Mapping[str, list[Any]]) -> None:
        """Tells about epochs that are over, as if each was told of when it ended.

        Args:
            epochs: their indices.
            columns: by name a metric's values, one for each epoch.
        """
        columns = dict(sorted(columns.items()))
        asked = [c for c in self.callbacks if hears_of_epochs(c)]
        if all(type(c) is History for c in asked):
            for history in asked:
                history.extend(epochs, columns)  # type: ignore[attr-defined]
            return
        for epoch, *values in zip(epochs, *columns.values(), strict=True):
            self.on_epoch_begin(epoch)
            self.on_epoch_end(epoch, dict(zip(columns, values, strict=True)))

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        logs = python_logs(logs)
        for callback in self.callbacks:
            callback.on_train_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        logs = python_logs(logs)
        for callback in self.callbacks:
            callback.on_train_batch_end(batch, logs=logs)

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        logs = python_logs(logs)
        for callback in self.callbacks:
            callback.on_test_batch_begin(batch, logs=logs)

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        logs = python_logs(logs)
        for callback in self.callbacks:
            callback.on_test_batch_end(batch, logs=logs)

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        logs = python_logs(logs)
        for callback in self.callbacks:
            callback.on_predict_batch_begin(batch, logs=logs)

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        logs = python_logs(logs)
        for callback in self.callbacks:
            callback.on_predict_batch_end(batch, logs=logs)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        logs = python_logs(logs)
        for callback in self.callbacks:
            callback.on_train_begin(logs)

    def on_train_end(self, logs: Logs | None = None) -> None:
        logs = python_logs(logs)
        for callback in self.callbacks:
            callback.on_train_end(logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        logs = python_logs(logs)
        for callback in self.callbacks:
            callback.on_test_begin(logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        logs = python_logs(logs)
        for callback in self.callbacks:
            callback.on_test_end(logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        logs = python_logs(logs)
        for callback in self.callbacks:
            callback.on_predict_begin(logs)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        logs = python_logs(logs)
        for callback in self.callbacks:
            callback.on_predict_end(logs)


def python_logs(logs: Mapping[str, Any] | None) -> Logs:
    """A copy, sorted by name, nested dicts flattened, numbers as Python floats."""
    result: Logs = {}
    for key, value in sorted((logs or {}).items()):
        if isinstance(value, Mapping):
            result.update(python_logs(value))
            continue
        result[key] = value
        if type(value) is not float and not np.ndim(value):
            with suppress(TypeError, ValueError):
                result[key] = float(value)
    return result


def _flatten(callbacks: Any) -> Iterator[Callback]:
    if callbacks is None:
        return
    if isinstance(callbacks, CallbackList):
        yield from callbacks.callbacks
    elif isinstance(callbacks, Callback):
        yield callbacks
    elif isinstance(callbacks, list | tuple):
        for item in callbacks:
            yield from _flatten(item)
    else:
        raise _not_a_callback(callbacks)


def _not_a_callback(item: Any) -> ArgumentError:
    name = getattr(item, "__name__", type(item).__name__)
    if isinstance(item, type) and issubclass(item, Callback):
        remedy = f"write `{name}()`: the class is there, its instance is not"
    elif callable(item):
        remedy = "wrap the function: LambdaCallback(on_epoch_end=...)"
    else:
        remedy = "pass instances of subclasses of pronghorn.callbacks.Callback"
    return ArgumentError(
        "Not a callback.",
        where="argument `callbacks`",
        expected="an instance of Callback, or a list of them",
        received=repr(item),
        remedy=remedy,
    )
