"""The loop over epochs: how far the engine runs before Python looks again."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from contextlib import closing
from typing import Any, Literal

import numpy as np

from pronghorn.backends.base import EpochsExecutable
from pronghorn.callbacks import CallbackList, TerminateOnNaN
from pronghorn.errors import ArgumentError
from pronghorn.training.programs import diverged
from pronghorn.training.sources import ArraySource, Block, Source
from pronghorn.training.storage import Backup
from pronghorn.training.validation import Validation
from pronghorn.training.whole import run_whole
from pronghorn.tree import flatten

__all__ = ["Fit", "ends_on_nan", "evaluate_pass", "watched"]

_PROGRESS = 0.05  # seconds of work between two looks at a progress bar
# What a callback sets on the model to end a pass, as `stop_training` ends fit.
_STOPS = {"test": "stop_evaluating", "predict": "stop_predicting"}


class Fit:
    """One call of `fit`.

    Args:
        model: compiled and built.
        source: the training rows, or batches.
        seed: of the order and of the random nodes.
        callbacks: with the model and the parameters set.
        validation: what to measure on after an epoch, if anything.
    """

    def __init__(
        self,
        model: Any,
        source: Source,
        seed: int,
        callbacks: CallbackList,
        validation: Validation | None,
    ) -> None:
        self._model = model
        self._source = source
        self._seed = seed
        self._callbacks = callbacks
        self._validation = validation
        self._first = int(np.asarray(model.optimizer.iterations))
        self._done = 0
        self._resumed: tuple[int, int] | None = None  # epoch, and steps of it done
        self._metrics: list[Any] = []  # the metrics' variables then
        self._pace = 1  # steps per look, measured
        self._nan_ends = any(isinstance(c, TerminateOnNaN) for c in callbacks)
        self._stopped = False
        self._each_batch = callbacks.stops_at() == "batch"
        self._group: int = model.steps_per_execution  # steps per look at a batch
        # Every variable that a step changes, but for the metrics' own.
        self._before = Backup([*model.variables, *model.optimizer.variables])

    def run(self, initial_epoch: int, epochs: int) -> None:
        """All epochs; the callbacks may end them early."""
        model, callbacks = self._model, self._callbacks
        logs: dict[str, Any] = {}
        model.stop_training = False
        model.fit_run = self
        callbacks.on_train_begin()
        if self._resumed is not None:
            initial_epoch = self._resumed[0]
        asked = range(initial_epoch, epochs)
        todo = asked
        whole = self._without_a_look(asked)
        if whole is not None:
            todo, logs = self._in_one_call(asked, whole)
        for epoch in todo:
            if not self._source.ready():
                _warn_ended(epoch, epochs)
                break
            model._reset("train")
            done = self._take_up(epoch)
            callbacks.on_epoch_begin(epoch)
            self._epoch(epoch, done)
            logs = self._results()
            logs.update(self._validate(epoch))
            callbacks.on_epoch_end(epoch, logs)
            if model.stop_training or self._stopped:
                break
        if epochs > 0:
            # Where the optimizer keeps averages of the weights, they are the result.
            model.optimizer.finalize_variable_values(model.trainable_variables)
        callbacks.on_train_end(logs)

    def state(self, within_epoch: bool) -> dict[str, Any]:
        """What a later `resume` needs, besides the weights: plain data.

        Args:
            within_epoch: whether the epoch that runs is to be gone on with.
        """
        kept = self._model._objective.variables() if within_epoch else []
        return {
            "seed": self._seed,
            "step": self._first + self._done,
            "steps": self._source.steps,
            "metrics": [v.numpy().tolist() for v in kept],
        }

    def resume(self, epoch: int, done: int, state: dict[str, Any] | None) -> None:
        """Makes `run` begin elsewhere; to be called in `on_train_begin`.

        Args:
            epoch: the epoch to begin with, from 0.
            done: how many of its steps are done.
            state: what `state` gave then; None if it is not known: a new seed.

        Raises:
            ArgumentError: an epoch of this `fit` has another number of steps.
        """
        self._resumed = (epoch, done)
        self._first = int(np.asarray(self._model.optimizer.iterations))
        if state is None:
            return
        if done and state["steps"] != self._source.steps:
            raise ArgumentError(
                "The backup was made within an epoch of other data.",
                where="fit",
                expected=f"{state['steps']} steps in an epoch",
                received=f"{self._source.steps}",
                remedy="pass the same data and batch_size, or delete the backup",
            )
        self._first, self._seed = state["step"], state["seed"]
        self._metrics = state["metrics"]

    def _take_up(self, epoch: int) -> int:
        """How many steps of the epoch are done; the metrics are as they left them."""
        if self._resumed is None or epoch != self._resumed[0]:
            return 0
        variables = self._model._objective.variables()
        if self._resumed[1]:
            for variable, value in zip(variables, self._metrics, strict=True):
                variable.assign(np.asarray(value, variable.dtype))
        return self._resumed[1]

    def _without_a_look(self, epochs: range) -> ArraySource | None:
        """The rows, where all epochs can run over them in one call of the engine."""
        source, callbacks, held = self._source, self._callbacks, self._validation
        can = (
            isinstance(source, ArraySource)
            and source.is_whole
            and len(epochs) > 1
            and isinstance(source.executable, EpochsExecutable)
            and not (self._model._has_own("train") or self._model._has_own("test"))
            and callbacks.stops_at() == "fit"
            and not callbacks.shows_progress
            and (held is None or (held.arrays and all(map(held.due, epochs))))
        )
        return source if can else None  # type: ignore[return-value]

    def _in_one_call(
        self, epochs: range, source: ArraySource
    ) -> tuple[range, dict[str, Any]]:
        """Runs them all; gives what is left for the loop, and the last epoch's logs.

        Where the loss was not finite, all of them are left: the loop goes the same way
        again from the start, and finds the epoch.
        """
        self._before.take()
        held = self._validation
        whole, columns = run_whole(
            self._model._objective,
            source,
            epochs,
            self._seed,
            self._first,
            None if held is None else held.arrays,
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
        if not validation.source.ready():
            warnings.warn(
                "Your input ran out of data: validation_data gave its last batch, so "
                "nothing is measured any more. Pass arrays or a PyDataset, which can "
                "be read again.",
                stacklevel=4,
            )
            return {}
        quiet = CallbackList(
            [c for c in self._callbacks if c.granularity != "progress"], model=None
        )
        logs = evaluate_pass(self._model, validation.source, quiet)
        return {f"val_{key}": value for key, value in logs.items()}

    def _results(self) -> dict[str, Any]:
        logs = self._model._results("train")
        if self._stopped:
            logs["loss"] = float("nan")
        return dict(sorted(logs.items()))

    def _epoch(self, epoch: int, done: int = 0) -> None:
        self._before.take()
        model = self._model
        before = 0  # steps of the epoch's blocks that are over
        blocks = self._source.blocks(epoch, self._seed, self._each_batch)
        with closing(blocks):  # type: ignore[type-var]
            for block in blocks:
                step = min(max(done - before, 0), block.steps)
                while step < block.steps and not model.stop_training:
                    span = self._span(before, step, block.steps)
                    self._begin(before + step)
                    start = time.perf_counter()
                    whole = block.run(span, self._seed, self._first + self._done)
                    self._done += whole
                    self._measure(whole, time.perf_counter() - start)
                    if whole < len(span):
                        self._not_finite(epoch, before + step + whole)
                        return
                    step = span.stop
                    self._end(before + step - 1)
                if model.stop_training:
                    return
                before += block.steps
        if self._each_batch and before % self._group:
            self._end(before + self._group - before % self._group - 1)

    def _span(self, before: int, step: int, steps: int) -> range:
        """The steps up to the next moment at which somebody wants to look."""
        if self._each_batch:
            rest = self._group - (before + step) % self._group
            return range(step, min(step + rest, steps))
        if self._callbacks.shows_progress:
            return range(step, min(step + self._pace, steps))
        return range(step, steps)

    def _measure(self, steps: int, seconds: float) -> None:
        self._pace = _next_pace(self._pace, steps, seconds)

    def _begin(self, step: int) -> None:
        if self._each_batch and step % self._group == 0:
            self._callbacks.on_train_batch_begin(step)

    def _end(self, step: int) -> None:
        if self._each_batch:
            if (step + 1) % self._group == 0:
                self._callbacks.on_train_batch_end(step, self._results())
        elif self._callbacks.shows_progress:
            self._callbacks.show_progress("train", step, self._results())

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


def ends_on_nan(callbacks: Any) -> bool:
    """Whether a `TerminateOnNaN` is among what `fit` was given as callbacks."""
    given = getattr(callbacks, "callbacks", callbacks)  # of a CallbackList
    return any(isinstance(c, TerminateOnNaN) for c in flatten(given))


def evaluate_pass(
    model: Any, source: Source, callbacks: CallbackList
) -> dict[str, float]:
    """One epoch of a source without training; the metrics of all of it."""
    source.reset()
    model._reset("test")
    callbacks.on_test_begin()

    def run(block: Block, span: range) -> dict[str, float]:
        block.run(span)
        return dict(sorted(model._results("test").items()))

    logs = watched(model, callbacks, "test", source, run)
    callbacks.on_test_end(logs)
    return logs


def watched(
    model: Any,
    callbacks: CallbackList,
    mode: Literal["test", "predict"],
    source: Source,
    run: Callable[[Block, range], dict[str, Any]],
) -> dict[str, Any]:
    """Runs one epoch's steps, in as few calls of the engine as the callbacks allow.

    Args:
        model: whose `stop_evaluating` or `stop_predicting` a callback may set, which
            ends it after that batch.
        callbacks: those of batches are called around each step, or around as many as
            `steps_per_execution` says, a progress bar about every 50 ms.
        mode: which of their hooks.
        source: what to run over.
        run: runs some of a block's steps and gives the logs.

    Returns:
        The logs of the last call of `run`.
    """
    each = callbacks.stops_at(mode) == "batch"
    stop, group = _STOPS[mode], model.steps_per_execution
    setattr(model, stop, False)
    begun = getattr(callbacks, f"on_{mode}_batch_begin")
    ended = getattr(callbacks, f"on_{mode}_batch_end")
    logs: dict[str, Any] = {}
    before, pace = 0, 1
    blocks = source.blocks(0, 0, each)
    with closing(blocks):  # type: ignore[type-var]
        for block in blocks:
            step = 0
            while step < block.steps:
                count = pace if callbacks.shows_progress else block.steps
                if each:
                    count = group - (before + step) % group
                    if count == group:
                        begun(before + step)
                span = range(step, min(step + count, block.steps))
                start = time.perf_counter()
                logs = run(block, span)
                pace = _next_pace(pace, len(span), time.perf_counter() - start)
                step = span.stop
                if each:
                    if (before + step) % group == 0:
                        ended(before + step - 1, logs)
                else:
                    callbacks.show_progress(mode, before + step - 1, logs)
                if getattr(model, stop):
                    return logs
            before += block.steps
    if each and before % group:
        last = before + group - before % group - 1
        ended(last, logs)
    return logs


def _warn_ended(done: int, epochs: int) -> None:
    warnings.warn(
        f"Your input ran out of data: there is no batch for epoch {done + 1} of "
        f"{epochs}, so training ends here. A generator gives its batches once; pass a "
        "PyDataset or another iterable, which can be read again, or steps_per_epoch "
        "and a generator without an end.",
        stacklevel=4,
    )


def _next_pace(pace: int, steps: int, seconds: float) -> int:
    """How many steps take about as long as a progress bar waits."""
    if steps == 0 or seconds <= 0:
        return pace
    return max(1, min(int(_PROGRESS * steps / seconds), pace * 8))
