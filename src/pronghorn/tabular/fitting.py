"""`fit`: from a table to a trained model, in one call."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pronghorn.callbacks import Callback
from pronghorn.data.files import find_files
from pronghorn.data.infer import infer_columns
from pronghorn.data.raw import DateColumn, NumberColumn, RawTable, TextColumn, joined
from pronghorn.data.schema import Schema
from pronghorn.data.splits import shuffled
from pronghorn.data.tables import OpenTable
from pronghorn.errors import ArgumentError, DataError, PronghornError, closest
from pronghorn.tabular.class_weights import ClassWeight, class_weights
from pronghorn.tabular.distinct import distinct_rows, sorted_levels
from pronghorn.tabular.host import Host, fit_host
from pronghorn.tabular.presets import Preset
from pronghorn.tabular.presets import preset as preset_of
from pronghorn.tabular.stream import TableStream
from pronghorn.tabular.stream_eval import EvalFiles, EvalTable, files_of
from pronghorn.tabular.stream_fit import (
    check_streamed,
    fit_stream,
    is_large,
    is_paths,
    read_files,
)
from pronghorn.tabular.stream_progress import Progress
from pronghorn.tabular.table_model import TableModel
from pronghorn.tabular.targets import Target, fit_target, target_values
from pronghorn.tabular.training import Rows, train

__all__ = ["fit"]

FEWEST_ROWS_TO_VALIDATE = 20
TARGET = "target"
CODE = re.compile(r"[+-]?0[0-9]")
"""How a text of digits begins that is no number: 007."""


@dataclass(frozen=True)
class _Given:
    """The rows that `fit` was given, all of them, checked.

    Attributes:
        table: the columns, the target not among them; rows of an `eval_set` last.
        values: the target, but for the rows of an `eval_set`.
        name: the target's.
        weight: float32 (rows,), or None.
        learned, watched: numbers of the rows to train on, and of those that choose the
            weights.
        told: the target of the rows of an `eval_set`, or None.
        count: how many of the rows given each one stands for, (rows,); None: one.
        seen: where each one stood, (rows,); None: here.
    """

    table: RawTable
    values: np.ndarray
    name: str
    weight: np.ndarray | None
    learned: np.ndarray
    watched: np.ndarray
    told: np.ndarray | None = None
    count: np.ndarray | None = None
    seen: np.ndarray | None = None


def fit(
    data: Any,
    target: Any,
    *,
    preset: str | Preset = "default",
    task: str | None = None,
    eval_set: Any = None,
    validation: float = 0.2,
    sample_weight: Any = None,
    class_weight: ClassWeight | None = None,
    features: Sequence[str] = (),
    drop: Sequence[str] = (),
    seed: int = 0,
    callbacks: Sequence[Callback] = (),
    stream: bool | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    progress: Callable[[Progress], object] | None = None,
    **changes: Any,
) -> TableModel:
    """Trains a model on a table as it is: text, dates, missing values and all.

    Rows that are equal, target included, count as one row of their weights' sum, and
    the order of the rows does not matter: a weight of 2 means the same as a row that
    stands there twice, to the bit where all rows make one step. Where they make more,
    a row is still seen as often as it stands there.

    Args:
        data: a pandas or polars frame, an Arrow table, a dict of columns, a NumPy array
            (columns "0", "1", ...); or the path of a CSV or Parquet file, a pattern
            such as "data/*.parquet", or a list of paths.
        target: the name of the column to predict, or its values, (rows,): numbers,
            bools or texts in any form; classes are answered in their own type.
        preset: "fast", "default" (default) or "best", or a `Preset`.
        task: "regression" or "classification". Default: by the target's values.
        eval_set: rows that choose the weights but are not trained on: (data, y), also
            as the only one of a list; or a table with the target's column, where
            `target` names one, paths for instance. Of files more than 100,000 rows
            are not looked at where `data` is streamed: so many are drawn; there it may
            be a `TableStream` too, whose files are read. Default: a part of the rows.
        validation: that part, where there is no `eval_set`. Default 0.2; 0 keeps the
            last weights. A preset with folds needs none, unless files are streamed:
            then all members of "best" are validated by that part.
        sample_weight: how much each row counts: (rows,), or the name of a column of
            `data`, which is no feature then; where files are streamed the name.
            Default: all alike. Rows of weight 0 are not looked at, unless they are
            streamed: then they are, but not learned from.
        class_weight: "balanced": all classes count alike; or {label: weight}, 1 where
            it names none.
        features: the columns to use. Default: all that are of use.
        drop: columns to leave out.
        seed: of all that is drawn. Default 0. The same seed gives the same model.
        callbacks: Keras's, for progress.
        stream: whether files are shuffled on the disk and read block by block, as a
            `TableStream` does, and not read whole. The part to validate by has at most
            100,000 rows then, and a training that is broken off goes on when it is
            begun again. Default: where their values take more than 1 GB.
        cache_dir: where streamed rows are kept. Default: a folder for temporary files,
            and there until the training is over.
        progress: called with a `Progress` now and then, while files are streamed.
        **changes: attributes of `Preset` to replace, such as `epochs=100`.

    Raises:
        DataError: no rows, a missing or constant target, an infinite number, no column
            of use; a label in `eval_set` that no row to train on has.
        ArgumentError: an unknown column, preset, task or attribute; `validation`
            outside of 0 to 1.

    Example:

    >>> rng = np.random.default_rng(0)
    >>> size = rng.normal(size=300)
    >>> color = rng.choice(["red", "blue"], size=300)
    >>> price = 3 * size + (color == "red")
    >>> data = {"size": size, "color": color, "price": price}
    >>> model = fit(data, "price", preset="fast", epochs=100)
    >>> row = {"size": 1.0, "color": "red"}
    >>> bool(abs(model.predict(row)[0] - 4) < 0.5)
    True
    """
    chosen = preset_of(preset, **changes)
    files = find_files(data) if is_paths(data) else None
    if stream or (stream is None and files is not None and is_large(files)):
        named = isinstance(preset, str) and not changes.get("folds")
        folds = 0 if named or eval_set is not None else chosen.folds
        check_streamed(files, target, sample_weight, class_weight, folds)
        more = None if eval_set is None else _eval_rows(eval_set, target, task)
        with TableStream(
            data,
            target,
            task=task,
            features=features,
            drop=drop,
            weight=sample_weight,
            validation=validation if more is None else 0.0,
            seed=seed,
            cache_dir=cache_dir,
            progress=progress,
        ) as source:
            return fit_stream(
                source, chosen, seed, callbacks, progress, class_weight, more
            )
    if isinstance(sample_weight, str):
        drop = [name for name in drop if name != sample_weight]
    given = _given(data, target, eval_set, sample_weight, task)
    goal = fit_target(given.values[given.learned], given.name, task)
    baseline = goal.baseline(given.values[given.learned])
    given, place = _merged(given, goal, features, drop)
    if not goal.classes:  # in the order of the different rows, whatever the table's
        goal = fit_target(given.values[given.learned], given.name, goal.schema.task)
    folds = min(chosen.folds, len(given.learned)) if eval_set is None else 0
    chosen = replace(chosen, folds=folds if folds > 1 else 0)
    if eval_set is None and not folds:
        given = _split(given, goal, validation, seed)
    chosen = chosen.at(_read(given))
    schema = _schema(given, goal, features, drop, chosen, seed)
    schema = replace(schema, net={**schema.net, "baseline": baseline})
    host = Host(schema)
    encoded = host.encode(given.table)
    weight = _weights(given, goal, class_weight)
    rows = Rows(encoded.numbers, encoded.ids, _encoded(given, goal), weight)
    watched = rows.take(given.watched) if len(given.watched) else None
    answered = given.learned if watched is None else given.watched
    learned, copies = rows.take(given.learned), _copies(given, chosen)
    del given, encoded, rows  # the table's texts are needed no more
    done = train(
        learned,
        watched,
        [len(levels) for levels in host.categories],
        goal.outputs,
        goal.schema.task,
        chosen,
        seed,
        callbacks,
        copies=copies,
    )
    validated = None
    if done.validated is not None:
        validated = _spread(done.validated, answered, place)
    return TableModel(schema, goal, done.net, done.history, done.best, validated)


def _eval_rows(eval_set: Any, target: str, task: str | None) -> EvalFiles | EvalTable:
    """The rows of an `eval_set` for a stream: files are not read yet."""
    try:
        data, told = _pair(eval_set, target)
        if isinstance(data, TableStream):
            return files_of(data, told)
        if is_paths(data) and isinstance(told, str):
            return EvalFiles(find_files(data), told)
        table, values, _ = _parts(data, told, task)
        return EvalTable(table, values)
    except PronghornError as error:
        raise error.within("fit(eval_set=)") from None


def _given(
    data: Any,
    target: Any,
    eval_set: Any,
    sample_weight: Any,
    task: str | None = None,
) -> _Given:
    table, values, name = _parts(data, target, task)
    rows = len(values)
    if isinstance(sample_weight, str):
        table, sample_weight = _weight_column(table, sample_weight)
    weight = _row_weights(sample_weight, rows)
    learned, watched, told = np.arange(rows), np.arange(0), None
    if weight is not None:
        learned = learned[weight > 0]
    if not len(learned):
        raise DataError(
            "There is no row to train on: all weights are zero.",
            where="fit(sample_weight=)",
            expected="a weight above 0",
            received=f"{rows} weights of 0",
        )
    if eval_set is not None:
        try:
            more, told, _ = _parts(*_pair(eval_set, target), task)
            table = _joined(table, more)
        except PronghornError as error:
            raise error.within("fit(eval_set=)") from None
        watched = rows + np.arange(len(told))
        if weight is not None:
            weight = np.concatenate([weight, np.ones(len(told), np.float32)])
    return _Given(table, values, name, weight, learned, watched, told)


def _weight_column(table: RawTable, name: str) -> tuple[RawTable, np.ndarray]:
    """The table without its column of weights, and these."""
    found = table.columns.get(name)
    if not isinstance(found, NumberColumn):
        raise ArgumentError(
            f"{table.source} has no column {name!r} of weights.",
            where="fit(sample_weight=)",
            expected="the name of a column of numbers other than the target",
            received=repr(name) if found is None else f"{name!r}, a column of text",
            remedy=None if found is not None else closest(name, table.columns),
        )
    columns = {k: column for k, column in table.columns.items() if k != name}
    return RawTable(columns, table.rows, table.source), found.values


def _parts(
    data: Any, target: Any, task: str | None
) -> tuple[RawTable, np.ndarray, str]:
    """The columns without the target, the target, and its name."""
    read = is_paths(data)
    if read:
        kept = [target] if isinstance(target, str) else []
        data = read_files(data, kept)
    table = OpenTable(data)
    if isinstance(target, str):
        values = _own(table, target)
        column = table.columns[target]
        if read and isinstance(column, TextColumn):
            values = _spelt(column, task)
        names = [name for name in table.columns if name != target]
        if not names:
            raise DataError(
                f"{table.source} has no column besides the target {target!r}.",
                expected="at least one column to predict from",
                received="1 column",
            )
        columns = {name: table.read(name) for name in names}
        return RawTable(columns, table.rows, table.source), values, target
    name = _name_of(target, table)
    values = target_values(target, name)
    if len(values) != table.rows:
        raise DataError(
            "The table and the target differ in their rows.",
            where="fit(target=)",
            expected=f"{table.rows} values, one for each row",
            received=f"{len(values)} values",
        )
    columns = {name: table.read(name) for name in table.columns}
    return RawTable(columns, table.rows, table.source), values, name


def _name_of(target: Any, table: OpenTable) -> str:
    """The target's own name, or one that no column has."""
    if np.ndim(target) == 0 and not hasattr(target, "__len__"):
        raise ArgumentError(
            "The target is a column's name, or its values.",
            where="fit(target=)",
            expected="text, or one value for each row",
            received=repr(target),
            remedy=closest(str(target), table.columns),
        )
    named = getattr(target, "name", None)
    if isinstance(named, str) and named in table.columns:
        raise DataError(
            f"{table.source} has the target {named!r} among its columns.",
            where="fit(target=)",
            expected="columns to predict from, and apart from them the target",
            received=f"a column {named!r}, and a target of that name",
            remedy=f"fit(data, {named!r}), or give the target another name",
        )
    name = named if isinstance(named, str) and named else TARGET
    while name in table.columns:
        name += "_"
    return name


