"""What a column's values are to a model: numbers, days, categories, or an error.

Encoders differ in what they make of a value; what a value is, and which are refused, is
the same for all of them.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from itertools import count, takewhile
from math import floor

import numpy as np

from pronghorn.data.cells import BLANKS, plain, spelt, spelt_number
from pronghorn.data.dates import days_of, parse_date, parse_dates
from pronghorn.data.levels import FEW, Levels, places_of
from pronghorn.data.raw import (
    DateColumn,
    NumberColumn,
    RawColumn,
    TextColumn,
    text_column,
)
from pronghorn.data.schema import ColumnSchema
from pronghorn.errors import DataError

__all__ = [
    "IDS_FROM",
    "MISSING_ID",
    "PARTS",
    "RARE",
    "UNSEEN_ID",
    "Categories",
    "as_text",
    "check_columns",
    "date_parts",
    "day_of",
    "day_values",
    "frequent",
    "misspelt",
    "number_of",
    "number_values",
    "parts_of",
    "parts_of_day",
]

MISSING_ID, UNSEEN_ID, IDS_FROM = 0, 1, 2
"""Ids of an embedding: missing, unseen, then the categories in the schema's order."""

RARE = 3
"""A category of fewer training rows than this is encoded as unseen, to train that."""

PARTS = ("day number", "year", "month", "day", "weekday", "hour")
"""What is made of a date; the last only where there are times of the day."""

FIRST_DAY = date(1970, 1, 1).toordinal()

NUMERAL = re.compile(r"[+-]?(0|[1-9]\d*)(\.\d*)?([eE][+-]?\d+)?")
"""A text that is a number, and no code such as 007."""

TRUTHS = (("false", "0"), ("true", "1"))
"""What else means no and yes where a column is boolean."""


def check_columns(
    used: Sequence[ColumnSchema], names: Iterable[str], source: str
) -> None:
    """Raises a `DataError` where a table lacks columns that a model uses."""
    here = dict.fromkeys(names)
    lost = [c.name for c in used if c.name not in here]
    if lost:
        raise DataError(
            f"{source} lacks {len(lost)} column(s) that the model uses: "
            + ", ".join(map(repr, lost))
            + ".",
            expected="columns " + ", ".join(repr(c.name) for c in used),
            received="columns " + ", ".join(map(repr, here)),
            remedy=_renamed(lost, here)
            or "add them (a column may be empty where all values are missing)",
        )


def _renamed(lost: Sequence[str], columns: Iterable[str]) -> str | None:
    """What to rename, where names differ in nothing but their case."""
    here = {name.lower(): name for name in columns}
    pairs = [(here[n.lower()], n) for n in lost if n.lower() in here]
    if not pairs:
        return None
    told = ", ".join(f"{old!r} to {new!r}" for old, new in pairs[:5])
    more = f", and {len(pairs) - 5} more" if len(pairs) > 5 else ""
    return f"names differ only in upper and lower case: rename {told}{more}"


def misspelt(
    column: ColumnSchema, text: str, rows: np.ndarray, wanted: str
) -> DataError:
    """The error for values that a column cannot hold.

    Args:
        column: the column.
        text: the first such value.
        rows: the numbers of the rows concerned.
        wanted: what would have been right.
    """
    return DataError(
        f"Column {column.name!r} holds a value that the model cannot take.",
        where=f"column {column.name!r}, {len(rows)} row(s), the first is row "
        f"{rows[0] + 1} (counted from 1 below the header)",
        expected=wanted,
        received=repr(text),
        remedy="mend the value, or leave it empty where it is missing",
    )


# --- numbers ----------------------------------------------------------------------
def number_values(column: ColumnSchema, raw: RawColumn) -> np.ndarray:
    """A column as float64 (rows,), NaN where missing.

    Raises:
        DataError: a text that is no number, a date, an infinite number.
    """
    if isinstance(raw, NumberColumn):
        values = raw.values
    else:
        wanted = "a number, as in all training rows"
        values = _levels_as(column, as_text(raw), _number, wanted)
    infinite = np.isinf(values)
    if infinite.any():
        infinite = np.flatnonzero(infinite)
        text = str(values[infinite[0]])
        raise misspelt(column, text, infinite, "finite numbers")
    return values


def number_of(value: object) -> float:
    """One cell as `number_values` takes it; NaN where missing.

    Raises:
        TypeError, ValueError: it is no finite number; `number_values` says so in words.
    """
    cell = plain(value)
    if cell is None:
        return float("nan")
    if isinstance(cell, timedelta):
        return cell.total_seconds()
    if isinstance(cell, (bool, date)):
        raise TypeError
    number = float(cell)
    if number - number != 0:
        raise ValueError
    return number


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def as_text(raw: RawColumn) -> TextColumn:
    """The column as its table shows it."""
    if isinstance(raw, TextColumn):
        return raw
    return text_column(raw.name, [text or None for text in raw.text()])


