"""Text and ids as arrays of their own type, from all that may hold them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn.data.host import host_array, host_table
from pronghorn.errors import DataError, DtypeError, ShapeError

pandas = pytest.importorskip("pandas")


@pytest.mark.parametrize(
    "given",
    [
        ["red", "blue"],
        ("red", "blue"),
        [b"red", "blue"],
        np.array(["red", "blue"]),
        np.array([b"red", b"blue"]),
        np.array(["red", "blue"], object),
        [np.array("red"), np.array("blue")],
        pandas.Series(["red", "blue"]),
        pandas.Series(["red", "blue"], dtype="category"),
        pandas.Series(["red", "blue"], dtype="string"),
    ],
)
def test_text_becomes_str(given: Any) -> None:
    array = host_array(given)
    assert array.dtype == object and array.tolist() == ["red", "blue"]


def test_bytes_that_are_no_text_come_back_as_they_were() -> None:
    odd = b"\xff\xfe caf\xc3\xa9"
    (text,) = host_array([odd]).tolist()
    assert text.encode("utf-8", "surrogateescape") == odd and text.endswith("café")


def test_numbers_keep_their_type_and_their_bits() -> None:
    assert host_array([2**53 + 1, -3]).tolist() == [2**53 + 1, -3]
    for dtype in ("int8", "uint16", "int32", "int64", "uint64"):
        assert host_array(np.zeros(2, dtype)).dtype == np.int64
    assert host_array(np.zeros(2, "float32")).dtype == np.float32
    assert host_array([0.5, 1]).dtype == np.float64
    assert host_array([True, False]).dtype == bool
    assert host_array(np.array([1, 2], object)).dtype == np.int64
    assert host_array(3).shape == () and host_array("a").shape == ()
    with pytest.raises(DataError, match="int64"):
        host_array(np.array([2**64 - 1], "uint64"))


@pytest.mark.parametrize("missing", [None, np.nan, pandas.NA])
def test_a_missing_value_names_its_row(missing: Any) -> None:
    rows = np.array([["a"], ["b"], [missing]], object)
    with pytest.raises(DataError, match="missing value") as caught:
        host_array(rows, "column 'color'")
    assert "column 'color', row 2" in str(caught.value)
    assert "fillna" in str(caught.value)


def test_what_is_neither_text_nor_numbers_is_refused() -> None:
    with pytest.raises(DataError, match="not all text"):
        host_array(["a", 3])
    with pytest.raises(ShapeError, match="differ in length"):
        host_array([["a"], ["b", "c"]])
    with pytest.raises(DtypeError, match="neither"):
        host_array(np.array(["2020-01-01"], "datetime64[D]"))


def test_tables_keep_their_columns_names() -> None:
    frame = pandas.DataFrame({"color": ["red", "blue"], "size": ["S", "L"]})
    table = host_table(frame)
    assert table.columns == ("color", "size")
    assert table.array.tolist() == [["red", "S"], ["blue", "L"]]
    assert host_table({"a": [1, 2]}).array.tolist() == [[1], [2]]
    series = host_table(frame["color"])
    assert series.columns == ("color",) and series.array.shape == (2, 1)
    assert host_table(["a", "b"]).array.shape == (2, 1)
    with pytest.raises(DataError, match="both kinds"):
        host_table({"color": ["red"], "age": [3]})
    with pytest.raises(DataError, match="at least one row"):
        host_table(np.empty((0, 1), object))
    with pytest.raises(DataError, match="the rows"):
        host_table("red")


@pytest.mark.parametrize("dtype", ["str", "string", "category"])
def test_pandas_text_is_made_once_for_equal_values(dtype: str) -> None:
    column = pandas.Series(["red", "blue", "red"]).astype(dtype)
    array = host_array(column)
    assert array.tolist() == ["red", "blue", "red"] and array[0] is array[2]
    gone = pandas.Series(["red", None, "red"]).astype(dtype)
    with pytest.raises(DataError, match="row 1"):
        host_array(gone, "column 'color'")
