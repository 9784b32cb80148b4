"""The host's part of a table's net: text and dates into numbers and ids.

Everything after it is layers of the net. What it needs to know is plain JSON in the
schema of each column, so that it travels in the model's file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

import numpy as np

from pronghorn.data.levels import packed
from pronghorn.data.raw import NumberColumn, RawColumn, RawTable, TextColumn
from pronghorn.data.reader import read_table
from pronghorn.data.rows import RowReader
from pronghorn.data.schema import ColumnSchema, Schema
from pronghorn.data.tables import OpenTable
from pronghorn.errors import StateError
from pronghorn.tabular.values import (
    PARTS,
    Categories,
    check_columns,
    date_parts,
    day_of,
    day_values,
    frequent,
    misspelt,
    number_of,
    number_values,
    parts_of,
    parts_of_day,
)

__all__ = ["Host", "HostInputs", "fit_host"]

LOST = 0.01
"""An offset is taken where float32 merges more than this share of the values."""

REGAINED = 8
"""And where it leaves this many times fewer of them merged."""

MOST_LAYOUTS = 64
ROWS_AT_ONCE = 2048
SAFE = 1e76  # float32's largest number has a larger square
PLAIN = frozenset((float, int, type(None)))
Encoder = dict[str, Any]


def fit_host(
    columns: Sequence[ColumnSchema], table: RawTable, rows: np.ndarray
) -> tuple[ColumnSchema, ...]:
    """Gives every used column what the host needs to encode it.

    Args:
        columns: what `infer_columns` found.
        table: the whole table.
        rows: numbers of the training rows; no other row is looked at.

    Returns:
        The columns, those that are used with an `encoder` of plain JSON:

        - `{"type": "number", "offset": 0.0}`: the host subtracts the offset in
          float64. It is not 0 where float32 could not tell the values apart
          (20260101, seconds since 1970, identifiers of ten digits).
        - `{"type": "date_parts", "parts": [...], "offset": ...}`: the parts that vary;
          the offset is of the day number.
        - `{"type": "ids", "categories": [...]}`: the categories of at least
          `values.RARE` training rows; of booleans and of two categories both. Many are
          `Levels`, which JSON lists.

    Raises:
        DataError: a number beyond float32's range, a text that is no date.
    """
    return tuple(
        replace(column, encoder=_fit(column, table.columns[column.name].take(rows)))
        if column.used
        else column
        for column in columns
    )


def _fit(column: ColumnSchema, raw: RawColumn) -> Encoder:
    if column.kind == "numeric":
        values = number_values(column, raw)
        offset = _offset(values[~np.isnan(values)])
        _check_range(column, values - offset)
        return {"type": "number", "offset": offset}
    if column.kind == "date":
        days = day_values(column, raw)
        days = days[~np.isnan(days)]
        names = parts_of(days)
        made = zip(names, date_parts(days, names))
        parts = [name for name, part in made if np.ptp(part) > 0]
        return {"type": "date_parts", "parts": parts, "offset": _offset(days)}
    few = column.kind == "boolean" or len(column.categories) <= 2
    known: Sequence[str] = list(column.categories)
    if not few and isinstance(raw, TextColumn):
        known = frequent(column, raw)
    return {"type": "ids", "categories": known}


def _offset(values: np.ndarray) -> float:
    """The middle value where float32 loses values that it keeps around that one."""
    levels = np.unique(values)
    lost = _merged(levels)
    if lost <= LOST * len(levels):
        return 0.0
    middle = float(levels[len(levels) // 2])
    return middle if _merged(levels - middle) * REGAINED <= lost else 0.0


def _merged(levels: np.ndarray) -> int:
    with np.errstate(over="ignore"):
        return len(levels) - len(np.unique(levels.astype(np.float32)))


@dataclass(frozen=True, slots=True)
class HostInputs:
    """What a net of a table is fed with.

    Attributes:
        numbers: float32, (rows, numbers); NaN where a value is missing.
        ids: int32, (rows, columns of ids): 0 missing, 1 unseen, then the categories.
    """

    numbers: np.ndarray
    ids: np.ndarray

    @property
    def inputs(self) -> list[np.ndarray]:
        """What the net takes: of numbers and ids those that have columns."""
        return [part for part in (self.numbers, self.ids) if part.shape[1]]

    def take(self, rows: np.ndarray) -> HostInputs:
        """These rows only."""
        return HostInputs(self.numbers[rows], self.ids[rows])


class Host:
    """Encodes tables as a schema says that `fit_host` was run on.

    One row takes a short way: nothing is inferred, each value is looked up by its
    column. It gives what the same row gives in a table of many.

    Args:
        schema: its used columns have the encoders of `fit_host`.

    Attributes:
        schema: as given.
        numbers: the names of the number features, in the order of `HostInputs.numbers`.
        column_of_id: the names of the columns of `HostInputs.ids`.
        categories: the categories of each of these, without missing and unseen.

    Raises:
        StateError: a used column has no such encoder.

    >>> from pronghorn.data.infer import infer_columns
    >>> from pronghorn.data.schema import TargetSchema
    >>> from pronghorn.data.tables import raw_table
    >>> data = {"sugars": [6, 8, 5, 0], "mfr": ["N", "Q", "N", "N"]}
    >>> table, rows = raw_table(data), np.arange(4)
    >>> columns = fit_host(infer_columns(table, rows, "calories"), table, rows)
    >>> host = Host(Schema(columns, TargetSchema("calories", "regression")))
    >>> inputs = host.encode({"sugars": None, "mfr": "Q"})
    >>> inputs.numbers, inputs.ids, host.categories
    (array([[nan]], dtype=float32), array([[3]], dtype=int32), (('N', 'Q'),))
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        used = schema.used
        self._numbers = _of_type(used, "number")
        self._dates = _of_type(used, "date_parts")
        self._ids = _of_type(used, "ids")
        known = [*self._numbers, *self._dates, *self._ids]
        taken = {column.name for column in known}
        for column in used:
            if column.name not in taken:
                raise StateError(
                    f"Column {column.name!r} has no encoder of the host.",
                    expected="an encoder that fit_host made",
                    received=repr(dict(column.encoder)),
                )
        self._first_id = len(self._numbers) + len(self._dates)
        self._offsets = np.array([c.encoder["offset"] for c in self._numbers])
        self._places = [
            Categories(c.encoder["categories"], boolean=c.kind == "boolean")
            for c in self._ids
        ]
        self._days = [
            (
                c.date_format or "iso",
                c.encoder["offset"],
                [PARTS.index(part) for part in c.encoder["parts"]],
            )
            for c in self._dates
        ]
        self._order = [column.name for column in known]
        self._reader = RowReader()
        self._layouts: dict[Any, Callable[[Any], tuple[Any, ...]]] = {}
        self.numbers = (
            *(column.name for column in self._numbers),
            *(f"{c.name}: {part}" for c in self._dates for part in c.encoder["parts"]),
        )
        self.column_of_id = tuple(column.name for column in self._ids)
        self.categories = tuple(packed(c.encoder["categories"]) for c in self._ids)

    def encode(self, data: Any) -> HostInputs:
        """The inputs of every row.

        Args:
            data: a table as `data.tables.raw_table` takes it, a `RawTable`, or the
                path of a CSV or Parquet file. Columns are matched by name; others than
                the schema's are not looked at.

        Raises:
            DataError: a column is missing, or holds a value that does not fit: text or
                an infinite number among numbers, a date spelt otherwise.
            ShapeError, DtypeError: no table.
        """
        row = self._reader.read(data)
        if row is not None:
            made = self._encode_row(*row)
            if made is not None:
                return made
        return self._encode_table(self.open(data))

    def open(self, data: Any) -> OpenTable:
        """A table as `encode` takes it, or the one that a file's path names."""
        if isinstance(data, (str, os.PathLike)):
            data = read_table(os.fspath(data), missing=self.schema.missing)
        return OpenTable(data)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.schema,)

    # --- many rows ----------------------------------------------------------------
    def _encode_table(self, table: OpenTable) -> HostInputs:
        check_columns(self.schema.used, table.columns, table.source)
        parts: list[np.ndarray] = []
        for column in self._numbers:
            raw = table.read(column.name)
            offset = column.encoder["offset"]
            if isinstance(raw, NumberColumn):
                parts.append(raw.values - offset if offset else raw.values)
            else:
                parts.append(number_values(column, raw) - offset)
        for column in self._dates:
            days = day_values(column, table.read(column.name))
            for name, part in zip(
                column.encoder["parts"], date_parts(days, column.encoder["parts"])
            ):
                parts.append(
                    part - column.encoder["offset"] if name == PARTS[0] else part
                )
        numbers = _side_by_side(parts, table.rows, np.float32)
        if np.isinf(numbers).any():
            self._tell_infinite(table)
        ids = [
            places.ids(table.read(column.name))
            for column, places in zip(self._ids, self._places)
        ]
        return HostInputs(numbers, _side_by_side(ids, table.rows, np.int32))

    def _tell_infinite(self, table: OpenTable) -> None:
        for column in self._numbers:
            values = number_values(column, table.read(column.name))
            _check_range(column, values - column.encoder["offset"])

    # --- one row ------------------------------------------------------------------
    def _encode_row(self, names: Any, row: Any) -> HostInputs | None:
        """None where the row needs the way of tables, which says what is wrong."""
        layout = self._layouts.get(names)
        try:
            if layout is None:
                layout = self._layout(names)
            values = layout(row)
            numbers = self._row_numbers(values)
            ids = self._row_ids(values[self._first_id :])
        except (LookupError, TypeError, ValueError, OverflowError):
            return None
        return HostInputs(numbers, ids)

    def _layout(self, names: Any) -> Callable[[Any], tuple[Any, ...]]:
        """Picks the used columns out of a row of these names, in our order."""
        keys: list[Any] = self._order
        if names is not None:
            places = {str(name): i for i, name in enumerate(names)}
            if len(places) != len(names):
                raise LookupError
            keys = [places[name] for name in self._order]
        picked: Any = itemgetter(*[*keys, keys[0]])  # two at least, for a tuple
        if len(self._layouts) > MOST_LAYOUTS:
            self._layouts.clear()
        self._layouts[names] = picked
        return picked

    def _row_numbers(self, values: tuple[Any, ...]) -> np.ndarray:
        count = len(self._numbers)
        given: Sequence[Any] = values[:count]
        if not PLAIN.issuperset(map(type, given)):
            given = [number_of(value) for value in given]
        floats = np.array(given, np.float64) - self._offsets
        if self._dates:
            parts: list[float] = []
            for (spelling, offset, places), value in zip(self._days, values[count:]):
                made = parts_of_day(day_of(value, spelling))
                parts.extend([made[0] - offset if p == 0 else made[p] for p in places])
            floats = np.concatenate((floats, parts))
        # NaN and infinity stay in a sum of squares; so does what is too large.
        if not np.vdot(floats, floats) < SAFE and _beyond(floats).any():
            raise ValueError
        return floats.astype(np.float32)[None]

    def _row_ids(self, values: tuple[Any, ...]) -> np.ndarray:
        ids = []
        for value, places in zip(values, self._places):
            found = places.exact.get(value) if type(value) is str else None
            ids.append(places.id_of(value) if found is None else found)
        return np.array([ids], np.int32)


def _of_type(columns: Sequence[ColumnSchema], kind: str) -> list[ColumnSchema]:
    return [c for c in columns if c.encoder.get("type") == kind]


def _side_by_side(columns: Sequence[np.ndarray], rows: int, dtype: type) -> np.ndarray:
    """The columns as a matrix, some rows at a time, as they fit the cache."""
    made: np.ndarray = np.empty((rows, len(columns)), dtype)
    with np.errstate(over="ignore"):
        for start in range(0, rows, ROWS_AT_ONCE):
            part = made[start : start + ROWS_AT_ONCE]
            for j, column in enumerate(columns):
                part[:, j] = column[start : start + ROWS_AT_ONCE]
    return made


def _beyond(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(values) > np.finfo(np.float32).max)


def _check_range(column: ColumnSchema, values: np.ndarray) -> None:
    if values.size and _beyond(values).any():
        rows = np.flatnonzero(_beyond(values))
        wanted = "numbers within the range of float32, +-3.4e38"
        raise misspelt(column, str(values[rows[0]]), rows, wanted)
