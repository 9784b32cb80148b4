"""How far the held-out rows differ from the training rows, column by column.

The size of a difference is the population stability index; whether chance alone could
have made it, a test says: Kolmogorov and Smirnov's for numbers, chi-squared for
categories and for whether a value is there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pronghorn.data.raw import RawColumn, RawTable, TextColumn
from pronghorn.data.schema import ColumnSchema, Schema
from pronghorn.report.tables import joint_codes, numbers_in

__all__ = ["Drift", "chi_squared", "drift_of", "kolmogorov_smirnov", "stability"]

LARGE = 0.1
"""Smaller indices are held for no change worth telling."""

CHANCE = 0.01
"""What chance makes in one of a hundred reports at the most, all columns together."""

BINS = 10
FEWEST_EXPECTED = 5.0
LEAST_SHARE = 1e-4
LONG = 100


@dataclass(frozen=True)
class Drift:
    """How one column differs between the training rows and the held-out rows.

    Attributes:
        name: the column's.
        index: the population stability index, 0 where both are alike.
        chance: how likely the test's value is where nothing differs, from 0 to 1.
        test: which test that is.
        missing: shares of missing values, in training and in holdout.
        told: whether it is large, and no chance for as many columns.
    """

    name: str
    index: float
    chance: float
    test: str
    missing: tuple[float, float]
    told: bool


def drift_of(
    schema: Schema, training: RawTable, holdout: RawTable
) -> tuple[Drift, ...]:
    """Of every used column and of the target, in the table's order.

    The level of the tests is divided by their number (Bonferroni).
    """
    target = schema.target
    kind = "numeric" if target.task == "regression" else "categorical"
    columns = (*schema.used, ColumnSchema(target.name, kind))
    shared = [
        column
        for column in columns
        if column.name in training.columns and column.name in holdout.columns
    ]
    level = CHANCE / max(1, 2 * len(shared))
    return tuple(
        _drift(
            column,
            training.columns[column.name],
            holdout.columns[column.name],
            level,
        )
        for column in shared
    )


def _drift(
    column: ColumnSchema, first: RawColumn, second: RawColumn, level: float
) -> Drift:
    gaps = float(first.missing.mean()), float(second.missing.mean())
    table = np.array([[(~c.missing).sum(), c.missing.sum()] for c in (first, second)])
    index, chance, test = _values(column, first, second)
    gone = chi_squared(table)
    shift = stability(table[0], table[1])
    if gone < chance:
        chance, test = gone, "chi-squared, of missing values"
    index = max(index, shift)
    told = index >= LARGE and chance <= level
    return Drift(column.name, index, chance, test, gaps, told)


def _values(
    column: ColumnSchema, first: RawColumn, second: RawColumn
) -> tuple[float, float, str]:
    """Of the values that are there: the index, the chance and the test's name."""
    a, b = _ordered(column, first), _ordered(column, second)
    if a is None or b is None:
        one, two, count = joint_codes(
            first.take(np.flatnonzero(~first.missing)),
            second.take(np.flatnonzero(~second.missing)),
        )
        table = np.array([np.bincount(c, minlength=count) for c in (one, two)])
        return _index(table), chi_squared(table), "chi-squared"
    a, b = a[np.isfinite(a)], b[np.isfinite(b)]
    test = "Kolmogorov-Smirnov"
    if not len(a) or not len(b):
        return 0.0, 1.0, test
    edges = np.unique(np.quantile(a, np.linspace(0, 1, BINS + 1)[1:-1]))
    table = np.array(
        [
            np.bincount(np.searchsorted(edges, x, side="right"), minlength=BINS)
            for x in (a, b)
        ]
    )
    return _index(table), kolmogorov_smirnov(a, b)[1], test


def _ordered(column: ColumnSchema, raw: RawColumn) -> np.ndarray | None:
    found = numbers_in(column, raw)
    if found is None and column.kind == "numeric" and isinstance(raw, TextColumn):
        numbers = [_number(text) for text in raw.levels]
        found = np.array([*numbers, np.nan])[raw.codes]
    return found


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _index(table: np.ndarray) -> float:
    """The index of frequent values; the rare ones count as one value."""
    return stability(*_joined(table)) if table.sum(axis=1).all() else 0.0


def stability(expected: np.ndarray, found: np.ndarray) -> float:
    """The population stability index: the sum of (q - p) log(q / p) over all bins.

    Below 0.1 little has changed, from 0.25 on a lot (Siddiqi, 2006).

    Args:
        expected, found: counts, (bins,).

    >>> stability(np.array([50, 50]), np.array([50, 50]))
    0.0
    >>> round(stability(np.array([50, 50]), np.array([80, 20])), 3)
    0.416
    """
    p = np.maximum(expected / max(expected.sum(), 1), LEAST_SHARE)
    q = np.maximum(found / max(found.sum(), 1), LEAST_SHARE)
    return float(((q - p) * np.log(q / p)).sum())


def kolmogorov_smirnov(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """The largest distance of two samples' distribution functions, and its chance.

    The chance is the asymptotic one with Stephens's correction (1970), good from some
    ten values on; with ties it is too large rather than too small.

    >>> kolmogorov_smirnov(np.arange(9.0), np.arange(9.0))
    (0.0, 1.0)
    """
    both = np.sort(np.concatenate([a, b]))
    below = [np.searchsorted(np.sort(x), both, side="right") / len(x) for x in (a, b)]
    distance = float(np.abs(below[0] - below[1]).max())
    size = math.sqrt(len(a) * len(b) / (len(a) + len(b)))
    x = (size + 0.12 + 0.11 / size) * distance
    if x < 0.2:  # the series says 1 there, and needs many terms to say so
        return distance, 1.0
    terms = [(-1) ** (k - 1) * math.exp(-2 * (k * x) ** 2) for k in range(1, LONG)]
    return distance, min(max(2 * sum(terms), 0.0), 1.0)


def chi_squared(table: np.ndarray) -> float:
    """The chance of a table of counts where both rows are drawn alike.

    Columns that are expected to hold fewer than five are joined. The distribution's
    tail is Wilson and Hilferty's (1931).

    Args:
        table: counts, (2, values).

    >>> chi_squared(np.array([[50, 50], [50, 50]]))
    1.0
    """
    table = _joined(table)
    rows, columns = table.sum(axis=1, keepdims=True), table.sum(axis=0, keepdims=True)
    freedom = table.shape[1] - 1
    if freedom < 1 or not rows.all():
        return 1.0
    expected = rows * columns / table.sum()
    x = float(((table - expected) ** 2 / expected).sum())
    if x == 0:
        return 1.0
    spread = 2 / (9 * freedom)
    z = ((x / freedom) ** (1 / 3) - (1 - spread)) / math.sqrt(spread)
    return 0.5 * math.erfc(z / math.sqrt(2))


def _joined(table: np.ndarray) -> np.ndarray:
    """The table with its rare columns as one, left out where that is rare too."""
    total = table.sum()
    least = table.sum(axis=1).min() * table.sum(axis=0) / max(total, 1)
    often = least >= FEWEST_EXPECTED
    rest = table[:, ~often].sum(axis=1, keepdims=True)
    kept = table[:, often]
    enough = table.sum(axis=1).min() * rest.sum() / max(total, 1) >= FEWEST_EXPECTED
    return np.concatenate([kept, rest], axis=1) if enough else kept
