"""Where the time of a step goes: every instruction of the engine against the clock."""

from __future__ import annotations

import importlib
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from pronghorn.callbacks.console import terminal_columns, write
from pronghorn.errors import UnsupportedError
from pronghorn.ir.graph import Graph
from pronghorn.training.arguments import verbosity_of, whole_number
from pronghorn.training.dataset import Dataset
from pronghorn.training.programs import diverged, outputs_for
from pronghorn.training.storage import Backup
from pronghorn.utils.profile_table import Profile, ProfileRow

if TYPE_CHECKING:
    from pronghorn.backends.native import NativeExecutable
    from pronghorn.backends.native.ceiling import Ceiling, Cost
    from pronghorn.backends.native.describe import Described

__all__ = ["profile", "require_engine"]

# The engine's trials are over after so many steps, or seconds and steps.
_MANY_STEPS, _LONG = 400, 0.6
_FEW_STEPS, _SHORT = 18, 0.25
_SEED = 0  # of the order of rows and of dropout: the process's own seed is not touched


def profile(
    model: Any,
    x: Any,
    y: Any = None,
    *,
    batch_size: int | None = None,
    epochs: int = 1,
    verbose: Any = "auto",
    top: int | None = None,
) -> Profile:
    """Times each instruction of a training step or a prediction; prints a table.

    The steps are run for that, and undone: weights, optimizer, metrics and the seed are
    afterwards what they were, also after an error. (What `fit` would build first, the
    weights or the optimizer's slots, is built.)

    The share of the limit compares the time that an instruction took with the least
    that its arithmetic or its memory traffic allows on this machine. The limits are
    measured by the engine itself, once in a process, in about 0.3 s: GFLOP/s of a
    float32 product of 1,024 cubed, and GB/s of a relu over 256 KB, 2 MB, 16 MB and
    128 MB; an instruction is compared with the largest of these that is not larger than
    what it touches, or a larger one if that was faster. In chains every operation
    counts as one, a draw or an exponential too, so that their share looks low. While
    other processes keep the machine busy the limits come out lower than they are.

    Instructions are timed one by one. Without the clock the engine runs some of them
    together or side by side; `step_microseconds` is what a step takes then. Before,
    steps run for a moment that nobody times, in which the engine finds out whether
    threads should share them.

    Args:
        model: to train it must be compiled.
        x: as `fit` takes it.
        y: targets; None profiles a prediction.
        batch_size: rows per step. Default: as `fit` or `predict` choose.
        epochs: passes over the rows that are timed. Default 1.
        verbose: 0 prints nothing. Default "auto": the table.
        top: print so many instructions, those that take longest, and the rest in one
            line. Default None: all.

    Returns:
        A `Profile`: `rows`, one for each instruction, and `table()`.

    Raises:
        UnsupportedError: if the model runs on the reference backend.
        StateError: if there are targets and the model is not compiled.
        DataError, ShapeError: if the data does not fit, as in `fit`.
        DivergedError: if the loss is not finite.

    Example:

    >>> from pronghorn import Sequential, layers
    >>> unit = layers.Dense(8, input_shape=[3], name="unit")
    >>> model = Sequential([unit], name="net")
    >>> model.compile("sgd", "mse")
    >>> found = pronghorn.profile(model, np.ones((64, 3)), np.ones((64, 8)), top=1)
    Training step of "net", 32 rows: mean of 2 steps, ...
    >>> [row.computes for row in found.rows if row.where == "unit"]
    ['32x3 @ 3x8']
    """
    require_engine(model._programs.backend(model).name)
    epochs = whole_number("epochs", epochs, 1)
    if batch_size is not None:
        batch_size = whole_number("batch_size", batch_size, 1)
    if top is not None:
        top = whole_number("top", top, 1)
    verbosity = verbosity_of(verbose)
    run = _prediction if y is None else _training
    found = _profiled(model, run(model, x, y, batch_size), epochs)
    if verbosity:
        write(found.table(top, _width()) + "\n")
    return found


def _width() -> int | None:
    """Columns of the terminal; a file or a notebook is as wide as need be."""
    terminal = os.environ.get("COLUMNS", "").isdigit() or sys.stdout.isatty()
    return terminal_columns() if terminal else None


def require_engine(backend: str) -> None:
    """Refuses backends that have no instructions.

    Raises:
        UnsupportedError: if it is not the native one.

    >>> require_engine("native")
    """
    if backend != "native":
        raise UnsupportedError(
            "Only the native engine has instructions to profile.",
            where="profile",
            expected="a model on the native backend",
            received=f"the {backend} backend",
            remedy="compile without run_eagerly=True, and unset PRONGHORN_BACKEND",
        )


@dataclass(frozen=True, slots=True)
class _Job:
    """What is to be timed."""

    kind: str
    graph: Graph
    data: Dataset
    size: int
    first_step: int = 0


def _training(model: Any, x: Any, y: Any, batch_size: int | None) -> _Job:
    model._require_compiled("profile")
    data = model._prepare(x, y, None, None)
    model._ensure_optimizer()
    size = min(batch_size or 32, data.rows)
    graph = model._programs.get(model, "train", data, size).graph
    model._check_targets(data, None)
    first = int(np.asarray(model.optimizer.iterations))
    return _Job("training", graph, data, size, first)


