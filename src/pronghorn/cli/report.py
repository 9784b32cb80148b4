"""What the commands print: for people, on a terminal or in a file."""

from __future__ import annotations

import os
import shlex
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from pronghorn.callbacks import Callback
from pronghorn.callbacks.callback import Logs
from pronghorn.cli.linear import Unit
from pronghorn.cli.nets import Net
from pronghorn.cli.recipe import Plan
from pronghorn.cli.workflow import Prepared, Result, Scores
from pronghorn.data.infer import Notice
from pronghorn.data.numerals import fixed
from pronghorn.data.schema import ColumnSchema, Schema
from pronghorn.errors import PronghornError
from pronghorn.inspection import backend_of
from pronghorn.models import Model
from pronghorn.utils import Profile

__all__ = [
    "EpochBar",
    "console",
    "show_error",
    "show_layers",
    "show_notices",
    "show_prepared",
    "show_profile",
    "show_result",
    "show_schema",
    "show_scores",
    "show_unit",
]

KIND_STYLES = {
    "numeric": "cyan",
    "categorical": "magenta",
    "boolean": "blue",
    "date": "green",
}
LONGEST = 24
"""Longer categories are cut."""

PERCENT = ("error", "balanced error")


def console(stderr: bool = False) -> Console:
    """Where a command writes; a file is as wide as its tables need, or as COLUMNS."""
    made = Console(stderr=stderr, highlight=False)
    if not made.is_terminal and not os.environ.get("COLUMNS", "").isdigit():
        made.width = max(made.width, 100)
    return made


def show_error(out: Console, error: PronghornError) -> None:
    """One message, its parts below each other."""
    out.print(f"[bold red]error:[/] {escape(error.message)}", soft_wrap=True)
    parts = {
        "where": error.where,
        "expected": error.expected,
        "received": error.received,
        "what to do": error.remedy,
    }
    for label, text in parts.items():
        if text is not None:
            out.print(f"  [bold]{label}:[/] {escape(text)}", soft_wrap=True)


def show_prepared(out: Console, prepared: Prepared, path: Path) -> None:
    """The schema, what to know about it, and which rows are used for what."""
    schema, rows = prepared.schema, prepared.schema.rows
    target = schema.target
    what = target.task
    if target.labels:
        what += f", {len(target.labels)} classes"
    out.print(f"[bold]{escape(path.name)}[/] → [bold]{escape(target.name)}[/] ({what})")
    if prepared.inferred_numbers:
        out.print("(--task regression to predict it as a number)")
    show_schema(out, schema)
    show_notices(out, prepared.notices)
    used = rows["training"] + rows["holdout"]
    dropped = rows["without target"]
    without = f"; {dropped:,} left out without a target" if dropped else ""
    out.print(f"[bold]rows[/]     {rows['read']:,} read, {used:,} used{without}")
    plan, watched = prepared.plan, ""
    if isinstance(plan, Plan) and len(plan.watched):
        watched = f", {len(plan.watched):,} of them to know when to stop"
    out.print(
        f"         {rows['training']:,} to train on{watched}; "
        f"{rows['holdout']:,} held out"
    )
    out.print(f"[bold]net[/]      {_net_words(schema)}")


def show_schema(out: Console, schema: Schema) -> None:
    """A line for each column, those that are left out below."""
    if "training" in schema.rows:
        rows = schema.rows["training"]
        out.print(f"[dim]columns as they are in the {rows:,} training rows:[/]")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in ("column", "kind"):
        table.add_column(name, overflow="fold")
    table.add_column("missing", justify="right")
    table.add_column("values", overflow="ellipsis")
    table.add_column("fed as", overflow="fold")
    for column in schema.columns:
        if column.used:
            style = KIND_STYLES[column.kind]
            missing = f"{column.missing:,}" if column.missing else ""
            kind = f"[{style}]{column.kind}[/]"
            values = escape(_values(column))
            table.add_row(escape(column.name), kind, missing, values, _fed_as(column))
    for column in schema.columns:
        if not column.used and column.kind != "dropped":
            reason = escape(f"left out: {column.reason}")
            row = (escape(column.name), column.kind, "", reason, "")
            table.add_row(*row, style="dim")
    out.print(table)
    dropped = [column for column in schema.columns if column.kind == "dropped"]
    if dropped:
        shown = ", ".join(column.name for column in dropped)
        out.print(
            f"[dim]left out, {dropped[0].reason}: {escape(shown)}[/]", soft_wrap=True
        )