def _levels_as(
    column: ColumnSchema, raw: TextColumn, read: Callable[[str], float], wanted: str
) -> np.ndarray:
    """The numbers that the texts stand for; NaN where there is none."""
    values = np.array([*(read(level) for level in raw.levels), np.nan])
    if np.isnan(values[:-1]).any():
        bad = np.flatnonzero(np.isnan(values[raw.codes]) & ~raw.missing)
        if len(bad):
            raise misspelt(column, raw.levels[raw.codes[bad[0]]], bad, wanted)
    return np.asarray(values[raw.codes])


# --- dates ------------------------------------------------------------------------
def day_values(column: ColumnSchema, raw: RawColumn) -> np.ndarray:
    """A column as days since 1 January 1970: float64 (rows,), NaN where missing.

    Raises:
        DataError: a text that is no date, or one spelt otherwise than in training.
    """
    if isinstance(raw, DateColumn):
        return raw.values
    spelling = column.date_format or "iso"
    wanted = f"a date spelt as in the training rows ({spelling})"

    def day(text: str) -> float:
        return float(parse_dates([text], spelling)[0])

    return _levels_as(column, as_text(raw), day, wanted)


def day_of(value: object, spelling: str) -> float:
    """One cell as `day_values` takes it; NaN where missing.

    Raises:
        TypeError: it is no date, or one spelt otherwise.
    """
    cell = plain(value)
    if cell is None:
        return float("nan")
    if isinstance(cell, date):
        return days_of(cell)
    days = parse_date(cell.strip(BLANKS), spelling) if isinstance(cell, str) else None
    if days is None:
        raise TypeError
    return days


def parts_of(days: np.ndarray) -> list[str]:
    """The names of the parts that days (without NaN) are worth; hours if there are."""
    hours = bool((days != np.floor(days)).any())
    return list(PARTS if hours else PARTS[:-1])


def date_parts(days: np.ndarray, names: Sequence[str]) -> list[np.ndarray]:
    """Parts of dates, in the order of `names`: each float64, (rows,).

    Args:
        days: since 1 January 1970 in UTC, (rows,); NaN gives NaN in every part.
        names: among `PARTS`; of the weekdays, 0 is Monday.

    >>> year, weekday = date_parts(np.array([19782.5]), ["year", "weekday"])
    >>> year.tolist(), weekday.tolist()
    ([2024.0], [3.0])
    """
    whole = np.floor(days)
    year, month, day = _calendar(whole)
    made = {
        "day number": days,
        "year": year,
        "month": month,
        "day": day,
        "weekday": (whole + 3) % 7,
        "hour": days % 1 * 24,
    }
    return [made[name] for name in names]


