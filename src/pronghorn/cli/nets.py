"""A model with its table's schema: a preset's ensemble, or a plain net."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pronghorn.data.raw import RawTable
from pronghorn.data.schema import Schema
from pronghorn.errors import DataError, FileFormatError, closest
from pronghorn.models import Model, load_model
from pronghorn.tabular.plain import MEMBER, PlainModel
from pronghorn.tabular.table_model import MEMBER as PRESET_MEMBER
from pronghorn.tabular.table_model import TableModel

__all__ = ["Net", "open_model"]


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
        return self.plain.predict(table)

    @property
    def plain(self) -> PlainModel:
        """The same as a plain net alone."""
        return PlainModel(self.model, self.schema)

    def _words(self, found: np.ndarray) -> np.ndarray:
        """Classes as the schema spells them, whatever type the labels have."""
        assert self.preset is not None
        labels = self.schema.target.labels
        if not labels:
            return found
        words = dict(zip(self.preset.classes.tolist(), labels))
        return np.array([words[label] for label in found.tolist()], dtype=object)

    def inputs(self, table: RawTable) -> Any:
        """What the net itself gets for these rows."""
        if self.preset is None:
            return self.plain.inputs(table)
        arrays = self.preset.encode(table).inputs
        return arrays if len(arrays) > 1 else arrays[0]

    def save(self, path: Path) -> None:
        """Writes the model's file.

        Raises:
            DataError: the folder cannot be written to.
        """
        try:
            (self.preset or self.plain).save(path)
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
    return Net(model, PlainModel.from_net(model, str(path)).schema)


def _models_near(path: Path) -> str:
    """What to do where there is no such file: take a near one, or train one."""
    found = sorted(str(p) for p in path.parent.glob("*.keras") if p != path)
    if found:
        return closest(str(path), found)
    return "check the name and the folder you are in, or make it: pronghorn train ..."
