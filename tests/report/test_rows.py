"""Tables, looked at as columns and handed on as they came."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pronghorn.data.raw import NumberColumn, TextColumn
from pronghorn.data.schema import ColumnSchema
from pronghorn.errors import DtypeError
from pronghorn.report.rows import as_rows, joint_codes, numbers_in, stacked

from .models import table

FRAME = pd.DataFrame(
    {
        "a": [1.5, np.nan, 3.0],
        "n": pd.array([1, None, 3], dtype="Int64"),
        "t": ["x", None, "y"],
        "b": [True, False, True],
        "d": pd.to_datetime(["2026-01-01", None, "2026-01-03"]),
        "c": pd.Categorical(["u", "v", None]),
        7: [1, 2, 3],
    },
    index=[5, 5, 9],
)


def test_a_frame_as_columns() -> None:
    raw = as_rows(FRAME, "holdout").raw
    assert raw.rows == 3
    assert {n: type(c) for n, c in raw.columns.items()} == {
        "a": NumberColumn,
        "n": NumberColumn,
        "t": TextColumn,
        "b": TextColumn,
        "d": TextColumn,
        "c": TextColumn,
        "7": NumberColumn,
    }
    assert raw.columns["n"].text() == ["1", "", "3"]
    assert raw.columns["b"].text() == ["true", "false", "true"]
    assert raw.columns["d"].text() == ["2026-01-01T00:00:00", "", "2026-01-03T00:00:00"]
    assert raw.columns["c"].text() == ["u", "v", ""]


def test_rows_of_a_frame_stay_a_frame() -> None:
    rows = as_rows(FRAME, "holdout").take(np.array([2, 0, 2]))
    assert rows.given["t"].tolist() == rows.raw.columns["t"].text() == ["y", "x", "y"]
    assert len(rows) == 3


@pytest.mark.parametrize("kind", ["frame", "raw"])
def test_one_column_in_another_order(kind: str) -> None:
    rows = as_rows(FRAME, "holdout")
    if kind == "raw":
        rows = as_rows(rows.raw, "holdout")
    shuffled = rows.with_order("a", np.array([2, 0, 1]))
    assert shuffled.raw.columns["a"].text() == ["3", "1.5", ""]
    assert shuffled.raw.columns["t"].text() == ["x", "", "y"]
    given = shuffled.given
    if kind == "frame":
        np.testing.assert_array_equal(given["a"], [3.0, 1.5, np.nan])
        assert given["a"].dtype == FRAME["a"].dtype
        assert list(given.columns) == [str(name) for name in FRAME.columns]
    else:
        assert given is shuffled.raw
    assert rows.raw.columns["a"].text() == ["1.5", "", "3"], "the first stays"


def test_something_else_is_refused() -> None:
    with pytest.raises(DtypeError, match="pandas"):
        as_rows([[1, 2]], "holdout")


def test_dates_are_days() -> None:
    column = table(d=["1970-01-02", None, "1970-01-11"]).columns["d"]
    days = numbers_in(ColumnSchema("d", "date", date_format="iso"), column)
    np.testing.assert_array_equal(days, [1.0, np.nan, 10.0])
    assert numbers_in(ColumnSchema("d", "categorical"), column) is None


def test_joint_codes_are_equal_where_values_are() -> None:
    a, b = [1.0, np.nan, 3.0, 1.0], [3.0, 5.0, np.nan]
    for first, second in (
        (table(x=a), table(x=b)),
        (table(x=["1", None, "3", "1"]), table(x=["3", "5", None])),
        (table(x=["1", None, "3", "1"]), table(x=b)),
    ):
        one, two, count = joint_codes(first.columns["x"], second.columns["x"])
        both = [*one.tolist(), *two.tolist()]
        values = ["1", "-", "3", "1", "3", "5", "-"]
        pairs = set(zip(both, values, strict=True))
        assert len(pairs) == len(set(both)) == len(set(values))
        assert count > max(both)


def test_stacked_rows() -> None:
    made = stacked(table(a=[1.0], b=["x"], c=[1.0]), table(b=[None, "y"], a=[2.0, 3.0]))
    assert list(made.columns) == ["a", "b"] and made.rows == 3
    assert made.columns["a"].text() == ["1", "2", "3"]
    assert made.columns["b"].text() == ["x", "", "y"]
