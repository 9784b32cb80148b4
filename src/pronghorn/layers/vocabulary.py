"""Vocabularies: the terms that a lookup layer knows, counted, read and written."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any

import numpy as np

from pronghorn.data.columns import is_column, is_frame
from pronghorn.data.host import host_array
from pronghorn.errors import ArgumentError, DataError, DtypeError

__all__ = [
    "NO_PLACE",
    "TermCounts",
    "batches_of",
    "by_rank",
    "checked_terms",
    "places_of",
    "read_terms",
    "terms_of",
    "write_terms",
]

Term = Any  # str or int
NO_PLACE = -2  # -1 is the place of a mask token that gets no column


def terms_of(values: Any, text: bool, what: str) -> np.ndarray:
    """Values as the terms of a vocabulary: `str` or int64, in their shape.

    Args:
        values: of any kind that holds text or whole numbers.
        text: whether the vocabulary is of text.
        what: what errors call the values.

    Raises:
        DtypeError: numbers for a vocabulary of text, and the other way round.
        DataError: numbers that are not whole; missing values.

    >>> terms_of([3.0, 4.0], False, "x")
    array([3, 4])
    """
    return checked_terms(host_array(values, what), text, what)


def checked_terms(array: np.ndarray, text: bool, what: str) -> np.ndarray:
    """The same for what `host_array` gave, which is not looked through again."""
    if array.dtype.kind == "O" or array.size == 0:
        if text or array.size == 0:
            return array.astype(object if text else np.int64, copy=False)
        raise _other_kind(what, "whole numbers", array, "StringLookup")
    if text:
        raise _other_kind(what, "text", array, "IntegerLookup, or .astype(str)")
    if array.dtype.kind == "f":
        bad = ~np.isfinite(array) | (array != np.floor(array))
        if bad.any():
            found = array[bad].ravel()[0].item()
            raise DataError(
                f"{what} is not all whole numbers.",
                where=what,
                expected="whole numbers",
                received=repr(found),
                remedy="fill in what is missing, or use layers.Discretization",
            )
    return array.astype(np.int64, copy=False)


def places_of(terms: np.ndarray, places: Mapping[Term, int]) -> np.ndarray:
    """Each term's place: int64, and `NO_PLACE` for terms that have none.

    Args:
        terms: of one axis, as `terms_of` gives them.
        places: {term: place}.

    >>> places_of(np.array([7, 3, 7]), {3: 0, 5: 1}).tolist()
    [-2, 0, -2]
    """
    if terms.dtype.kind == "O" or len(terms) < 2 * len(places) or not places:
        found = map(places.get, terms.tolist(), repeat(NO_PLACE))
        return np.fromiter(found, np.int64, len(terms))
    keys = np.fromiter(places, np.int64, len(places))
    values = np.fromiter(places.values(), np.int64, len(places))
    low, high = int(keys.min()), int(keys.max())
    if high - low < len(terms):  # years, codes: a table of all between
        table = np.full(high - low + 2, NO_PLACE)
        table[keys - low] = values
        beyond = (terms - low).view(np.uint64)  # below `low` is far above all
        return table[np.minimum(beyond, high - low + 1)]
    order = np.argsort(keys)
    at = np.searchsorted(keys, terms, sorter=order)
    at = order[np.minimum(at, len(keys) - 1)]
    return np.where(keys[at] == terms, values[at], NO_PLACE)


def _other_kind(what: str, expected: str, array: np.ndarray, use: str) -> DtypeError:
    return DtypeError(
        f"{what} is of another kind than the layer's vocabulary.",
        where=what,
        expected=expected,
        received=f"{array.ravel()[0]!r}, of dtype {array.dtype}",
        remedy=f"use {use}",
    )


def batches_of(data: Any) -> Iterable[Any] | None:
    """The batches of an iterable of them; None for an array, a list or a frame."""
    if isinstance(data, (list, tuple, str, bytes, np.ndarray)) or is_frame(data):
        return None
    if is_column(data) or hasattr(data, "__array__") or not hasattr(data, "__iter__"):
        return None
    batches: Iterable[Any] = data
    return batches


class TermCounts:
    """How often each term was seen, and in how many documents: rows of values."""

    def __init__(self) -> None:
        self.terms: Counter[Term] = Counter()
        self.documents: Counter[Term] = Counter()
        self.rows = 0

    def add(self, terms: np.ndarray, documents: bool) -> None:
        """Counts terms of shape (documents, ...); with `documents`, those too."""
        self.terms.update(terms.ravel().tolist())
        if documents:
            for row in terms:
                self.documents.update(set(row.ravel().tolist()))
            self.rows += len(terms)

    def without(self, *special: Term) -> None:
        """Forgets tokens that stand for something else."""
        for token in special:
            self.terms.pop(token, None)


def by_rank(counts: Counter[Term]) -> list[Term]:
    """The terms, the most frequent first; of equally many the greatest first.

    >>> by_rank(Counter(["a", "b", "c", "c"]))
    ['c', 'b', 'a']
    """
    return sorted(counts, key=lambda t: (counts[t], _order(t)), reverse=True)


def _order(term: Term) -> Any:
    if isinstance(term, str):  # as bytes are ordered
        return term.encode("utf-8", "surrogateescape")
    return term


def read_terms(path: str | os.PathLike[str], text: bool, encoding: str) -> list[Term]:
    """The lines of a file as terms.

    Args:
        path: of the file, with one term in each line.
        text: whether they are text, else whole numbers.
        encoding: of the file.

    Raises:
        ArgumentError: there is no such file, or a line that is no whole number.
    """
    if not os.path.isfile(path):
        raise ArgumentError(
            f"The vocabulary file {os.fspath(path)!r} does not exist.",
            where="vocabulary=",
            expected="a list of terms, or the path of a file with one in each line",
            received=repr(os.fspath(path)),
            remedy="check the path",
        )
    with open(path, encoding=encoding, errors="surrogateescape", newline="\n") as file:
        lines = file.read().replace("\r", "").split("\n")
    if lines[-1] == "":
        lines.pop()  # the end of the last line
    return [line if text else _whole(line, path, i) for i, line in enumerate(lines)]


def _whole(line: str, path: str | os.PathLike[str], number: int) -> int:
    try:
        return int(line)
    except ValueError:
        raise ArgumentError(
            "A line of the vocabulary file is no whole number.",
            where=f"{os.fspath(path)!r}, line {number + 1}",
            expected="a whole number in each line",
            received=repr(line),
            remedy="use StringLookup for text",
        ) from None


def write_terms(path: str, terms: Sequence[Term]) -> None:
    """Writes a term into each line of a file, as UTF-8.

    Raises:
        ArgumentError: a term with the end of a line in it, which would come back as
            two.
    """
    lines = [str(term) for term in terms]
    broken = next((t for t in lines if t and t.splitlines() != [t]), None)
    if broken is not None:
        raise ArgumentError(
            "A term of the vocabulary has several lines, and files hold one in each.",
            where=os.path.basename(path),
            expected="terms without ends of lines",
            received=repr(broken),
            remedy="give the vocabulary as vocabulary=[...], which is kept in the "
            "model's config",
        )
    with open(
        path, "w", encoding="utf-8", errors="surrogateescape", newline="\n"
    ) as file:
        file.write("\n".join(lines))
