"""The loop over epochs: how far the engine runs before Python looks again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from pronghorn.backends.base import EpochsExecutable, Executable
from pronghorn.callbacks import CallbackList, TerminateOnNaN
from pronghorn.ir import rng
from pronghorn.training.dataset import Dataset
from pronghorn.training.programs import diverged, run_steps
from pronghorn.training.storage import Backup
from pronghorn.training.validation import Validation
from pronghorn.training.whole import run_whole

__all__ = ["Fit", "evaluate_pass", "watched"]

_PROGRESS = 0.05  # seconds of work between two looks at a progress bar


class Fit:
    """One call of `fit`.

    Args:
        model: compiled and built.
        executable: of the training step.
        data: the training rows.
        batch_size: rows per step.
        shuffle: draw a new order for every epoch.
        seed: of the order and of the random nodes.
        callbacks: with the model and the parameters set.
        validation: what to measure on after an epoch, if anything.
    """

    def __init__(
        self,
        model: Any,
        executable: Executable,
        data: Dataset,
        batch_size: int,
        shuffle: bool,
        seed: int,
        callbacks: CallbackList,
        validation: Validation | None,
    ) -> None:
        self._model = model
        self._executable = executable
        self._data = data
        self._arrays = data.arrays
        self._batch_size = batch_size
        self._shuffle = shuffle
        self._seed = seed
        self._callbacks = callbacks
        self._validation = validation
        self._steps = -(-data.rows // batch_size)
        self._first = int(np.asarray(model.optimizer.iterations))
        self._done = 0
        self._pace = 1  # steps per look, measured
        self._nan_ends = any(isinstance(c, TerminateOnNaN) for c in callbacks)
        self._stopped = False
        self._each_batch = callbacks.stops_at() == "batch"
        self._epochs = executable if isinstance(executable, EpochsExecutable) else None
        draws = self._epochs or rng
        self._permutation: Callable[[int, int, int], np.ndarray] = draws.permutation
        # Every variable that a step changes, but for the metrics' own.
        self._before = Backup([*model.variables, *model.optimizer.variables])

    def run(self, initial_epoch: int, epochs: int) -> None:
        """All epochs; the callbacks may end them early."""
        model, callbacks = self._model, self._callbacks
        logs: dict[str, Any] = {}
        model.stop_training = False
        callbacks.on_train_begin()
        asked = range(initial_epoch, epochs)
        todo = asked
        if self._nobody_looks(asked):
            todo, logs = self._in_one_call(asked)
        for epoch in todo:
            model._reset("train")
            callbacks.on_epoch_begin(epoch)
            self._epoch(epoch)
            logs = self._results()
            logs.update(self._validate(epoch))
            callbacks.on_epoch_end(epoch, logs)
            if model.stop_training or self._stopped:
                break
        if epochs > 0:
            # Where the optimizer keeps averages of the weights, they are the result.
            model.optimizer.finalize_variable_values(model.trainable_variables)
        callbacks.on_train_end(logs)

    def _nobody_looks(self, epochs: range) -> bool:
        """Whether all epochs can run in one call of the engine."""
        callbacks, validation = self._callbacks, self._validation
        return (
            len(epochs) > 1
            and self._epochs is not None
            and not (self._model._has_own("train") or self._model._has_own("test"))
            and callbacks.stops_at() == "fit"
            and not callbacks.shows_progress
            and (validation is None or all(map(validation.due, epochs)))
        )

    def _in_one_call(self, epochs: range) -> tuple[range, dict[str, Any]]:
        """Runs them all; gives what is left for the loop, and the last epoch's logs.

        Where the loss was not finite, all of them are left: the loop goes the same way
        again from the start, and finds the epoch.
        """
        self._before.take()
        assert self._epochs is not None
        whole, columns = run_whole(
            self._model._objective,
            self._epochs,
            self._data,
            self._batch_size,
            epochs,
            self._shuffle,
            self._seed,
            self._first,
            self._validation,
        )
        if whole < len(epochs):
            self._before.put_back()
            return epochs, {}
        self._callbacks.on_epochs(epochs, columns)
        return range(0), {name: values[-1] for name, values in columns.items()}

    def _validate(self, epoch: int) -> dict[str, float]:
        validation = self._validation
        if validation is None or not validation.due(epoch):
            return {}
        quiet = CallbackList(
            [c for c in self._callbacks if c.granularity != "progress"], model=None
        )
        logs = evaluate_pass(
            self._model,
            validation.executable,
            validation.data,
            validation.batch_size,
            quiet,
        )
        return {f"val_{key}": value for key, value in logs.items()}

    def _results(self) -> dict[str, Any]:
        logs = self._model._results("train")
        if self._stopped:
            logs["loss"] = float("nan")
        return dict(sorted(logs.items()))

    def _epoch(self, epoch: int) -> None:
        order = None
        if self._shuffle:
            order = self._permutation(self._seed, epoch, self._data.rows)
        self._before.take()
        step = 0
        while step < self._steps and not self._model.stop_training:
            span = self._span(step)
            self._begin(span)
            start = time.perf_counter()
            whole = run_steps(
                self._executable,
                self._arrays,
                order,
                span,
                self._batch_size,
                self._data.rows,
                self._seed,
                self._first + self._done,
            )
            self._done += whole
            self._measure(whole, time.perf_counter() - start)
            if whole < len(span):
                self._not_finite(epoch, step + whole)
                return
            step = span.stop
            self._end(span)

    def _span(self, step: int) -> range:
        """The steps up to the next moment at which somebody wants to look."""
        if self._each_batch:
            return range(step, step + 1)
        if self._callbacks.shows_progress:
            return range(step, min(step + self._pace, self._steps))
        return range(step, self._steps)

    def _measure(self, steps: int, seconds: float) -> None:
        self._pace = _next_pace(self._pace, steps, seconds)

    def _begin(self, span: range) -> None:
        if self._each_batch:
            self._callbacks.on_train_batch_begin(span.start)

    def _end(self, span: range) -> None:
        if self._each_batch:
            self._callbacks.on_train_batch_end(span.stop - 1, self._results())
        elif self._callbacks.shows_progress:
            self._callbacks.show_progress("train", span.stop - 1, self._results())

    def _not_finite(self, epoch: int, step: int) -> None:
        """The step's updates were dropped; whether that is an error, callbacks say."""
        variables = self._model.trainable_variables
        if not all(np.isfinite(v.storage).all() for v in variables):
            # The step before had a finite loss, but gradients that were not.
            self._before.put_back()
        if not self._nan_ends:
            raise diverged(epoch, step, f"model {self._model.name!r}")
        self._stopped = True
        self._callbacks.on_train_batch_end(step, self._results())


