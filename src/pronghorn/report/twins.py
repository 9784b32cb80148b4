"""Exact duplicates: rows that are equal, within a part of the table and across."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pronghorn.data.raw import RawTable, TextColumn
from pronghorn.data.schema import Schema
from pronghorn.report.tables import joint_codes

__all__ = ["Twins", "twins_of"]


@dataclass(frozen=True)
class Twins:
    """Rows that are equal in all columns, but for those that number the rows.

    Attributes:
        training, holdout: how many rows equal an earlier one of the same part.
        shared: how many held-out rows equal a training row; None where the training
            rows are not known, as are the next two.
        alike: how many equal one in what the model is fed with, and in the target.
        conflicting: how many equal one in what the model is fed with, but none of these
            has the same target.
    """

    training: int | None
    holdout: int
    shared: int | None = None
    alike: int | None = None
    conflicting: int | None = None


def twins_of(schema: Schema, training: RawTable | None, holdout: RawTable) -> Twins:
    """Counts equal rows, exactly: no hash stands for a row."""
    first = holdout if training is None else training
    names = [name for name in holdout.columns if name in first.columns]
    numbering = {
        column.name
        for column in schema.columns
        if column.kind == "identifier"
        and not isinstance(holdout.columns.get(column.name), TextColumn)
    }
    whole = _groups([n for n in names if n not in numbering], first, holdout)
    if training is None:
        return Twins(None, _repeated(whole[1]))
    used = [column.name for column in schema.used if column.name in names]
    fed = _groups(used, training, holdout)
    with_target = _groups([*used, schema.target.name], training, holdout)
    alike = np.isin(with_target[1], with_target[0])
    return Twins(
        _repeated(whole[0]),
        _repeated(whole[1]),
        int(np.isin(whole[1], whole[0]).sum()),
        int(alike.sum()),
        int((np.isin(fed[1], fed[0]) & ~alike).sum()),
    )


def _codes(
    name: str, first: RawTable, second: RawTable
) -> tuple[np.ndarray, np.ndarray]:
    one, two, _ = joint_codes(first.columns[name], second.columns[name])
    return one, two


def _groups(
    names: list[str], first: RawTable, second: RawTable
) -> tuple[np.ndarray, np.ndarray]:
    """Equal numbers for rows that are equal in all these columns."""
    found = np.zeros(first.rows + second.rows, np.int64)
    for name in names:
        found = _joined(found, np.concatenate(_codes(name, first, second)))
    return found[: first.rows], found[first.rows :]


def _joined(groups: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Groups that are split where the codes differ; below 2^63 for 2^31 rows."""
    pairs = groups * (codes.max(initial=0) + 1) + codes
    return np.asarray(np.unique(pairs, return_inverse=True)[1])


def _repeated(groups: np.ndarray) -> int:
    return len(groups) - len(np.unique(groups))
