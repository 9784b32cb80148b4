"""A table as it was read: every column still in its own type, missing values marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from pronghorn.errors import DataError, closest

__all__ = [
    "DateColumn",
    "NumberColumn",
    "RawColumn",
    "RawTable",
    "TextColumn",
    "joined",
    "text_column",
]


@dataclass(frozen=True)
class NumberColumn:
    """Numbers; NaN where a value is missing.

    Attributes:
        name: the column's name in the table.
        values: float64, (rows,).
    """

    name: str
    values: np.ndarray

    @property
    def missing(self) -> np.ndarray:
        """True where there is no value: bool, (rows,)."""
        return np.asarray(np.isnan(self.values))

    def take(self, rows: np.ndarray) -> NumberColumn:
        """The same column with these rows only."""
        return replace(self, values=self.values[rows])

    def text(self) -> list[str]:
        """The values as a table shows them: 3, not 3.0; nothing where missing."""
        return ["" if v != v else format(v, ".15g") for v in self.values.tolist()]


@dataclass(frozen=True)
class TextColumn:
    """Text, stored as the place of each value among the column's levels.

    Attributes:
        name: the column's name in the table.
        codes: int32, (rows,); -1 where a value is missing.
        levels: the different texts, in order of first appearance.
    """

    name: str
    codes: np.ndarray
    levels: tuple[str, ...]

    @property
    def missing(self) -> np.ndarray:
        """True where there is no value: bool, (rows,)."""
        return np.asarray(self.codes < 0)

    def take(self, rows: np.ndarray) -> TextColumn:
        """The same column with these rows only; its levels stay."""
        return replace(self, codes=self.codes[rows])

    def text(self) -> list[str]:
        """The values as text; nothing where missing."""
        levels = (*self.levels, "")
        return [levels[code] for code in self.codes.tolist()]


@dataclass(frozen=True)
class DateColumn:
    """Points in time; NaN where a value is missing.

    Attributes:
        name: the column's name in the table.
        values: days since 1 January 1970 in UTC, float64, (rows,).
    """

    name: str
    values: np.ndarray

    @property
    def missing(self) -> np.ndarray:
        """True where there is no value: bool, (rows,)."""
        return np.asarray(np.isnan(self.values))

    def take(self, rows: np.ndarray) -> DateColumn:
        """The same column with these rows only."""
        return replace(self, values=self.values[rows])

    def text(self) -> list[str]:
        """ISO 8601, the time only where it is not midnight; nothing where missing."""
        return ["" if v != v else iso_text(v) for v in self.values.tolist()]


RawColumn = NumberColumn | TextColumn | DateColumn


@dataclass(frozen=True)
class RawTable:
    """Columns of one length, by name.

    Attributes:
        columns: the columns in the table's order.
        rows: how many rows there are.
        source: where it was read from, for messages.
    """

    columns: Mapping[str, RawColumn]
    rows: int
    source: str = "the table"

    def column(self, name: str) -> RawColumn:
        """The column of this name.

        Raises:
            DataError: there is none.
        """
        if name not in self.columns:
            raise DataError(
                f"{self.source} has no column named {name!r}.",
                expected=f"a column {name!r}",
                received="columns " + ", ".join(map(repr, self.columns)),
                remedy=closest(name, self.columns),
            )
        return self.columns[name]

    def take(self, rows: np.ndarray) -> RawTable:
        """The same table with these rows only, given by number."""
        taken = {name: column.take(rows) for name, column in self.columns.items()}
        return RawTable(taken, len(rows), self.source)


def iso_text(days: float) -> str:
    """Days since 1 January 1970 as ISO 8601.

    >>> iso_text(1.0), iso_text(1.5)
    ('1970-01-02', '1970-01-02T12:00:00')
    """
    moment = np.datetime64(round(days * 86_400_000_000), "us")
    return str(moment).removesuffix(".000000").removesuffix("T00:00:00")


def text_column(name: str, values: list[str | None]) -> TextColumn:
    """Texts, or None where missing, as a `TextColumn`.

    >>> column = text_column("mfr", ["N", "Q", None, "N"])
    >>> column.levels, column.codes.tolist()
    (('N', 'Q'), [0, 1, -1, 0])
    """
    places: dict[str | None, int] = {}
    codes = [places.setdefault(value, len(places)) for value in values]
    array = np.array(codes, np.int32)
    if None in places:
        gap = places.pop(None)
        array = np.where(array == gap, -1, array - (array > gap)).astype(np.int32)
    return TextColumn(name, array, tuple(str(level) for level in places))


def joined(first: RawColumn, second: RawColumn) -> RawColumn:
    """The rows of two columns, those of the second behind; text where types differ.

    A column without any value takes the other's type.

    >>> column = joined(text_column("a", ["x"]), NumberColumn("a", np.array([1.0])))
    >>> column.text()
    ['x', '1']
    """
    if isinstance(first, TextColumn) and not first.levels:
        first = _nothing_like(second, first)
    elif isinstance(second, TextColumn) and not second.levels:
        second = _nothing_like(first, second)
    for kind in (NumberColumn, DateColumn):
        if isinstance(first, kind) and isinstance(second, kind):
            return replace(first, values=np.concatenate([first.values, second.values]))
    parts = [
        part if isinstance(part, TextColumn) else _as_text(part)
        for part in (first, second)
    ]
    places = {level: i for i, level in enumerate(parts[0].levels)}
    moved = [places.setdefault(level, len(places)) for level in parts[1].levels]
    codes = np.array([*moved, -1], np.int32)[parts[1].codes]
    return TextColumn(
        first.name, np.concatenate([parts[0].codes, codes]), tuple(places)
    )


def _nothing_like(column: RawColumn, empty: TextColumn) -> RawColumn:
    """The column without values, of the type of the other."""
    if isinstance(column, TextColumn):
        return empty
    return replace(column, values=np.full(len(empty.codes), np.nan))


def _as_text(column: NumberColumn | DateColumn) -> TextColumn:
    return text_column(column.name, [text or None for text in column.text()])
