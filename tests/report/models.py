"""Small models and tables that the report is tested on; nothing in them is trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pronghorn import Sequential, layers
from pronghorn.data.raw import NumberColumn, RawColumn, RawTable, text_column
from pronghorn.data.schema import ColumnSchema, Schema, TargetSchema
from pronghorn.report.answers import Answers

HISTORY = {"loss": [3.0, 2.0, 1.0, 0.5], "val_loss": [3.0, 1.5, 1.0, 1.2]}


class Fake:
    """A model that says what a function of the table's columns says."""

    def __init__(self, schema: Schema, told: Callable[[RawTable], Any]) -> None:
        self.schema = schema
        self.told = told
        self.history = HISTORY
        self.net = Sequential([layers.Dense(1, input_shape=[2])])

    def predict(self, data: Any) -> np.ndarray:
        """Numbers, or labels."""
        told = np.asarray(self.told(data))
        if self.schema.target.task == "regression":
            return told
        return np.array(self.schema.target.labels)[told.argmax(axis=1)]

    def predict_proba(self, data: Any) -> np.ndarray:
        """Probabilities."""
        return np.asarray(self.told(data))


def table(**columns: Any) -> RawTable:
    """A table of lists: numbers, or text with None where missing."""
    made: dict[str, RawColumn] = {}
    for name, values in columns.items():
        if any(isinstance(v, str) for v in values):
            texts = [None if v is None else str(v) for v in values]
            made[name] = text_column(name, texts)
        else:
            made[name] = NumberColumn(name, np.array(values, np.float64))
    return RawTable(made, len(values))


def schema(
    columns: Sequence[ColumnSchema | str], target: str = "y", labels: Sequence[str] = ()
) -> Schema:
    """Names are numeric columns; labels make it a classification."""
    made = [
        ColumnSchema(c, "numeric", present=10) if isinstance(c, str) else c
        for c in columns
    ]
    task = "classification" if labels else "regression"
    return Schema(tuple(made), TargetSchema(target, task, tuple(labels)))


def classes(chances: Any, truth: Sequence[int], labels: Sequence[str] = ()) -> Answers:
    """Answers of a classifier."""
    told = np.asarray(chances, np.float64)
    names = tuple(labels) or tuple("abcdefghijklmnopqrstuvwxyz"[: told.shape[1]])
    target = TargetSchema("y", "classification", names)
    known = np.asarray(truth, np.int64)
    return Answers(target, np.arange(len(known)), known, told.argmax(axis=1), told)


def numbers(truth: Any, predicted: Any) -> Answers:
    """Answers of a regression."""
    known = np.asarray(truth, np.float64)
    said = np.asarray(predicted, np.float64)
    target = TargetSchema("y", "regression")
    return Answers(target, np.arange(len(known)), known, said)


def random_classes(rows: int, count: int, seed: int, ties: bool = True) -> Answers:
    """Answers that are right more often than not."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, count, rows)
    scores = rng.random((rows, count)) + 0.7 * np.eye(count)[truth]
    chances = scores / scores.sum(axis=1, keepdims=True)
    chances = np.round(chances, 2) if ties else chances
    return classes(chances / chances.sum(axis=1, keepdims=True), truth.tolist())
