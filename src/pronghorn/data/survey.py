"""What is counted of a table that stays on the disk: one pass, and one per text column.

The pass over all columns is one query of aggregates. Only columns of text are read
once more, each alone, for the texts that they hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pronghorn.data.raw import DateColumn
from pronghorn.data.scan import Scan
from pronghorn.data.sql import HASH, ROW, identifier, numeric_text
from pronghorn.data.summary import (
    DateSummary,
    NumberSummary,
    Summary,
    TextSummary,
    numbered,
)
from pronghorn.errors import DataError
from pronghorn.ir import rng

__all__ = ["MOST_LEVELS", "Draw", "Survey", "TargetSummary", "find_numbers"]

MOST_LEVELS = 1 << 18
"""A column of more texts keeps the most frequent ones; others count as unseen."""

_SHOWN = 1000  # texts of a column that may be dates, or identifiers
_OF_TARGETS = 10_000  # different targets, of which it is known how frequent they are
_HASHES = 1 << 32


@dataclass(frozen=True)
class Draw:
    """Which rows are held out: drawn by number, never by value.

    Attributes:
        seed, stream: with a row's number they say whether it is drawn.
        part: of the rows, at least 0 and below 1.
    """

    seed: int
    stream: int
    part: float

    @property
    def _below(self) -> int:
        return round(self.part * _HASHES)

    def held(self, numbers: np.ndarray) -> np.ndarray:
        """Whether rows of these numbers are held out: bool, (rows,)."""
        drawn = rng.hashes(self.seed, 0, self.stream, numbers)
        return np.asarray(drawn < self._below)

    def sql(self, rows: str) -> str:
        """SQL: a query's rows that are not held out, by their `ROW`.

        A number's hash is that of `held`, in whole numbers of 64 bits.
        """
        first, second = rng.keys(self.seed, 0, self.stream)
        steps = [f"(xor({ROW} & {_HASHES - 1}, {first}))::UBIGINT", *_MIX]
        steps += [f"({HASH} + {second}) & {_HASHES - 1}", *_MIX]
        query = f"({rows})"
        for step in steps:
            query = f"(SELECT * REPLACE ({step} AS {HASH}) FROM {query})"
        start = query.replace(
            f"({rows})", f"(SELECT *, 0::UBIGINT AS {HASH} FROM ({rows}))"
        )
        return f"SELECT * EXCLUDE ({HASH}) FROM {start} WHERE {HASH} >= {self._below}"


# Twice: multiply and shift, as `rng` does it.
_MIX = (
    f"xor({HASH}, {HASH} >> 16)",
    f"({HASH} * {0x7FEB352D}) & {_HASHES - 1}",
    f"xor({HASH}, {HASH} >> 15)",
    f"({HASH} * {0x846CA68B}) & {_HASHES - 1}",
    f"xor({HASH}, {HASH} >> 16)",
)


@dataclass(frozen=True)
class TargetSummary:
    """Of the target's training rows.

    Attributes:
        rows: how many there are; each has a target.
        counts: rows of each different text, where there are few of them; else empty.
        is_number: whether all are numbers.
        low, high, mean, deviation: of the numbers.
    """

    rows: int
    counts: dict[str, int]
    is_number: bool
    low: float = 0.0
    high: float = 0.0
    mean: float = 0.0
    deviation: float = 0.0


class Survey:
    """Counts the columns of a table that stays on the disk.

    Only training rows count: those with a target that are not held out. Which columns
    of text hold numbers alone is told by all rows.

    Args:
        scan: the rows. Columns of text that are numbers come to be numbers there.
        target: the column to predict, read as text.
        draw: the rows that are held out.
        names: the other columns that are wanted.

    Attributes:
        target: what was counted of the target.
        counts: rows of each text, by column, once its summary was asked for.

    Raises:
        DataError: no row to train on, or an infinite number.
    """

    def __init__(
        self, scan: Scan, target: str, draw: Draw, names: Sequence[str]
    ) -> None:
        self._scan = scan
        self._name = target
        self._draw = draw
        find_numbers(scan, names)
        self.counts: dict[str, dict[str, int]] = {}
        self._counts = self._count([n for n in names if n != target])
        self.target = self._summary_of_target()

    def _training(self, names: Sequence[str]) -> str:
        """SQL: these columns of the training rows."""
        every = self._draw.sql(self._scan.all_rows([*names, self._name]))
        return f"(SELECT * FROM ({every}) WHERE {identifier(self._name)} IS NOT NULL)"

    def _count(self, names: Sequence[str]) -> dict[str, tuple[Any, ...]]:
        asked = {name: self._aggregates(name) for name in names}
        asked[self._name] = _of_target(self._name)
        every = ", ".join(a for aggregates in asked.values() for a in aggregates)
        query = f"SELECT count(*), {every} FROM {self._training(names)}"
        (rows, *found), *_ = self._scan.ask(query)
        self._rows = int(rows)
        if self._rows < 2:
            raise DataError(
                f"{self._scan.source} has {self._rows} row(s) to train on.",
                expected="at least two rows with a target that are not held out",
                received=f"{self._scan.rows} row(s)",
            )
        counted, at = {}, 0
        for name, aggregates in asked.items():
            counted[name] = tuple(found[at : at + len(aggregates)])
            at += len(aggregates)
        return counted

    def _aggregates(self, name: str) -> list[str]:
        column = identifier(name)
        found = [f"count({column})", f"approx_count_distinct({column})"]
        if name in self._scan.numbers:
            found += [f"min({column})", f"max({column})"]
            found += [f"bool_and({column} = floor({column}))"]
        if name in self._scan.dates:
            found += [f"min({column})", f"max({column})"]
        return found

    def summary(self, name: str, wanted: bool = False) -> Summary:
        """What was counted of a column.

        Args:
            name: of the column.
            wanted: whether it is used even where it looks like an identifier.

        Raises:
            DataError: an infinite number.
        """
        present, distinct, *numbers = self._counts[name]
        if not numbers:
            return self._texts(name, int(present), int(distinct), wanted)
        missing = self._rows - present
        if not present:
            return TextSummary(name, 0, missing)
        if name in self._scan.dates:
            return self._dates(name, int(present), int(distinct), *numbers)
        low, high, whole = numbers
        if not np.isfinite([low, high]).all():
            raise self._infinite(name)
        if low == high:
            distinct = 1
        elif low == 0 and high == 1 and whole:
            distinct = 2
        else:
            distinct = max(distinct, 2)
        reason = None
        if whole and not missing and not wanted:
            reason = self._row_number(name, int(distinct), low, high)
        return NumberSummary(
            name, present, missing, int(distinct), bool(whole), low, high, reason
        )

    def _dates(
        self, name: str, present: int, distinct: int, low: float, high: float
    ) -> DateSummary:
        first = DateColumn(name, np.array([low])).text()[0]
        distinct = 1 if low == high else max(distinct, 2)
        return DateSummary(name, present, self._rows - present, distinct, first)

    def _texts(
        self, name: str, present: int, distinct: int, wanted: bool
    ) -> TextSummary:
        column, missing = identifier(name), self._rows - present
        rows = f"{self._training([name])} WHERE {column} IS NOT NULL"
        if not wanted and distinct > max(_SHOWN, 0.6 * present):
            found = self._scan.ask(f"SELECT {column} FROM {rows} LIMIT {_SHOWN}")
            some = tuple(dict.fromkeys(text for (text,) in found))
            return TextSummary(name, present, missing, some, distinct)
        found = self._scan.ask(
            f"SELECT {column}, count(*) FROM {rows} GROUP BY 1 "
            f"ORDER BY count(*) DESC, min({ROW}) LIMIT {MOST_LEVELS}"
        )
        self.counts[name] = {text: int(count) for text, count in found}
        levels = tuple(self.counts[name])
        if len(levels) < MOST_LEVELS:
            distinct = len(levels)
        return TextSummary(name, present, missing, levels, distinct)

    def _row_number(
        self, name: str, distinct: int, low: float, high: float
    ) -> str | None:
        """Why it numbers the rows; only a column that may is looked at again."""
        rows = self._rows
        if distinct < 0.8 * rows or numbered(name, low, high, rows, True) is None:
            return None
        ascending = self._is_ascending(name)
        if not ascending:
            query = (
                f"SELECT {identifier(name)} FROM {self._training([name])} GROUP BY 1"
            )
            ((exact,),) = self._scan.ask(f"SELECT count(*) FROM ({query})")
            if exact < rows:
                return None
        return numbered(name, low, high, rows, ascending)

    def _is_ascending(self, name: str) -> bool:
        before = -np.inf
        for chunk in self._scan.chunks([name, self._name]):
            numbers = chunk.first + np.arange(chunk.table.rows)
            kept = ~self._draw.held(numbers) & ~chunk.table.columns[self._name].missing
            values = chunk.table.columns[name].values[kept]  # type: ignore[union-attr]
            if len(values) and not (np.diff(values, prepend=before) > 0).all():
                return False
            before = values[-1] if len(values) else before
        return True

    def _infinite(self, name: str) -> DataError:
        every = self._scan.all_rows([name])
        column = identifier(name)
        ((row, value),) = self._scan.ask(
            f"SELECT {ROW}, {column} FROM ({every}) WHERE isinf({column}) "
            f"ORDER BY {ROW} LIMIT 1"
        )
        return DataError(
            f"Column {name!r} holds an infinite number.",
            where=f"column {name!r}, row {row + 1} (counted from 1 below the header)",
            expected="finite numbers",
            received=str(value),
            remedy=f"mend the value, or take it as missing: --missing={name}={value}",
        )

    def _summary_of_target(self) -> TargetSummary:
        present, distinct, numbers, *moments = self._counts[self._name]
        counts: dict[str, int] = {}
        if distinct <= _OF_TARGETS:
            column = identifier(self._name)
            found = self._scan.ask(
                f"SELECT {column}, count(*) FROM {self._training([])} GROUP BY 1"
            )
            counts = {text: int(count) for text, count in found}
        is_number = numbers == present
        if not is_number:
            return TargetSummary(self._rows, counts, False)
        return TargetSummary(self._rows, counts, True, *map(float, moments))


def find_numbers(scan: Scan, names: Sequence[str]) -> None:
    """Columns of text that hold numbers in all rows come to be numbers."""
    texts = [n for n in names if n not in scan.numbers and n not in scan.dates]
    if not texts:
        return
    asked = []
    for column in map(identifier, texts):
        asked += [f"count({column})", f"count(*) FILTER ({numeric_text(column)})"]
    query = f"SELECT {', '.join(asked)} FROM ({scan.all_rows(texts)})"
    ((*found,),) = scan.ask(query)
    for name, present, numbers in zip(texts, found[::2], found[1::2], strict=True):
        if present and present == numbers:
            scan.take_as_number(name)


def _of_target(name: str) -> list[str]:
    text = identifier(name)
    value = f"TRY_CAST({text} AS DOUBLE)"
    counted = [f"count({text})", f"approx_count_distinct({text})", f"count({value})"]
    finite = f"CASE WHEN isfinite({value}) THEN {value} END"
    return [
        *counted,
        *(f"{f}({value})" for f in ("min", "max")),
        *(f"{f}({finite})" for f in ("avg", "stddev_pop")),
    ]
