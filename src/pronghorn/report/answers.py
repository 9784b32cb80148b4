"""What a model says of the held-out rows, beside what is true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from pronghorn.data.infer import target_numbers
from pronghorn.data.raw import RawColumn, RawTable
from pronghorn.data.schema import Schema, TargetSchema
from pronghorn.errors import DataError

__all__ = ["Answers", "Reportable", "answers_of", "losses", "told_of", "truth_of"]

LEAST_CHANCE = 1e-7
"""Smaller probabilities count as this one: float32 knows no finer near 1."""

ROWS_AT_ONCE = 65_536


class Reportable(Protocol):
    """What a report asks of a model.

    Tables are handed to it as `RawTable`.
    """

    @property
    def schema(self) -> Schema:
        """Of the table that it was trained on."""

    @property
    def history(self) -> Any:
        """Lists by epoch ("loss", "val_loss", ...), or what has them as `history`."""

    @property
    def net(self) -> Any:
        """The model of layers."""

    def predict(self, data: Any) -> Any:
        """Numbers in the target's units, (rows,)."""

    def predict_proba(self, data: Any) -> Any:
        """A probability for each class in the schema's order, (rows, classes)."""


@dataclass(frozen=True)
class Answers:
    """The rows that have a target which the model can predict.

    Attributes:
        target: the target's schema.
        rows: numbers of these rows in the holdout, (rows,).
        truth: float64 in the target's units, or int64 numbers of the classes, (rows,).
        predicted: the same of the model's answers.
        chances: float64, (rows, classes); None for a regression.
        strange: how many rows have a class that the model does not know.
    """

    target: TargetSchema
    rows: np.ndarray
    truth: np.ndarray
    predicted: np.ndarray
    chances: np.ndarray | None = None
    strange: int = 0

    @property
    def told(self) -> np.ndarray:
        """What the model says: numbers (rows,), or probabilities (rows, classes)."""
        return self.predicted if self.chances is None else self.chances

    @property
    def losses(self) -> np.ndarray:
        """What each row adds to the loss: float64, (rows,)."""
        return losses(self.truth, self.told)


def answers_of(model: Reportable, holdout: RawTable) -> Answers:
    """The model's answers to the held-out rows.

    Raises:
        DataError: no row has a target that the model knows.
    """
    target = model.schema.target
    truth, known = truth_of(target, holdout.column(target.name))
    rows = np.flatnonzero(known)
    if not len(rows):
        raise DataError(
            f"No held-out row has a target {target.name!r} that the model knows.",
            where="holdout",
            expected="rows with the target, to measure the predictions against it",
            received=f"{holdout.rows} row(s)",
        )
    strange = int((~holdout.column(target.name).missing).sum()) - len(rows)
    told = told_of(model, holdout.take(rows))
    if target.task == "regression":
        return Answers(target, rows, truth[rows], told)
    best = told.argmax(axis=1)
    return Answers(target, rows, truth[rows], best, told, strange)


def told_of(model: Reportable, rows: RawTable) -> np.ndarray:
    """Predictions (rows,), or probabilities (rows, classes), as float64.

    Raises:
        DataError: some are not finite.
    """
    starts = range(0, rows.rows, ROWS_AT_ONCE)
    parts = [
        rows.take(np.arange(start, min(start + ROWS_AT_ONCE, rows.rows)))
        for start in starts
    ]
    ask = (
        model.predict
        if model.schema.target.task == "regression"
        else model.predict_proba
    )
    told = np.concatenate([np.asarray(ask(part), np.float64) for part in parts])
    if not np.isfinite(told).all():
        raise DataError(
            "The model's predictions are not finite, so there is nothing to report.",
            where="holdout",
            expected="finite predictions",
            received=f"{int((~np.isfinite(told)).sum())} that are not",
        )
    return told


def truth_of(target: TargetSchema, column: RawColumn) -> tuple[np.ndarray, np.ndarray]:
    """The target's values, and where they are known: bool, (rows,).

    Raises:
        DataError: text where the target is a number.
    """
    if target.task == "regression":
        values = target_numbers(column)
        if values is None:
            raise DataError(
                f"The target {target.name!r} holds text; the model predicts numbers.",
                where=f"column {target.name!r}",
            )
        return values, np.isfinite(values)
    places = {_folded(label): i for i, label in enumerate(target.labels)}
    places |= {label: i for i, label in enumerate(target.labels)}
    found = [places.get(t, places.get(_folded(t), -1)) for t in column.text()]
    codes = np.array(found, np.int64)
    return codes, codes >= 0


def _folded(text: str) -> str:
    """A label however it came: True as true, 1.0 as 1."""
    try:
        return format(float(text), ".15g")
    except ValueError:
        return text.lower()


def losses(truth: np.ndarray, told: np.ndarray) -> np.ndarray:
    """Squared errors, or logarithms of the true class's probability: (rows,).

    >>> losses(np.array([1.0, 3.0]), np.array([2.0, 2.5])).tolist()
    [1.0, 0.25]
    >>> losses(np.array([1]), np.array([[0.5, 0.5]])).round(3).tolist()
    [0.693]
    """
    if told.ndim == 1:
        return np.asarray((told - truth) ** 2)
    chance = told[np.arange(len(truth)), truth]
    return np.asarray(-np.log(np.clip(chance, LEAST_CHANCE, 1.0)))
