"""The lesson's table, or another one, and what the page says of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
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


def homes() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    area = rng.normal(80, 20, 60).round(1)
    return pd.DataFrame({"city": "Köln", "area": area, "price": 3000 * area + 0.5})


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"sep": ";", "decimal": ","},
        {"encoding": "cp1252"},
        {"encoding": "utf-8-sig"},
    ],
)
def test_a_table_of_ones_own(tmp_path: Path, how: dict[str, Any]) -> None:
    homes().to_csv(tmp_path / "homes.csv", index=False, **how)
    found = tables.read_own(f' "{tmp_path / "homes.csv"}" ')
    pd.testing.assert_frame_equal(found, homes(), check_dtype=False)


def test_a_path_may_begin_at_home_or_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    homes().to_csv(tmp_path / "homes.csv", index=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert len(tables.read_own("~/homes.csv")) == 60
    monkeypatch.chdir(tmp_path)
    assert len(tables.read_own("homes.csv")) == 60


def test_what_is_wrong_with_a_file_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "ragged.csv").write_text("a,b\n1,2\n1,2,3,4\n")
    for path, words in (
        ("gone.csv", str(tmp_path)),
        (".", "a folder"),
        ("empty.csv", "an empty file"),
        ("ragged.csv", "Expected 2 fields"),
    ):
        with pytest.raises(ArgumentError) as caught:
            tables.read_own(path)
        assert words in str(caught.value)


def test_numbers_of_a_table_with_text_and_holes() -> None:
    frame = homes().assign(empty=np.nan)
    frame.loc[:9, "area"] = np.nan
    x, y, left_out = tables.numbers_of(frame, "price")
    assert list(x.columns) == ["area"] and len(x) == len(y) == 50
    assert left_out == ["city", "empty"]


@pytest.mark.parametrize(
    ("frame", "target", "words"),
    [
        (homes(), "Price", "one of: city, area, price"),
        (homes(), "city", "'Köln', for instance"),
        (homes()[["city", "price"]], "price", "no other column"),
        (homes()[:5], "price", "left: 5"),
        (homes()[:0], "price", "empty cells"),
        (
            homes().assign(area=[np.nan] * 50 + [1.0] * 10),
            "price",
            "most holes are in 'area', 50",
        ),
        (homes().assign(price=None), "price", "empty cells"),
    ],
)
def test_a_table_that_does_not_do(frame: Any, target: str, words: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        tables.numbers_of(frame, target)
    assert words in str(caught.value)