def _own(table: OpenTable, name: str) -> np.ndarray:
    """A column of the table as the target."""
    if name not in table.columns:
        RawTable(table.columns, table.rows, table.source).column(name)  # raises
    column = table.columns[name]
    if isinstance(column, (NumberColumn, TextColumn, DateColumn)):
        return _whole(table.values(name))
    return target_values(column, name, f"column {name!r}")


def _spelt(column: TextColumn, task: str | None) -> np.ndarray:
    """Texts of a file as numbers, where all are and nothing gets lost by that."""
    texts = np.array([*column.levels, None], object)[column.codes]
    try:
        levels = np.array([*map(float, column.levels), np.nan])
    except ValueError:
        return texts
    plain = all(t == format(float(t), ".15g") for t in column.levels)
    codes = any(CODE.match(t) for t in column.levels)
    if task == "regression" or plain or not (codes or task):
        return _whole(levels[column.codes])
    return texts


def _whole(values: np.ndarray) -> np.ndarray:
    """Numbers as whole ones where all are."""
    if values.dtype.kind != "f":
        return values
    whole = np.isfinite(values).all() and (values == np.floor(values)).all()
    small = whole and (np.abs(values) < 2**53).all()
    return values.astype(np.int64) if small else values


def _pair(eval_set: Any, target: Any) -> tuple[Any, Any]:
    """(data, y) of an `eval_set` in any of its forms."""
    if isinstance(eval_set, list) and len(eval_set) == 1:
        eval_set = eval_set[0]
    if isinstance(eval_set, tuple) and len(eval_set) == 2:
        return eval_set
    table = is_paths(eval_set) or not isinstance(eval_set, tuple | list)
    if isinstance(target, str) and table:
        return eval_set, target
    raise ArgumentError(
        "An eval_set is one table and its target.",
        expected="(data, y), or a table that has the target's column",
        received=f"a {type(eval_set).__name__}",
    )


