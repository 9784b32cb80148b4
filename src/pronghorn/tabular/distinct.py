"""The different rows of a table, in an order that does not depend on the table's own.

Rows that are equal, target included, are one row that counts as often: a weight of 2
and a row that stands there twice mean the same. So they never part between training
and validation, where the second copy would tell the first one's answer. The order is by
a hash of what a row holds; whatever is drawn by number is then drawn alike, however the
table was sorted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pronghorn.data.raw import RawColumn, RawTable, TextColumn

__all__ = ["Distinct", "distinct_rows", "sorted_levels"]

BLOCK = 1 << 13
"""Rows that are hashed at a time: a column's part of them stays in the cache."""


@dataclass(frozen=True)
class Distinct:
    """Which rows of a table are different.

    Attributes:
        first: the number of the first of each, in the order of their hashes.
        place: for each row that was looked at, its own among these.
    """

    first: np.ndarray
    place: np.ndarray


def distinct_rows(
    table: RawTable, target: np.ndarray, rows: np.ndarray, names: Sequence[str]
) -> Distinct:
    """Finds the different rows.

    Args:
        table: the columns.
        target: numbers, of the classes where there are such, (table's rows,).
        rows: numbers of the rows to look at.
        names: the columns to look at.

    Example:

    >>> from pronghorn.data.raw import NumberColumn
    >>> size = NumberColumn("size", np.array([3.0, 4.0, 3.0]))
    >>> table = RawTable({"size": size}, 3)
    >>> y = np.array([1.0, 1.0, 1.0])
    >>> found = distinct_rows(table, y, np.arange(3), ["size"])
    >>> sorted(found.first.tolist()), bool(found.place[0] == found.place[2])
    ([0, 1], True)
    """
    parts = [_words(table.columns[name]) for name in names]
    parts.append(_Words(target.astype(np.float64)))
    hashes = _hashes(parts, rows)
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    new = np.ones(len(rows), bool)
    new[1:] = ordered[1:] != ordered[:-1]
    twins = np.flatnonzero(~new)
    if len(twins):  # of equal hashes; by one chance in 2**64 they are no twins
        one, other = rows[order[twins]], rows[order[twins - 1]]
        new[twins] = _differ(parts, one, other)
    place = np.empty(len(rows), np.int64)
    place[order] = np.cumsum(new) - 1
    return Distinct(rows[order[new]], place)


def sorted_levels(column: RawColumn) -> RawColumn:
    """A column of texts with its levels in alphabetical order; others as they are.

    >>> from pronghorn.data.raw import text_column
    >>> column = sorted_levels(text_column("mfr", ["Q", None, "N"]))
    >>> column.levels, column.codes.tolist()
    (('N', 'Q'), [1, -1, 0])
    """
    if not isinstance(column, TextColumn):
        return column
    given = column.levels
    if all(map(str.__le__, given, given[1:])):
        return column
    order = np.array(sorted(range(len(given)), key=given.__getitem__), np.int32)
    moved = np.full(len(given) + 1, -1, np.int32)
    moved[order] = np.arange(len(given))
    levels = tuple(given[i] for i in order)
    return replace(column, codes=moved[column.codes], levels=levels)


@dataclass(frozen=True)
class _Words:
    """A column as 64 bits a value: bits of its numbers, or of its texts by code."""

    values: np.ndarray
    texts: np.ndarray | None = None

    def of(self, rows: np.ndarray) -> np.ndarray:
        """uint64, (rows,)."""
        taken = self.values[rows]
        if self.texts is not None:
            return np.asarray(self.texts[taken])
        taken = taken + 0.0  # -0.0 is 0.0
        taken[np.isnan(taken)] = np.nan
        return np.asarray(taken.view(np.uint64))


def _words(column: RawColumn) -> _Words:
    if isinstance(column, TextColumn):
        return _Words(column.codes, _texts(column.levels))
    return _Words(column.values)


def _texts(levels: Sequence[str]) -> np.ndarray:
    """A hash of each text, and of what is missing at the end (code -1)."""
    found = bytearray()
    for level in levels:
        letters = level.encode(errors="surrogatepass")
        found += hashlib.blake2b(letters, digest_size=8).digest()
    return np.frombuffer(bytes(found + bytes(8)), "<u8")


def _hashes(parts: Sequence[_Words], rows: np.ndarray) -> np.ndarray:
    """A hash of each row, uint64."""
    found = np.empty(len(rows), np.uint64)
    for first in range(0, len(rows), BLOCK):
        some = rows[first : first + BLOCK]
        mixed = np.zeros(len(some), np.uint64)
        for words in _taken(parts, some):
            mixed = _mix(mixed * np.uint64(0x9E3779B97F4A7C15) + words)
        found[first : first + BLOCK] = mixed
    return found


def _taken(parts: Sequence[_Words], rows: np.ndarray) -> Iterator[np.ndarray]:
    return (part.of(rows) for part in parts)


def _mix(x: np.ndarray) -> np.ndarray:
    """SplitMix64's finalizer (Steele, Lea and Flood, 2014): a bijection."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _differ(parts: Sequence[_Words], one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Whether two rows hold different values, pair by pair."""
    found = np.zeros(len(one), bool)
    for part in parts:
        found |= part.of(one) != part.of(other)
    return found
