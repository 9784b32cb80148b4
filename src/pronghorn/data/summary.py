"""What is counted of a column before its kind is told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pronghorn.data.raw import DateColumn, NumberColumn, RawColumn, TextColumn

__all__ = [
    "DateSummary",
    "NumberSummary",
    "Summary",
    "TextSummary",
    "numbered",
    "summarize",
]

NAMES_OF_IDS = ("id", "_id", " id", "-id", "uuid", "guid")
FEWEST_NUMBERED = 10


@dataclass(frozen=True)
class NumberSummary:
    """Of a column of numbers.

    Attributes:
        name: the column's name in the table.
        present, missing: how many rows have a value, and how many have none.
        distinct: how many different values there are; of large files about so many.
        whole: whether all values are whole.
        low, high: the smallest and the largest value; 0 where there is none.
        row_number: why the column is taken for a number of the rows, if it is.
    """

    name: str
    present: int
    missing: int
    distinct: int = 0
    whole: bool = False
    low: float = 0.0
    high: float = 0.0
    row_number: str | None = None


@dataclass(frozen=True)
class TextSummary:
    """Of a column of text.

    Attributes:
        name: the column's name in the table.
        present, missing: how many rows have a value, and how many have none.
        levels: the different texts, the most frequent first; of equally frequent ones
            that which comes first in the table. Of large files perhaps not all.
        distinct: how many different texts there are.
    """

    name: str
    present: int
    missing: int
    levels: tuple[str, ...] = ()
    distinct: int = 0


@dataclass(frozen=True)
class DateSummary:
    """Of a column of dates.

    Attributes:
        name: the column's name in the table.
        present, missing: how many rows have a value, and how many have none.
        distinct: how many different dates there are; of large files about so many.
        first: the earliest, as text.
    """

    name: str
    present: int
    missing: int
    distinct: int = 0
    first: str = ""


Summary = NumberSummary | TextSummary | DateSummary


def summarize(column: RawColumn) -> Summary:
    """Counts a column that is in memory.

    >>> from pronghorn.data.raw import text_column
    >>> summarize(text_column("size", ["S", "L", None, "L"])).levels
    ('L', 'S')
    """
    missing = int(column.missing.sum())
    present = len(column.missing) - missing
    if isinstance(column, TextColumn):
        levels = _levels(column)
        return TextSummary(column.name, present, missing, levels, len(levels))
    values = column.values[~column.missing]
    if isinstance(column, DateColumn):
        days = np.unique(values)
        first = DateColumn(column.name, days[:1]).text()
        return DateSummary(column.name, present, missing, len(days), *first)
    if not present:
        return NumberSummary(column.name, present, missing)
    different = np.unique(values)
    whole = bool((values == np.floor(values)).all())
    reason = None
    if whole and not missing:
        reason = _row_number(column, len(different))
    low, high = float(different[0]), float(different[-1])
    return NumberSummary(
        column.name, present, missing, len(different), whole, low, high, reason
    )


def _levels(column: TextColumn) -> tuple[str, ...]:
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.levels))
    order = np.argsort(-counts, kind="stable")
    return tuple(column.levels[i] for i in order if counts[i])


def _row_number(column: NumberColumn, distinct: int) -> str | None:
    values = column.values
    if distinct < len(values) or len(values) < FEWEST_NUMBERED:
        return None
    low, high = float(values[0]), float(values[-1])
    ascending = bool((np.diff(values) > 0).all())
    return numbered(column.name, low, high, len(values), ascending)


def numbered(
    name: str, first: float, last: float, rows: int, ascending: bool
) -> str | None:
    """Why a column of whole numbers that all differ tells nothing of its rows, if so.

    Args:
        name: of the column.
        first, last: its first and its last value.
        rows: how many values there are.
        ascending: whether each is above the one before.
    """
    starts = 0 <= first <= FEWEST_NUMBERED
    if starts and last - first <= 2 * rows and ascending:
        return "numbers the rows: whole, all different, ascending"
    if name.lower() == "id" or name.lower().endswith(NAMES_OF_IDS) or name[-2:] == "Id":
        return "an identifier by its name; all values differ"
    return None
