"""A lesson's table: the real one where it can be had, else one that is always there.

found = table("red-wine", instead="sklearn/diabetes")
found.frame, found.note
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pronghorn.datasets import load
from pronghorn.errors import ArgumentError, PronghornError

__all__ = ["Table", "table"]

Made = Callable[[], Any]


@dataclass(frozen=True)
class Table:
    """A table and where it is from.

    Attributes:
        frame: a pandas DataFrame.
        name: the set's name, as `pronghorn.datasets.load` knows it, or `made`.
        note: one sentence for the page: which table it shows, and why.
        wanted: whether it is the one that the lesson speaks of.
    """

    frame: Any
    name: str
    note: str
    wanted: bool


def table(name: str, *, instead: str | Made) -> Table:
    """The table `name`, or where it cannot be had, another.

    Args:
        name: as `pronghorn.datasets.load` knows it.
        instead: a set that is always there (inside scikit-learn), or a function that
            makes a table; its docstring's first line says what it makes.

    Raises:
        ArgumentError: if neither is to be had.
    """
    try:
        frame = load(name)
    except PronghornError as error:
        why = str(error).splitlines()[0]
    else:
        return Table(frame, name, f"The table is {name!r}: {len(frame):,} rows.", True)
    missing = f"The table {name!r} is not on this machine ({why})."
    if callable(instead):
        said = (instead.__doc__ or "made up").strip().splitlines()[0].rstrip(".")
        return Table(
            instead(), "made", f"{missing} In its place: MADE UP DATA. {said}.", False
        )
    try:
        frame = load(instead)
    except PronghornError as error:
        raise ArgumentError(
            f"table: neither {name!r} nor {instead!r} is to be had",
            received=str(error).splitlines()[0],
            remedy="pip install 'pronghorn[learn]', which brings scikit-learn's tables",
        ) from error
    note = f"{missing} In its place: {instead!r}, {len(frame):,} rows."
    return Table(frame, instead, note, False)