def _prediction(model: Any, x: Any, _: None, batch_size: int | None) -> _Job:
    data = model._prepare(x, None, None, None)
    asked = batch_size is not None
    program, size = model._programs.predictor(model, data, batch_size, asked)
    return _Job("prediction", program.graph, data, size)


def _profiled(model: Any, job: _Job, epochs: int) -> Profile:
    # Loaded when something is profiled: this room does without the engine.
    native: Any = importlib.import_module("pronghorn.backends.native.profiling")
    # An executable of its own: another thread may be running the model's.
    executable = native.NativeExecutable(job.graph, job.size)
    start = partial(native.set_profiled, executable, True)
    seconds = _run(executable, job, epochs, start, model.name)
    gathered, spent = native.costs(executable)
    told = native.describe(
        job.graph,
        native.lower(job.graph, job.size).program,
        job.size,
        model.variables,
        len(job.data.x),
        model.name,
    )
    limits, engine = native.ceiling(), native.info()
    parts = [*_assembly(job, gathered), *zip(map(_words, told), spent, strict=True)]
    steps = epochs * -(-job.data.rows // job.size)
    return Profile(
        model=model.name,
        kind=job.kind,
        batch_size=job.size,
        steps=steps,
        step_microseconds=seconds / steps * 1e6,
        rows=_rows(parts, limits),
        peak_gflops=limits.gflops,
        bandwidths=limits.passes,
        isa=engine["isa"],
        threads=engine["threads"],
    )


# --- running


def _run(
    executable: NativeExecutable,
    job: _Job,
    epochs: int,
    start_clock: Callable[[], None],
    name: str,
) -> float:
    """Runs everything twice: without the clock, whose seconds it gives, and with it."""
    arrays, rows, size = job.data.arrays, job.data.rows, job.size
    outputs = outputs_for(executable, rows)
    order = None
    if job.kind == "training":
        order = executable.permutation(_SEED, 0, rows)
    first = job.first_step
    count = -(-rows // size)

    def one_pass(epoch: int = 0) -> None:
        number = first + epoch * count
        whole = executable.run(
            arrays, order, 0, rows, size, _SEED, number, outputs=outputs
        )
        if whole < count:
            raise diverged(epoch, whole, f"profile of model {name!r}")

    before = Backup([leaf.payload for leaf in job.graph.state])
    before.take()
    try:
        _warm_up(one_pass, before.put_back, count)
        start = time.perf_counter()
        for epoch in range(epochs):
            one_pass(epoch)
        seconds = time.perf_counter() - start
        before.put_back()
        start_clock()
        for epoch in range(epochs):
            one_pass(epoch)
        return seconds
    finally:
        before.put_back()


def _warm_up(
    one_pass: Callable[[], None], put_back: Callable[[], None], steps: int
) -> None:
    """Passes that nobody times, while the engine tries how threads share the work."""
    start, done = time.perf_counter(), 0
    spent = 0.0
    while done < _MANY_STEPS and spent < _LONG:
        one_pass()
        put_back()
        done += steps
        spent = time.perf_counter() - start
        if done >= _FEW_STEPS and spent >= _SHORT:
            return


# --- telling


_Words = tuple[str, str, str]  # instruction, where, computes


def _words(told: Described) -> _Words:
    return told.instruction.name, told.where, told.computes


def _assembly(job: _Job, gathered: Sequence[Cost]) -> list[tuple[_Words, Cost]]:
    """The inputs whose rows are picked in an order, or widened; others cost nothing."""
    data = job.data
    names = [*_numbered("x", data.x), *_numbered("y", data.y)]
    found = []
    for name, array, cost in zip(names, data.arrays, gathered, strict=True):
        if job.kind == "training" or array.dtype == bool:
            shape = "x".join(map(str, (job.size, *array.shape[1:])))
            found.append((("input", name, f"picks rows: {shape}"), cost))
    return found


def _numbered(name: str, arrays: Sequence[np.ndarray | None]) -> list[str]:
    count = sum(array is not None for array in arrays)
    return [name] if count == 1 else [f"{name}[{i}]" for i in range(count)]


def _rows(
    parts: Sequence[tuple[_Words, Cost]], limits: Ceiling
) -> tuple[ProfileRow, ...]:
    total = sum(cost.nanoseconds for _, cost in parts) or 1
    return tuple(
        _row(number, words, cost, cost.nanoseconds / total, limits)
        for number, (words, cost) in enumerate(parts, 1)
    )


def _row(
    number: int, words: _Words, cost: Cost, share: float, limits: Ceiling
) -> ProfileRow:
    times = max(cost.times, 1)
    flops, moved = cost.flops / times, cost.bytes / times
    return ProfileRow(
        number,
        *words,
        microseconds=cost.nanoseconds / times / 1e3,
        share=share,
        flops=flops,
        bytes=moved,
        least_microseconds=limits.seconds(flops, moved) * 1e6,
    )
