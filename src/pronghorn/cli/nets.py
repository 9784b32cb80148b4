"""A model with its table's schema: a preset's ensemble, or a plain net."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from pronghorn.data.raw import RawTable, TextColumn, text_column
from pronghorn.data.reader import EVERY_COLUMN, read_table
from pronghorn.data.schema import Schema
from pronghorn.errors import DataError, FileFormatError, closest
from pronghorn.models import Model, load_model
from pronghorn.tabular.prepare import decode, encode_table
from pronghorn.tabular.table_model import MEMBER as PRESET_MEMBER
from pronghorn.tabular.table_model import TableModel

__all__ = ["MEMBER", "Net", "open_model", "read_for"]

MEMBER = "schema.json"
"""The member of a plain net's file, below `pronghorn/`, that holds its schema."""

PREDICT_ROWS = 4096


@dataclass(frozen=True)
class Net:
    """A trained net that takes raw rows.

    Attributes:
        model: the net itself.
        schema: of its table.
        preset: the table's model, where a preset made it; None for a plain net.
    """

    model: Model
    schema: Schema
    preset: TableModel | None = None

    def predict(self, table: RawTable) -> np.ndarray:
        """A prediction for every row, in the target's own units or words."""
        if self.preset is not None:
            return self._words(self.preset.predict(table))
        return decode(self.schema, self._outputs(table))

    def _outputs(self, table: RawTable) -> np.ndarray:
        inputs = self.inputs(table)
        return np.asarray(
            self.model.predict(inputs, batch_size=PREDICT_ROWS, verbose=0)
        )

    def _words(self, found: np.ndarray) -> np.ndarray:
        """Classes as the schema spells them, whatever type the labels have."""
        assert self.preset is not None
        labels = self.schema.target.labels
        if not labels:
            return found
        words = dict(zip(self.preset.classes.tolist(), labels))
        return np.array([words[label] for label in found.tolist()], dtype=object)

    def predict_proba(self, table: RawTable) -> np.ndarray:
        """Each class's probability, in the schema's order: (rows, classes)."""
        if self.preset is not None:
            return self.preset.predict_proba(table)
        said = self._outputs(table)
        return np.hstack([1 - said, said]) if said.shape[1] == 1 else said

    @property
    def net(self) -> Model:
        """The net itself, as a report asks for it."""
        return self.model

    @property
    def history(self) -> Any:
        """Of the training, if this net was trained in this process: lists by epoch."""
        kept = self.model.history if self.preset is None else self.preset.history
        return getattr(kept, "history", kept) or {}

    def inputs(self, table: RawTable) -> Any:
        """What the net itself gets for these rows."""
        if self.preset is not None:
            arrays = self.preset.encode(table).inputs
        else:
            arrays = encode_table(self.schema, table).arrays
        return arrays if len(arrays) > 1 else arrays[0]

    def save(self, path: Path) -> None:
        """Writes the model's file.

        Raises:
            DataError: the folder cannot be written to.
        """
        try:
            (self.preset or self.model).save(path)
        except OSError as error:
            raise DataError(f"{path} cannot be written: {error.strerror}.") from error


def open_model(path: Path) -> Net:
    """A model with the schema that `pronghorn train` put into its file.

    Raises:
        DataError: no such file.
        FileFormatError: no model, or one without a schema.
    """
    if not path.is_file():
        told = f"{path} is a folder, not a model's file."
        raise DataError(
            told if path.is_dir() else f"The model's file {path} does not exist.",
            expected="a .keras file that `pronghorn train` wrote",
            remedy=_models_near(path),
        )
    model = load_model(path)
    members = getattr(model, "_pronghorn_members", None) or {}
    if PRESET_MEMBER in members:
        preset = TableModel.from_net(model, str(path))
        return Net(preset.net, preset.schema, preset)
    if MEMBER not in members:
        raise FileFormatError(
            f"{path} is a model without a table's schema.",
            expected="a .keras file that `pronghorn train` wrote",
            remedy="open it in Python: pronghorn.models.load_model(...)",
        )
    return Net(model, Schema.from_json(members[MEMBER]))


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


def _models_near(path: Path) -> str:
    """What to do where there is no such file: take a near one, or train one."""
    found = sorted(str(p) for p in path.parent.glob("*.keras") if p != path)
    if found:
        return closest(str(path), found)
    return "check the name and the folder you are in, or make it: pronghorn train ..."
