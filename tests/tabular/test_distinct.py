"""The different rows of a table: found, and in an order of their own."""

from __future__ import annotations

import numpy as np
import pytest

from pronghorn.data.raw import NumberColumn, RawTable, text_column
from pronghorn.data.tables import raw_table
from pronghorn.tabular import distinct
from pronghorn.tabular.distinct import distinct_rows, sorted_levels

RNG = np.random.default_rng(0)
TABLE = raw_table(
    {
        "size": [1.0, 0.0, 1.0, np.nan, -0.0, np.nan, 1.0],
        "color": ["red", "blue", "red", None, "blue", None, "blue"],
    }
)
Y = np.array([1, 2, 1, 3, 2, 3, 1])
NAMES = ["size", "color"]


def test_equal_rows_are_one_whatever_spells_them_alike() -> None:
    found = distinct_rows(TABLE, Y, np.arange(7), NAMES)
    assert sorted(found.first.tolist()) == [0, 1, 3, 6]
    same = {(int(a), int(b)) for a in range(7) for b in range(7)}
    same = {(a, b) for a, b in same if found.place[a] == found.place[b] and a < b}
    assert same == {(0, 2), (1, 4), (3, 5)}
    np.testing.assert_array_equal(found.place[found.first], np.arange(4))


def test_rows_of_another_target_are_others() -> None:
    assert len(distinct_rows(TABLE, np.arange(7), np.arange(7), NAMES).first) == 7


def test_only_the_rows_and_columns_asked_for_are_looked_at() -> None:
    found = distinct_rows(TABLE, Y, np.array([6, 0, 2]), NAMES)
    assert sorted(found.first.tolist()) == [0, 6]
    assert found.place[1] == found.place[2] != found.place[0]
    assert len(distinct_rows(TABLE, Y, np.arange(7), ["size"]).first) == 3


def test_the_order_follows_from_what_the_rows_hold() -> None:
    order = RNG.permutation(7)
    color = TABLE.columns["color"].text()
    moved = RawTable(
        {
            "size": NumberColumn("size", TABLE.columns["size"].take(order).values),
            "color": text_column("color", [color[i] or None for i in order]),
        },
        7,
    )
    first = distinct_rows(TABLE, Y, np.arange(7), NAMES).first
    other = distinct_rows(moved, Y[order], np.arange(7), NAMES).first
    assert Y[first].tolist() == Y[order][other].tolist()
    for name in NAMES:
        texts = [t.lstrip("-") for t in TABLE.columns[name].take(first).text()]
        others = moved.columns[name].take(other).text()
        assert texts == [t.lstrip("-") for t in others]  # 0 or -0


def test_rows_of_equal_hashes_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    zeros = np.zeros(7, np.uint64)
    monkeypatch.setattr(distinct, "_hashes", lambda parts, rows: zeros[: len(rows)])
    rows = np.array([0, 2, 1, 4])
    found = distinct_rows(TABLE, Y, rows, NAMES)
    assert found.first.tolist() == [0, 1]
    assert found.place.tolist() == [0, 0, 1, 1]


def test_many_rows_are_hashed_by_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    table = raw_table(RNG.integers(0, 5, (200, 3)).astype(float))
    y = RNG.integers(0, 2, 200)
    whole = distinct_rows(table, y, np.arange(200), ["0", "1", "2"])
    monkeypatch.setattr(distinct, "BLOCK", 7)
    parts = distinct_rows(table, y, np.arange(200), ["0", "1", "2"])
    np.testing.assert_array_equal(whole.first, parts.first)
    rows = {(*map(float, x), int(t)) for x, t in zip(_matrix(table), y)}
    assert len(whole.first) == len(rows)


def _matrix(table: RawTable) -> np.ndarray:
    return np.stack([table.columns[name].values for name in ("0", "1", "2")], axis=1)


def test_levels_are_sorted_and_numbers_left_alone() -> None:
    column = text_column("a", ["b", None, "a", "b"])
    found = sorted_levels(column)
    assert found.levels == ("a", "b") and found.text() == column.text()
    assert sorted_levels(found) is found
    number = NumberColumn("n", np.zeros(2))
    assert sorted_levels(number) is number
