"""`pronghorn train` on files larger than memory."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from pronghorn.cli.nets import Net
from pronghorn.cli.scores import scores
from pronghorn.cli.workflow import Options, Result, Scores
from pronghorn.data.files import find_files
from pronghorn.errors import ArgumentError
from pronghorn.tabular.presets import preset
from pronghorn.tabular.stream import TableStream
from pronghorn.tabular.stream_fit import fit_stream, held_parts, is_large
from pronghorn.tabular.stream_progress import Progress
from pronghorn.tabular.table_model import TableModel
from pronghorn.tabular.targets import Target

__all__ = [
    "RowBar",
    "check_streamed",
    "fit_streamed",
    "is_streamed",
    "open_streamed",
]

MEASURED = 0.5
"""The part of the rows held out that choose no weights: they measure the net."""


class RowBar:
    """A bar that fills by rows; a file gets a line where a stage is over.

    Args:
        out: where to draw.
    """

    def __init__(self, out: Console) -> None:
        self._out = out
        self._bar = Bar(
            TextColumn("[bold]rows[/]"),
            BarColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=out,
            transient=True,
            disable=not out.is_terminal,
        )
        self._task = self._bar.add_task("", total=None)

    def __call__(self, progress: Progress) -> None:
        """Fills the bar as far as the work is."""
        self._bar.start()
        done, total = progress.done, progress.total
        self._bar.update(
            self._task, completed=done, total=total, description=str(progress)
        )
        if done == total:
            self._out.print(f"[bold]rows[/]     {progress}")

    def close(self) -> None:
        """Takes the bar away, also after an error."""
        self._bar.stop()


def is_streamed(data: Path, options: Options, asked: bool | None) -> bool:
    """Whether files are streamed: where somebody asks for it, or they are large.

    Args:
        data: a file, or a pattern.
        options: of the command.
        asked: `--stream` or `--no-stream`, or None.

    Raises:
        DataError: no such file.
        ArgumentError: a plain net is asked for.
    """
    several = not data.is_file() and any(sign in str(data) for sign in "*?[")
    if asked is False and several:
        raise ArgumentError(
            "Several files are one table only where they are streamed.",
            where="--no-stream",
            expected="one file",
            received=str(data),
        )
    found = several or bool(asked)
    if not found and asked is None and data.is_file():
        found = data.suffix != ".keras" and is_large(find_files(data))
    if found and options.preset is None:
        raise ArgumentError(
            "A plain net reads its table whole.",
            where="--hidden",
            expected="a preset, for files that are streamed",
            received=str(data),
            remedy="leave --hidden out, or give --no-stream",
        )
    return found


def check_streamed(report: Path | None, profile: bool, tune: int | None) -> None:
    """Refuses what looks at a whole table.

    Raises:
        ArgumentError: a report, a profile or a search is asked for.
    """
    asked = {"--report": report, "--profile": profile or None, "--tune": tune}
    for option in [name for name, value in asked.items() if value is not None]:
        raise ArgumentError(
            f"{option} looks at a table that is read whole.",
            where=option,
            expected="one file of less than 1 GB, without --stream",
            received="files that are streamed",
            remedy=f"leave {option} out, or give --no-stream",
        )


def open_streamed(data: Path, options: Options, bar: RowBar) -> TableStream:
    """Prepares the rows of the files.

    What was broken off goes on, as long as its folder for temporary files is there.
    """
    return TableStream(
        data,
        options.target,
        task=options.task,
        features=options.features,
        drop=options.drop,
        missing=options.missing,
        validation=options.holdout,
        seed=options.seed,
        progress=bar,
    )


def fit_streamed(stream: TableStream, options: Options, bar: RowBar) -> Result:
    """Trains a preset's net, and measures it on rows that chose nothing."""
    assert options.preset is not None
    plan = preset(options.preset, epochs=options.epochs, batch_size=options.batch_size)
    began = time.perf_counter()
    model = fit_stream(stream, plan, options.seed, progress=bar, measured=MEASURED)
    seconds = time.perf_counter() - began
    target = model.schema.target
    constant = _constant(stream)
    net = {
        **model.schema.net,
        "preset": options.preset,
        "seed": options.seed,
        "baseline": constant,
        "epochs": len(model.history["loss"]),
        "best": max(model.best),
    }
    schema = replace(model.schema, net=net)
    goal = Target(target, np.array(target.labels, object))  # as texts, as files have
    model = TableModel(schema, goal, model.net, model.history, model.best)
    held = _scores(stream, model, goal, constant, options.seed)
    return Result(Net(model.net, schema, model), held, seconds)


def _constant(stream: TableStream) -> str | float:
    """What the baseline predicts: the mean, or the most frequent class."""
    target = stream.schema.target
    if target.task == "regression":
        return target.center
    return target.labels[int(stream.totals.argmax())]


def _scores(
    stream: TableStream,
    model: TableModel,
    goal: Target,
    constant: str | float,
    seed: int,
) -> Scores | None:
    held = stream.validation_data
    if held is None:
        return None
    x, y = held[:2]
    _, rows = held_parts(len(y), MEASURED, seed)
    x = {k: v[rows] for k, v in x.items()} if isinstance(x, dict) else x[rows]
    outputs = np.asarray(model.net.predict(x, batch_size=4096, verbose=0))
    predicted, truth = goal.decode(outputs), _decoded(goal, y[rows])
    target = model.schema.target
    always = np.full(len(truth), constant, dtype=truth.dtype)
    return Scores(
        scores(target, truth, predicted),
        scores(target, truth, always),
        constant,
        len(truth),
    )


def _decoded(goal: Target, y: np.ndarray) -> Any:
    if goal.classes:
        return goal.labels[y]
    return y.astype(np.float64) * goal.schema.scale + goal.schema.center