def evaluate_pass(
    model: Any,
    executable: Executable,
    data: Dataset,
    batch_size: int,
    callbacks: CallbackList,
) -> dict[str, float]:
    """One pass over `data` without training; the metrics of all of it."""
    arrays, rows = data.arrays, data.rows
    steps = -(-rows // batch_size)
    model._reset("test")
    callbacks.on_test_begin()

    def run(span: range) -> dict[str, float]:
        run_steps(executable, arrays, None, span, batch_size, rows, 0, 0)
        return dict(sorted(model._results("test").items()))

    logs = watched(callbacks, "test", steps, run)
    callbacks.on_test_end(logs)
    return logs


def watched(
    callbacks: CallbackList,
    mode: Literal["test", "predict"],
    steps: int,
    run: Callable[[range], dict[str, Any]],
) -> dict[str, Any]:
    """Runs all steps, in as few calls of the engine as the callbacks allow.

    Args:
        callbacks: those of batches are called around each step, a progress bar about
            every 50 ms.
        mode: which of their hooks.
        steps: how many there are.
        run: runs some of them and gives the logs.

    Returns:
        The logs of the last call of `run`.
    """
    each = callbacks.stops_at(mode) == "batch"
    logs: dict[str, Any] = {}
    step, pace = 0, 1
    while step < steps:
        count = 1 if each else pace if callbacks.shows_progress else steps
        span = range(step, min(step + count, steps))
        if each:
            getattr(callbacks, f"on_{mode}_batch_begin")(step)
        start = time.perf_counter()
        logs = run(span)
        pace = _next_pace(pace, len(span), time.perf_counter() - start)
        step = span.stop
        if each:
            getattr(callbacks, f"on_{mode}_batch_end")(step - 1, logs)
        else:
            callbacks.show_progress(mode, step - 1, logs)
    return logs


def _next_pace(pace: int, steps: int, seconds: float) -> int:
    """How many steps take about as long as a progress bar waits."""
    if steps == 0 or seconds <= 0:
        return pace
    return max(1, min(int(_PROGRESS * steps / seconds), pace * 8))
