"""What the commands do, without a word about how it is shown."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pronghorn.callbacks import Callback
from pronghorn.cli.nets import Net
from pronghorn.cli.recipe import HIDDEN, Plan, build, make_plan, train
from pronghorn.cli.scores import Score, scores
from pronghorn.data.infer import (
    Notice,
    infer_columns,
    infer_target,
    likely_codes,
    target_numbers,
)
from pronghorn.data.raw import RawTable
from pronghorn.data.reader import read_table
from pronghorn.data.schema import Schema, TargetSchema
from pronghorn.data.splits import split_rows
from pronghorn.errors import ArgumentError, DataError, closest
from pronghorn.tabular.fitting import fit
from pronghorn.tabular.prepare import encode_table, encode_target, fit_schema
from pronghorn.tabular.presets import Preset, preset
from pronghorn.tabular.targets import Target
from pronghorn.utils import Profile, profile

__all__ = [
    "Options",
    "Prepared",
    "Result",
    "Scores",
    "check_out",
    "check_target",
    "evaluate_rows",
    "fit_net",
    "prepare",
    "profile_net",
]


@dataclass(frozen=True)
class Options:
    """The options of `train`, checked.

    Attributes:
        target: the column to predict.
        features, drop: columns to use, or to leave out.
        task: "regression", "classification", or None to infer it.
        preset: whose net is trained; None for a plain net.
        hidden: units of a plain net's hidden layers; empty is a linear unit.
        epochs, batch_size: None lets the number of rows choose.
        missing: codes for missing by column, "*" for every column.
        seed: of everything that is drawn by chance.
        holdout: the part of the rows to hold out.
    """

    target: str
    features: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    task: str | None = None
    preset: str | None = None
    hidden: tuple[int, ...] = HIDDEN
    epochs: int | None = None
    batch_size: int | None = None
    missing: Mapping[str, tuple[str, ...]] | None = None
    seed: int = 0
    holdout: float = 0.2


@dataclass(frozen=True)
class Prepared:
    """A table read and understood, before a net is trained.

    Attributes:
        table: all rows.
        schema: fitted on the training rows.
        training, holdout: numbers of these rows, all with a target.
        notices: what the user should know.
        plan: how a plain net will be trained, or the preset.
        options: of the command.
        inferred_numbers: whether the classes are numbers, and nobody said that they
            are classes.
    """

    table: RawTable
    schema: Schema
    training: np.ndarray
    holdout: np.ndarray
    notices: tuple[Notice, ...]
    plan: Plan | Preset
    options: Options
    inferred_numbers: bool = False


@dataclass(frozen=True)
class Scores:
    """Scores of a model beside those of always predicting the same.

    Attributes:
        model, baseline: scores by name.
        constant: what the baseline always predicts.
        rows: how many rows they are from.
    """

    model: Score
    baseline: Score
    constant: str | float
    rows: int


@dataclass(frozen=True)
class Result:
    """A trained net.

    Attributes:
        net: with its schema.
        scores: of the holdout; None where there is none.
        seconds: how long the training took.
    """

    net: Net
    scores: Scores | None
    seconds: float


def prepare(path: Path, options: Options) -> Prepared:
    """Reads a table and fits its schema on the training rows.

    Which rows are held out is drawn by number before anything else is looked at.
    """
    target = options.target
    table = read_table(path, missing=options.missing, keep=[target], as_text=[target])
    there = ~table.column(target).missing
    training, holdout = split_rows(table.rows, options.holdout, options.seed)
    training, holdout = training[there[training]], holdout[there[holdout]]
    if len(training) < 2:
        raise DataError(
            f"{path} has {len(training)} row(s) to train on.",
            expected="at least two rows with a target",
            received=f"{table.rows} row(s), {int((~there).sum())} without a target",
        )
    counts = {
        "read": table.rows,
        "without target": int((~there).sum()),
        "training": len(training),
        "holdout": len(holdout),
    }
    schema, plan = (_plain if options.preset is None else _of_preset)(
        table, training, options
    )
    net = {**schema.net, "seed": options.seed}
    schema = replace(schema, rows=counts, net=net)
    notices = (*likely_codes(table, schema), *_missed_classes(schema, table, holdout))
    inferred = (
        options.task is None
        and schema.target.task == "classification"
        and target_numbers(table.column(target).take(training)) is not None
    )
    return Prepared(table, schema, training, holdout, notices, plan, options, inferred)


def _plain(
    table: RawTable, training: np.ndarray, options: Options
) -> tuple[Schema, Plan]:
    """The schema with its encoders, and the plan of a plain net."""
    hidden = options.hidden
    schema = fit_schema(
        table,
        training,
        options.target,
        linear=not hidden,
        features=options.features,
        drop=options.drop,
        task=options.task,
        missing=options.missing,
    )
    plan = make_plan(
        len(training),
        hidden=hidden,
        epochs=options.epochs,
        batch_size=options.batch_size,
        seed=options.seed,
    )
    goal = Target(schema.target, np.array(schema.target.labels, object))
    baseline = goal.baseline(_truth(schema.target, table.take(training)))
    net = {"linear": not hidden, "hidden": list(hidden), "baseline": baseline}
    return replace(schema, net=net), plan


def _of_preset(
    table: RawTable, training: np.ndarray, options: Options
) -> tuple[Schema, Preset]:
    """The columns and the target as they are, and the preset."""
    goal = infer_target(table, training, options.target, options.task)
    columns = infer_columns(
        table,
        training,
        options.target,
        features=options.features,
        drop=options.drop,
    )
    assert options.preset is not None
    codes = {name: tuple(found) for name, found in (options.missing or {}).items()}
    plan = preset(options.preset, epochs=options.epochs, batch_size=options.batch_size)
    return Schema(columns, goal, codes, net={"preset": options.preset}), plan


def fit_net(prepared: Prepared, callbacks: Sequence[Callback] = ()) -> Result:
    """Trains the net and scores it on the holdout."""
    began = time.perf_counter()
    make = _fit_plain if isinstance(prepared.plan, Plan) else _fit_preset
    net = make(prepared, callbacks)
    seconds = time.perf_counter() - began
    held = None
    if len(prepared.holdout):
        held = evaluate_rows(net, prepared.table.take(prepared.holdout))
    return Result(net, held, seconds)


def _fit_preset(prepared: Prepared, callbacks: Sequence[Callback]) -> Net:
    schema, options = prepared.schema, prepared.options
    assert isinstance(prepared.plan, Preset)
    model = fit(
        prepared.table.take(prepared.training),
        options.target,
        preset=prepared.plan,
        task=schema.target.task,
        features=options.features,
        drop=options.drop,
        seed=options.seed,
        callbacks=callbacks,
    )
    rows = {**schema.rows, **model.schema.rows}
    rows["training"] = schema.rows["training"]
    epochs = len(model.history["loss"])
    net = {**schema.net, **model.schema.net, "epochs": epochs, "best": max(model.best)}
    model.schema = replace(model.schema, missing=schema.missing, rows=rows, net=net)
    return Net(model.net, model.schema, model)


def _fit_plain(prepared: Prepared, callbacks: Sequence[Callback]) -> Net:
    schema, table, plan = prepared.schema, prepared.table, prepared.plan
    assert isinstance(plan, Plan)
    inputs = encode_table(schema, table)
    target = encode_target(schema, table.column(schema.target.name))
    learned = inputs.take(prepared.training)
    model = build(schema, learned, plan)
    history = train(schema, model, learned, target[prepared.training], plan, callbacks)
    watched = history.history.get("val_loss")
    epochs = len(history.history["loss"])
    best = int(np.argmin(watched)) + 1 if watched else epochs
    schema = replace(schema, net={**schema.net, "epochs": epochs, "best": best})
    return Net(model, schema)


def profile_net(prepared: Prepared, net: Net) -> Profile:
    """Where the time of a step goes, on the rows that the net was trained on."""
    rows = prepared.table.take(prepared.training)
    column = rows.column(net.schema.target.name)
    if isinstance(prepared.plan, Plan):
        target = encode_target(net.schema, column)
    else:
        assert net.preset is not None
        target = net.preset.encode_target(_truth(net.schema.target, rows))
    size = prepared.plan.batch_size
    return profile(net.model, net.inputs(rows), target, batch_size=size, verbose=0)


def evaluate_rows(net: Net, table: RawTable) -> Scores:
    """Scores of the rows that have a target.

    Raises:
        DataError: no row has one.
    """
    target = net.schema.target
    column = table.column(target.name)
    rows = np.flatnonzero(~column.missing)
    if not len(rows):
        raise DataError(
            f"No row of {table.source} has a value in the target {target.name!r}.",
            remedy="`pronghorn predict` needs no target",
        )
    predicted = net.predict(table.take(rows))
    truth = _truth(target, table.take(rows))
    constant = net.schema.net["baseline"]
    always = np.full(len(rows), constant, dtype=truth.dtype)
    return Scores(
        scores(target, truth, predicted),
        scores(target, truth, always),
        constant,
        len(rows),
    )


def check_target(schema: Schema, table: RawTable) -> None:
    """Refuses to measure on a table that lacks the target.

    Raises:
        DataError: there is no such column.
    """
    name = schema.target.name
    if name in table.columns:
        return
    raise DataError(
        f"{table.source} has no column named {name!r}, the target of this model.",
        where=f"column {name!r}",
        expected="a table with the target, to measure the predictions against it",
        received="columns " + ", ".join(map(repr, table.columns)),
        remedy=f"{closest(name, table.columns)}; `pronghorn predict` needs no target",
    )


def _truth(target: TargetSchema, table: RawTable) -> np.ndarray:
    column = table.column(target.name)
    if target.task == "classification":
        return np.array(column.text(), dtype=object)
    values = target_numbers(column)
    if values is None:
        raise DataError(
            f"The target {target.name!r} of {table.source} holds text; the model "
            "predicts numbers."
        )
    return values


def _missed_classes(
    schema: Schema, table: RawTable, holdout: np.ndarray
) -> list[Notice]:
    """Classes that only the holdout has: no net can predict them."""
    target = schema.target
    if target.task != "classification" or not len(holdout):
        return []
    held = set(_truth(target, table.take(holdout)).tolist())
    missed = sorted(held - set(target.labels))
    if not missed:
        return []
    names = ("class " if len(missed) == 1 else "classes ") + ", ".join(
        map(repr, missed)
    )
    told = f"has {names} in rows that are held out only, so the net cannot know it"
    return [Notice(target.name, told)]


def check_out(path: Path) -> None:
    """Refuses a file that could not be written, before the training.

    Raises:
        ArgumentError: another extension, or no such folder.
    """
    if path.suffix != ".keras":
        raise ArgumentError(
            "A model's file ends in .keras.",
            where="--out",
            expected="for instance m.keras",
            received=str(path),
        )
    if not path.parent.is_dir():
        raise ArgumentError(
            f"There is no folder {path.parent}.",
            where="--out",
            received=str(path),
            remedy="make the folder first",
        )
