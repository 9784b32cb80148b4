"""Every library's table is the same table once it is read."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings

from pronghorn import datasets
from pronghorn.data.infer import infer_columns, target_numbers
from pronghorn.data.raw import (
    DateColumn,
    NumberColumn,
    RawColumn,
    RawTable,
    TextColumn,
    joined,
)
from pronghorn.data.reader import read_table
from pronghorn.data.tables import OpenTable, raw_table
from pronghorn.errors import ArgumentError, DataError, DtypeError, ShapeError

Columns = dict[str, list[Any]]
TYPES = {
    "float": (pl.Float64, pa.float64(), "float64"),
    "int": (pl.Int64, pa.int64(), "Int64"),
    "bool": (pl.Boolean, pa.bool_(), "boolean"),
    "text": (pl.String, pa.string(), "string"),
    "date": (pl.Datetime("us"), pa.timestamp("us"), "datetime64[us]"),
}
SOURCES: dict[str, Callable[[Columns], Any]] = {
    "dict": lambda c: c,
    "list of dicts": lambda c: [dict(zip(c, row)) for row in zip(*c.values())],
    "rows of one dtype": lambda c: pd.DataFrame(c, dtype=object),
    "structured": lambda c: np.array(
        list(zip(*c.values())), dtype=[(name, object) for name in c]
    ),
    "pandas": lambda c: pd.DataFrame(
        {n: pd.Series(v, dtype=TYPES[n][2]) for n, v in c.items()}
    ),
    "pandas, Arrow": lambda c: pd.DataFrame(
        {n: pd.Series(v, dtype=pd.ArrowDtype(TYPES[n][1])) for n, v in c.items()}
    ),
    "polars": lambda c: pl.DataFrame(c, schema={n: TYPES[n][0] for n in c}),
    "arrow": lambda c: pa.table({n: pa.array(v, TYPES[n][1]) for n, v in c.items()}),
    "batch": lambda c: SOURCES["arrow"](c).to_batches()[0],
    "protocol": lambda c: OnlyProtocol(SOURCES["arrow"](c)),
}


class OnlyProtocol:
    """A frame of a library that nobody has heard of."""

    def __init__(self, table: Any) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.table.__arrow_c_stream__(requested_schema)


def same(one: RawTable, other: RawTable, rtol: float = 0.0) -> None:
    assert list(one.columns) == list(other.columns) and one.rows == other.rows
    for name, column in one.columns.items():
        same_column(column, other.columns[name], rtol)


def same_column(one: RawColumn, other: RawColumn, rtol: float) -> None:
    assert type(one) is type(other), (one, other)
    if isinstance(one, TextColumn) and isinstance(other, TextColumn):
        assert one.levels == other.levels
        assert one.codes.dtype == other.codes.dtype == np.int32
        np.testing.assert_array_equal(one.codes, other.codes)
    else:
        assert not isinstance(one, TextColumn) and not isinstance(other, TextColumn)
        assert one.values.dtype == other.values.dtype == np.float64
        np.testing.assert_allclose(one.values, other.values, rtol=rtol, atol=0)


MOMENTS = st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1))
CELLS = {
    "float": st.none() | st.floats(allow_nan=False, width=64),
    "int": st.none() | st.integers(-(2**53), 2**53),
    "bool": st.none() | st.booleans(),
    "text": st.none() | st.sampled_from(["x", " y", "y ", "", "NA", "1", "é", "  "]),
    "date": st.none() | MOMENTS | st.just(datetime(2024, 2, 29)),
}


@st.composite
def tables(draw: st.DrawFn) -> Columns:
    rows = draw(st.integers(1, 6))
    return {
        name: draw(st.lists(cells, min_size=rows, max_size=rows))
        for name, cells in CELLS.items()
    }


@settings(max_examples=60, deadline=None)
@given(tables())
def test_every_source_gives_the_same_table(columns: Columns) -> None:
    expected = raw_table(columns)
    for make in SOURCES.values():
        same(expected, raw_table(make(columns)))


EXAMPLE: Columns = {
    "float": [1.5, None, -3.0],
    "int": [1, None, 2**53],
    "bool": [True, None, False],
    "text": [" b", None, "a"],
    "date": [datetime(1970, 1, 2, 12), None, datetime(2024, 2, 29)],
}


@pytest.mark.parametrize("source", SOURCES)
def test_what_a_table_is_read_as(source: str) -> None:
    table = raw_table(SOURCES[source](EXAMPLE))
    assert table.rows == 3 and table.source == "the table"
    assert [type(column) for column in table.columns.values()] == [
        NumberColumn,
        NumberColumn,
        TextColumn,
        TextColumn,
        DateColumn,
    ]
    assert [column.text() for column in table.columns.values()] == [
        ["1.5", "", "-3"],
        ["1", "", "9.00719925474099e+15"],
        ["true", "", "false"],
        ["b", "", "a"],
        ["1970-01-02T12:00:00", "", "2024-02-29"],
    ]


@pytest.mark.parametrize("source", SOURCES)
def test_as_text_keeps_what_the_table_holds(source: str) -> None:
    table = raw_table(SOURCES[source](EXAMPLE), as_text=list(EXAMPLE))
    assert [column.text() for column in table.columns.values()] == [
        ["1.5", "", "-3"],
        ["1", "", "9007199254740992"],
        ["true", "", "false"],
        [" b", "", "a"],
        ["1970-01-02T12:00:00", "", "2024-02-29"],
    ]
    assert all(isinstance(column, TextColumn) for column in table.columns.values())


def only(data: Any, **options: Any) -> RawColumn:
    return next(iter(raw_table(data, **options).columns.values()))


BERLIN = ["2024-01-01 12:00", None]
COLUMNS: dict[str, tuple[Any, list[str]]] = {
    "category": (
        pd.DataFrame({"a": pd.Categorical(["x", None, "y"], ["q", "y", "x"])}),
        ["x", "", "y"],
    ),
    "category of numbers": (
        pd.DataFrame({"a": pd.Categorical([3, None, 1.5])}),
        ["3", "", "1.5"],
    ),
    "category of bools": (
        pd.DataFrame({"a": pd.Categorical([True, None, False])}),
        ["true", "", "false"],
    ),
    "category of dates": (
        pd.DataFrame({"a": pd.Categorical(pd.to_datetime(["2024-02-29", None]))}),
        ["2024-02-29", ""],
    ),
    "time zone": (
        pd.DataFrame({"a": pd.to_datetime(BERLIN).tz_localize("Europe/Berlin")}),
        ["2024-01-01T11:00:00", ""],
    ),
    "time zone, Arrow": (
        pa.table(
            {
                "a": pa.array(
                    [datetime(2024, 1, 1), None], pa.timestamp("ns", "Asia/Tokyo")
                )
            }
        ),
        ["2024-01-01", ""],
    ),
    "time zone, polars": (
        pl.DataFrame({"a": [datetime(2024, 1, 1, tzinfo=UTC), None]}),
        ["2024-01-01", ""],
    ),
    "time zone, Python": (
        {"a": [datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=1)))]},
        ["2023-12-31T23:00:00"],
    ),
    "days": ({"a": [date(2024, 2, 29), None]}, ["2024-02-29", ""]),
    "days, polars": (
        pl.DataFrame({"a": [date(2024, 2, 29), None]}),
        ["2024-02-29", ""],
    ),
    "days, Arrow": (pa.table({"a": [date(1969, 12, 31), None]}), ["1969-12-31", ""]),
    "days, NumPy": ({"a": np.array(["2024-02", "NaT"], "M8[M]")}, ["2024-02-01", ""]),
    "periods": (
        pd.DataFrame({"a": pd.period_range("2024-02", periods=2, freq="M")}),
        ["2024-02-01", "2024-03-01"],
    ),
    "durations": ({"a": [timedelta(minutes=1), None]}, ["60", ""]),
    "durations, pandas": (
        pd.DataFrame({"a": pd.to_timedelta([60, None], "s")}),
        ["60", ""],
    ),
    "durations, polars": (
        pl.DataFrame({"a": [timedelta(minutes=1), None]}),
        ["60", ""],
    ),
    "durations, Arrow": (pa.table({"a": [timedelta(minutes=1), None]}), ["60", ""]),
    "times": ({"a": [time(0, 1, 0, 500_000), None]}, ["60.5", ""]),
    "times, polars": (pl.DataFrame({"a": [time(0, 1), None]}), ["60", ""]),
    "times, Arrow": (pa.table({"a": [time(0, 1), None]}), ["60", ""]),
    "decimals": ({"a": [Decimal("1.5"), None]}, ["1.5", ""]),
    "decimals, Arrow": (pa.table({"a": [Decimal("1.5"), None]}), ["1.5", ""]),
    "decimals, polars": (pl.DataFrame({"a": [Decimal("1.5"), None]}), ["1.5", ""]),
    "bytes": ({"a": np.array([b"x", b"y"])}, ["x", "y"]),
    "bytes, Arrow": (pa.table({"a": [b"x", None]}), ["x", ""]),
    "masked": ({"a": np.ma.masked_array([1, 2], [True, False])}, ["", "2"]),
    "masked text": ({"a": np.ma.masked_array(["x", "y"], [True, False])}, ["", "y"]),
    "masked bools": (
        {"a": np.ma.masked_array([True, True], [True, False])},
        ["", "true"],
    ),
    "sparse": (pd.DataFrame({"a": pd.arrays.SparseArray([0, 2])}), ["0", "2"]),
    "intervals": (pd.DataFrame({"a": pd.cut([1, 2], [0, 1, 2])}), ["(0, 1]", "(1, 2]"]),
    "identifiers": ({"a": [UUID(int=1), None]}, [str(UUID(int=1)), ""]),
    "mixed": (
        pd.DataFrame({"a": ["x", 1, 2.5, True, pd.NA, pd.NaT, date(2024, 2, 29)]}),
        ["x", "1", "2.5", "true", "", "", "2024-02-29"],
    ),
    "text, Python's": (
        pd.DataFrame({"a": pd.array(["x", None], "string[python]")}),
        ["x", ""],
    ),
    "text, views": (
        pa.table({"a": pa.array(["x", None], pa.string_view())}),
        ["x", ""],
    ),
    "text, fixed": (np.array([["x"], [" "]]), ["x", ""]),
    "dictionary": (
        pa.table({"a": pa.array(["x", None]).dictionary_encode()}),
        ["x", ""],
    ),
    "chunks": (
        pa.chunked_array([["x"], ["y", "x"]]).dictionary_encode(),
        ["x", "y", "x"],
    ),
    "categories, polars": (
        pl.DataFrame({"a": pl.Series(["x", None], dtype=pl.Categorical)}),
        ["x", ""],
    ),
    "enum, polars": (
        pl.DataFrame({"a": pl.Series(["x", None], dtype=pl.Enum(["y", "x"]))}),
        ["x", ""],
    ),
    "objects, polars": (
        pl.DataFrame({"a": pl.Series([Decimal(1), None], dtype=pl.Object)}),
        ["1", ""],
    ),
    "no values": ({"a": [None, float("nan")]}, ["", ""]),
    "numerals are text": ({"a": ["1", "2.0"]}, ["1", "2.0"]),
    "NA is text": ({"a": ["NA", "?", "None"]}, ["NA", "?", "None"]),
    "NumPy's numbers": ({"a": [np.float32(1.5), np.int8(2)]}, ["1.5", "2"]),
    "arrays of no axis": ({"a": np.array(1.5), "b": "x"}, ["1.5"]),
    "halves": ({"a": np.array([1.5], np.float16)}, ["1.5"]),
    "large": ({"a": np.array([2**64 - 1], np.uint64)}, ["1.84467440737096e+19"]),
}


@pytest.mark.parametrize("case", COLUMNS)
def test_columns(case: str) -> None:
    data, expected = COLUMNS[case]
    if isinstance(data, pa.ChunkedArray):
        data = pa.table({"a": data})
    column = only(data)
    assert column.text() == expected
    assert column.missing.tolist() == [not text for text in expected]


def test_no_value_at_all_is_text_without_levels() -> None:
    nothing = [
        {"a": [None, None]},
        {"a": np.array([np.nan, np.nan])},
        {"a": np.array(["NaT", "NaT"], "M8[s]")},
        pl.DataFrame({"a": [None, None]}),
        pa.table({"a": pa.nulls(2)}),
        pd.DataFrame({"a": pd.array([None, None], "Int64")}),
    ]
    for data in nothing:
        column = only(data)
        assert isinstance(column, TextColumn) and column.levels == ()
        assert column.text() == ["", ""]


def test_levels_come_in_order_of_first_appearance() -> None:
    texts = ["q", "b", "q", "a", "b"]
    for data in (
        pd.DataFrame({"a": pd.Categorical(texts)}),
        pa.table(
            {"a": pa.DictionaryArray.from_arrays([2, 1, 2, 0, 1], ["a", "b", "q"])}
        ),
        pl.DataFrame({"a": texts}),
    ):
        column = only(data)
        assert isinstance(column, TextColumn) and column.levels == ("q", "b", "a")
        assert column.codes.tolist() == [0, 1, 0, 2, 1]


def test_levels_that_differ_in_blanks_alone_are_one() -> None:
    column = only({"a": ["x ", "y", "x", " "]})
    assert isinstance(column, TextColumn)
    assert column.levels == ("x", "y") and column.codes.tolist() == [0, 1, 0, -1]


def test_labels_that_are_no_text_become_text() -> None:
    frame = pd.DataFrame([[1, 2]], columns=[0, ("a", "b")])
    assert list(raw_table(frame).columns) == ["0", "('a', 'b')"]


def test_one_row() -> None:
    frame = pd.DataFrame({"n": [1.5], "t": ["x"], "d": [pd.Timestamp("2024-02-29")]})
    expected = raw_table(frame)
    same(expected, raw_table(frame.iloc[0]))
    same(expected, raw_table({"n": 1.5, "t": "x", "d": datetime(2024, 2, 29)}))


def test_rows_that_lack_a_key_have_no_value_there() -> None:
    table = raw_table([{"a": 1}, {"b": "x"}])
    assert table.column("a").text() == ["1", ""]
    assert table.column("b").text() == ["", "x"]


def test_arrays() -> None:
    table = raw_table(np.array([[1, 2], [3, 4]]))
    assert list(table.columns) == ["0", "1"]
    assert table.column("1").text() == ["2", "4"]
    named = raw_table(np.array([[True], [False]]), names=["yes"])
    assert named.column("yes").text() == ["true", "false"]
    mixed = raw_table([[1, "x"], [None, "y"]])
    assert mixed.column("0").text() == ["1", ""]
    assert mixed.column("1").text() == ["x", "y"]


def test_a_raw_table_is_itself() -> None:
    table = raw_table({"a": [1]})
    assert raw_table(table) is table


BAD: dict[str, tuple[Any, type[Exception], str]] = {
    "a list in a cell": (
        {"n": [1, 2], "a": [1, [2]]},
        DataError,
        r"'a'[\s\S]*row 1 [\s\S]*\[2\] \(list\)",
    ),
    "a list, polars": (pl.DataFrame({"a": [[1]]}), DataError, r"'a'[\s\S]*row 0"),
    "a struct, Arrow": (
        pa.table({"a": [None, {"x": 1}]}),
        DataError,
        r"row 1 [\s\S]*'x'",
    ),
    "a matrix as a column": ({"a": np.eye(2)}, DataError, r"'a'[\s\S]*row 0"),
    "complex": ({"a": [1j]}, DataError, r"complex"),
    "complex, NumPy": (np.array([[1j]]), DataError, r"complex"),
    "no UTF-8": ({"a": [b"x", b"\xff"]}, DataError, r"row 1 [\s\S]*xff"),
    "too large": ({"a": [1, 10**400]}, DataError, r"row 1 [\s\S]*100000"),
    "an object": ({"a": [None, object()]}, DataError, r"row 1"),
    "names twice": (
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        DataError,
        r"more than one column named 'a'",
    ),
    "names alike": (
        pd.DataFrame([[1, 2]], columns=[1, "1"]),
        DataError,
        r"more than one column named '1'",
    ),
    "keys alike": ([{1: 2, "1": 3}], DataError, r"more than one column named '1'"),
    "a row's names twice": (
        pd.Series([1, 2], index=["a", "a"]),
        DataError,
        r"more than one column named 'a'",
    ),
    "lengths": ({"a": [1, 2], "b": [1]}, ShapeError, r"differ in length"),
    "a single value": ({"a": [1, 2], "b": 1}, ShapeError, r"'b'[\s\S]*single value"),
    "no rows": ({"a": []}, DataError, r"no rows"),
    "no columns": ({}, DataError, r"no columns"),
    "an empty list": ([], ShapeError, r"2 axes|list|axes"),
    "one axis": (np.zeros(3), ShapeError, r"x\[None\]"),
    "numbers": ([1, 2], ShapeError, r"list of dicts"),
    "ragged": ([[1], [1, 2]], ShapeError, r"one length"),
    "a column": (pl.Series("a", [1]), DtypeError, r"column alone"),
    "lazy": (pl.DataFrame({"a": [1]}).lazy(), DtypeError, r"lazy"),
    "text": ("table", DtypeError, r"no table"),
    "None": (None, DtypeError, r"no table"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_refused(case: str) -> None:
    data, error, match = BAD[case]
    with pytest.raises(error, match=match):
        raw_table(data)


def test_names_of_another_number() -> None:
    with pytest.raises(ShapeError, match="3 columns, as many as names"):
        raw_table(np.eye(2), names=["a", "b", "c"])
    with pytest.raises(DataError, match="more than one column named 'a'"):
        raw_table(np.eye(2), names=["a", "a"])


def test_as_text_names_a_column() -> None:
    with pytest.raises(ArgumentError, match=r"'b' that rows\.csv lacks"):
        raw_table({"a": [1]}, as_text=["b"], source="rows.csv")


def test_dates_are_a_kind_of_column() -> None:
    days = pd.date_range("2024-01-01", periods=30)
    table = raw_table(
        pd.DataFrame({"d": days, "e": days[:1].repeat(30), "n": range(30)})
    )
    first, constant, _ = infer_columns(table, np.arange(30), "y")
    assert (first.kind, first.date_format, first.distinct) == ("date", "iso", 30)
    assert (constant.kind, constant.reason) == ("constant", "always 2024-01-01")
    assert target_numbers(table.column("d")) is None


def test_one_date_or_none_is_a_category() -> None:
    table = raw_table({"d": [date(2024, 1, 1), None] * 5, "n": list(range(10))})
    column = infer_columns(table, np.arange(10), "y")[0]
    assert (column.kind, column.categories) == ("categorical", ("2024-01-01",))


def test_tables_joined() -> None:
    days = only({"a": [date(2024, 1, 1)]})
    none = only({"a": [None, float("nan")]})
    assert joined(days, days).text() == ["2024-01-01"] * 2
    for column in (days, only({"a": [1]}), only({"a": ["x"]})):
        for both in (joined(column, none), joined(none, column)):
            assert type(both) is type(column)
            assert sorted(both.text()) == ["", "", *column.text()]
    assert joined(days, only({"a": ["x"]})).text() == ["2024-01-01", "x"]


def test_no_library_is_loaded_for_anothers_sake() -> None:
    code = """
