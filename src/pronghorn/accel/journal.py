"""What ran in this process: each `fit`, `evaluate` and `predict`, and its seconds."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from pronghorn.inspection import backend_of
from pronghorn.settings import warn_once
from pronghorn.training import Trainer

__all__ = ["JOURNAL", "Journal", "Run", "seconds_of_process"]

_WATCHED = ("fit", "evaluate", "predict")


@dataclass(frozen=True)
class Run:
    """One call.

    Attributes:
        what: "fit", "evaluate" or "predict".
        model: its name.
        identity: which object it is.
        weights: how many numbers it has learned, or would learn.
        backend: what it computed on.
        epochs: of `fit`; 0 of others, and of a call that raised.
        seconds: wall time.
    """

    what: str
    model: str
    identity: int
    weights: int
    backend: str
    epochs: int
    seconds: float


class Journal:
    """Listens to all models of the process while it is open.

    Example:

    >>> import pronghorn as keras
    >>> journal = Journal()
    >>> journal.open()
    >>> unit = keras.layers.Dense(1, input_shape=[2])
    >>> model = keras.Sequential([unit], name="unit")
    >>> _ = model.predict(np.zeros((3, 2), "float32"), verbose=0)
    >>> journal.close()
    >>> [(run.what, run.model, run.weights) for run in journal.runs]
    [('predict', 'unit', 3)]
    """

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self._models: list[Any] = []  # kept, so that identities stay apart
        self._before: dict[str, Callable[..., Any]] = {}

    def open(self) -> None:
        """From here on, each call is written down."""
        for what in _WATCHED:
            if what not in self._before:
                self._before[what] = getattr(Trainer, what)
                setattr(Trainer, what, self._watched(what, self._before[what]))

    def close(self) -> None:
        """Nothing is written down any more."""
        while self._before:
            setattr(Trainer, *self._before.popitem())

    def _watched(self, what: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def watched(model: Any, *args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter()
            result = None
            try:
                result = method(model, *args, **kwargs)
            finally:
                self._write(what, model, result, time.perf_counter() - start)
            if what == "fit":
                _warn_if_not_finite(model, result)
            return result

        return watched

    def _write(self, what: str, model: Any, result: Any, seconds: float) -> None:
        if not any(model is known for known in self._models):
            self._models.append(model)
        self.runs.append(
            Run(
                what,
                model.name,
                id(model),
                sum(int(v.size) for v in model.weights),
                backend_of(model),
                len(result.epoch) if what == "fit" and result is not None else 0,
                seconds,
            )
        )


def _warn_if_not_finite(model: Any, history: Any) -> None:
    losses = history.history.get("loss", ())
    for epoch, loss in zip(history.epoch, losses[-len(history.epoch) :]):
        if not math.isfinite(loss):
            warn_once(
                f"The loss of model {model.name!r} is no longer finite from epoch "
                f"{epoch + 1} on, and neither are its weights. Training went on, as in "
                "Keras; check the data, or lower the learning rate."
            )
            return


def seconds_of_process() -> float | None:
    """Wall time since this process was started; None where the system tells nothing."""
    try:
        with open("/proc/self/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - started
    except (OSError, AttributeError, ValueError, IndexError):
        return None


#: Of this process, open while `accel` is installed.
JOURNAL = Journal()
