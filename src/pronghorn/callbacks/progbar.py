"""The progress bar, and the callback that draws it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from pronghorn.callbacks.callback import Callback, Logs
from pronghorn.callbacks.console import print_line, terminal_columns, write
from pronghorn.errors import ArgumentError

__all__ = ["Progbar", "ProgbarLogger"]

Pieces = list[tuple[str, str]]  # text, and the code of its style

_BOLD, _GREEN, _GREY, _NONE = "1", "32", "37", ""
_PREDICT_DELAY = 0.5  # seconds; a shorter predict shows nothing


class Progbar:
    """Shows how far a loop is, in one line.

    A terminal or a notebook sees the line change in place; a pipe or a file gets a line
    at each drawing. A line never grows wider than the terminal while it moves.

    Args:
        target: number of steps; None if not known.
        width: width of the bar, in characters. Default 20.
        verbose: 0 silent, 1 a bar, 2 one line at the end. Default 1.
        interval: least time between two drawings, in seconds. Default 0.05.
        stateful_metrics: names to show as they come. All others are averaged over the
            steps; that is the default for all.
        stateless_metrics: names to average, where all others are shown as they come.
        unit_name: what is counted. Default "step".
        delay: show nothing at all before so many seconds have passed. Default 0.

    Attributes:
        finished_only: whether a pipe or a file gets the finished line alone, as in
            `fit`. Default False.

    Raises:
        ArgumentError: both kinds of metrics are given.

    Example:

    >>> bar = Progbar(3, verbose=2)
    >>> for step in range(3):
    ...     bar.update(step + 1, [("loss", 0.5)])  # doctest: +ELLIPSIS
    3/3 - 0s - .../step - loss: 0.5000
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
        delay: float = 0.0,
    ) -> None:
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ArgumentError(
                "A metric is either averaged or shown as it comes.",
                where="Progbar",
                expected="`stateful_metrics` or `stateless_metrics`",
                received="both",
                remedy="leave one of them out",
            )
        self.target = target
        self.width = width
        self.verbose = verbose
        self.interval = interval
        self.unit_name = unit_name
        self.finished_only = False
        self._delay = delay
        self._as_is = None if stateful_metrics is None else set(stateful_metrics)
        self._averaged = None if stateless_metrics is None else set(stateless_metrics)
        self._live = _is_live()
        self._styled = self._live and "NO_COLOR" not in os.environ
        self._values: dict[str, tuple[float, int]] = {}  # sum, number of steps
        self._seen = 0
        self._shown_width = 0
        self._start = time.perf_counter()
        self._after_first: float | None = None
        self._last_drawn = -1.0

    def add(self, n: int, values: Iterable[tuple[str, Any]] | None = None) -> None:
        """Counts `n` more steps."""
        self.update(self._seen + n, values)

    def update(
        self,
        current: int,
        values: Iterable[tuple[str, Any]] | None = None,
        finalize: bool | None = None,
    ) -> None:
        """Shows that `current` steps are done.

        Args:
            current: number of steps done.
            values: pairs of a metric's name and its value of the last step.
            finalize: whether this is the last call. Default: the target is reached.
        """
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        for name, value in values or ():
            self._take(name, float(np.mean(value)), current, finalize)
        self._seen = current
        now = time.perf_counter()
        per_unit = self._per_unit(current, now)
        if self.verbose == 1:
            self._draw(current, now, per_unit, finalize)
        elif self.verbose == 2 and finalize and self.target:
            passed = f"{now - self._start:.0f}s"
            times = f"{passed} - {_duration(per_unit, self.unit_name)}"
            print_line(f"{self._count(current)} - {times}{self._metrics()}")

    def _take(self, name: str, value: float, current: int, finalize: bool) -> None:
        if self._averaged is not None:
            averaged = name in self._averaged
        else:
            averaged = name not in (self._as_is or ())
        if finalize or not averaged:
            self._values[name] = (value, 1)
            return
        steps = max(current - self._seen, 1)
        total, count = self._values.get(name, (0.0, 0))
        self._values[name] = (total + value * steps, count + steps)

    def _per_unit(self, current: int, now: float) -> float:
        """Seconds per step, without the first one where others are known."""
        if not current:
            return 0.0
        if self._after_first is not None and current > 1:
            return (now - self._after_first) / (current - 1)
        if current == 1:
            self._after_first = now
        return (now - self._start) / current

    def _draw(self, current: int, now: float, per_unit: float, final: bool) -> None:
        too_soon = now - self._last_drawn < self.interval and self._last_drawn >= 0
        young = now - self._start < self._delay and self._last_drawn < 0
        quiet = self.finished_only and not self._live
        if young or (not final and (too_soon or quiet)):
            return
        pieces = self._pieces(current, now, per_unit, final)
        if not final:
            pieces = _cut(pieces, terminal_columns() - 1)
        width = sum(len(text) for text, _ in pieces)
        line = "".join(self._paint(text, code) for text, code in pieces)
        if self._live:
            line = "\r" + line + " " * (self._shown_width - width)
        write(line + ("\n" if final or not self._live else ""))
        self._shown_width = width
        self._last_drawn = now

    def _pieces(self, current: int, now: float, per_unit: float, final: bool) -> Pieces:
        pieces: Pieces = [(self._count(current) + " ", _BOLD)]
        if self.target:
            done = min(int(self.width * current / self.target), self.width)
            pieces += [("━" * done, _GREEN), ("━" * (self.width - done), _GREY)]
        if self.target and not final:
            clock = _clock(per_unit * max(self.target - current, 0))
        else:
            clock = f"{now - self._start:.0f}s"
        pieces.append((f" {clock}", _BOLD))
        tail = f" {_duration(per_unit, self.unit_name)}{self._metrics()}"
        return [*pieces, (tail, _NONE)]

    def _count(self, current: int) -> str:
        if not self.target:
            return f"{current:7d}/Unknown"
        return f"{current:{len(str(self.target))}d}/{self.target}"

    def _metrics(self) -> str:
        return "".join(
            f" - {name}: {_number(total / max(count, 1))}"
            for name, (total, count) in self._values.items()
        )

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._styled and code else text


