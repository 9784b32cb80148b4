"""The rows that a report is made from: looked at as columns, handed on as they came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pronghorn.data.dates import parse_dates
from pronghorn.data.raw import (
    NumberColumn,
    RawColumn,
    RawTable,
    TextColumn,
    text_column,
)
from pronghorn.data.schema import ColumnSchema
from pronghorn.errors import DtypeError

__all__ = ["Rows", "as_rows", "joint_codes", "numbers_in", "stacked"]


@dataclass(frozen=True)
class Rows:
    """A table twice: to look at, and as a model takes it.

    Attributes:
        raw: the columns.
        given: what the user gave: a pandas frame, or the same `RawTable`.
    """

    raw: RawTable
    given: Any

    def __len__(self) -> int:
        return self.raw.rows

    def take(self, rows: np.ndarray) -> Rows:
        """These rows only, by number, in this order; a row may come twice."""
        raw = self.raw.take(rows)
        return Rows(raw, raw if self.given is self.raw else self.given.iloc[rows])

    def with_order(self, name: str, order: np.ndarray) -> Rows:
        """The same rows, with the values of one column in another order.

        Args:
            name: the column.
            order: numbers of rows, int64, (rows,).
        """
        columns = {**self.raw.columns, name: self.raw.columns[name].take(order)}
        raw = RawTable(columns, self.raw.rows, self.raw.source)
        if self.given is self.raw:
            return Rows(raw, raw)
        values = self.given[name].iloc[order].set_axis(self.given.index)
        return Rows(raw, self.given.assign(**{name: values}))


def as_rows(data: Any, what: str) -> Rows:
    """A table as `Rows`.

    Args:
        data: a pandas DataFrame, or a `RawTable`.
        what: its name, for messages.

    Raises:
        DtypeError: something else.
    """
    if isinstance(data, RawTable):
        return Rows(data, data)
    if hasattr(data, "iloc") and hasattr(data, "columns"):
        names = [str(name) for name in data.columns]
        given = data.set_axis(names, axis=1)
        columns = {name: _column(name, given[name]) for name in names}
        return Rows(RawTable(columns, len(data), what), given)
    raise DtypeError(
        "A report is made from tables.",
        where=what,
        expected="a pandas DataFrame with the target among its columns",
        received=type(data).__name__,
        remedy="for instance pandas.DataFrame(...), or .to_pandas()",
    )


def numbers_in(schema: ColumnSchema, column: RawColumn) -> np.ndarray | None:
    """A column as float64, (rows,), NaN where missing; None where it has no order.

    Dates become days since 1 January 1970.
    """
    if schema.kind == "date" and isinstance(column, TextColumn):
        days = parse_dates(column.levels, schema.date_format or "iso")
        return np.asarray(np.append(days, np.nan)[column.codes])
    if isinstance(column, NumberColumn) and schema.kind in ("numeric", "date"):
        return column.values
    return None


def joint_codes(
    first: RawColumn, second: RawColumn
) -> tuple[np.ndarray, np.ndarray, int]:
    """Equal values of two columns by equal numbers; a missing value is a value too.

    Returns:
        int64 for either column, and how many different values there are.

    >>> a, b = text_column("a", ["x", None, "y"]), text_column("a", ["y", "z"])
    >>> codes, others, count = joint_codes(a, b)
    >>> codes.tolist(), others.tolist(), count
    ([0, 3, 1], [1, 2], 4)
    """
    if isinstance(first, NumberColumn) and isinstance(second, NumberColumn):
        both = np.concatenate([first.values, second.values])
        levels, codes = np.unique(both, return_inverse=True)
        return codes[: len(first.values)], codes[len(first.values) :], len(levels)
    a, b = _as_text(first), _as_text(second)
    places = {level: i for i, level in enumerate(a.levels)}
    for level in b.levels:
        places.setdefault(level, len(places))
    missing = len(places)
    one = np.array([*map(places.__getitem__, a.levels), missing], np.int64)
    two = np.array([*map(places.__getitem__, b.levels), missing], np.int64)
    return one[a.codes], two[b.codes], missing + 1


def stacked(first: RawTable, second: RawTable) -> RawTable:
    """The columns that both have, the second's rows below the first's."""
    columns: dict[str, RawColumn] = {}
    for name in first.columns:
        if name in second.columns:
            a, b = first.columns[name], second.columns[name]
            if isinstance(a, NumberColumn) and isinstance(b, NumberColumn):
                values = np.concatenate([a.values, b.values])
                columns[name] = NumberColumn(name, values)
            else:
                texts = [text or None for text in (*a.text(), *b.text())]
                columns[name] = text_column(name, texts)
    return RawTable(columns, first.rows + second.rows, first.source)


def _as_text(column: RawColumn) -> TextColumn:
    if isinstance(column, TextColumn):
        return column
    return text_column(column.name, [text or None for text in column.text()])


def _column(name: str, series: Any) -> RawColumn:
    kind = getattr(series.dtype, "kind", "O")
    if kind in "iuf":
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
        return NumberColumn(name, values)
    gaps = series.isna().to_numpy()
    texts = [
        None if gap else _text(value) for value, gap in zip(series, gaps, strict=True)
    ]
    return text_column(name, texts)


def _text(value: Any) -> str:
    """A cell as text: true and false as files spell them, dates as ISO does."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).lower()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
