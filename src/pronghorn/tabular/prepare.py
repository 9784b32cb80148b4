"""A whole table into a net's inputs, and its outputs back into the table's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pronghorn.data.infer import infer_columns, infer_target, target_numbers
from pronghorn.data.raw import RawColumn, RawTable
from pronghorn.data.schema import ColumnSchema, Schema, TargetSchema
from pronghorn.errors import DataError
from pronghorn.tabular.encoders import IDS_FROM, encode, feature_names, fit_encoder
from pronghorn.tabular.values import check_columns

__all__ = [
    "Inputs",
    "all_feature_names",
    "decode",
    "embedded",
    "encode_table",
    "encode_target",
    "fit_schema",
    "id_count",
]


@dataclass(frozen=True)
class Inputs:
    """What a net is fed with.

    Attributes:
        numbers: float32, (rows, features); None where all columns are embedded.
        ids: int32, (rows, 1) for each embedded column, in the schema's order.
    """

    numbers: np.ndarray | None
    ids: tuple[np.ndarray, ...] = ()

    @property
    def arrays(self) -> list[np.ndarray]:
        """All inputs in the order of the net's: numbers first."""
        return [*([] if self.numbers is None else [self.numbers]), *self.ids]

    def take(self, rows: np.ndarray) -> Inputs:
        """These rows only."""
        numbers = None if self.numbers is None else self.numbers[rows]
        return Inputs(numbers, tuple(ids[rows] for ids in self.ids))


def fit_schema(
    table: RawTable,
    rows: np.ndarray,
    target: str,
    *,
    linear: bool,
    features: Sequence[str] = (),
    drop: Sequence[str] = (),
    task: str | None = None,
    missing: Mapping[str, Sequence[str]] | None = None,
) -> Schema:
    """Infers the schema and fits every encoder, from the training rows alone.

    Args:
        table: the whole table, its target read as text.
        rows: numbers of the training rows, all with a target.
        target: the column to predict.
        linear: for a linear unit, as opposed to a net with hidden layers.
        features, drop: the columns to use, or to leave out.
        task: "regression", "classification", or None to infer it.
        missing: the codes for missing values that the table was read with.

    Raises:
        DataError: a constant target, an infinite number, no column of use.
        ArgumentError: an unknown column or task.
    """
    table.column(target)
    goal = infer_target(table, rows, target, task)
    columns = infer_columns(table, rows, target, features=features, drop=drop)
    fitted = [
        fit_encoder(column, table.columns[column.name].take(rows), linear=linear)
        if column.used
        else column
        for column in columns
    ]
    if goal.task == "regression":
        values = target_numbers(table.columns[target].take(rows))
        assert values is not None
        goal = _scaled(goal, values, linear)
    codes = {name: tuple(found) for name, found in (missing or {}).items()}
    return Schema(tuple(fitted), goal, codes)


def encode_table(schema: Schema, table: RawTable) -> Inputs:
    """The inputs of every row.

    Raises:
        DataError: the table lacks a column that the model uses, or a value does not
            fit its column.
    """
    used = schema.used
    check_columns(used, table.columns, table.source)
    encoded = [(c, encode(c, table.columns[c.name])) for c in used]
    numbers = [e for c, e in encoded if not embedded(c)]
    ids = tuple(e[:, None] for c, e in encoded if embedded(c))
    return Inputs(np.concatenate(numbers, axis=1) if numbers else None, ids)


def encode_target(schema: Schema, column: RawColumn) -> np.ndarray:
    """The target as a net learns it: scaled float32, or int32 numbers of the classes.

    A class that the training rows did not have becomes -1.

    Raises:
        DataError: text where the target is a number.
    """
    target = schema.target
    if target.task == "classification":
        places = {label: i for i, label in enumerate(target.labels)}
        return np.array([places.get(text, -1) for text in column.text()], np.int32)
    values = target_numbers(column)
    if values is None:
        raise DataError(
            f"The target {target.name!r} holds text; this model predicts numbers.",
            where=f"column {target.name!r}",
        )
    values = np.log(values) if target.log else values
    return ((values - target.center) / target.scale).astype(np.float32)


def decode(schema: Schema, outputs: np.ndarray) -> np.ndarray:
    """A net's outputs as predictions.

    Returns:
        float64 (rows,) in the target's own units, or the labels as the table spells
        them: an object array of str.
    """
    target = schema.target
    if target.task == "classification":
        if outputs.shape[1] == 1:
            best = (outputs[:, 0] > 0.5).astype(int)
        else:
            best = outputs.argmax(axis=1)
        return np.asarray(np.array(target.labels, dtype=object)[best])
    values = outputs[:, 0].astype(np.float64) * target.scale + target.center
    if schema.net.get("linear"):
        return values
    values = np.exp(np.minimum(values, 700.0)) if target.log else values
    return np.clip(values, target.low, target.high)


def embedded(column: ColumnSchema) -> bool:
    """Whether the column is fed as ids of an embedding."""
    return bool(column.encoder.get("type") == "embedding")


def id_count(column: ColumnSchema) -> int:
    """How many ids an embedded column has: missing, unseen, and its categories."""
    return IDS_FROM + len(column.encoder["categories"])


def all_feature_names(schema: Schema) -> list[str]:
    """What each column of `Inputs.numbers` means."""
    return [n for c in schema.used if not embedded(c) for n in feature_names(c)]


def _scaled(target: TargetSchema, values: np.ndarray, linear: bool) -> TargetSchema:
    """Standard scores, for a net of the logarithm where that is far less lopsided."""
    log = not linear and _lopsided(values)
    values = np.log(values) if log else values
    return replace(
        target, log=log, center=float(values.mean()), scale=float(values.std())
    )


def _lopsided(values: np.ndarray) -> bool:
    if values.min() <= 0:
        return False
    skew = _skewness(values)
    return skew > 1 and abs(_skewness(np.log(values))) < skew / 2


def _skewness(values: np.ndarray) -> float:
    scores = (values - values.mean()) / values.std()
    return float((scores**3).mean())
