"""The tables that a report is made from, and what is asked of their columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn.data.dates import parse_dates
from pronghorn.data.raw import RawColumn, RawTable, TextColumn, joined
from pronghorn.data.schema import ColumnSchema
from pronghorn.data.tables import raw_table
from pronghorn.errors import DataError

__all__ = ["as_table", "joint_codes", "numbers_in", "stacked", "with_order"]


def as_table(data: Any, target: str, what: str) -> RawTable:
    """A table with its target.

    Args:
        data: a frame, a dict of columns, ... with the target among the columns, or
            (data, y).
        target: the target's name.
        what: the argument's name, for messages.

    Raises:
        DataError: there is no such column, or y has another length.
    """
    if not (isinstance(data, tuple) and len(data) == 2):
        table = raw_table(data, source=what)
        table.column(target)
        return table
    table = raw_table(data[0], source=what)
    y = raw_table({target: data[1]}, source=what).column(target)
    if len(y.missing) != table.rows:
        raise DataError(
            "The table and the target differ in their rows.",
            where=what,
            expected=f"{table.rows} values, one for each row",
            received=f"{len(y.missing)} values",
        )
    return RawTable({**table.columns, target: y}, table.rows, what)


def with_order(table: RawTable, name: str, order: np.ndarray) -> RawTable:
    """The same rows, with the values of one column in another order.

    Args:
        table: the rows.
        name: the column.
        order: numbers of rows, int64, (rows,).
    """
    column = table.columns[name].take(order)
    return RawTable({**table.columns, name: column}, table.rows, table.source)


def numbers_in(schema: ColumnSchema, column: RawColumn) -> np.ndarray | None:
    """A column as float64, (rows,), NaN where missing; None where it has no order.

    Dates become days since 1 January 1970.
    """
    if schema.kind == "date" and isinstance(column, TextColumn):
        days = parse_dates(column.levels, schema.date_format or "iso")
        return np.asarray(np.append(days, np.nan)[column.codes])
    if schema.kind in ("numeric", "date") and not isinstance(column, TextColumn):
        return column.values
    return None


def joint_codes(
    first: RawColumn, second: RawColumn
) -> tuple[np.ndarray, np.ndarray, int]:
    """Equal values of two columns by equal numbers; a missing value is a value too.

    Returns:
        int64 for either column, and how many different values there are.

    >>> from pronghorn.data.raw import text_column
    >>> a, b = text_column("a", ["x", None, "y"]), text_column("a", ["y", "z"])
    >>> codes, others, count = joint_codes(a, b)
    >>> codes.tolist(), others.tolist(), count
    ([0, 3, 1], [1, 2], 4)
    """
    rows = len(first.missing)
    both = joined(first, second)
    if isinstance(both, TextColumn):
        count = len(both.levels)
        codes = np.where(both.codes < 0, count, both.codes).astype(np.int64)
        return codes[:rows], codes[rows:], count + 1
    levels, codes = np.unique(both.values, return_inverse=True)
    return codes[:rows], codes[rows:], len(levels)


def stacked(first: RawTable, second: RawTable) -> RawTable:
    """The columns that both have, the second's rows below the first's."""
    columns = {
        name: joined(column, second.columns[name])
        for name, column in first.columns.items()
        if name in second.columns
    }
    return RawTable(columns, first.rows + second.rows, first.source)