def _joined(first: RawTable, second: RawTable) -> RawTable:
    """The rows of both tables; the second must have the columns of the first."""
    columns = {
        name: joined(column, second.column(name))
        for name, column in first.columns.items()
    }
    return RawTable(columns, first.rows + second.rows, first.source)


def _merged(
    given: _Given, goal: Target, features: Sequence[str], drop: Sequence[str]
) -> tuple[_Given, np.ndarray]:
    """The different rows in the order of their hashes, then those of an `eval_set`.

    Returns:
        They, with weights and counts of the rows that they stand for; and the number
        among them of each row given, -1 where its weight is 0.
    """
    names = [
        name
        for name in given.table.columns
        if name not in drop and (not features or name in features)
    ]
    told = given.values[given.learned]
    target = np.zeros(given.table.rows)  # however the classes are called
    target[given.learned] = goal.encode(told) if goal.classes else goal.numbers(told)
    found = distinct_rows(given.table, target, given.learned, names)
    rows, watched = len(found.first), len(given.watched)
    place = np.full(given.table.rows, -1)
    place[given.learned] = found.place
    place[given.watched] = rows + np.arange(watched)
    ones = np.ones(watched)
    count = np.concatenate([np.bincount(found.place), ones]).astype(np.int64)
    weight = None
    if given.weight is not None or len(found.place) > rows:
        each = None if given.weight is None else given.weight[given.learned]
        weight = np.concatenate([np.bincount(found.place, each), ones])
    kept = np.concatenate([found.first, given.watched])
    table = given.table.take(kept)
    columns = {name: sorted_levels(c) for name, c in table.columns.items()}
    made = replace(
        given,
        table=RawTable(columns, table.rows, table.source),
        values=given.values[found.first],
        weight=None if weight is None else weight.astype(np.float32),
        learned=np.arange(rows),
        watched=rows + np.arange(watched),
        count=count,
        seen=kept,
    )
    return made, place