def show_notices(
    out: Console, notices: Iterable[Notice], label: str = "warning"
) -> None:
    """What the user should know, and what to do about it, as wide as the terminal."""
    for notice in notices:
        start = f"{label}: "
        style = "bold yellow" if label == "warning" else "bold"
        words = Text(_wrapped(f"{start}{notice.column} {notice.message}", out, start))
        words.stylize(style, 0, len(start))
        words.stylize("bold", len(start), len(start) + len(notice.column))
        out.print(words, soft_wrap=True)
        if notice.remedy:
            blank = " " * len(start)
            text = _wrapped(blank + notice.remedy, out, start)
            out.print(Text(text), soft_wrap=True)


def _wrapped(text: str, out: Console, start: str) -> str:
    return textwrap.fill(
        text,
        out.width,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
    )


def show_result(
    out: Console, result: Result, path: Path, data: Path, *, replaced: bool = False
) -> None:
    """How good the net is, where it went, and what to do next."""
    schema = result.net.schema
    out.print(
        f"[bold]trained[/]  {_trained_words(result.net)} in {result.seconds:.1f} s; "
        f"backend: {backend_of(result.net.model)}"
    )
    if result.scores:
        show_scores(out, schema, result.scores, "holdout")
    else:
        out.print(
            "         no rows held out, so there is no measure of its predictions"
        )
    also = " (replaced)" if replaced else ""
    out.print(f"[bold]model[/]    {escape(str(path))}{also}", soft_wrap=True)
    source, model = (escape(shlex.quote(str(p))) for p in (data, path))
    out.print(f"[bold]next[/]     pronghorn predict {model} {source}", soft_wrap=True)
    out.print(f"         pronghorn show {model}", soft_wrap=True)


def show_scores(out: Console, schema: Schema, scores: Scores, what: str) -> None:
    """The scores beside those of always predicting the same."""
    target = schema.target
    mean = "the mean" if target.task == "regression" else "the most frequent class"
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    table.add_column(f"{what}, {scores.rows:,} rows")
    table.add_column("this net", justify="right", style="bold green")
    constant = scores.constant
    always = constant if isinstance(constant, str) else fixed([constant])[0]
    table.add_column(f"always {escape(always)} ({mean})", justify="right")
    for name, value in scores.model.items():
        shown = _scores(name, (value, scores.baseline[name]))
        table.add_row(_score_name(name, target.name), *shown)
    out.print(table)


def show_unit(out: Console, unit: Unit) -> None:
    """A linear unit's weights and biases, as they apply to the table's own values."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    table.add_column("weights in the table's own units", overflow="fold")
    for output in unit.outputs:
        table.add_column(escape(output), justify="right")
    columns = np.vstack([unit.weights, unit.bias]).T.tolist()
    shown = list(zip(*(fixed(column, digits=7) for column in columns), strict=True))
    for name, row in zip(unit.names, shown[:-1], strict=True):
        table.add_row(escape(name), *row)
    table.add_section()
    table.add_row("bias", *shown[-1], style="bold")
    out.print(table)
    for note in unit.notes:
        out.print(escape(note), soft_wrap=True)


def show_profile(out: Console, profile: Profile) -> None:
    """Where the time of a training step goes, instruction by instruction."""
    fits = out.is_terminal or os.environ.get("COLUMNS", "").isdigit()
    table = profile.table(width=out.width if fits else None)
    out.print(Text("\n" + table), soft_wrap=True)


def show_layers(out: Console, model: Model) -> None:
    """The net's layers with their shapes and numbers of parameters."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in ("layer", "kind", "outputs"):
        table.add_column(name, overflow="fold")
    table.add_column("parameters", justify="right")
    for layer in model.layers:
        shape = getattr(layer, "output", None)
        shape = "" if shape is None else str(tuple(shape.shape[1:]))
        kind = type(layer).__name__
        table.add_row(layer.name, kind, shape, f"{layer.count_params():,}")
    table.add_section()
    table.add_row("total", "", "", f"{model.count_params():,}", style="bold")
    out.print(table)


