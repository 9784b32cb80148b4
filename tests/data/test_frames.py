"""Whatever a user passes becomes the same matrix, or an error that says where."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from pronghorn.data.frames import (
    Table,
    align_columns,
    check_finite,
    row_count,
    to_matrix,
    to_target,
)
from pronghorn.errors import DataError, DtypeError, ShapeError

COLUMNS = {"a": [1, 2, 3], "b": [0.5, 1.5, 2.5]}
WANTED = np.array([[1, 0.5], [2, 1.5], [3, 2.5]], np.float32)
FRAMES = {
    "pandas": pd.DataFrame(COLUMNS),
    "pandas nullable": pd.DataFrame(COLUMNS).convert_dtypes(),
    "pandas arrow": pd.DataFrame(COLUMNS).convert_dtypes(dtype_backend="pyarrow"),
    "polars": pl.DataFrame(COLUMNS),
    "arrow": pa.table(COLUMNS),
    "record batch": pa.record_batch(COLUMNS),
    "dict of lists": COLUMNS,
    "dict of arrays": {k: np.array(v) for k, v in COLUMNS.items()},
    "dict of columns (n, 1)": {k: np.array(v)[:, None] for k, v in COLUMNS.items()},
    "dict of series": {k: pd.Series(v) for k, v in COLUMNS.items()},
}
ARRAYS = {
    "float64": WANTED.astype(np.float64),
    "fortran": np.asfortranarray(WANTED),
    "strided": np.repeat(WANTED, 2, axis=0)[::2],
    "list": WANTED.tolist(),
    "big endian": WANTED.astype(">f8"),
    "long double": WANTED.astype(np.longdouble),
}


class Stream:
    """Only speaks Arrow's stream protocol."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES.keys())
def test_frames_keep_their_values_and_names(frame: object) -> None:
    table = to_matrix(frame)
    assert table.array.dtype == np.float32 and table.array.flags.c_contiguous
    assert table.columns == ("a", "b")
    np.testing.assert_array_equal(table.array, WANTED)
    assert row_count(frame) == 3


def test_a_frame_that_only_speaks_the_protocol_is_read() -> None:
    table = to_matrix(Stream(pa.table(COLUMNS)))
    assert table.columns == ("a", "b")
    np.testing.assert_array_equal(table.array, WANTED)


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS.keys())
def test_arrays_have_no_names(array: object) -> None:
    table = to_matrix(array)
    assert table.columns is None
    assert table.array.dtype == np.float32 and table.array.flags.c_contiguous
    np.testing.assert_array_equal(table.array, WANTED)


@pytest.mark.parametrize(
    "dtype",
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 "
    "Int8 Int64 UInt16 Float32 Float64 boolean".split(),
)
def test_every_width_of_pandas(dtype: str) -> None:
    frame = pd.DataFrame({"a": pd.Series([1, 0, 1], dtype=dtype)})
    np.testing.assert_array_equal(to_matrix(frame).array[:, 0], [1, 0, 1])
    np.testing.assert_array_equal(to_target(frame["a"]), [1, 0, 1])


@pytest.mark.parametrize(
    "dtype",
    [
        *(pl.Boolean, pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt64),
        *(pl.Float32, pl.Float64, pl.Decimal(10, 2)),
    ],
)
def test_every_width_of_polars(dtype: pl.DataType) -> None:
    series = pl.Series("a", [1, 0, 1]).cast(dtype)
    np.testing.assert_array_equal(
        to_matrix(pl.DataFrame([series])).array[:, 0], [1, 0, 1]
    )
    np.testing.assert_array_equal(to_target(series), [1, 0, 1])


def test_one_column_becomes_a_matrix_of_one_column() -> None:
    assert to_matrix([5.0]).array.shape == (1, 1)
    assert to_matrix(np.arange(3)).array.shape == (3, 1)
    assert to_matrix(pd.Series([1, 2], name="a")).columns == ("a",)
    assert to_matrix(pl.Series("a", [1, 2])).columns == ("a",)
    assert to_matrix(pd.Series([1, 2])).columns is None
    np.testing.assert_array_equal(to_matrix(pa.array([1, 2])).array, [[1], [2]])


def test_images_keep_their_rank() -> None:
    assert to_matrix(np.zeros((2, 28, 28, 1))).array.shape == (2, 28, 28, 1)


def test_integer_names_are_names() -> None:
    frame = pd.DataFrame(np.eye(2))
    assert to_matrix(frame).columns == ("0", "1")