def _read(given: _Given) -> int:
    """How many of the rows given there are to train on."""
    rows = given.learned
    return len(rows) if given.count is None else int(given.count[rows].sum())


def _copies(given: _Given, chosen: Preset) -> np.ndarray | None:
    """How often an epoch passes each of the different rows: as often as it was given.

    A step of few rows, one of them with a weight of hundreds, would be a noisy one.
    Where all rows make one step, weights do as well, and tell what the rows do.
    """
    size = chosen.batch_size
    assert size is not None  # by `at`
    if given.count is None or _read(given) <= size:
        return None
    count = given.count[given.learned]
    return None if (count == 1).all() else count


def _spread(
    answers: np.ndarray, answered: np.ndarray, place: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Answers for different rows as answers for the rows given, and their numbers."""
    at = np.full(place.max() + 2, -1)  # the last one is where place is -1
    at[answered] = np.arange(len(answered))
    numbers = np.flatnonzero(at[place] >= 0)
    return answers[at[place[numbers]]], numbers


def _encoded(given: _Given, goal: Target) -> np.ndarray:
    """The target of all rows as a net learns it."""
    encoded = goal.encode(given.values)
    if given.told is None:
        return encoded
    return np.concatenate([encoded, goal.encode(given.told, "fit(eval_set=)")])


def _row_weights(sample_weight: Any, rows: int) -> np.ndarray | None:
    if sample_weight is None:
        return None
    weight = np.asarray(sample_weight, np.float64)
    if weight.ndim == 0:
        weight = np.full(rows, weight)
    if weight.shape != (rows,):
        raise DataError(
            "sample_weight has one number for each row.",
            where="fit(sample_weight=)",
            expected=f"shape ({rows},)",
            received=weight.shape,
        )
    if not np.isfinite(weight).all() or (weight < 0).any():
        raise DataError(
            "A weight is no number from 0 up.",
            where="fit(sample_weight=)",
            expected="finite numbers, 0 or more",
            received=f"{weight.min()} to {weight.max()}",
        )
    return weight.astype(np.float32)


def _split(given: _Given, goal: Target, validation: float, seed: int) -> _Given:
    """Sets a part of the rows aside that chooses the weights, class by class."""
    if not 0 <= validation < 1:
        raise ArgumentError(
            "The part of the rows to validate by is out of range.",
            where="fit(validation=)",
            expected="a number from 0 (none) to below 1",
            received=repr(validation),
        )
    learned = given.learned
    if not validation or len(learned) < FEWEST_ROWS_TO_VALIDATE:
        return given
    order = learned[shuffled(len(learned), seed, stream=1)]
    if goal.classes:
        # Every class gets its share: rows take turns by their place within the class.
        classes = _encoded(given, goal)[order]
        place = np.empty(len(order))
        for label in range(goal.outputs):
            own = np.flatnonzero(classes == label)
            place[own] = (np.arange(len(own)) + 0.5) / max(len(own), 1)
        aside = place < validation
    else:
        aside = np.arange(len(order)) < round(validation * len(order))
    if not aside.any() or aside.all():
        return given
    return replace(given, learned=np.sort(order[~aside]), watched=np.sort(order[aside]))


def _schema(
    given: _Given,
    goal: Target,
    features: Sequence[str],
    drop: Sequence[str],
    chosen: Preset,
    seed: int,
) -> Schema:
    """The columns as the training rows show them, with their encoders."""
    table, rows = given.table, given.learned
    if given.seen is not None:
        rows = rows[np.argsort(given.seen[rows])]  # in the table's own order
    columns = infer_columns(table, rows, given.name, features=features, drop=drop)
    net = {"members": chosen.members, "hidden": list(chosen.hidden), "seed": seed}
    counts = {"training": _read(given), "validation": len(given.watched)}
    fitted = fit_host(columns, table, rows)
    return Schema(tuple(fitted), goal.schema, {}, counts, net)


def _weights(
    given: _Given, goal: Target, class_weight: ClassWeight | None
) -> np.ndarray | None:
    """The weight of each row, of mean 1 over the training rows; None: all alike."""
    weight = given.weight
    if class_weight is not None:
        by_row = _class_weights(given, goal, class_weight)
        weight = by_row if weight is None else weight * by_row
    if weight is None:
        return None
    return (weight / weight[given.learned].mean()).astype(np.float32)


def _class_weights(given: _Given, goal: Target, asked: ClassWeight) -> np.ndarray:
    if not goal.classes:
        return class_weights(asked, goal, None)  # raises
    places, counted = _encoded(given, goal), given.weight
    totals = np.bincount(
        places[given.learned],
        None if counted is None else counted[given.learned],
        minlength=goal.outputs,
    )
    return class_weights(asked, goal, totals)[places]
