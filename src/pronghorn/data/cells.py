"""Python values, one by one, into a column: what lists and object columns hold.

The value that a library puts where there is none (None, NaN, NaT, `pandas.NA`) is
missing, and so is blank text. How a text spells that a value is missing ("NA", "?") is
a matter of files: whoever made a frame has read them already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np

from pronghorn.data.dates import days_of
from pronghorn.data.raw import DateColumn, NumberColumn, RawColumn, TextColumn, iso_text
from pronghorn.errors import DataError

__all__ = [
    "BLANKS",
    "all_missing",
    "column_of_cells",
    "plain",
    "spelt",
    "spelt_number",
    "text_of_levels",
]

BLANKS = " \t\r\n"
"""What is stripped from the ends of texts, in files and in frames."""

AS_TEXT = ("UUID", "Interval")
"""Classes of values that are told apart by what they are shown as."""

Cell = None | bool | int | float | str | date | timedelta


def plain(value: Any) -> Cell:
    """A value of any library as Python's own; None where it is missing.

    Times of the day become seconds since midnight, bytes text.

    Raises:
        TypeError: it is none that a cell of a table can hold.
        UnicodeDecodeError: bytes that are no UTF-8.

    >>> plain(np.int64(3)), plain(float("nan")), plain(b"x"), plain("  ")
    (3, None, 'x', None)
    """
    kind = type(value)
    if kind is str:
        return value if value.strip(BLANKS) else None
    if value is None or kind is bool or kind is int:
        return value
    if isinstance(value, float):
        return None if value != value else float(value)
    if kind.__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, np.generic):
        return _of_numpy(value)
    if isinstance(value, str):
        return plain(str(value))
    if isinstance(value, (date, timedelta)):
        return value
    return _of_others(value)


def _of_numpy(value: np.generic) -> Cell:
    if isinstance(value, (np.datetime64, np.timedelta64)):
        if np.isnat(value):
            return None
        precise = value.astype("M8[us]" if value.dtype.kind == "M" else "m8[us]")
        return plain(precise.item())
    if isinstance(value, np.void):
        raise TypeError
    if isinstance(value, np.floating):  # the longest have no item of Python
        return plain(float(value))
    return plain(value.item())


def _of_others(value: Any) -> Cell:
    kind = type(value)
    if isinstance(value, (Decimal, Real)):
        return plain(float(value))
    if isinstance(value, time):
        at = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
        return at.total_seconds() + value.microsecond / 1e6
    if isinstance(value, (bytes, bytearray)):
        return plain(value.decode())
    if getattr(value, "ndim", 1) == 0 and hasattr(value, "item"):
        return plain(value.item())
    if hasattr(value, "as_py"):
        return plain(value.as_py())
    if kind.__name__ == "Period":
        return plain(value.to_timestamp())
    if kind.__name__ in AS_TEXT:
        return str(value)
    raise TypeError


def spelt_number(value: float) -> str:
    """A number as a table shows it: 3, not 3.0; it reads back as the same number.

    >>> spelt_number(3.0), spelt_number(0.1), spelt_number(2**60)
    ('3', '0.1', '1152921504606846976')
    """
    if isinstance(value, int):
        return str(value)
    return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(value)


def spelt(cell: Cell) -> str:
    """What a cell is called where its column holds text.

    >>> spelt(True), spelt(1.0), spelt(date(2024, 2, 29))
    ('true', '1', '2024-02-29')
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, date):
        return iso_text(days_of(cell))
    if isinstance(cell, timedelta):
        return spelt_number(cell.total_seconds())
    assert cell is not None
    return spelt_number(cell)


def column_of_cells(
    name: str, values: Sequence[Any], *, source: str = "the table", text: bool = False
) -> RawColumn:
    """A column of the values that a list holds.

    Args:
        name: the column's name.
        values: one for each row.
        source: what errors call the table.
        text: whether values stay text, as they are spelt.

    Returns:
        Numbers where all values are (NaN where missing), dates where all are; all
        others as text.

    Raises:
        DataError: a value that no cell can hold: a list, a dict, a complex number.

    >>> column_of_cells("n", [1, None, 2.5]).values.tolist()
    [1.0, nan, 2.5]
    >>> column_of_cells("t", ["x", 1, True, None]).text()
    ['x', '1', 'true', '']
    """
    kinds = set(map(type, values))
    if not text and kinds <= {float, int}:
        return NumberColumn(name, _floats(name, values, source))
    cells: Sequence[Cell]
    cells = values if kinds <= {str} else _plain_cells(name, values, source)
    kinds = {type(cell) for cell in cells if cell is not None}
    if not kinds:
        return all_missing(name, len(values))
    if not text:
        if kinds <= {float, int}:
            return NumberColumn(name, _floats(name, cells, source))
        if all(issubclass(kind, date) for kind in kinds):
            return DateColumn(name, _measured(cells, days_of))
        if all(issubclass(kind, timedelta) for kind in kinds):
            return NumberColumn(name, _measured(cells, timedelta.total_seconds))
    if kinds != {str}:
        cells = [None if cell is None else spelt(cell) for cell in cells]
    return _factorized(name, cells, text)