def test_targets_keep_whole_numbers_whole() -> None:
    assert to_target(np.array([1, 2], np.int64)).dtype == np.int32
    assert to_target([True, False]).dtype == np.int32
    assert to_target(pd.Series([1.0, 2.0])).dtype == np.float32
    assert to_target([1, 2], dtype="float32").dtype == np.float32
    assert to_target(pd.DataFrame({"a": [1, 2], "b": [0.5, 1]})).shape == (2, 2)


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}),
        pd.DataFrame({"a": [1, 2], "b": pd.Series(["x", "y"], dtype=object)}),
        pd.DataFrame({"a": [1, 2], "b": pd.Categorical(["x", "y"])}),
        pl.DataFrame({"a": [1, 2], "b": ["x", "y"]}),
        pl.DataFrame({"a": [1, 2], "b": pl.Series(["x", "y"], dtype=pl.Categorical)}),
        pa.table({"a": [1, 2], "b": ["x", "y"]}),
        pa.table({"a": [1, 2], "b": pa.array(["x", "y"]).dictionary_encode()}),
        {"a": [1, 2], "b": ["x", "y"]},
        {"a": [1, 2], "b": np.array(["x", "y"])},
    ],
    ids=lambda f: type(f).__module__,
)
def test_text_names_column_value_and_remedy(frame: object) -> None:
    with pytest.raises(DataError) as caught:
        to_matrix(frame)
    error = caught.value
    assert error.where == "column 'b' of x"
    assert "'x' in row 0" in (error.received or "")
    assert "pronghorn train" in (error.remedy or "")


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"when": pd.to_datetime(["2026-01-01"])}),
        pl.DataFrame({"when": ["2026-01-01"]}).select(pl.col("when").str.to_date()),
        pa.table({"when": pa.array([0], pa.timestamp("s"))}),
        {"when": np.array(["2026-01-01"], "datetime64[D]")},
    ],
)
def test_dates_name_their_column(frame: object) -> None:
    with pytest.raises(DataError, match="dates or times") as caught:
        to_matrix(frame)
    assert caught.value.where == "column 'when' of x"


MISSING = {"a": [1.0, 2.0, 3.0, 4.0], "b": [1.0, None, 3.0, None]}


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(MISSING),
        pd.DataFrame(MISSING).astype("Int64"),
        pd.DataFrame(MISSING).convert_dtypes(dtype_backend="pyarrow"),
        pl.DataFrame(MISSING),
        pl.DataFrame(MISSING).cast(pl.Int32),
        pa.table(MISSING),
        MISSING,
    ],
)
def test_missing_values_name_column_and_rows(frame: object) -> None:
    with pytest.raises(DataError, match="NaN") as caught:
        to_matrix(frame)
    assert "column 'b' of x, 2 row(s): 1, 3" in str(caught.value)
    assert np.isnan(to_matrix(frame, finite=False).array[1, 1])


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([True, None, False], dtype="boolean"),
        pl.Series([True, None, False]),
        pa.array([True, None, False]),
        np.ma.masked_array([1, 2, 0], [False, True, False]),
        [True, None, False],
    ],
)
def test_missing_bools_are_missing(column: object) -> None:
    with pytest.raises(DataError, match=r"1 row\(s\): 1"):
        to_matrix({"a": column})
    array = to_matrix({"a": column}, finite=False).array[:, 0]
    np.testing.assert_array_equal(array, [1, np.nan, 0])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("row", [0, 5, 9])
def test_not_finite_is_found_wherever_it_is(bad: float, row: int) -> None:
    array = np.ones((10, 4), np.float32)
    array[row, 2] = bad
    with pytest.raises(DataError) as caught:
        check_finite(array, ("a", "b", "c", "d"))
    assert f"column 'c' of x, 1 row(s): {row} " in str(caught.value)


def test_large_finite_numbers_pass_although_their_sum_overflows() -> None:
    check_finite(np.full((10, 4), 3e38, np.float32), None)


def test_infinities_of_both_signs_do_not_cancel() -> None:
    with pytest.raises(DataError):
        check_finite(np.array([np.inf, -np.inf], np.float32), None)


def test_a_missing_target_names_its_row() -> None:
    with pytest.raises(DataError, match=r"y, 1 row\(s\): 1"):
        to_target([1.0, np.nan])


def test_what_overflows_float32_is_an_error() -> None:
    with pytest.raises(DataError, match="float32") as caught:
        to_matrix({"a": [1.0, 1e39]})
    assert "column 'a' of x, row 1" in str(caught.value)


