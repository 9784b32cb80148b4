"""The target of a table that stays on the disk, by what was counted of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pronghorn.data.raw import NumberColumn, RawColumn, TextColumn
from pronghorn.data.schema import TargetSchema
from pronghorn.data.survey import TargetSummary
from pronghorn.errors import DataError
from pronghorn.tabular.targets import Target, fit_target

__all__ = ["encode_target", "target_from", "whole_numbers"]

_SHOWN_ROWS = 1 << 16
"""`fit_target` sees so many rows at most, of each value its share."""


def target_from(
    counted: TargetSummary, name: str, task: str | None
) -> tuple[Target, tuple[str, ...]]:
    """What the target is.

    Args:
        counted: the training rows.
        name: the target's.
        task: "regression", "classification", or None: by the values.

    Returns:
        The target, and the texts that its classes are spelt as, in any order.

    Raises:
        DataError: as `fit_target`.
    """
    levels = tuple(counted.counts)
    if not counted.is_number:
        if not levels:
            raise DataError(
                f"The target {name!r} has too many different texts to be classes.",
                expected="several rows of each class",
                received=f"more than 10,000 in {counted.rows:,} rows",
            )
        texts = np.array(levels, object)
        return fit_target(_shown(texts, counted), name, task), levels
    if levels:
        values = whole_numbers(levels)
        goal = fit_target(_shown(values, counted), name, task)
        if goal.classes:
            return goal, levels
    elif task == "classification":
        raise DataError(
            f"The target {name!r} has too many different numbers to be classes.",
            expected="several rows of each class",
            received=f"more than 10,000 in {counted.rows:,} rows",
            remedy='task="regression"',
        )
    low, high = counted.low, counted.high
    if not np.isfinite([low, high]).all():
        raise DataError(
            f"The target {name!r} holds infinity.",
            where=f"column {name!r}",
            expected="finite numbers",
            received=f"{low} to {high}",
            remedy="leave those rows out",
        )
    center, scale = counted.mean, counted.deviation
    schema = TargetSchema(
        name, "regression", center=center, scale=scale, low=low, high=high
    )
    return Target(schema, np.array([])), ()


def encode_target(
    goal: Target, levels: Sequence[str], column: RawColumn
) -> tuple[np.ndarray, np.ndarray]:
    """A chunk's targets as a net learns them.

    Args:
        goal: the target.
        levels: the texts of its classes.
        column: the rows: places among these, or numbers.

    Returns:
        int32 numbers of the classes or standardized float32, 0 where there is none;
        and which rows have one. A row held out may have a class that no other row has:
        it counts as having none, since no net can predict it.

    Raises:
        DataError: an infinite number.
    """
    if isinstance(column, TextColumn):
        texts = np.array(levels, object)
        values = texts if goal.labels.dtype == object else whole_numbers(levels)
        classes = np.array([*goal.encode(values), -1, -1], np.int32)
        found = classes[column.codes]
        return np.maximum(found, 0), found >= 0
    assert isinstance(column, NumberColumn)
    there = ~column.missing
    filled = np.where(there, column.values, goal.schema.center)
    return goal.encode(filled, f"column {goal.schema.name!r}"), there


def whole_numbers(levels: Sequence[str]) -> np.ndarray:
    """Texts as numbers, whole where all are."""
    values = np.array([float(level) for level in levels])
    whole = np.isfinite(values).all() and (values == np.floor(values)).all()
    small = whole and (np.abs(values) < 2**53).all()
    return values.astype(np.int64) if small else values


def _shown(values: np.ndarray, counted: TargetSummary) -> np.ndarray:
    """Each value as often as there are rows of it, or so many fewer that it is seen."""
    counts = np.array(list(counted.counts.values()), np.int64)
    less = max(1.0, counts.sum() / _SHOWN_ROWS)
    return np.repeat(values, np.ceil(counts / less).astype(np.int64))
