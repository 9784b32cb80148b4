"""What a table's model predicts: labels kept as they are, numbers in their units."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from pronghorn.data.cells import BLANKS, plain, spelt
from pronghorn.data.infer import FEWEST_ROWS_OF_A_CLASS, MOST_CLASSES
from pronghorn.data.schema import TargetSchema
from pronghorn.errors import ArgumentError, DataError

__all__ = ["Target", "fit_target", "target_values"]

TASKS = ("regression", "classification")
TEXT = "text"  # labels that are an object array of str
_WHOLE = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
NUMBERS = (*_WHOLE, "float16", "float32", "float64")
SHOWN = 10
REAL = {int, float, Decimal, Fraction}
_PLAIN: dict[type, type] = {bool: bool, int: np.int64, float: np.float64}


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

        Args:
            values: (rows,), in any form that `target_values` takes.
            what: how errors call it.

        Raises:
            DataError: a label that the training rows did not have; missing values;
                text or infinity where the target is a number.
        """
        if not self.classes:
            numbers = self.numbers(values, what)
            scaled = (numbers - self.schema.center) / self.schema.scale
            return scaled.astype(np.float32)
        name = self.schema.name
        array = target_values(values, name, what)
        _refuse_missing(array, name, what)
        known = {label: i for i, label in enumerate(self.labels.tolist())}
        levels, places = _levels(array)
        ids = [known.get(level, -1) for level in levels]
        if -1 in ids:  # a file has texts where a frame has numbers or bools
            words = {_word(label): i for label, i in reversed(known.items())}
            ids = [known.get(v, words.get(_word(v), -1)) for v in levels]
        found = np.array(ids, np.int32)[places]
        if (found < 0).any():
            row = int(np.flatnonzero(found < 0)[0])
            raise DataError(
                f"The target {name!r} has a label that the model does not know.",
                where=f"{what}, row {row} (counted from 0)",
                expected=_few(self.labels.tolist()),
                received=repr(array[row : row + 1].tolist()[0]),
                remedy="train with rows of every class",
            )
        return found

    def baseline(self, values: np.ndarray) -> str | float:
        """What is predicted by one who looks at the target alone.

        Returns:
            The most frequent class as `schema` spells it, or the mean.
        """
        if not self.classes:
            return float(self.numbers(values).mean())
        counts = np.bincount(self.encode(values), minlength=len(self.labels))
        return self.schema.labels[int(counts.argmax())]

    def numbers(self, values: Any, what: str = "y") -> np.ndarray:
        """The target of a regression in its own units: float64 (rows,).

        Raises:
            DataError: missing values, text or infinity.
        """
        array = target_values(values, self.schema.name, what)
        _refuse_missing(array, self.schema.name, what)
        return _numbers(array, self.schema.name, what)

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
        kind = {"O": TEXT, "U": "str"}.get(self.labels.dtype.kind)
        kind = kind or self.labels.dtype.name
        return {"kind": kind, "labels": self.labels.tolist()}

    @classmethod
    def from_dict(cls, schema: TargetSchema, data: Mapping[str, Any]) -> Target:
        """What `to_dict` wrote.

        Raises:
            ValueError: something else.
        """
        kind, labels = data["kind"], data["labels"]
        if schema.task == "regression":
            _check_scale(schema)
            return cls(schema, np.array([]))
        types: tuple[type, ...] = (str,)
        if kind == "bool":
            types = (bool,)
        elif kind in NUMBERS:
            types = (int, float) if kind.startswith("float") else (int,)
        elif kind not in (TEXT, "str"):
            raise ValueError(f"labels of kind {kind!r}")
        if not isinstance(labels, list) or {type(v) for v in labels} - {*types}:
            raise ValueError(f"labels are no list of {kind}")
        if len(set(labels)) != len(labels) or len(labels) < 2:
            raise ValueError("fewer than two labels, or one twice")
        try:
            return cls(schema, np.array(labels, object if kind == TEXT else kind))
        except OverflowError as error:
            raise ValueError(str(error)) from error


