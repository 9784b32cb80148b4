"""How well each column predicts the target by itself: one that does so nearly without
error may give the answer away.

Small predictors are fitted for each column, and measured on other rows: the mean of the
target in bins of about equal size, or for each category; for numbers also the line
through the means of equal values, which follows an exact formula or a sharp bound, and
the straight line, which does so beyond the values known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pronghorn.data.raw import RawColumn, RawTable
from pronghorn.data.schema import ColumnSchema, Schema
from pronghorn.report.answers import truth_of
from pronghorn.report.tables import joint_codes, numbers_in, stacked

__all__ = ["Alone", "alone"]

MOST_ROWS, MOST_MEASURED = 20_000, 10_000
MOST_NUMBERS = 4_000_000
"""Rows times classes; with more classes, fewer rows are taken."""

ENOUGH, FEWEST_ROWS = 500, 50
"""With fewer held-out rows, all rows are measured on, by twofold cross-validation."""

BINS, ROWS_A_BIN = 64, 10
MOST_LINES = 50
"""With more classes, bins must do."""

Task = tuple[RawTable, np.ndarray, RawTable, np.ndarray]
"""Rows to fit on and their targets, rows to measure on and theirs."""

PRIOR = 1.0
"""How many rows of the mean each bin is given: a category met once proves little."""


@dataclass(frozen=True)
class Alone:
    """What one column tells of the target by itself.

    Attributes:
        name: the column's.
        skill: the share of the baseline's error that goes away: 1 is perfect, 0 is no
            better than always saying the same. Of squared errors (R²) for a regression,
            of wrong rows for classes.
    """

    name: str
    skill: float


def alone(
    schema: Schema, training: RawTable | None, holdout: RawTable, seed: int
) -> tuple[Alone, ...]:
    """Each used column's skill, in the table's order; none where rows are too few.

    Args:
        schema: of the table.
        training: rows to fit on; without them, and where few rows are held out, each
            half of the rows is predicted from the other.
        holdout: rows to measure on.
        seed: which rows are taken where there are many.
    """
    rng = np.random.default_rng(seed)
    room = MOST_NUMBERS // max(1, len(schema.target.labels))
    mine, truth = _with_target(schema, holdout, min(MOST_MEASURED, room), rng)
    if training is None or len(truth) < ENOUGH:
        table = mine
        if training is not None:
            other, _ = _with_target(schema, training, ENOUGH, rng)
            table = stacked(other, mine)
        order = rng.permutation(table.rows)
        halves = table.take(order[::2]), table.take(order[1::2])
        folds = [halves, halves[::-1]]
    else:
        fitted, _ = _with_target(schema, training, min(MOST_ROWS, room), rng)
        folds = [(fitted, mine)]
    tasks = [(one, _truth(schema, one), two, _truth(schema, two)) for one, two in folds]
    measured = np.concatenate([task[3] for task in tasks])
    if len(measured) < FEWEST_ROWS or len(np.unique(measured)) < 2:
        return ()
    names = [
        column
        for column in schema.used
        if all(column.name in part.columns for pair in folds for part in pair)
    ]
    return tuple(Alone(each.name, _skill(schema, each, tasks)) for each in names)


def _skill(schema: Schema, column: ColumnSchema, tasks: Sequence[Task]) -> float:
    """That of the best of the small predictors."""
    found = []
    for fitted, y, measured, truth in tasks:
        targets = _targets(schema, y)
        a, b = fitted.columns[column.name], measured.columns[column.name]
        same = np.broadcast_to(targets.mean(axis=0), (len(truth), targets.shape[1]))
        told = [same, *_predictions(column, a, b, targets)]
        found.append([_errors(schema, truth, each) for each in told])
    worst, *others = np.sum(found, axis=0).tolist()
    if schema.target.task == "classification":
        # Few rows prove no perfection: one more error is taken to be there.
        return 1 - (min(others) + 1) / (worst + 1)
    return 1 - min(others) / worst if worst else 0.0


def _errors(schema: Schema, truth: np.ndarray, told: np.ndarray) -> float:
    """The sum of squared errors, or the number of wrong rows."""
    if schema.target.task == "regression":
        return float(((truth - told[:, 0]) ** 2).sum())
    return float((truth != told.argmax(axis=1)).sum())


def _truth(schema: Schema, table: RawTable) -> np.ndarray:
    return truth_of(schema.target, table.column(schema.target.name))[0]


def _with_target(
    schema: Schema, rows: RawTable, most: int, rng: np.random.Generator
) -> tuple[RawTable, np.ndarray]:
    """Rows with a known target, drawn where there are more, and these targets."""
    truth, known = truth_of(schema.target, rows.column(schema.target.name))
    there = np.flatnonzero(known)
    if len(there) > most:
        there = np.sort(rng.choice(there, most, replace=False))
    return rows.take(there), truth[there]


def _targets(schema: Schema, y: np.ndarray) -> np.ndarray:
    """What is averaged: numbers (rows, 1), or ones in classes' places."""
    if schema.target.task == "regression":
        return y[:, None]
    return np.asarray(np.eye(len(schema.target.labels), dtype=np.float32)[y])


def _predictions(
    column: ColumnSchema, fitted: RawColumn, measured: RawColumn, y: np.ndarray
) -> list[np.ndarray]:
    """What each small predictor says of the measured rows: (rows, outputs)."""
    a, b = numbers_in(column, fitted), numbers_in(column, measured)
    if a is None or b is None:
        codes, others, count = joint_codes(fitted, measured)
        return [_means(codes, y, count)[others]]
    levels = np.unique(a[np.isfinite(a)])
    if not len(levels):
        return [np.broadcast_to(y.mean(axis=0), (len(b), y.shape[1]))]
    edges = levels[1:]
    bins = int(np.clip(len(a) // ROWS_A_BIN, 2, BINS))
    if len(levels) > bins:
        parts = np.linspace(0, 1, bins + 1)[1:-1]
        edges = np.unique(np.quantile(a[np.isfinite(a)], parts))
    last = len(edges) + 1  # of the missing ones
    one = np.where(np.isfinite(a), np.searchsorted(edges, a, side="right"), last)
    two = np.where(np.isfinite(b), np.searchsorted(edges, b, side="right"), last)
    means = _means(one, y, last + 1)
    found = [means[two]]
    if y.shape[1] <= MOST_LINES:
        there = np.isfinite(a)
        places = np.searchsorted(levels, a[there])
        rows = np.bincount(places)
        lines = [
            np.interp(np.nan_to_num(b), levels, np.bincount(places, each[there]) / rows)
            for each in y.T
        ]
        gaps = ~np.isfinite(b)[:, None]
        found.append(np.where(gaps, means[last], np.stack(lines, axis=1)))
        found.append(np.where(gaps, means[last], _straight(a[there], y[there], b)))
    return found


def _straight(a: np.ndarray, y: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The straight line of least squares: (rows, outputs)."""
    apart = a - a.mean()
    spread = float((apart**2).sum())
    slope = apart @ y / spread if spread else np.zeros(y.shape[1])
    return np.asarray(y.mean(axis=0) + (np.nan_to_num(b) - a.mean())[:, None] * slope)


def _means(codes: np.ndarray, y: np.ndarray, count: int) -> np.ndarray:
    """The mean target of each code, drawn a little to the mean of all: (codes, ...)."""
    rows = np.bincount(codes, minlength=count)[:, None]
    sums = np.stack([np.bincount(codes, each, count) for each in y.T], axis=1)
    return np.asarray((sums + PRIOR * y.mean(axis=0)) / (rows + PRIOR))