class ProgbarLogger(Callback):
    """Prints epochs, progress and metrics to standard output.

    `fit`, `evaluate` and `predict` add one unless `verbose=0`. It wants to be called
    about every 50 ms of work, not after every batch. A `predict` of less than half a
    second shows no bar.

    Example:

    >>> logger = ProgbarLogger()
    >>> logger.set_params({"verbose": 2, "epochs": 2, "steps": 3})
    >>> logger.on_train_begin()
    >>> logger.on_epoch_begin(0)
    Epoch 1/2
    >>> logger.on_epoch_end(0, {"loss": 0.25})  # doctest: +ELLIPSIS
    3/3 - 0s - .../step - loss: 0.2500
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0
        self.progbar: Progbar | None = None
        self.target: int | None = None
        self.verbose = 1
        self.epochs = 1
        self._called_in_fit = False

    @property
    def granularity(self) -> str:
        """Calls within epochs are wanted by a bar (verbose=1), and to count steps."""
        counting = "epoch" if self.target else "progress"
        return {0: "fit", 2: counting}.get(self.verbose, "progress")

    def set_params(self, params: Mapping[str, Any]) -> None:
        super().set_params(params)
        verbose = params.get("verbose", 1)
        self.verbose = 1 if verbose == "auto" else int(verbose)
        self.epochs = params.get("epochs") or 1
        self.target = params.get("steps")

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._called_in_fit = True  # so that validation is silent

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._called_in_fit = False

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._new_bar()
        if self.verbose and self.epochs > 1:
            print_line(f"Epoch {epoch + 1}/{self.epochs}")

    def on_test_begin(self, logs: Logs | None = None) -> None:
        if not self._called_in_fit:
            self._new_bar()

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._new_bar(delay=_PREDICT_DELAY)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._update(batch, logs)

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if not self._called_in_fit:
            self._update(batch, logs)

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._update(batch, None)  # predictions are no metrics

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._finish(logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        if not self._called_in_fit:
            self._finish(logs)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._finish(None)

    def _new_bar(self, delay: float = 0.0) -> Progbar:
        self.seen = 0
        self.progbar = Progbar(
            target=self.target,
            verbose=self.verbose,
            stateless_metrics=(),
            delay=delay,
        )
        self.progbar.finished_only = True  # logs hold a line an epoch
        return self.progbar

    def _update(self, batch: int, logs: Logs | None) -> None:
        bar = self.progbar or self._new_bar()
        # The last of several steps in one execution may lie behind the last batch.
        self.seen = batch + 1 if self.target is None else min(batch + 1, self.target)
        if self.verbose == 1:
            bar.update(self.seen, (logs or {}).items(), finalize=False)

    def _finish(self, logs: Logs | None) -> None:
        bar = self.progbar or self._new_bar()
        if self.target is None:
            self.target = bar.target = self.seen
        bar.update(self.target, (logs or {}).items(), finalize=True)


def _is_live() -> bool:
    """Whether a carriage return starts a line over: in a terminal or a notebook."""
    isatty = getattr(sys.stdout, "isatty", None)
    return bool(isatty and isatty()) or "ipykernel" in sys.modules


def _cut(pieces: Pieces, width: int) -> Pieces:
    """The pieces as far as they fit; the last one ends with "…" if one does not."""
    if sum(len(text) for text, _ in pieces) <= width:
        return pieces
    kept: Pieces = []
    for text, code in pieces:
        if len(text) > width - 1:
            return [*kept, (text[: max(width - 1, 0)] + "…", code)]
        kept.append((text, code))
        width -= len(text)
    return kept


def _clock(seconds: float) -> str:
    whole = int(seconds)
    if whole > 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    if whole > 60:
        return f"{whole // 60}:{whole % 60:02d}"
    return f"{whole}s"


def _duration(seconds: float, unit: str) -> str:
    if seconds >= 1 or seconds == 0:
        return f"{seconds:.0f}s/{unit}"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.0f}ms/{unit}"
    return f"{seconds * 1e6:.0f}us/{unit}"


def _number(value: float) -> str:
    return f"{value:.4f}" if abs(value) > 1e-3 else f"{value:.4e}"