def _floats(name: str, cells: Sequence[Any], source: str) -> np.ndarray:
    try:
        return np.array(cells, np.float64)  # None is NaN
    except OverflowError:
        row = next(i for i, c in enumerate(cells) if c is not None and not _fits(c))
        raise _no_cell(name, row, cells[row], source) from None


def _measured(cells: Sequence[Any], measure: Callable[[Any], float]) -> np.ndarray:
    return np.array([np.nan if c is None else measure(c) for c in cells], np.float64)


def _fits(value: float) -> bool:
    try:
        float(value)
    except OverflowError:
        return False
    return True


def _plain_cells(name: str, values: Sequence[Any], source: str) -> list[Cell]:
    cells: list[Cell] = []
    try:
        for value in values:
            cells.append(plain(value))
    except (TypeError, ValueError, OverflowError):
        raise _no_cell(name, len(cells), values[len(cells)], source) from None
    return cells


def _no_cell(name: str, row: int, value: Any, source: str) -> DataError:
    shown = repr(value)
    return DataError(
        f"Column {name!r} of {source} holds a value that no cell of a table can hold.",
        where=f"column {name!r}, row {row} (counted from 0)",
        expected="a number within the range of float64, a text, a bool, a date or "
        "time, or a missing value",
        received=f"{shown[:60]}{'...' if len(shown) > 60 else ''} "
        f"({type(value).__name__})",
        remedy="give every part of it a column of its own, or leave the column out",
    )


def _factorized(name: str, texts: Sequence[Any], exact: bool) -> TextColumn:
    places: dict[str | None, int] = {}
    codes = [places.setdefault(text, len(places)) for text in texts]
    return text_of_levels(name, np.array(codes, np.int64), list(places), exact=exact)


def all_missing(name: str, rows: int) -> TextColumn:
    """A column without any value: text without levels, whatever its type was.

    >>> all_missing("a", 2).text()
    ['', '']
    """
    return TextColumn(name, np.full(rows, -1, np.int32), ())


def text_of_levels(
    name: str,
    codes: np.ndarray,
    levels: Sequence[str | None],
    *,
    exact: bool = False,
    ordered: bool = True,
) -> TextColumn:
    """Text that a library holds as codes, in the form of a `TextColumn`.

    Args:
        name: the column's name.
        codes: whole numbers, (rows,); below 0 where a value is missing.
        levels: the text of each code; None or blank where it means missing.
        exact: whether blanks at the ends stay.
        ordered: whether every level is used and they come in order of appearance.

    >>> column = text_of_levels("a", np.array([2, 0, -1]), ["x", "y", " z"],
    ...                         ordered=False)
    >>> column.levels, column.codes.tolist()
    (('z', 'x'), [0, 1, -1])
    """
    if not ordered:
        codes, levels = _by_appearance(codes, levels)
    if not all(level and level[0] > " " and level[-1] > " " for level in levels):
        places: dict[str, int] = {}
        moved = [_place(level, places, exact) for level in levels]
        codes = np.array([*moved, -1], np.int32)[np.maximum(codes, -1)]
        levels = tuple(places)
    kept = tuple(level for level in levels if level is not None)  # all are there
    return TextColumn(name, codes.astype(np.int32, copy=False), kept)


def _place(level: str | None, places: dict[str, int], exact: bool) -> int:
    stripped = level.strip(BLANKS) if level else ""
    if not stripped or level is None:
        return -1
    level = level if exact else stripped
    return places.setdefault(level, len(places))


def _by_appearance(
    codes: np.ndarray, levels: Sequence[str | None]
) -> tuple[np.ndarray, list[str | None]]:
    first = np.full(len(levels) + 1, len(codes), np.int64)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)  # the last that is set stays
    first[-1] = len(codes)
    order = np.argsort(first[:-1], kind="stable")
    order = order[first[order] < len(codes)]
    moved = np.full(len(levels) + 1, -1, np.int32)
    moved[order] = np.arange(len(order))
    return moved[np.maximum(codes, -1)], [levels[i] for i in order.tolist()]