class EpochBar(Callback):
    """A bar that fills by epochs.

    Args:
        out: where to draw.
    """

    def __init__(self, out: Console) -> None:
        super().__init__()
        self._bar = Progress(
            TextColumn("[bold]training[/]"),
            BarColumn(),
            TextColumn("epoch {task.completed:.0f} of at most {task.total:.0f}"),
            TimeElapsedColumn(),
            console=out,
            transient=True,
            disable=not out.is_terminal,
        )
        self._task = self._bar.add_task("training", total=None)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Draws the empty bar."""
        total = self.params["epochs"] if self.params else None
        self._bar.update(self._task, total=total)
        self._bar.start()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Fills the bar by an epoch."""
        self._bar.update(self._task, completed=epoch + 1)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Takes the bar away."""
        self.close()

    def close(self) -> None:
        """Takes the bar away, also after an error."""
        self._bar.stop()


def _trained_words(net: Net) -> str:
    """How long, and which weights were kept."""
    found = net.schema.net
    epochs, best = found["epochs"], found["best"]
    if net.preset is None:
        kept = f", the weights of epoch {best} kept" if best < epochs else ""
        return f"{epochs:,} epochs{kept}"
    members = found["members"]
    widths = ", ".join(map(str, found["hidden"]))
    nets = "one net" if members == 1 else f"{members} nets side by side"
    return f"{nets} of {widths} units, {epochs:,} epochs"


def _net_words(schema: Schema) -> str:
    if "preset" in schema.net:
        return f"preset {schema.net['preset']!r}"
    hidden = schema.net["hidden"]
    if not hidden:
        return "a linear unit, by gradient descent on all training rows"
    return f"hidden layers of {', '.join(map(str, hidden))} units"


def _values(column: ColumnSchema) -> str:
    if column.kind == "numeric":
        assert column.low is not None and column.high is not None
        return " to ".join(fixed([column.low, column.high]))
    if column.kind == "date":
        return f"{column.distinct:,} different"
    shown = ", ".join(_cut(category) for category in column.categories[:4])
    more = len(column.categories) - 4
    return shown + (f", and {more:,} more" if more > 0 else "")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _fed_as(column: ColumnSchema) -> str:
    encoder: Any = column.encoder
    kind = encoder.get("type")
    if kind is None:  # a preset's, before it is trained
        return ""
    if kind in ("embedding", "ids"):
        return {"ids": "category"}.get(kind, kind)
    count = len(encoder["center"]) if "center" in encoder else _features(encoder)
    return "1 number" if count == 1 else f"{count} numbers"


def _features(encoder: Any) -> int:
    return len(encoder["parts"]) if encoder["type"] == "date_parts" else 1


def _score_name(name: str, target: str) -> str:
    if name in ("RMSE", "MAE"):
        return f"{name}, in units of {escape(target)}"
    return {"error": "error: rows predicted wrongly"}.get(name, name)


def _scores(name: str, values: Sequence[float]) -> list[str]:
    """The scores of a row, in one style."""
    if name in PERCENT:
        return [f"{value:.2%}" for value in values]
    return fixed(values, places=3 if name == "R2" else None)