import sys, numpy
from pronghorn.data.tables import OpenTable, raw_table
raw_table({"a": [1, 2], "b": ["x", None]}); raw_table(numpy.eye(2))
raw_table([{"a": 1}]); raw_table(numpy.array([("x",)], dtype=[("a", "U1")]))
assert not {"pandas", "polars", "pyarrow", "duckdb"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


YES: dict[str, Any] = {
    "list": {"a": [True, False]},
    "NumPy": {"a": np.array([True, False])},
    "pandas": pd.DataFrame({"a": [True, False]}),
    "objects": pd.DataFrame({"a": [True, False]}, dtype=object),
    "nullable": pd.DataFrame({"a": pd.array([True, False], "boolean")}),
    "Arrow-backed": pd.DataFrame({"a": pd.array([True, False], "bool[pyarrow]")}),
    "polars": pl.DataFrame({"a": [True, False]}),
    "arrow": pa.table({"a": [True, False]}),
}


@pytest.mark.parametrize("source", YES)
def test_labels_that_are_bools_stay_bools(source: str) -> None:
    values = OpenTable(YES[source]).values("a")
    assert values.dtype == bool and values.tolist() == [True, False]


def test_labels_are_as_they_are_spelt() -> None:
    table = OpenTable(pd.DataFrame({"t": [" x", None], "n": [1, 2.5]}))
    assert table.values("t").tolist() == [" x", None]
    assert table.values("n").tolist() == [1, 2.5]
    assert OpenTable({"a": ["true", "false"]}).values("a").tolist() == ["true", "false"]
    assert OpenTable({"a": [True, None]}).values("a").tolist() == ["true", None]
    for labels in ([2, 1, 2], ["x", "y", "x"]):
        frame = pd.DataFrame({"a": pd.Categorical(labels)})
        assert OpenTable(frame).values("a").tolist() == labels
    same = OpenTable(raw_table({"a": ["true", "x"]})).values("a")
    assert same.tolist() == ["true", "x"]
    with pytest.raises(DataError, match="no column named 'y'"):
        table.values("y")


# --- real tables ------------------------------------------------------------------
FILES = ("titanic.csv", "adult.csv.gz", "hotel.csv.gz", "ames.csv.gz")
FRAMES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda frame: frame,
    "pandas, objects": lambda frame: frame.astype(object),
    "pandas, Arrow": lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"),
    "polars": lambda frame: pl.from_arrow(pa.Table.from_pandas(frame)),
    "arrow": lambda frame: pa.Table.from_pandas(frame),
}


@pytest.mark.parametrize("file", FILES)
def test_a_frame_is_what_its_file_is(file: str, data_dir: Path) -> None:
    frame = datasets.load(file.partition(".")[0], download=False)
    expected = read_table(data_dir / file)
    for make in FRAMES.values():
        same(expected, raw_table(make(frame)), rtol=1e-15)  # parsers round apart
