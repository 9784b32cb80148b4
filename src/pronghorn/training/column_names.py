"""The names of the columns that a model was trained with."""

from __future__ import annotations

import json
from typing import Any

from pronghorn.errors import FileFormatError

__all__ = ["Columns"]

_COLUMNS = "columns.json"  # a member of the file, in its folder pronghorn/


class Columns:
    """Mixin of `Trainer`: a frame's names of columns, kept in the model's file."""

    _columns: list[tuple[str, ...] | None]

    def _remember_columns(self, columns: list[tuple[str, ...] | None]) -> None:
        """Keeps the names of a frame's columns, in the model and in its file."""
        self._columns = columns
        members = dict(getattr(self, "_pronghorn_members", None) or {})
        members.pop(_COLUMNS, None)
        if any(columns):
            members[_COLUMNS] = json.dumps(columns).encode()
        self._pronghorn_members = members

    def _known_columns(self) -> list[tuple[str, ...] | None]:
        """The names that the model was trained with; a loaded model has its file's."""
        members = getattr(self, "_pronghorn_members", None) or {}
        if not self._columns and _COLUMNS in members:
            self._columns = _parse_columns(members[_COLUMNS])
        return self._columns


def _parse_columns(text: bytes) -> list[tuple[str, ...] | None]:
    try:
        listed = json.loads(text)
    except ValueError:
        listed = None
    names = [c for c in listed if c is not None] if isinstance(listed, list) else [0]
    if not all(isinstance(c, list) and all(map(_is_text, c)) for c in names):
        raise FileFormatError(
            "The names of the columns in the model's file cannot be read.",
            where=f"member pronghorn/{_COLUMNS}",
            expected="a list with a list of names, or null, for each input",
            received=repr(text[:80]),
            remedy="train the model again, and save it",
        )
    return [None if c is None else tuple(c) for c in listed]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
