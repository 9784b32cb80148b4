"""The host stage of a table's model: raw columns to the inputs of its net."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pronghorn.data.raw import NumberColumn, RawTable
from pronghorn.data.schema import ColumnSchema, Schema
from pronghorn.data.tables import raw_table
from pronghorn.tabular.encoders import _date_features, _ids, _numbers

__all__ = ["Host", "HostInputs", "fit_host"]


@dataclass(frozen=True)
class HostInputs:
    """What a table's net gets.

    Attributes:
        numbers: float32 (rows, columns), NaN where missing.
        ids: int32 (rows, columns): 0 missing, 1 unseen, 2 and up the categories.
    """

    numbers: np.ndarray
    ids: np.ndarray

    @property
    def inputs(self) -> list[np.ndarray]:
        """Those that have columns."""
        return [part for part in (self.numbers, self.ids) if part.shape[1]]


def fit_host(
    columns: Sequence[ColumnSchema], table: RawTable, rows: np.ndarray
) -> tuple[ColumnSchema, ...]:
    """The columns with their encoders."""
    return tuple(_fit(c) if c.used else c for c in columns)


def _fit(c: ColumnSchema) -> ColumnSchema:
    if c.kind == "numeric":
        return replace(c, encoder={"type": "number"})
    if c.kind == "date":
        parts = ["day number", "year", "month", "day", "weekday", "hour"]
        return replace(c, encoder={"type": "date", "parts": parts, "fill": 0.0})
    return replace(c, encoder={"type": "category", "categories": list(c.categories)})


class Host:
    """Encodes raw tables."""

    def __init__(self, schema: Schema) -> None:
        self._columns = schema.used
        cats = [c for c in self._columns if c.encoder["type"] == "category"]
        self.categories = tuple(tuple(c.encoder["categories"]) for c in cats)

    def encode(self, data: Any) -> HostInputs:
        """Raw rows as numbers and ids."""
        table = raw_table(data)
        numbers, ids = [], []
        for c in self._columns:
            raw = table.column(c.name)
            if c.encoder["type"] == "number":
                numbers.append(_numbers(c, raw)[:, None])
            elif c.encoder["type"] == "date":
                part = _date_features(c, raw)
                part[raw.missing] = np.nan
                numbers.append(part)
            elif isinstance(raw, NumberColumn):
                low, known = [t.lower() for t in raw.text()], c.encoder["categories"]
                places = {k.lower(): i + 2 for i, k in enumerate(known)}
                ids.append(
                    np.array([places.get(t, 1) if t else 0 for t in low])[:, None]
                )
            else:
                ids.append(_ids(c, raw)[:, None])
        rows = table.rows
        return HostInputs(
            np.concatenate([np.zeros((rows, 0)), *numbers], axis=1).astype(np.float32),
            np.concatenate([np.zeros((rows, 0)), *ids], axis=1).astype(np.int32),
        )
