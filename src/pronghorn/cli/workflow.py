"""What the commands do, without a word about how it is shown."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pronghorn.callbacks import Callback, History
from pronghorn.cli.recipe import (
    HIDDEN,
    Plan,
    build,
    make_plan,
    profile_steps,
    train,
)
from pronghorn.cli.scores import Score, scores
from pronghorn.data.infer import Notice, likely_codes, target_numbers
from pronghorn.data.raw import RawTable
from pronghorn.data.reader import EVERY_COLUMN, read_table
from pronghorn.data.schema import Schema, TargetSchema
from pronghorn.data.splits import split_rows
from pronghorn.errors import ArgumentError, DataError, FileFormatError, closest
from pronghorn.models import Model, load_model
from pronghorn.tabular.prepare import decode, encode_table, encode_target, fit_schema
from pronghorn.utils import Profile

__all__ = [
    "MEMBER",
    "Options",
    "Prepared",
    "Result",
    "Scores",
    "check_out",
    "check_target",
    "evaluate_rows",
    "fit_net",
    "open_model",
    "predict_rows",
    "prepare",
    "profile_net",
    "read_for",
    "save",
]

MEMBER = "schema.json"
"""The member of a model's file, below `pronghorn/`, that holds the table's schema."""

PREDICT_ROWS = 4096


@dataclass(frozen=True)
class Options:
    """The options of `train`, checked.

    Attributes:
        target: the column to predict.
        features, drop: columns to use, or to leave out.
        task: "regression", "classification", or None to infer it.
        hidden: units of the hidden layers; empty is a linear unit, None the default.
        epochs, batch_size: None lets the number of rows choose.
        missing: codes for missing by column, "*" for every column.
        seed: of everything that is drawn by chance.
        holdout: the part of the rows to hold out.
    """

    target: str
    features: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    task: str | None = None
    hidden: tuple[int, ...] | None = None
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
        plan: how the net will be trained.
        inferred_numbers: whether the classes are numbers, and nobody said that they
            are classes.
    """

    table: RawTable
    schema: Schema
    training: np.ndarray
    holdout: np.ndarray
    notices: tuple[Notice, ...]
    plan: Plan
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
        model: with the schema among its members.
        schema: the same one.
        scores: of the holdout; None where there is none.
        history: of the training.
        best: the epoch whose weights were kept, from 1.
        seconds: how long the training took.
    """

    model: Model
    schema: Schema
    scores: Scores | None
    history: History
    best: int
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
    hidden = HIDDEN if options.hidden is None else options.hidden
    schema = fit_schema(
        table,
        training,
        target,
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
    counts = {
        "read": table.rows,
        "without target": int((~there).sum()),
        "training": len(training),
        "holdout": len(holdout),
    }
    net = {
        "linear": not hidden,
        "hidden": list(hidden),
        "seed": options.seed,
        "baseline": _constant(schema.target, table, training),
    }
    schema = replace(schema, rows=counts, net=net)
    notices = (*likely_codes(table, schema), *_missed_classes(schema, table, holdout))
    inferred = (
        options.task is None
        and schema.target.task == "classification"
        and target_numbers(table.column(target).take(training)) is not None
    )
    return Prepared(table, schema, training, holdout, notices, plan, inferred)


def fit_net(prepared: Prepared, callbacks: Sequence[Callback] = ()) -> Result:
    """Trains the net and scores it on the holdout."""
    schema, table, plan = prepared.schema, prepared.table, prepared.plan
    inputs = encode_table(schema, table)
    target = encode_target(schema, table.column(schema.target.name))
    learned = inputs.take(prepared.training)
    model = build(schema, learned, plan)
    began = time.perf_counter()
    history = train(schema, model, learned, target[prepared.training], plan, callbacks)
    seconds = time.perf_counter() - began
    watched = history.history.get("val_loss")
    epochs = len(history.history["loss"])
    best = int(np.argmin(watched)) + 1 if watched else epochs
    schema = replace(schema, net={**schema.net, "epochs": epochs, "best": best})
    model._pronghorn_members = {MEMBER: schema.to_json().encode()}
    held = None
    if len(prepared.holdout):
        held = evaluate_rows(model, schema, table.take(prepared.holdout))
    return Result(model, schema, held, history, best, seconds)


def profile_net(prepared: Prepared, model: Model) -> Profile:
    """Where the time of a step goes, on the rows that the net was trained on."""
    schema, table = prepared.schema, prepared.table
    learned = encode_table(schema, table).take(prepared.training)
    target = encode_target(schema, table.column(schema.target.name))
    return profile_steps(model, learned, target[prepared.training], prepared.plan)


def save(model: Model, path: Path) -> None:
    """Writes the model's file.

    Raises:
        DataError: the folder cannot be written to.
    """
    try:
        model.save(path)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}.") from error


def open_model(path: Path) -> tuple[Model, Schema]:
    """A model with the schema that `pronghorn train` put into its file.

    Raises:
        DataError: no such file.
        FileFormatError: no model, or one without a schema.
    """
    if not path.is_file():
        told = f"{path} is a folder, not a model's file."
        raise DataError(
            told if path.is_dir() else f"The model's file {path} does not exist.",
            expected="a .keras file that `pronghorn train` wrote",
            remedy=_models_near(path),
        )
    model = load_model(path)
    members = getattr(model, "_pronghorn_members", None) or {}
    if MEMBER not in members:
        raise FileFormatError(
            f"{path} is a model without a table's schema.",
            expected="a .keras file that `pronghorn train` wrote",
            remedy="open it in Python: pronghorn.models.load_model(...)",
        )
    return model, Schema.from_json(members[MEMBER])


def _models_near(path: Path) -> str:
    """What to do where there is no such model: those of its folder, or train one."""
    found = sorted(str(p) for p in path.parent.glob("*.keras") if p != path)
    if found:
        return closest(str(path), found)
    return "check the name and the folder you are in, or make it: pronghorn train ..."


def read_for(schema: Schema, path: Path) -> RawTable:
    """Reads a table the way the model's training table was read."""
    target = schema.target
    as_text = [c.name for c in schema.used if c.kind != "numeric"]
    if target.task == "classification":
        as_text.append(target.name)
    codes = dict(schema.missing)
    names = {column.name for column in schema.used}
    known = {k: v for k, v in codes.items() if k == EVERY_COLUMN or k in names}
    return read_table(path, missing=known, keep=[target.name], as_text=as_text)