def _check_scale(schema: TargetSchema) -> None:
    found: list[Any] = [schema.center, schema.scale, schema.low, schema.high]
    plain = all(type(v) in (int, float) and math.isfinite(v) for v in found)
    if not plain or not schema.scale > 0:
        raise ValueError("a target without finite center, scale, low and high")


def fit_target(values: Any, name: str, task: str | None = None) -> Target:
    """What the target of the training rows is.

    Args:
        values: (rows,): numbers, texts, bools, as `target_values` takes them.
        name: the target's.
        task: "regression", "classification", or None: whole numbers of few different
            values, bools and texts are classes.

    Raises:
        ArgumentError: no such task.
        DataError: missing values; a constant target; text for regression; nearly as
            many classes as rows.

    Example:

    >>> fit_target(["no", "yes", "no"], "churn").labels.tolist()
    ['no', 'yes']
    """
    if task not in (None, *TASKS):
        raise ArgumentError(
            f"There is no task {task!r}.",
            where="task",
            expected="'regression' or 'classification'",
            received=repr(task),
        )
    array = target_values(values, name)
    _refuse_missing(array, name, "y")
    task = task or _task(array)
    if task == "classification":
        labels = _labels(array, name)
        spelt = tuple(map(str, labels.tolist()))
        return Target(TargetSchema(name, task, spelt), labels)
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


def _word(label: Any) -> str | None:
    """How a label is spelt, whatever its type: 1 and "1" alike, True and "true"."""
    try:
        cell = plain(label)
    except (TypeError, ValueError):
        return None
    if cell is None:
        return None
    word = spelt(cell).strip(BLANKS)
    return word.lower() if word.lower() in ("true", "false") else word


def target_values(values: Any, name: str, what: str = "y") -> np.ndarray:
    """A target in any form as an array (rows,) of numbers, bools or texts.

    NumPy's arrays keep their dtype. Objects that are all of one type become bool,
    int64 or float64; texts stay objects. Categories are what they stand for.

    Args:
        values: an array, a list, a column or a frame of one column.
        name: the target's.
        what: how errors call the argument.

    Returns:
        (rows,); missing values are NaN, or None among objects.

    Raises:
        DataError: more than one column, no rows, types that mix, dates.

    Example:

    >>> target_values([True, False], "y")
    array([ True, False])
    """
    if isinstance(values, np.ma.MaskedArray):
        values = values.tolist()
    elif hasattr(values, "to_pylist"):  # Arrow, whose dictionaries NumPy does not read
        values = values.to_pylist()
    array = np.array(values, object) if _mixed(values) else np.asarray(values)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or not len(array):
        raise DataError(
            f"The target {name!r} is one column.",
            where=what,
            expected="shape (rows,), a row at least",
            received=f"shape {array.shape}",
        )
    if array.dtype == object:
        array = _narrowed(array, name, what)
    if array.dtype.kind not in "biufUO":
        raise DataError(
            f"The target {name!r} is neither numbers nor labels.",
            where=what,
            expected="numbers, bools or text",
            received=f"{array.dtype}",
            remedy="turn it into numbers or text first: y.astype(str)",
        )
    return array


def _mixed(values: Any) -> bool:
    """Whether NumPy would make texts of what is none."""
    return isinstance(values, list | tuple) and len({*map(type, values)}) > 1


