"""The lesson's table, or another one, and what the page says of it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from pronghorn.errors import ArgumentError, DownloadError
from pronghorn.learn import tables


@pytest.fixture(autouse=True)
def load(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only `there` can be had."""

    def found(name: str) -> Any:
        if name != "there":
            raise DownloadError(f"{name} is nowhere\nmore lines")
        return pd.DataFrame({"x": range(1200)})

    monkeypatch.setattr(tables, "load", found)


def made() -> Any:
    """Rows from a formula.

    More of it.
    """
    return pd.DataFrame({"x": [1]})


def test_the_wanted_one() -> None:
    found = tables.table("there", instead=made)
    assert found.wanted and found.name == "there"
    assert found.note == "The table is 'there': 1,200 rows."


def test_a_made_one_is_labelled() -> None:
    found = tables.table("gone", instead=made)
    assert not found.wanted and found.name == "made" and len(found.frame) == 1
    assert "gone is nowhere" in found.note and "more lines" not in found.note
    assert found.note.endswith("In its place: MADE UP DATA. Rows from a formula.")


def test_another_real_one() -> None:
    found = tables.table("gone", instead="there")
    assert not found.wanted and found.name == "there"
    assert found.note.endswith("In its place: 'there', 1,200 rows.")


def test_neither() -> None:
    with pytest.raises(ArgumentError, match="neither 'gone' nor 'lost'"):
        tables.table("gone", instead="lost")