def predict_rows(model: Model, schema: Schema, table: RawTable) -> np.ndarray:
    """A prediction for every row, in the target's own units or words."""
    inputs = encode_table(schema, table).arrays
    outputs = model.predict(
        inputs if len(inputs) > 1 else inputs[0], batch_size=PREDICT_ROWS, verbose=0
    )
    return decode(schema, np.asarray(outputs))


def evaluate_rows(model: Model, schema: Schema, table: RawTable) -> Scores:
    """Scores of the rows that have a target.

    Raises:
        DataError: no row has one.
    """
    target = schema.target
    column = table.column(target.name)
    rows = np.flatnonzero(~column.missing)
    if not len(rows):
        raise DataError(
            f"No row of {table.source} has a value in the target {target.name!r}.",
            remedy="`pronghorn predict` needs no target",
        )
    predicted = predict_rows(model, schema, table.take(rows))
    truth = _truth(target, table, rows)
    constant = schema.net["baseline"]
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


def _truth(target: TargetSchema, table: RawTable, rows: np.ndarray) -> np.ndarray:
    column = table.column(target.name).take(rows)
    if target.task == "classification":
        return np.array(column.text(), dtype=object)
    values = target_numbers(column)
    if values is None:
        raise DataError(
            f"The target {target.name!r} of {table.source} holds text; the model "
            "predicts numbers."
        )
    return values


def _constant(target: TargetSchema, table: RawTable, rows: np.ndarray) -> str | float:
    """What the baseline always predicts: the mean, or the most frequent class."""
    truth = _truth(target, table, rows)
    if target.task == "regression":
        return float(truth.mean())
    counts = {label: int((truth == label).sum()) for label in target.labels}
    return max(counts, key=lambda label: counts[label])


def _missed_classes(
    schema: Schema, table: RawTable, holdout: np.ndarray
) -> list[Notice]:
    """Classes that only the holdout has: no net can predict them."""
    target = schema.target
    if target.task != "classification" or not len(holdout):
        return []
    held = set(_truth(target, table, holdout).tolist())
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