def test_ids_outside_int32_are_errors() -> None:
    with pytest.raises(DataError, match="int32"):
        to_target(np.array([0, 2**31]))
    with pytest.raises(DataError, match="int32"):
        to_matrix({"id": np.array([2**40])}, dtype="int32")
    assert to_matrix([[2**31 - 1]], dtype="int32").array[0, 0] == 2**31 - 1
    assert to_target(np.array([2.0**31]), dtype="float32")[0] == 2.0**31


def test_ids_that_are_no_whole_numbers_are_errors() -> None:
    with pytest.raises(DataError, match="whole numbers"):
        to_matrix([[1.5]], dtype="int32")


@pytest.mark.parametrize(
    ("x", "error", "says"),
    [
        (np.zeros((0, 3)), DataError, "0 rows"),
        (np.zeros((3, 0)), DataError, "no columns"),
        (pd.DataFrame({"a": []}), DataError, "0 rows"),
        (pd.DataFrame(), DataError, "no columns"),
        ({}, DataError, "no columns"),
        ([], DataError, "0 rows"),
        (5.0, ShapeError, "single value"),
        ({"a": 5}, ShapeError, "put it in a list"),
        ({"a": [1, 2], "b": [1]}, ShapeError, "2 rows, as in column 'a'"),
        ([[1, 2], [3]], ShapeError, "differ in length"),
        ({"a": np.zeros((2, 2))}, ShapeError, "one-dimensional"),
        ("data.csv", DataError, "text"),
        ([["x"]], DataError, "'x' in row 0"),
        (np.array(["1.5"], object), DataError, "'1.5' in row 0"),
        (np.array([1j]), DataError, "complex"),
        (np.zeros(2, [("a", "f4"), ("b", "f4")]), DtypeError, "fields a, b"),
        (object(), DtypeError, "nothing that holds a table"),
        (pl.LazyFrame({"a": [1]}), DtypeError, "collect()"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), DataError, "named 'a'"),
        (pl.DataFrame({"a": [[1, 2]]}), DataError, "nested"),
    ],
)
def test_what_is_no_table_is_told_so(x: object, error: type, says: str) -> None:
    with pytest.raises(error) as caught:
        to_matrix(x)
    assert says in str(caught.value)


def test_objects_that_are_all_numbers_are_numbers() -> None:
    """So come the columns of rows that hold several kinds, as from a database."""
    frame = pd.DataFrame([[1, 2.5, True], [2, Decimal("3.5"), False]], dtype=object)
    assert to_matrix(frame).array.tolist() == [[1.0, 2.5, 1.0], [2.0, 3.5, 0.0]]
    frame.iloc[1, 0] = None
    with pytest.raises(DataError, match=r"1 row\(s\): 1"):
        to_matrix(frame)
    for broken in ([1, 1j], [1, "x"], [1, {}]):
        with pytest.raises(DataError):
            to_matrix(pd.DataFrame({"a": pd.Series(broken, dtype=object)}))


def test_text_in_a_target_names_it() -> None:
    with pytest.raises(DataError) as caught:
        to_target(pd.Series(["yes", "no"], name="churn"))
    assert "column 'churn' of y" in str(caught.value)


def test_permuted_columns_are_put_in_order() -> None:
    frame = pd.DataFrame(COLUMNS)
    table = align_columns(to_matrix(frame[["b", "a"]]), ("a", "b"))
    np.testing.assert_array_equal(table.array, WANTED)
    assert table.columns == ("a", "b") and table.array.flags.c_contiguous


def test_arrays_are_taken_as_they_are() -> None:
    table = Table(WANTED)
    assert align_columns(table, ("a", "b")) is table
    named = Table(WANTED, ("a", "b"))
    assert align_columns(named, None) is named


@pytest.mark.parametrize(
    ("columns", "says"),
    [(["a"], "missing: 'b'"), (["a", "b", "c"], "unknown to the model: 'c'")],
)
def test_other_columns_are_errors_that_name_them(columns: list[str], says: str) -> None:
    frame = pd.DataFrame({name: [1.0] for name in columns})
    with pytest.raises(DataError, match=says):
        align_columns(to_matrix(frame), ("a", "b"))


def test_nothing_but_numpy_is_imported() -> None:
    import subprocess
    import sys

    code = (
        "import sys, pronghorn.data.frames as f; f.to_matrix([[1.0]]);"
        "print([m for m in ('pandas', 'polars', 'pyarrow') if m in sys.modules])"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "[]"