def _calendar(days: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Year, month and day of whole days; each day is looked at once."""
    gaps = np.isnan(days)
    if gaps.all():
        return days, days, days
    low, high = np.nanmin(days), np.nanmax(days)
    if high - low < len(days):
        whole = np.arange(low, high + 1).astype("datetime64[D]")
        places = np.where(gaps, 0, days - low).astype(np.int64)
    else:
        whole = np.where(gaps, 0, days).astype("datetime64[D]")
        places = np.arange(len(days))
    year = whole.astype("datetime64[Y]")
    month = whole.astype("datetime64[M]")
    parts = (
        year.astype(np.float64) + 1970,
        month.astype(np.float64) % 12 + 1,
        (whole - month).astype(np.float64) + 1,
    )
    made = [part.take(places) for part in parts]
    for part in made:
        part[gaps] = np.nan
    return made[0], made[1], made[2]


def parts_of_day(days: float) -> tuple[float, ...]:
    """All that `date_parts` makes of one point in time, in the order of `PARTS`.

    Raises:
        ValueError, OverflowError: it is beyond the years 1 to 9999.

    >>> parts_of_day(19782.5)
    (19782.5, 2024, 2, 29, 3, 12.0)
    """
    if days != days:
        return (days,) * len(PARTS)
    whole = floor(days)
    found = date.fromordinal(whole + FIRST_DAY)
    return (days, found.year, found.month, found.day, (whole + 3) % 7, days % 1 * 24)


# --- categories -------------------------------------------------------------------
def frequent(column: ColumnSchema, raw: RawColumn) -> Sequence[str]:
    """The categories of at least `RARE` rows; all of them where none is.

    Returns:
        A list; many of them are `Levels`, as in the schema, and share their buffer.
    """
    assert isinstance(raw, TextColumn)
    counts = np.bincount(raw.codes[raw.codes >= 0], minlength=len(raw.levels))
    often = {raw.levels[i] for i in np.flatnonzero(counts >= RARE)}
    first = sum(1 for _ in takewhile(often.__contains__, column.categories))
    known = column.categories[:first]
    if first < len(often):  # other rows have told the order
        known = [c for c in column.categories if c in often]
    known = known or column.categories
    return known if isinstance(known, Levels) and len(known) > FEW else list(known)


class Categories:
    """The ids of a column's values.

    A value is the category that is spelt like it. Where there is none, a number, or a
    text that is one, is the category that means the same number: 1.0, 1 and "1.0" are
    all "1"; "007" is a code and no number. All else is unseen. Where the column is
    boolean, case does not matter, and true, false, 1 and 0 are known too.

    Args:
        levels: the categories in the order of their ids, which start at `IDS_FROM`.
        boolean: whether they are two that mean no and yes.

    >>> known = Categories(["1", "x"])
    >>> [known.id_of(v) for v in (1.0, "x", "X", "1.0", "01", None)]
    [2, 3, 1, 2, 1, 0]
    """

    def __init__(self, levels: Sequence[str], *, boolean: bool = False) -> None:
        self.boolean = boolean
        self.exact = places_of(levels, IDS_FROM)
        items: Iterable[tuple[str, int]] = zip(levels, count(IDS_FROM))
        if isinstance(self.exact, dict):
            if boolean:
                for level, id_, words in zip(levels, (IDS_FROM, IDS_FROM + 1), TRUTHS):
                    for word in (level.lower(), *words):
                        self.exact.setdefault(word, id_)
            items = self.exact.items()
        self._numerals = _Numerals(items)
        self._by_value = self._numerals.quickest()

    def id_of(self, value: object) -> int:
        """The id of one cell of any type.

        Raises:
            TypeError, ValueError: it is nothing that a cell can hold.
        """
        cell = plain(value)
        if cell is None:
            return MISSING_ID
        if isinstance(cell, timedelta):
            cell = cell.total_seconds()
        if isinstance(cell, (str, bool, date)):
            return self.id_of_text(spelt(cell).strip(BLANKS))
        found = self._by_value.get(float(cell))
        return UNSEEN_ID if found is None else found

    def id_of_text(self, text: str) -> int:
        """The id of a text without blanks at its ends."""
        found = self.exact.get(text)
        if found is None and self.boolean:
            found = self.exact.get(text.lower())
        if found is None and NUMERAL.fullmatch(text):
            found = self._by_value.get(float(text))
        return UNSEEN_ID if found is None else found

    def ids(self, raw: RawColumn) -> np.ndarray:
        """The ids of a column: int32, (rows,)."""
        if isinstance(raw, NumberColumn):
            return self._ids_of_numbers(raw.values)
        if isinstance(raw, DateColumn):
            raw = as_text(raw)
        found = np.empty(len(raw.levels) + 1, np.int32)
        found[:-1] = np.fromiter(map(self.id_of_text, raw.levels), np.int32)
        found[-1] = MISSING_ID
        return found.take(raw.codes)

    def _ids_of_numbers(self, values: np.ndarray) -> np.ndarray:
        made = np.where(np.isnan(values), MISSING_ID, UNSEEN_ID).astype(np.int32)
        known, ids = self._numerals.known, self._numerals.ids
        if len(known):
            places = np.searchsorted(known, values).clip(max=len(known) - 1)
            same = known[places] == values
            made[same] = ids[places[same]]
        return made


class _Numerals:
    """The ids of texts that are numbers, by these.

    Of texts that mean the same number it is that of the one that is spelt as tables
    spell it, or else of the first.

    Attributes:
        known: the numbers, ascending: float64.
        ids: int32, one for each.
    """

    def __init__(self, items: Iterable[tuple[str, int]]) -> None:
        values, ids, odd = array("d"), array("i"), array("b")
        for text, id_ in items:
            if NUMERAL.fullmatch(text):
                values.append(float(text))
                ids.append(id_)
                odd.append(text != spelt_number(values[-1]))
        numbers = np.array(values)
        order = np.lexsort((np.array(odd), numbers))
        numbers = numbers[order]
        new = np.ones(len(numbers), bool)
        new[1:] = numbers[1:] != numbers[:-1]
        self.known = numbers[new]
        self.ids = np.array(ids, np.int32)[order[new]]
        self._sorted = self.known.data

    def quickest(self) -> dict[float, int] | _Numerals:
        """What has the quickest `get`, where it takes no room to speak of."""
        few = len(self.known) <= FEW
        return dict(zip(self.known.tolist(), self.ids.tolist())) if few else self

    def get(self, value: float) -> int | None:
        """The id of the text that means this number; None where there is none."""
        place = bisect_left(self._sorted, value)
        if place < len(self._sorted) and self._sorted[place] == value:
            return int(self.ids[place])
        return None
