"""What is asked of tables and their columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pronghorn.data.schema import ColumnSchema
from pronghorn.data.tables import raw_table
from pronghorn.errors import DataError
from pronghorn.report.tables import (
    as_table,
    joint_codes,
    numbers_in,
    stacked,
    with_order,
)

from .models import table

FRAME = pd.DataFrame({"a": [1.5, np.nan, 3.0], "t": ["x", None, "y"], "y": [1, 2, 3]})


def test_a_table_with_its_target() -> None:
    for given in (FRAME, (FRAME.drop(columns="y"), FRAME["y"]), raw_table(FRAME)):
        made = as_table(given, "y", "holdout")
        assert list(made.columns) == ["a", "t", "y"]
        assert made.column("y").text() == ["1", "2", "3"]
    text = as_table((FRAME, ["u", "v", "w"]), "y", "holdout")
    assert text.column("y").text() == ["u", "v", "w"]


def test_a_table_without_it() -> None:
    with pytest.raises(DataError, match="no column named 'z'"):
        as_table(FRAME, "z", "holdout")
    with pytest.raises(DataError, match="differ in their rows"):
        as_table((FRAME, [1, 2]), "y", "holdout")


def test_one_column_in_another_order() -> None:
    rows = raw_table(FRAME)
    shuffled = with_order(rows, "a", np.array([2, 0, 1]))
    assert shuffled.columns["a"].text() == ["3", "1.5", ""]
    assert shuffled.columns["t"].text() == ["x", "", "y"]
    assert rows.columns["a"].text() == ["1.5", "", "3"], "the first stays"


def test_dates_are_days() -> None:
    column = table(d=["1970-01-02", None, "1970-01-11"]).columns["d"]
    days = numbers_in(ColumnSchema("d", "date", date_format="iso"), column)
    np.testing.assert_array_equal(days, [1.0, np.nan, 10.0])
    assert numbers_in(ColumnSchema("d", "categorical"), column) is None
    numbers = table(d=[1.0, 2.0]).columns["d"]
    assert numbers_in(ColumnSchema("d", "boolean"), numbers) is None


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
        assert count > max(both) and one.dtype == np.int64


def test_stacked_rows() -> None:
    made = stacked(table(a=[1.0], b=["x"], c=[1.0]), table(b=[None, "y"], a=[2.0, 3.0]))
    assert list(made.columns) == ["a", "b"] and made.rows == 3
    assert made.columns["a"].text() == ["1", "2", "3"]
    assert made.columns["b"].text() == ["x", "", "y"]
