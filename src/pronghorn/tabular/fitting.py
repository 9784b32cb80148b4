"""`fit`: from a table to a trained model, in one call."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pronghorn.callbacks import Callback
from pronghorn.data.files import Files, find_files
from pronghorn.data.infer import infer_columns
from pronghorn.data.raw import RawTable, joined
from pronghorn.data.schema import Schema
from pronghorn.data.splits import shuffled
from pronghorn.data.tables import OpenTable
from pronghorn.errors import ArgumentError, DataError
from pronghorn.tabular.host import Host, fit_host
from pronghorn.tabular.presets import Preset, preset
from pronghorn.tabular.stream import TableStream
from pronghorn.tabular.stream_fit import fit_stream, is_large, is_paths, read_files
from pronghorn.tabular.stream_progress import Progress
from pronghorn.tabular.table_model import TableModel
from pronghorn.tabular.targets import Target, fit_target
from pronghorn.tabular.training import Rows, train

__all__ = ["fit"]

FEWEST_ROWS_TO_VALIDATE = 20
TARGET = "target"


@dataclass(frozen=True)
class _Given:
    """The rows that `fit` was given, all of them, checked.

    Attributes:
        table: the columns, the target not among them.
        values: the target.
        name: the target's.
        weight: float32 (rows,), or None.
        learned, watched: numbers of the rows to train on, and of those that choose the
            weights.
    """

    table: RawTable
    values: np.ndarray
    name: str
    weight: np.ndarray | None
    learned: np.ndarray
    watched: np.ndarray


def fit(
    data: Any,
    target: Any,
    *,
    preset: str | Preset = "default",
    task: str | None = None,
    eval_set: Any = None,
    validation: float = 0.2,
    sample_weight: Any = None,
    class_weight: str | Mapping[Any, float] | None = None,
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

    Args:
        data: a pandas or polars frame, an Arrow table, a dict of columns, a NumPy array
            (columns "0", "1", ...); or the path of a CSV or Parquet file, a pattern
            such as "data/*.parquet", or a list of paths.
        target: the name of the column to predict, or its values, (rows,).
        preset: "fast", "default" (default) or "best", or a `Preset`.
        task: "regression" or "classification". Default: by the target's values.
        eval_set: rows that choose the weights but are not trained on: a frame with the
            target, or (data, y). Default: a part of the rows.
        validation: that part, where there is no `eval_set`. Default 0.2; 0 keeps the
            last weights. A preset with folds needs none.
        sample_weight: how much each row counts, (rows,); of files that are streamed
            the name of their column. Default: all alike.
        class_weight: "balanced": all classes count alike; or {label: weight}.
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
            of use.
        ArgumentError: an unknown column, preset, task or attribute.

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
    chosen = _preset(preset, changes)
    files = find_files(data) if is_paths(data) else None
    if stream or (stream is None and files is not None and is_large(files)):
        others = {"eval_set": eval_set, "class_weight": class_weight}
        _check_streamed(files, target, sample_weight, others)
        source = TableStream(
            data,
            target,
            task=task,
            features=features,
            drop=drop,
            weight=sample_weight,
            validation=validation,
            seed=seed,
            cache_dir=cache_dir,
            progress=progress,
        )
        model = fit_stream(source, chosen, seed, callbacks, progress)
        source.close()
        return model
    given = _given(data, target, eval_set, sample_weight)
    goal = fit_target(given.values, given.name, task)
    if chosen.folds and eval_set is None:
        folds = min(chosen.folds, len(given.values))
        chosen = replace(chosen, folds=folds if folds > 1 else 0)
    elif not len(given.watched):
        chosen = replace(chosen, folds=0)
        given = _split(given, goal, validation, seed)
    else:
        chosen = replace(chosen, folds=0)
    chosen = chosen.at(len(given.learned))
    schema = _schema(given, goal, features, drop, chosen, seed)
    host = Host(schema)
    encoded = host.encode(given.table)
    weight = _weights(given, goal, class_weight)
    rows = Rows(encoded.numbers, encoded.ids, goal.encode(given.values), weight)
    watched = rows.take(given.watched) if len(given.watched) else None
    done = train(
        rows.take(given.learned),
        watched,
        [len(levels) for levels in host.categories],
        goal.outputs,
        goal.schema.task,
        chosen,
        seed,
        callbacks,
    )
    validated = None
    if done.validated is not None:
        places = given.watched if watched is not None else given.learned
        validated = (done.validated, places)
    return TableModel(schema, goal, done.net, done.history, done.best, validated)


def _preset(name: str | Preset, changes: Mapping[str, Any]) -> Preset:
    return preset(name, **changes)


def _check_streamed(
    files: Files | None, target: Any, sample_weight: Any, others: Mapping[str, Any]
) -> None:
    """Refuses what does not go with a stream of rows."""
    if files is None or not isinstance(target, str):
        raise ArgumentError(
            "Only files can be streamed, with the target among their columns.",
            where="fit(stream=)",
            expected="paths, and the target's name",
            received="a table in memory" if files is None else type(target).__name__,
            remedy="leave stream out",
        )
    if sample_weight is not None and not isinstance(sample_weight, str):
        raise ArgumentError(
            "The weights of streamed rows are one of their columns.",
            where="fit(sample_weight=)",
            expected="the column's name",
            received=type(sample_weight).__name__,
        )
    for name, value in others.items():
        if value is not None:
            raise ArgumentError(
                f"{name} does not go with files that are streamed.",
                where=f"fit({name}=)",
                expected="None",
                received=type(value).__name__,
                remedy="validation= holds rows out; a column of weights weighs classes",
            )


def _given(data: Any, target: Any, eval_set: Any, sample_weight: Any) -> _Given:
    named = isinstance(target, str)
    name = target if named else str(getattr(target, "name", None) or TARGET)
    table, values = _parts(data, target, name)
    rows = len(values)
    weight = _row_weights(sample_weight, rows)
    learned, watched = np.arange(rows), np.arange(0)
    if eval_set is not None:
        more, more_values = _parts(*_pair(eval_set, target, named), name)
        table, watched = _joined(table, more), rows + np.arange(len(more_values))
        values = _both(values, more_values)
        if weight is not None:
            ones = np.ones(len(more_values), np.float32)
            weight = np.concatenate([weight, ones])
    if weight is not None:
        learned = learned[weight[:rows] > 0]
    if not len(learned):
        raise DataError(
            "There is no row to train on.",
            where="fit",
            expected="rows with a weight above 0",
            received=f"{rows} rows",
        )
    return _Given(table, values, name, weight, learned, watched)


def _parts(data: Any, target: Any, name: str) -> tuple[RawTable, np.ndarray]:
    """The columns without the target, and the target."""
    if is_paths(data):
        data = read_files(data)
    table = OpenTable(data)
    if isinstance(target, str):
        values = _whole(table.values(target))
    else:
        values = np.asarray(target)
        if values.ndim and len(values) != table.rows:
            raise DataError(
                "The table and the target differ in their rows.",
                where="fit(target=)",
                expected=f"{table.rows} values, one for each row",
                received=f"{len(values)} values",
            )
    named = isinstance(target, str)
    columns = {
        key: table.read(key) for key in table.columns if not (named and key == target)
    }
    return RawTable(columns, table.rows, table.source), values


def _whole(values: np.ndarray) -> np.ndarray:
    """Numbers as whole ones where all are."""
    if values.dtype.kind != "f":
        return values
    whole = np.isfinite(values).all() and (values == np.floor(values)).all()
    small = whole and (np.abs(values) < 2**53).all()
    return values.astype(np.int64) if small else values


def _pair(eval_set: Any, target: Any, named: bool) -> tuple[Any, Any]:
    """(data, y) of an `eval_set` in any of its forms."""
    if isinstance(eval_set, list) and len(eval_set) == 1:
        eval_set = eval_set[0]
    if isinstance(eval_set, tuple) and len(eval_set) == 2:
        return eval_set
    if named:
        return eval_set, target
    raise ArgumentError(
        "An eval_set is a table and its target.",
        where="fit(eval_set=)",
        expected="(data, y)",
        received=type(eval_set).__name__,
    )


def _joined(first: RawTable, second: RawTable) -> RawTable:
    """The rows of both tables; the second must have the columns of the first."""
    columns = {
        name: joined(column, second.column(name))
        for name, column in first.columns.items()
    }
    return RawTable(columns, first.rows + second.rows, first.source)


def _both(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    if first.dtype.kind in "OU" or second.dtype.kind in "OU":
        first, second = first.astype(object), second.astype(object)
    return np.concatenate([first.reshape(-1), second.reshape(-1)])


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
        classes = goal.encode(given.values)[order]
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
    columns = infer_columns(table, rows, given.name, features=features, drop=drop)
    net = {"members": chosen.members, "hidden": list(chosen.hidden), "seed": seed}
    counts = {"training": len(rows), "validation": len(given.watched)}
    fitted = fit_host(columns, table, rows)
    return Schema(tuple(fitted), goal.schema, {}, counts, net)


def _weights(
    given: _Given, goal: Target, class_weight: str | Mapping[Any, float] | None
) -> np.ndarray | None:
    """The weight of each row, of mean 1 over the training rows; None: all alike."""
    weight = given.weight
    if class_weight is not None:
        by_row = _class_weights(given, goal, class_weight)
        weight = by_row if weight is None else weight * by_row
    if weight is None:
        return None
    return (weight / weight[given.learned].mean()).astype(np.float32)


def _class_weights(
    given: _Given, goal: Target, class_weight: str | Mapping[Any, float]
) -> np.ndarray:
    if not goal.classes:
        raise ArgumentError(
            "class_weight is for classes.",
            where="fit(class_weight=)",
            expected="None, for a target of numbers",
            received=repr(class_weight),
            remedy="sample_weight weighs rows",
        )
    places = goal.encode(given.values)
    if isinstance(class_weight, str):
        if class_weight != "balanced":
            raise ArgumentError(
                "There is no such class_weight.",
                where="fit(class_weight=)",
                expected="'balanced', or {label: weight}",
                received=repr(class_weight),
            )
        counted = given.weight
        found = np.bincount(
            places[given.learned],
            None if counted is None else counted[given.learned],
            minlength=goal.outputs,
        )
        by_class = 1 / np.maximum(found, 1e-12)
    else:
        unknown = set(class_weight) - set(goal.labels.tolist())
        if unknown:
            raise ArgumentError(
                f"class_weight names {unknown.pop()!r}, which is no label.",
                where="fit(class_weight=)",
                expected=", ".join(map(repr, goal.labels.tolist()[:10])),
                received=", ".join(map(repr, class_weight)),
            )
        by_class = np.array([class_weight.get(v, 1.0) for v in goal.labels.tolist()])
    return np.asarray(by_class[places], np.float64)
