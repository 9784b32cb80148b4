"""The categories of a column, of many of them in little more than their letters."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

import numpy as np

__all__ = ["FEW", "Finder", "Levels", "Places", "packed", "places_of"]

FEW = 1_000
"""So many texts stay a tuple, and are found by a dict, which is the fastest."""


class Levels(Sequence[str]):
    """Texts that lie side by side in one buffer, as Apache Arrow keeps them.

    Python takes some 70 bytes for a text of ten letters in a tuple; here it takes 14. A
    slice without steps shares the buffer.

    Args:
        texts: what to keep, in this order.

    >>> levels = Levels(["N", "Q", "Größe"])
    >>> levels[1], list(levels[1:]), levels == ("N", "Q", "Größe")
    ('Q', ['Q', 'Größe'], True)
    """

    __slots__ = ("_at", "_ends", "_letters")

    def __init__(self, texts: Iterable[str]) -> None:
        letters, ends = bytearray(), array("q", [0])
        for text in texts:
            letters += _letters(text)
            ends.append(len(letters))
        kind = np.int32 if len(letters) <= np.iinfo(np.int32).max else np.int64
        self._keep(bytes(letters), np.array(ends, kind))

    def _keep(self, letters: bytes, ends: np.ndarray) -> None:
        self._letters, self._ends = letters, ends
        self._at = ends.data  # of the two the quicker for one number

    @classmethod
    def _of(cls, letters: bytes, ends: np.ndarray) -> Levels:
        made = cls.__new__(cls)
        made._keep(letters, ends)
        return made

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> Levels: ...

    def __getitem__(self, index: int | slice) -> str | Levels:
        """One text, or some of them."""
        size = len(self)
        if isinstance(index, slice):
            start, stop, step = index.indices(size)
            if step != 1:
                return Levels(self[i] for i in range(start, stop, step))
            return self._of(self._letters, self._ends[start : max(start, stop) + 1])
        place = index + size if index < 0 else index
        if not 0 <= place < size:
            raise IndexError(f"text {index} of {size}")
        return self.letters(place).decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        return (self[i] for i in range(len(self)))

    def letters(self, place: int) -> bytes:
        """The text of this number, counted from 0, in UTF-8."""
        return self._letters[self._at[place] : self._at[place + 1]]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Levels):
            return (
                len(self) == len(other)
                and bool((np.diff(self._ends) == np.diff(other._ends)).all())
                and self._all() == other._all()
            )
        if isinstance(other, (tuple, list)):
            return len(self) == len(other) and all(map(str.__eq__, self, other))
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # equal to lists, which have none

    def _all(self) -> bytes:
        return self._letters[self._at[0] : self._at[len(self)]]

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self[:3]))
        return f"<{len(self):,} texts: {shown}{', ...' if len(self) > 3 else ''}>"

    def __deepcopy__(self, memo: Any) -> Levels:
        return self  # nothing in it changes

    def __reduce__(self) -> tuple[Any, ...]:
        return Levels._of, (self._all(), self._ends - self._ends[0])


class Finder:
    """Where a text stands among many: a table of hashes instead of a dict.

    The numbers of the texts lie sorted by some bits of their hashes, one or two to each
    value of these, and beside them where each value begins: 6 to 8 bytes a text, where
    a dict takes 80. What it finds was compared letter by letter, so hashes that are
    equal by chance do no harm.

    Args:
        levels: the texts.
        first: the id of the first of them; the others follow.

    >>> finder = Finder(Levels(["N", "Q"]), 2)
    >>> finder.get("Q"), finder.get("R")
    (3, None)
    """

    __slots__ = ("_begin", "_bits", "_first", "_levels", "_order")

    def __init__(self, levels: Levels, first: int = 0) -> None:
        count = len(levels)
        self._levels, self._first = levels, first
        self._bits = (1 << max(count.bit_length() - 1, 0)) - 1
        hashes = (hash(text) & self._bits for text in levels)
        short = np.fromiter(hashes, np.int32, count)
        order = np.argsort(short, kind="stable").astype(np.int32)
        ends = np.cumsum(np.bincount(short, minlength=self._bits + 1))
        self._order = order.data
        self._begin = np.array([0, *ends], np.int32).data

    def get(self, text: str) -> int | None:
        """The id of a text; None where there is no such."""
        bits = hash(text) & self._bits
        begin, letters = self._begin, self._levels.letters
        for place in self._order[begin[bits] : begin[bits + 1]]:
            if letters(place) == _letters(text):
                return place + self._first
        return None


Places = dict[str, int] | Finder
"""Both have a `get`."""


def packed(texts: Sequence[str]) -> Sequence[str]:
    """A tuple of few texts; of many `Levels`.

    >>> packed(["a"]), packed([str(i) for i in range(5000)])
    (('a',), <5,000 texts: '0', '1', '2', ...>)
    """
    if isinstance(texts, Levels):
        return texts
    return tuple(texts) if len(texts) <= FEW else Levels(texts)


def places_of(texts: Sequence[str], first: int = 0) -> Places:
    """The id of each text, by `get`: a number from `first` on, in their order.

    >>> places_of(["N", "Q"], 2).get("Q")
    3
    """
    texts = packed(texts)
    if isinstance(texts, Levels):
        return Finder(texts, first)
    return {text: first + i for i, text in enumerate(texts)}


def _letters(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
