"""`pronghorn train --tune`: the search behind it, and its table of trials."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from pronghorn.cli.nets import Net
from pronghorn.cli.workflow import Options, Prepared, Result, evaluate_rows
from pronghorn.errors import ArgumentError
from pronghorn.tabular import Preset
from pronghorn.tuning import Tuned, tune

__all__ = ["check_tune", "show_trials", "tune_net"]

SHOWN = 10
"""So many trials are printed, the best ones."""

STATES = {"complete": "", "pruned": "dim", "diverged": "yellow", "failed": "red"}


def check_tune(options: Options) -> None:
    """Refuses a search of a net that has nothing to choose.

    Raises:
        ArgumentError: the net is a plain one, which has no preset.
    """
    if options.preset is None:
        raise ArgumentError(
            "--tune and --hidden exclude each other.",
            expected="--tune with a preset, whose layers it chooses",
            received="--tune and --hidden",
            remedy="leave --hidden out",
        )


def tune_net(out: Console, prepared: Prepared, trials: int) -> Result:
    """Searches, shows the trials, and scores the best one's model on the holdout.

    Args:
        out: where the trials are shown.
        prepared: a table, with the preset to search around. The search sees its
            training rows only.
        trials: how many configurations.

    Raises:
        MissingDependencyError: Optuna is not installed.
    """
    assert isinstance(prepared.plan, Preset)  # by `check_tune`
    began = time.perf_counter()
    options, schema = prepared.options, prepared.schema
    bar = _TrialBar(out, trials)
    try:
        tuned = tune(
            prepared.table.take(prepared.training),
            options.target,
            trials=trials,
            task=schema.target.task,
            preset=prepared.plan,
            features=options.features,
            drop=options.drop,
            seed=options.seed,
            callbacks=[bar],
        )
    finally:
        bar.close()
    model = tuned.model
    rows = {**schema.rows, **model.schema.rows, "training": schema.rows["training"]}
    ends = {"epochs": tuned.best.epochs, "best": max(model.best)}
    net = {**schema.net, **model.schema.net, **ends}
    model.schema = replace(model.schema, missing=schema.missing, rows=rows, net=net)
    found = Net(model.net, model.schema, model)
    seconds = time.perf_counter() - began
    held = None
    if len(prepared.holdout):
        held = evaluate_rows(found, prepared.table.take(prepared.holdout))
    show_trials(out, tuned)
    return Result(found, held, seconds)


def show_trials(out: Console, tuned: Tuned) -> None:
    """The best trials, a line each, and how many there were."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    names = [name for name in tuned.trials[0] if name not in ("trial", "state")]
    table.add_column("trial", justify="right")
    for name in names:
        table.add_column(escape(name.replace("_", " ")), justify="right")
    ordered = sorted(tuned.trials, key=lambda row: _order(row, tuned.metric))
    for row in ordered[:SHOWN]:
        cells = [_cell(row.get(name)) for name in names]
        mark = "" if row["state"] == "complete" else f" {row['state']}"
        table.add_row(f"{row['trial']}{mark}", *cells, style=STATES[row["state"]])
    out.print(table)
    counts = [
        f"{sum(row['state'] == state for row in tuned.trials)} {state}"
        for state in STATES
        if any(row["state"] == state for row in tuned.trials)
    ]
    metric = tuned.metric.replace("_", " ")
    out.print(
        f"[bold]tried[/]    {len(tuned.trials)} configurations: {', '.join(counts)}; "
        f"{metric} by {tuned.best.folds} folds"
    )


class _TrialBar:
    """A bar that fills by trials; shown on a terminal alone."""

    def __init__(self, out: Console, trials: int) -> None:
        self._bar = Progress(
            TextColumn("[bold]tuning[/]"),
            BarColumn(),
            TextColumn("configuration {task.completed:.0f} of {task.total:.0f}"),
            TextColumn("{task.fields[best]}"),
            TimeElapsedColumn(),
            console=out,
            transient=True,
            disable=not out.is_terminal,
        )
        self._task = self._bar.add_task("tuning", total=trials, best="")
        self._bar.start()
        self._values: list[float] = []

    def __call__(self, study: Any, trial: Any) -> None:
        if trial.state.name == "COMPLETE":
            self._values.append(trial.value)
        best = f"best {min(self._values):.4g}" if self._values else ""
        self._bar.update(self._task, advance=1, best=best)

    def close(self) -> None:
        self._bar.stop()


def _order(row: dict[str, Any], metric: str) -> tuple[bool, float]:
    value = row[metric]
    return row["state"] != "complete", float("inf") if value is None else value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else escape(str(value))
