"""What a table's model predicts: labels kept as they are, numbers in their units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pronghorn.data.infer import FEWEST_ROWS_OF_A_CLASS, MOST_CLASSES
from pronghorn.data.schema import TargetSchema
from pronghorn.errors import ArgumentError, DataError

__all__ = ["Target", "fit_target"]

TASKS = ("regression", "classification")
_KINDS = {"b": "bool", "i": "int64", "u": "uint64", "f": "float64"}


class Target:
    """The column to predict, with its labels in their own type.

    Attributes:
        schema: a value that files carry.
        labels: the classes in the order of the outputs, sorted; empty for regression.
    """

    def __init__(self, schema: TargetSchema, labels: np.ndarray) -> None:
        self.schema = schema
        self.labels = labels

    @property
    def classes(self) -> bool:
        """Whether it has classes."""
        return self.schema.task == "classification"

    @property
    def outputs(self) -> int:
        """The outputs of a net for it."""
        return len(self.labels) if self.classes else 1

    def encode(self, values: Any, what: str = "y") -> np.ndarray:
        """As a net learns it: int32 numbers of the classes, or standardized float32.

        Raises:
            DataError: a label that the training rows did not have; text, NaN or
                infinity where the target is a number.
        """
        if not self.classes:
            numbers = _numbers(values, self.schema.name, what)
            scaled = (numbers - self.schema.center) / self.schema.scale
            return scaled.astype(np.float32)
        known = {label: i for i, label in enumerate(self.labels.tolist())}
        places = [known.get(v, -1) for v in np.asarray(values).reshape(-1).tolist()]
        found = np.array(places, np.int32)
        if (found < 0).any():
            row = int(np.flatnonzero(found < 0)[0])
            raise DataError(
                f"The target {self.schema.name!r} has a label that the model does not "
                "know.",
                where=f"{what}, row {row} (counted from 0)",
                expected=", ".join(map(repr, self.labels.tolist()[:10])),
                received=repr(np.asarray(values).reshape(-1)[row]),
                remedy="train with rows of every class",
            )
        return found

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        """A net's outputs as predictions: labels, or float64 in the target's units.

        Numbers are kept within the range of the training rows (RealMLP's clamping,
        arXiv 2407.04491).
        """
        if self.classes:
            return np.asarray(self.labels[outputs.argmax(axis=1)])
        schema = self.schema
        values = outputs[:, 0].astype(np.float64) * schema.scale + schema.center
        return np.clip(values, schema.low, schema.high)

    def to_dict(self) -> dict[str, Any]:
        """The labels as JSON has them."""
        kind = _KINDS.get(self.labels.dtype.kind, "text")
        return {"kind": kind, "labels": self.labels.tolist()}

    @classmethod
    def from_dict(cls, schema: TargetSchema, data: Mapping[str, Any]) -> Target:
        """What `to_dict` wrote."""
        kind, labels = str(data["kind"]), list(data["labels"])
        if kind not in (*_KINDS.values(), "text"):
            raise ValueError(f"labels of kind {kind!r}")
        return cls(schema, np.array(labels, object if kind == "text" else kind))


def fit_target(values: Any, name: str, task: str | None = None) -> Target:
    """What the target of the training rows is.

    Args:
        values: (rows,): numbers, texts, bools.
        name: the target's.
        task: "regression", "classification", or None: whole numbers of few different
            values, bools and texts are classes.

    Raises:
        ArgumentError: no such task.
        DataError: missing values; a constant target; text for regression; nearly as
            many classes as rows.
    """
    if task not in (None, *TASKS):
        raise ArgumentError(
            f"There is no task {task!r}.",
            where="task",
            expected="'regression' or 'classification'",
            received=repr(task),
        )
    array = _one_column(values, name)
    _refuse_missing(array, name)
    task = task or _task(array)
    if task == "classification":
        labels = _labels(array, name)
        return Target(TargetSchema(name, task, tuple(map(str, labels))), labels)
    numbers = _numbers(array, name, "y")
    low, high = float(numbers.min()), float(numbers.max())
    if low == high:
        raise _constant(name, len(array), repr(low))
    schema = TargetSchema(
        name,
        task,
        center=float(numbers.mean()),
        scale=float(numbers.std()),
        low=low,
        high=high,
    )
    return Target(schema, np.array([]))


def _one_column(values: Any, name: str) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or not len(array):
        raise DataError(
            f"The target {name!r} is one column.",
            where="y",
            expected="shape (rows,)",
            received=array.shape,
        )
    if array.dtype.kind == "U":
        array = array.astype(object)
    return array


def _refuse_missing(array: np.ndarray, name: str) -> None:
    if array.dtype.kind == "f":
        missing = np.isnan(array)
    elif array.dtype == object:
        missing = np.array([v is None or v != v for v in array.tolist()], bool)
    else:
        return
    if missing.any():
        raise DataError(
            f"The target {name!r} has missing values (NaN).",
            where=f"y, {int(missing.sum())} row(s), the first is row "
            f"{int(np.flatnonzero(missing)[0])} (counted from 0)",
            expected="a target in every row",
            received="missing values",
            remedy="leave those rows out",
        )


def _task(array: np.ndarray) -> str:
    if array.dtype.kind not in "iuf":
        return "classification"
    levels = np.unique(array)
    whole = bool((levels == np.floor(levels)).all())
    few = len(levels) <= max(2, min(MOST_CLASSES, len(array) / 10))
    return "classification" if whole and few else "regression"


def _labels(array: np.ndarray, name: str) -> np.ndarray:
    if array.dtype == object:
        kinds = {type(v) for v in array.tolist()}
        labels = np.array(sorted(set(array.tolist()), key=_order), object)
        if len(kinds) > 1:
            raise DataError(
                f"The target {name!r} mixes types.",
                where="y",
                expected="labels of one type",
                received=", ".join(sorted(kind.__name__ for kind in kinds)),
                remedy="y.astype(str)",
            )
    else:
        labels = np.unique(array)
    if len(labels) < 2:
        raise _constant(name, len(array), repr(labels[0]))
    if len(labels) > max(MOST_CLASSES, len(array) / FEWEST_ROWS_OF_A_CLASS):
        raise DataError(
            f"The target {name!r} has {len(labels)} classes in {len(array)} rows.",
            expected="several rows of each class (Unknown label type: continuous)",
            received=", ".join(map(repr, labels[:5].tolist())) + ", ...",
            remedy='choose another target, or task="regression"',
        )
    return labels


def _order(label: Any) -> Any:
    return (str(type(label)), label)


def _numbers(values: Any, name: str, what: str) -> np.ndarray:
    try:
        numbers = np.asarray(values, np.float64).reshape(-1)
    except (TypeError, ValueError):
        raise DataError(
            f"The target {name!r} holds text; regression predicts numbers.",
            where=what,
            expected="numbers",
            received=repr(np.asarray(values).reshape(-1)[0]),
            remedy='task="classification", or choose another target',
        ) from None
    bad = np.flatnonzero(~np.isfinite(numbers))
    if len(bad):
        raise DataError(
            f"The target {name!r} holds NaN or infinity.",
            where=f"{what}, {len(bad)} row(s), the first is row {bad[0]} (from 0)",
            expected="finite numbers",
            received=str(numbers[bad[0]]),
            remedy="leave those rows out",
        )
    return numbers


def _constant(name: str, rows: int, value: str) -> DataError:
    return DataError(
        f"The target {name!r} is constant: there is nothing to learn.",
        where=f"y, {rows} row(s)",
        expected="at least two different values",
        received=f"always {value}",
        remedy="choose another target, or give more rows",
    )