def _narrowed(array: np.ndarray, name: str, what: str) -> np.ndarray:
    """Objects as bools or numbers where all are; texts as they are, missing as None."""
    items = [v.item() if isinstance(v, np.generic) else v for v in array.tolist()]
    items = [None if _is_missing(v) else v for v in items]
    kinds = {str if isinstance(v, str) else type(v) for v in items if v is not None}
    if kinds and kinds <= REAL and kinds != {int}:
        items = [None if v is None else float(v) for v in items]
        kinds = {float}
    if not kinds or kinds == {str}:
        found = np.empty(len(items), object)
        found[:] = [None if v is None else str(v) for v in items]
        return found
    kind = next(iter(kinds))
    if len(kinds) > 1 or kind not in _PLAIN:
        raise DataError(
            f"The target {name!r} mixes types."
            if len(kinds) > 1
            else f"The target {name!r} holds what is neither a number nor a label.",
            where=what,
            expected="numbers, bools or texts, all of one type",
            received=", ".join(sorted(k.__name__ for k in kinds)),
            remedy="y.astype(str)",
        )
    if None not in items:
        try:
            return np.array(items, _PLAIN[kind])
        except OverflowError:
            return np.array(items, np.float64)
    if kind is bool:
        return np.array(items, object)
    return np.array([np.nan if v is None else v for v in items], np.float64)


def _is_missing(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value


def _refuse_missing(array: np.ndarray, name: str, what: str) -> None:
    if array.dtype.kind == "f":
        missing = np.isnan(array)
    elif array.dtype == object:
        missing = np.array([v is None for v in array.tolist()], bool)
    else:
        return
    if missing.any():
        raise DataError(
            f"The target {name!r} has missing values (NaN).",
            where=f"{what}, {int(missing.sum())} row(s), the first is row "
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


def _levels(array: np.ndarray) -> tuple[list[Any], np.ndarray]:
    """The different values, and for each row the place of its own among them."""
    if array.dtype == object:
        places: dict[Any, int] = {}
        codes = [places.setdefault(value, len(places)) for value in array.tolist()]
        return list(places), np.array(codes, np.int64)
    levels, codes_of = np.unique(array, return_inverse=True)
    return levels.tolist(), codes_of.reshape(-1)


def _labels(array: np.ndarray, name: str) -> np.ndarray:
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise _infinite(array, name, "y")
    if array.dtype == object:
        labels = np.array(sorted(set(array.tolist())), object)
    else:
        labels = np.unique(array)
    if len(labels) < 2:
        raise _constant(name, len(array), f"the class {labels.tolist()[0]!r}")
    if len(labels) > max(MOST_CLASSES, len(array) / FEWEST_ROWS_OF_A_CLASS):
        raise DataError(
            f"The target {name!r} has {len(labels)} classes in {len(array)} rows.",
            where="y",
            expected="several rows of each class (Unknown label type: continuous)",
            received=_few(labels.tolist()),
            remedy='choose another target, or task="regression"',
        )
    return labels


def _numbers(array: np.ndarray, name: str, what: str) -> np.ndarray:
    """The target as float64, finite."""
    try:
        numbers = array.astype(np.float64)
    except (TypeError, ValueError):
        raise DataError(
            f"The target {name!r} holds text; regression predicts numbers.",
            where=what,
            expected="numbers",
            received=repr(next(v for v in array.tolist() if not _is_number(v))),
            remedy='task="classification", or choose another target',
        ) from None
    if not np.isfinite(numbers).all():
        raise _infinite(numbers, name, what)
    return numbers


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _infinite(numbers: np.ndarray, name: str, what: str) -> DataError:
    bad = np.flatnonzero(~np.isfinite(numbers))
    return DataError(
        f"The target {name!r} holds NaN or infinity.",
        where=f"{what}, {len(bad)} row(s), the first is row {bad[0]} (from 0)",
        expected="finite numbers",
        received=str(numbers[bad[0]]),
        remedy="leave those rows out",
    )


def _few(labels: list[Any]) -> str:
    shown = ", ".join(map(repr, labels[:SHOWN]))
    return shown + (", ..." if len(labels) > SHOWN else "")


def _constant(name: str, rows: int, value: str) -> DataError:
    samples = "1 sample" if rows == 1 else f"{rows} samples"
    return DataError(
        f"The target {name!r} is constant: there is nothing to learn.",
        where=f"y, {samples}",
        expected="at least two different values, or classes",
        received=f"always {value}",
        remedy="choose another target, or give more rows",
    )
