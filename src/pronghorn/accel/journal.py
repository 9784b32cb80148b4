"""What ran in this process: each `fit`, `evaluate` and `predict`, and its seconds."""

from __future__ import annotations

import itertools
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from weakref import WeakKeyDictionary

from pronghorn.inspection import backend_of
from pronghorn.settings import warn_once
from pronghorn.training import Trainer

__all__ = ["JOURNAL", "Journal", "Run", "seconds_of_process"]

_WATCHED = ("fit", "evaluate", "predict")


@dataclass
class Run:
    """All calls of one method of one model.

    Attributes:
        what: "fit", "evaluate" or "predict".
        model: its name.
        identity: a number of its own.
        weights: how many numbers it has learned, or would learn.
        backend: what it computes on.
        calls: how many.
        epochs: of `fit`, in calls that did not raise.
        seconds: wall time.
    """

    what: str
    model: str
    identity: int
    weights: int
    backend: str
    calls: int = 0
    epochs: int = 0
    seconds: float = 0.0


class Journal:
    """Listens to all models of the process while it is open.

    Example:

    >>> import pronghorn as keras
    >>> journal = Journal()
    >>> journal.open(written=True)
    >>> unit = keras.layers.Dense(1, input_shape=[2])
    >>> model = keras.Sequential([unit], name="unit")
    >>> _ = model.predict(np.zeros((3, 2), "float32"), verbose=0)
    >>> journal.close()
    >>> [(run.what, run.model, run.weights, run.calls) for run in journal.runs]
    [('predict', 'unit', 3, 1)]
    """

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self._of_models: WeakKeyDictionary[Any, dict[str, Run]] = WeakKeyDictionary()
        self._identities = itertools.count()
        self._written = False
        self._before: dict[str, Callable[..., Any]] = {}

    def open(self, written: bool = False) -> None:
        """From here on, a `fit` whose loss is not finite warns.

        Args:
            written: also write down each call of `fit`, `evaluate` and `predict`.
                Default False: what nobody reads costs nothing.
        """
        self._written = written
        for what in _WATCHED if written else _WATCHED[:1]:
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
                if self._written:
                    seconds = time.perf_counter() - start
                    self._write(self._run(what, model), result, seconds)
            if what == "fit":
                _warn_if_not_finite(model, result)
            return result

        return watched

    def _run(self, what: str, model: Any) -> Run:
        """The line of a model's method, a new one where there is none."""
        runs = self._of_models.setdefault(model, {})
        if what not in runs:
            known = next(iter(runs.values()), None)
            identity = next(self._identities) if known is None else known.identity
            weights = sum(int(v.size) for v in model.weights)
            run = Run(what, model.name, identity, weights, backend_of(model))
            runs[what] = run
            self.runs.append(run)
        return runs[what]

    def _write(self, run: Run, result: Any, seconds: float) -> None:
        run.calls += 1
        run.seconds += seconds
        if run.what == "fit" and result is not None:
            run.epochs += len(result.epoch)


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
