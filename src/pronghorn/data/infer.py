"""What each column of a table is, judged by the training rows alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pronghorn.data.dates import date_format
from pronghorn.data.numerals import fixed
from pronghorn.data.raw import DateColumn, NumberColumn, RawColumn, RawTable
from pronghorn.data.schema import ColumnSchema, Schema, TargetSchema
from pronghorn.data.summary import (
    DateSummary,
    NumberSummary,
    Summary,
    TextSummary,
    summarize,
)
from pronghorn.errors import ArgumentError, DataError, closest

__all__ = [
    "Notice",
    "check_selection",
    "columns_from",
    "infer_columns",
    "infer_target",
    "likely_codes",
    "target_numbers",
]

TRUE_FALSE = ({"true", "false"}, {"yes", "no"}, {"t", "f"}, {"y", "n"})
NEGATIVE_CODES = (-1.0, -9.0, -99.0, -999.0, -9999.0)
NINES = (99.0, 999.0, 9999.0, 99999.0, 999999.0)
MOST_CLASSES = 20
FEWEST_ROWS_OF_A_CLASS = 2


@dataclass(frozen=True)
class Notice:
    """Something that the user should know about a column.

    Attributes:
        column: its name.
        message: what was seen.
        remedy: what to do about it, where there is something to do.
    """

    column: str
    message: str
    remedy: str | None = None


def infer_columns(
    table: RawTable,
    rows: np.ndarray,
    target: str,
    *,
    features: Sequence[str] = (),
    drop: Sequence[str] = (),
) -> tuple[ColumnSchema, ...]:
    """The kind of every column but the target.

    Args:
        table: the whole table.
        rows: numbers of the training rows; no other row is looked at.
        target: the column to predict.
        features: the columns to use; none means all that are of use. A column named
            here is used even where it looks like an identifier.
        drop: columns to leave out.

    Raises:
        ArgumentError: a name that the table does not have, or both lists given.
        DataError: an infinite number, or no column is left.
    """
    check_selection(table.columns, table.source, target, features, drop)

    def summary(name: str) -> Summary:
        column = table.columns[name]
        _check_infinite(column)
        return summarize(column.take(rows))

    return columns_from(summary, table.columns, target, features=features, drop=drop)


def columns_from(
    summary: Callable[[str], Summary],
    names: Iterable[str],
    target: str,
    *,
    features: Sequence[str] = (),
    drop: Sequence[str] = (),
) -> tuple[ColumnSchema, ...]:
    """The kind of every column but the target, by what was counted of it.

    Args:
        summary: counts the column of a name; asked once for each that may be of use.
        names: of the table's columns.
        target, features, drop: as for `infer_columns`, checked.

    Raises:
        DataError: no column is left.
    """
    found: list[ColumnSchema] = []
    counted: dict[str, Summary] = {}
    for name in names:
        if name == target:
            continue
        if name in drop or (features and name not in features):
            reason = "named by --drop" if name in drop else "not among --features"
            found.append(ColumnSchema(name, "dropped", reason=reason))
        else:
            counted[name] = summary(name)
            found.append(_infer(counted[name], name in features))
    if not any(column.used for column in found):
        found = [_forgive(column, counted.get(column.name)) for column in found]
    if not any(column.used for column in found):
        raise DataError(
            "No column is left to predict from.",
            expected="at least one column that varies",
            received="; ".join(f"{c.name!r}: {c.reason}" for c in found) or "no others",
        )
    return tuple(found)


def infer_target(
    table: RawTable, rows: np.ndarray, name: str, task: str | None = None
) -> TargetSchema:
    """What the target is.

    Args:
        table: the whole table, with the target as text.
        rows: numbers of the training rows; no other row is looked at.
        name: the target.
        task: "regression", "classification", or None to infer it.

    Raises:
        ArgumentError: no such task.
        DataError: a constant target, or one that does not fit the task.
    """
    if task not in (None, "regression", "classification"):
        raise ArgumentError(
            f"There is no task {task!r}.",
            where="--task",
            expected="regression or classification",
            received=repr(task),
        )
    column = table.column(name).take(rows)
    values = target_numbers(column)
    task = task or _task(column, values)
    if task == "classification":
        return _classes(column, values, name)
    if values is None:
        raise _text_target(column, name)
    _check_infinite(NumberColumn(name, values))
    if values.min() == values.max():
        raise _constant_target(name, format(values[0], ".15g"), len(rows))
    return TargetSchema(name, task, low=float(values.min()), high=float(values.max()))


def target_numbers(column: RawColumn) -> np.ndarray | None:
    """The target as float64, NaN where missing; None where it holds other text."""
    if isinstance(column, NumberColumn):
        return column.values
    if isinstance(column, DateColumn):
        return None
    try:
        numbers = [float(level) for level in column.levels]
    except ValueError:
        return None
    return np.asarray(np.array([*numbers, np.nan])[column.codes])


def likely_codes(table: RawTable, schema: Schema) -> list[Notice]:
    """Values of used numeric columns that may stand for a missing value."""
    notices = []
    for column in schema.used:
        raw = table.columns[column.name]
        if isinstance(raw, NumberColumn) and column.kind == "numeric":
            notices.extend(_codes_of(raw))
    return notices


def check_selection(
    columns: Collection[str],
    source: str,
    target: str,
    features: Sequence[str],
    drop: Sequence[str],
) -> None:
    """Refuses names of columns to use, or to leave out, that do not fit.

    Args:
        columns: the names that the table has.
        source: the table, for the message.
        target, features, drop: as for `infer_columns`.

    Raises:
        ArgumentError: a name that the table does not have, or both lists given.
    """
    if features and drop:
        raise ArgumentError(
            "--features and --drop exclude each other.",
            remedy="name the columns to use, or those to leave out",
        )
    for option, names in (("--features", features), ("--drop", drop)):
        for name in names:
            if name == target:
                raise ArgumentError(
                    f"{option} names the target, {name!r}.",
                    where=option,
                    expected="columns to predict from, or to leave out",
                    received=repr(name),
                    remedy=f"take {name!r} out of {option} (the target is never "
                    "predicted from), or choose another --target",
                )
            if name not in columns:
                raise ArgumentError(
                    f"{option} names a column {name!r} that {source} lacks.",
                    received="columns " + ", ".join(map(repr, columns)),
                    remedy=closest(name, columns),
                )


def _check_infinite(column: RawColumn) -> None:
    if isinstance(column, NumberColumn) and np.isinf(column.values).any():
        rows = np.flatnonzero(np.isinf(column.values))
        raise DataError(
            f"Column {column.name!r} holds an infinite number.",
            where=f"column {column.name!r}, {len(rows)} row(s), the first is row "
            f"{rows[0] + 1} (counted from 1 below the header)",
            expected="finite numbers",
            received=str(column.values[rows[0]]),
            remedy=f"mend the value, or take it as missing: "
            f"--missing={column.name}={column.values[rows[0]]}",
        )


def _infer(column: Summary, wanted: bool) -> ColumnSchema:
    base = ColumnSchema(column.name, "numeric", column.present, column.missing)
    if not column.present:
        return _with(base, kind="constant", reason="all values are missing")
    if isinstance(column, NumberSummary):
        return _infer_numbers(column, base, wanted)
    if isinstance(column, DateSummary):
        return _infer_dates(column, base)
    return _infer_text(column, base, wanted)


def _infer_numbers(
    column: NumberSummary, base: ColumnSchema, wanted: bool
) -> ColumnSchema:
    low, high, whole = column.low, column.high, column.whole
    base = _with(base, distinct=column.distinct, whole=whole, low=low, high=high)
    if low == high:
        return _single(base, format(low, ".15g"))
    if column.row_number and not wanted:
        return _with(base, kind="identifier", reason=column.row_number)
    if low == 0 and high == 1 and whole:
        return _with(base, kind="boolean", categories=("0", "1"))
    return base


def _infer_dates(column: DateSummary, base: ColumnSchema) -> ColumnSchema:
    base = _with(base, distinct=column.distinct)
    if column.distinct == 1:
        return _single(base, column.first)
    return _with(base, kind="date", date_format="iso")


def _infer_text(column: TextSummary, base: ColumnSchema, wanted: bool) -> ColumnSchema:
    levels, distinct = column.levels, column.distinct
    base = _with(base, distinct=distinct, kind="categorical")
    if distinct == 1:
        return _single(_with(base, categories=levels), levels[0])
    spelling = date_format(levels)
    if spelling:
        return _with(base, kind="date", date_format=spelling)
    if not wanted and distinct > 10 and distinct > base.present / 2:
        reason = f"{distinct:,} different texts in "
        reason += f"{base.present:,} training rows"
        return _with(base, kind="identifier", reason=reason)
    if len(levels) == 2 and {level.lower() for level in levels} in TRUE_FALSE:
        ordered = sorted(levels, key=lambda level: level[0].lower() in "ty")
        return _with(base, kind="boolean", categories=tuple(ordered))
    return _with(base, categories=levels)


def _single(base: ColumnSchema, value: str) -> ColumnSchema:
    """One value only: constant, unless being there or not tells something."""
    if not base.missing:
        return _with(base, kind="constant", reason=f"always {value}")
    return _with(base, kind="categorical", categories=(value,))


def _forgive(column: ColumnSchema, counted: Summary | None) -> ColumnSchema:
    """Where nothing else is left, a column of ascending numbers may be of use."""
    if column.kind != "identifier" or not isinstance(counted, NumberSummary):
        return column
    return _infer(counted, wanted=True)


def _with(column: ColumnSchema, **changes: Any) -> ColumnSchema:
    return replace(column, **changes)


def _task(column: RawColumn, values: np.ndarray | None) -> str:
    if values is None:
        return "classification"
    levels = np.unique(values)
    whole = bool((levels == np.floor(levels)).all())
    few = len(levels) <= max(2, min(MOST_CLASSES, len(values) / 10))
    return "classification" if whole and few else "regression"


def _classes(column: RawColumn, values: np.ndarray | None, name: str) -> TargetSchema:
    labels = sorted(set(column.text()), key=_label_key)
    if len(labels) < 2:
        raise _constant_target(name, labels[0], len(column.missing))
    if len(labels) > max(MOST_CLASSES, len(column.missing) / FEWEST_ROWS_OF_A_CLASS):
        raise DataError(
            f"The target {name!r} has {len(labels)} classes in "
            f"{len(column.missing)} training rows.",
            expected="several rows of each class",
            received=", ".join(map(repr, labels[:5])) + ", ...",
            remedy="choose another target"
            + ("" if values is None else ", or --task regression"),
        )
    return TargetSchema(name, "classification", tuple(labels))


def _label_key(label: str) -> tuple[float, str]:
    """Numbers by value, before texts by letter."""
    try:
        return (float(label), label)
    except ValueError:
        return (math.inf, label)


def _text_target(column: RawColumn, name: str) -> DataError:
    texts = column.text()
    row = next(i for i, text in enumerate(texts) if not _is_number(text))
    return DataError(
        f"The target {name!r} holds text; regression predicts numbers.",
        where=f"column {name!r}",
        expected="numbers",
        received=repr(texts[row]),
        remedy="--task classification, or choose another target",
    )


def _is_number(text: str) -> bool:
    return _label_key(text)[0] < math.inf


def _constant_target(name: str, value: str, rows: int) -> DataError:
    return DataError(
        f"The target {name!r} is constant: there is nothing to learn.",
        where=f"column {name!r}, {rows} training row(s)",
        expected="at least two different values",
        received=f"always {value}",
        remedy="choose another target, or give more rows",
    )


def _codes_of(column: NumberColumn) -> list[Notice]:
    values = column.values[~column.missing]
    levels, counts = np.unique(values, return_counts=True)
    notices = []
    if len(levels) > 2 and levels[0] in NEGATIVE_CODES and levels[1] >= 0:
        notices.append(_code(column, levels[0], counts[0], levels[1], levels[-1]))
    if len(levels) > 5 and levels[-1] in NINES and 0 <= levels[-2] < levels[-1] / 2:
        notices.append(_code(column, levels[-1], counts[-1], levels[0], levels[-2]))
    if levels[0] == 0 and _is_odd_zero(levels, counts):
        notices.append(_code(column, 0.0, counts[0], levels[1], levels[-1]))
    return notices


def _is_odd_zero(levels: np.ndarray, counts: np.ndarray) -> bool:
    """A few zeros, far below all else: nobody's blood pressure is 0."""
    if len(levels) < 12 or counts[0] > 0.05 * counts.sum():
        return False
    median = np.repeat(levels[1:], counts[1:])[(counts[1:].sum()) // 2]
    return bool(levels[1] >= 0.3 * median)


def _code(
    column: NumberColumn, code: float, count: int, low: float, high: float
) -> Notice:
    rows = "1 row" if count == 1 else f"{count:,} rows"
    between = " and ".join(fixed([low, high]))
    return Notice(
        column.name,
        f"holds {code:.15g} in {rows}; all other values lie between {between}: "
        "it may stand for a missing value",
        f"if so: --missing={column.name}={code:.15g}, or --missing={code:.15g} for all",
    )
