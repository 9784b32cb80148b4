"""A plain net of layers with its table's schema: what `train --hidden` writes."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pronghorn.data.raw import RawTable, TextColumn, text_column
from pronghorn.data.reader import EVERY_COLUMN, read_table
from pronghorn.data.schema import Schema
from pronghorn.data.tables import raw_table
from pronghorn.errors import FileFormatError, StateError
from pronghorn.models import Model, load_model
from pronghorn.tabular.prepare import decode, encode_table

__all__ = ["MEMBER", "PlainModel", "read_for"]

MEMBER = "schema.json"
"""The member of a plain net's file, below `pronghorn/`, that holds its schema."""

PREDICT_ROWS = 4096


class PlainModel:
    """A net of Keras's layers that takes raw tables, by its table's schema.

    Args:
        net: what takes the encoded columns: all numbers first, then each column of ids.
        schema: the table's columns, each with its encoder, and the target.

    Attributes:
        net, schema: as given.

    Example:

    >>> table = raw_table({"size": [1.0, 2, 4, 6], "price": [3.0, 5, 9, 13]})
    >>> schema = pronghorn.tabular.fit_schema(table, np.arange(4), "price", linear=True)
    >>> unit = pronghorn.layers.Dense(1, kernel_initializer="zeros", input_shape=[1])
    >>> model = PlainModel(pronghorn.Sequential([unit]), schema)
    >>> model.predict({"size": [3.0, 5.0]})
    array([7.5, 7.5])
    """

    def __init__(self, net: Model, schema: Schema) -> None:
        self.net = net
        self.schema = schema

    @property
    def history(self) -> dict[str, list[float]]:
        """Of the training, if the net was trained in this process: lists by epoch."""
        kept = self.net.history
        return {} if kept is None else kept.history

    def inputs(self, data: Any) -> Any:
        """What the net itself gets for these rows: one array, or a list of several.

        Args:
            data: as for `predict`.

        Raises:
            DataError: as `predict`.
        """
        if isinstance(data, (str, os.PathLike)):
            data = read_for(self.schema, Path(data))
        arrays = encode_table(self.schema, raw_table(data)).arrays
        return arrays if len(arrays) > 1 else arrays[0]

    def predict(self, data: Any) -> np.ndarray:
        """A prediction for each row.

        Args:
            data: a table, as for `tabular.fit`; a dict of one row; or a file's path.

        Returns:
            (rows,): float64 in the target's units, or the labels as texts (objects).

        Raises:
            DataError: a column is missing, or a value does not fit its column.
        """
        return decode(self.schema, self._outputs(data))

    def predict_proba(self, data: Any) -> np.ndarray:
        """How likely each class is, in the schema's order: float32 (rows, classes).

        Raises:
            StateError: the model predicts numbers.
            DataError: as `predict`.
        """
        if not self.schema.target.labels:
            raise StateError(
                "This model predicts numbers: it has no probabilities.",
                where="predict_proba",
                expected="a model of classes",
                received=f"a regression of {self.schema.target.name!r}",
                remedy="predict(data)",
            )
        said = self._outputs(data)
        return np.hstack([1 - said, said]) if said.shape[1] == 1 else said

    def _outputs(self, data: Any) -> np.ndarray:
        inputs = self.inputs(data)
        return np.asarray(self.net.predict(inputs, batch_size=PREDICT_ROWS, verbose=0))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes net and schema into one `.keras` file; `PlainModel.load` reads it.

        Raises:
            ArgumentError: another extension, or a missing folder.
        """
        self.net._pronghorn_members = {MEMBER: self.schema.to_json().encode()}
        self.net.save(path)

    @classmethod
    def load(cls, path: Any) -> PlainModel:
        """A model from its file; nothing in it runs.

        Args:
            path: what `save` or `pronghorn train --hidden` wrote.

        Raises:
            FileFormatError: it is no such file, or damaged.
        """
        return cls.from_net(load_model(path), str(path))

    @classmethod
    def from_net(cls, net: Model, where: str = "PlainModel.from_net") -> PlainModel:
        """The table's model that a net read from a file belongs to.

        Args:
            net: what `pronghorn.models.load_model` gave.
            where: the file, for errors.

        Raises:
            FileFormatError: the file holds no table's schema.
        """
        members = getattr(net, "_pronghorn_members", None) or {}
        if MEMBER not in members:
            raise FileFormatError(
                f"{where} is a model without a table's schema.",
                expected="a .keras file that `pronghorn train --hidden` wrote",
                remedy="a preset's model: pronghorn.tabular.TableModel.load(...); any "
                "other: pronghorn.models.load_model(...)",
            )
        return cls(net, Schema.from_json(members[MEMBER]))

    def __repr__(self) -> str:
        task, name = self.schema.target.task, self.schema.target.name
        columns = len(self.schema.used)
        return f"<PlainModel: {task} of {name!r} by {columns} column(s)>"


def read_for(schema: Schema, path: Path) -> RawTable:
    """Reads a table the way the model's training table was read."""
    target = schema.target
    as_text = [c.name for c in schema.used if c.kind != "numeric"]
    if target.task == "classification":
        as_text.append(target.name)
    codes = dict(schema.missing)
    names = {column.name for column in schema.used}
    known = {k: v for k, v in codes.items() if k == EVERY_COLUMN or k in names}
    table = read_table(path, missing=known, keep=[target.name], as_text=as_text)
    labels = {label.lower(): label for label in target.labels}
    column = table.columns.get(target.name)
    if set(labels) != {"false", "true"} or not isinstance(column, TextColumn):
        return table
    # Parquet's bools are read as "true", where pandas wrote "True" into a CSV file.
    known_as = {level: labels.get(level.lower(), level) for level in column.levels}
    texts = [known_as.get(text) for text in column.text()]
    columns = {**table.columns, target.name: text_column(target.name, texts)}
    return replace(table, columns=columns)
