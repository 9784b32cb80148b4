"""The host's part of a table's net: rows alone or among others, from any source."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings

from pronghorn import datasets
from pronghorn.data.infer import infer_columns
from pronghorn.data.raw import DateColumn, NumberColumn, RawTable, text_column
from pronghorn.data.reader import read_table
from pronghorn.data.schema import Schema, TargetSchema
from pronghorn.data.tables import raw_table
from pronghorn.errors import DataError, DtypeError, ShapeError, StateError
from pronghorn.tabular import Host, HostInputs, fit_host, fit_schema

ROWS = 60


def host_of(data: Any, **options: Any) -> Host:
    """A host fitted on all rows; it comes back from JSON, as from a file."""
    table = raw_table(data)
    rows = np.arange(table.rows)
    columns = infer_columns(table, rows, "y", **options)
    schema = Schema(fit_host(columns, table, rows), TargetSchema("y", "regression"))
    return Host(Schema.from_json(schema.to_json()))


def same(one: HostInputs, other: HostInputs) -> None:
    assert one.numbers.dtype == other.numbers.dtype == np.float32
    assert one.ids.dtype == other.ids.dtype == np.int32
    np.testing.assert_array_equal(one.numbers, other.numbers)
    np.testing.assert_array_equal(one.ids, other.ids)


def cycle(*values: Any) -> list[Any]:
    return [values[i % len(values)] for i in range(ROWS)]


START = datetime(2024, 1, 31, 6, 30)
TABLE: dict[str, list[Any]] = {
    "n": [*np.sin(np.arange(ROWS - 1)).tolist(), None],
    "stamp": [1_700_000_000 + i for i in range(ROWS)],
    "kind": cycle("x", "y", None, "z"),
    "yes": cycle(True, False, None),
    "day": [START + timedelta(hours=7 * i) for i in range(ROWS - 1)] + [None],
    "whole": [i * i for i in range(ROWS)],
    "rare": ["once", *cycle("p", "q", "r")[1:]],
    "always": ["same"] * ROWS,
}
HOST = host_of(TABLE)
USED = ("n", "stamp", "kind", "yes", "day", "whole", "rare")


def test_what_comes_of_a_table() -> None:
    parts = ("day number", "month", "day", "weekday", "hour")  # one year only
    assert HOST.numbers == ("n", "stamp", "whole", *(f"day: {p}" for p in parts))
    assert HOST.column_of_id == ("kind", "yes", "rare")
    assert HOST.categories == (("x", "y", "z"), ("false", "true"), ("q", "r", "p"))
    made = HOST.encode(TABLE)
    assert made.numbers.shape == (ROWS, len(HOST.numbers))
    assert made.ids[:4].tolist() == [[2, 3, 1], [3, 2, 2], [0, 0, 3], [4, 3, 4]]
    assert np.isnan(made.numbers[-1]).tolist() == [
        name == "n" or name.startswith("day") for name in HOST.numbers
    ]
    assert made.numbers[0, -4:].tolist() == [1, 31, 2, 6.5]
    taken = made.take(np.array([3, 1]))
    same(taken, HostInputs(made.numbers[[3, 1]], made.ids[[3, 1]]))


FRAME = pd.DataFrame(TABLE).astype({"yes": "boolean"})
SOURCES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda f: f,
    "objects": lambda f: f.astype(object),
    "Arrow-backed": lambda f: f.convert_dtypes(dtype_backend="pyarrow"),
    "categories": lambda f: f.astype({"kind": "category", "rare": "category"}),
    "polars": lambda f: pl.from_pandas(f),
    "arrow": lambda f: pa.Table.from_pandas(f, preserve_index=False),
    "dicts": lambda f: [dict(zip(f.columns, row)) for row in f.itertuples(index=False)],
    "columns": lambda f: {name: f[name].tolist() for name in f.columns},
    "raw": raw_table,
}


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_gives_the_same_inputs(source: str) -> None:
    same(HOST.encode(TABLE), HOST.encode(SOURCES[source](FRAME)))


ONE_ROW: dict[str, Callable[[pd.DataFrame], Any]] = {
    **SOURCES,
    "series": lambda f: f.iloc[0],
    "object series": lambda f: f.astype(object).iloc[0],
    "dict": lambda f: dict(zip(f.columns, f.iloc[0].tolist())),
    "dict of NumPy": lambda f: {n: f[n].to_numpy()[0] for n in f.columns},
    "batch": lambda f: SOURCES["arrow"](f).to_batches()[0],
    "other order": lambda f: f[f.columns[::-1]],
}


@pytest.mark.parametrize("source", ONE_ROW)
def test_one_row_alone_is_what_it_is_among_others(source: str) -> None:
    made = HOST.encode(TABLE)
    for row in (0, 1, 2, ROWS - 1):
        alone = HOST.encode(ONE_ROW[source](FRAME.iloc[row : row + 1]))
        same(alone, made.take(np.array([row])))


CELLS = {
    "n": st.none() | st.integers(-(2**60), 2**60) | st.floats(-1e30, 1e30),
    "stamp": st.none() | st.floats(0, 4e9) | st.sampled_from(["1700000007", " 12 "]),
    "kind": st.sampled_from([None, "x", " y", "w", "", "X", 1.0, 2, True, "1"]),
    "yes": st.sampled_from([None, True, False, 0, 1.0, 2, "true", "NO", "False", "1"]),
    "day": st.none()
    | st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1))
    | st.dates(date(1700, 1, 1), date(2200, 1, 1))
    | st.just("2024-02-29 12:00"),
    "whole": st.none() | st.integers(-5, 5) | st.decimals(-9, 9, places=2),
    "rare": st.sampled_from([None, "once", "p", "q"]),
}


@settings(max_examples=100, deadline=None)
@given(st.fixed_dictionaries(CELLS))
def test_a_short_way_for_one_row_changes_nothing(row: dict[str, Any]) -> None:
    expected = HOST.encode({name: [value] for name, value in row.items()})
    assert HOST._encode_row(None, row) is not None  # it was taken
    same(expected, HOST.encode(row))
    same(expected, HOST.encode([row]))
    same(expected, HOST.encode(pd.Series(row, dtype=object)))
    same(expected, HOST.encode(pd.DataFrame([row], dtype=object)))


def test_arrays() -> None:
    data = np.random.default_rng(0).normal(size=(ROWS, 3))
    host = host_of(data)
    assert host.numbers == ("0", "1", "2") and host.categories == ()
    made = host.encode(data)
    np.testing.assert_array_equal(made.numbers, data.astype(np.float32))
    assert made.ids.shape == (ROWS, 0)
    same(host.encode(data[4:5]), made.take(np.array([4])))
    same(host.encode(data[4:5].astype(object)), made.take(np.array([4])))
    with pytest.raises(ShapeError, match=r"x\[None\]"):
        host.encode(data[0])


def test_only_categories() -> None:
    host = host_of({"kind": TABLE["kind"]})
    assert host.numbers == ()
    assert host.encode({"kind": "x"}).numbers.shape == (1, 0)
    assert host.encode(TABLE).ids.shape == (ROWS, 1)


# --- numbers ----------------------------------------------------------------------
@pytest.mark.parametrize(
    "values",
    [
        [20_240_000 + i % 30 for i in range(ROWS)],
        [1_700_000_000 + i for i in range(ROWS)],
        [4_000_000_000.0 + i / 4 for i in range(ROWS)],
        [0, *(9_876_543_210 + 3 * i for i in range(ROWS - 1))],
    ],
)
def test_an_offset_keeps_values_apart(values: list[float]) -> None:
    host = host_of({"a": values, "b": TABLE["kind"]})
    made = host.encode({"a": values, "b": TABLE["kind"]}).numbers[:, 0]
    assert len(np.unique(made)) == len(set(values))
    offset = host.schema.column("a").encoder["offset"]
    assert offset in values
    exact = np.array(values) - offset
    np.testing.assert_allclose(made, exact, rtol=1e-7)


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(0).uniform(size=5000),
        np.random.default_rng(0).lognormal(10, 3, size=5000),
        np.arange(5000.0) * 1e6 + 5e6,
        np.random.default_rng(0).normal(1e3, 1.0, size=50),
    ],
)
def test_other_numbers_stay_as_they_are(values: np.ndarray) -> None:
    host = host_of({"a": values, "b": np.sin(values)})
    assert host.schema.column("a").encoder == {"type": "number", "offset": 0.0}
    made = host.encode({"a": values, "b": values}).numbers[:, 0]
    np.testing.assert_array_equal(made, values.astype(np.float32))


def test_times_within_a_day_stay_apart() -> None:
    moments = [datetime(2024, 1, 1) + timedelta(seconds=i) for i in range(ROWS)]
    host = host_of({"a": moments, "b": TABLE["n"]})
    place = host.numbers.index("a: day number")
    made = host.encode({"a": moments, "b": TABLE["n"]}).numbers[:, place]
    assert len(np.unique(made)) == ROWS


# --- categories -------------------------------------------------------------------
CODES = host_of({"a": cycle("1", "2", "03", "1.5"), "b": TABLE["n"]})


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "2", "03", "1.5"], [2, 3, 4, 5]),
        ([1, 2, 3, 1.5], [2, 3, 1, 5]),
        ([1.0, 2.0, float("nan"), 4.0], [2, 3, 0, 1]),
        (["1.0", "2e0", "3", "001"], [2, 3, 1, 1]),
        ([Decimal(1), True, None, " 1 "], [2, 1, 0, 2]),
    ],
)
def test_a_number_is_the_category_that_spells_it(
    values: list[Any], expected: list[int]
) -> None:
    others = [0.0] * len(values)
    made = CODES.encode({"a": values, "b": others})
    assert made.ids[:, 0].tolist() == expected
    for value, id_ in zip(values, expected):
        assert CODES.encode({"a": value, "b": 0.0}).ids.tolist() == [[id_]]


def test_an_exact_spelling_comes_first() -> None:
    host = host_of({"a": cycle("1.0", "1", "1.0"), "b": TABLE["n"]})
    assert host.categories == (("1.0", "1"),)
    for value, id_ in (("1.0", 2), ("1", 3), (1, 3), (1.0, 3), ("1.00", 3)):
        assert host.encode({"a": value, "b": 0}).ids.tolist() == [[id_]]


@pytest.mark.parametrize("values", [(0, 1), ("no", "yes"), ("F", "T"), (False, True)])
def test_yes_and_no_in_any_spelling(values: tuple[Any, Any]) -> None:
    host = host_of({"a": cycle(*values), "b": TABLE["n"]})
    assert host.schema.column("a").kind == "boolean"
    for spelt in (values, (0, 1), (False, True), ("false", "TRUE"), ("0", "1.0")):
        made = host.encode({"a": list(spelt), "b": [0, 0]})
        assert made.ids.tolist() == [[2], [3]]
        for value, id_ in zip(spelt, (2, 3)):
            assert host.encode({"a": value, "b": 0}).ids.tolist() == [[id_]]
    assert host.encode({"a": "perhaps", "b": 0}).ids.tolist() == [[1]]
    assert host.encode({"a": 7, "b": 0}).ids.tolist() == [[1]]


def test_a_value_of_one_spelling_or_none() -> None:
    host = host_of({"a": cycle(5.0, None), "b": TABLE["n"]})
    assert host.categories == (("5",),)
    assert host.encode({"a": [5, 5.5, None], "b": [0] * 3}).ids.tolist() == [
        [2],
        [1],
        [0],
    ]


def test_one_day_or_none() -> None:
    host = host_of({"a": cycle(date(2024, 2, 29), None), "b": TABLE["n"]})
    given = [date(2024, 2, 29), None, date(2024, 3, 1)]
    assert host.encode({"a": given, "b": [0] * 3}).ids.tolist() == [[2], [0], [1]]
    assert host.encode({"a": "2024-02-29", "b": 0}).ids.tolist() == [[2]]


# --- dates ------------------------------------------------------------------------
def test_dates_keep_their_spelling() -> None:
    texts = [f"{d:02}.{1 + d % 12:02}.2024" for d in range(1, 29)]
    host = host_of({"a": texts, "b": list(range(0, 56, 2))}, features=["a", "b"])
    made = host.encode({"a": texts, "b": texts_numbers(texts)})
    day = host.numbers.index("a: day")
    month = host.numbers.index("a: month")
    assert made.numbers[:, day].tolist() == [float(t[:2]) for t in texts]
    assert made.numbers[:, month].tolist() == [float(t[3:5]) for t in texts]
    again = host.encode({"a": datetime(2024, 2, 1), "b": 0})
    same(again, host.encode({"a": "01.02.2024", "b": 0}))
    with pytest.raises(DataError, match=r"'a'[\s\S]*%d\.%m\.%Y[\s\S]*'2024-02-01'"):
        host.encode({"a": "2024-02-01", "b": 0})


def texts_numbers(texts: list[str]) -> list[float]:
    return [float(len(text)) for text in texts]


def test_a_day_is_the_same_from_files_and_frames() -> None:
    moments = [START + timedelta(hours=5 * i) for i in range(ROWS)]
    texts = [moment.isoformat(" ") for moment in moments]
    numbers = NumberColumn("b", np.sin(np.arange(ROWS)))
    days = raw_table({"d": moments}).column("d")
    assert isinstance(days, DateColumn)
    frame = RawTable({"d": days, "b": numbers}, ROWS)
    file = RawTable({"d": text_column("d", list(texts)), "b": numbers}, ROWS)
    host = host_of(frame)
    same(host.encode(frame), host.encode(file))
    same(host.encode(frame), host_of(file).encode(frame))
    aware = [moment.replace(tzinfo=UTC) for moment in moments]
    same(host.encode(frame), host.encode({"d": aware, "b": numbers.values}))


# --- what is refused --------------------------------------------------------------
ROW = {name: values[0] for name, values in TABLE.items()}
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "text for a number": ({"n": "much"}, r"'n'[\s\S]*a number[\s\S]*'much'"),
    "text, as files spell nothing": ({"n": "NA"}, r"'n'[\s\S]*'NA'"),
    "a bool for a number": ({"n": True}, r"'n'[\s\S]*'true'"),
    "a date for a number": ({"n": date(2024, 1, 1)}, r"'n'[\s\S]*'2024-01-01'"),
    "infinity": ({"n": float("inf")}, r"'n'[\s\S]*finite numbers[\s\S]*'inf'"),
    "infinity as text": ({"n": "-inf"}, r"'n'[\s\S]*finite numbers[\s\S]*'-inf'"),
    "beyond float32": ({"n": 1e39}, r"'n'[\s\S]*float32[\s\S]*'1e\+39'"),
    "beyond float64": ({"n": 10**400}, r"'n'[\s\S]*float64"),
    "a number for a date": ({"day": 20240101}, r"'day'[\s\S]*'20240101'"),
    "no date": ({"day": "soon"}, r"'day'[\s\S]*iso[\s\S]*'soon'"),
    "a list": ({"kind": ["x", "y"]}, r"'kind'|single value"),
    "a complex number": ({"n": 1j}, r"'n'[\s\S]*1j"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_does_not_fit_is_told(case: str) -> None:
    cell, match = BAD[case]
    with pytest.raises((DataError, ShapeError), match=match):
        HOST.encode({**ROW, **cell})
    rows = [ROW, {**ROW, **cell}]
    with pytest.raises(DataError, match=r"row (1|2) "):
        HOST.encode(rows)


def test_missing_columns_are_named() -> None:
    row = {name: value for name, value in ROW.items() if name not in ("n", "day")}
    for data in (row, pd.Series(row), pl.DataFrame([row]), pa.Table.from_pylist([row])):
        with pytest.raises(DataError, match=r"lacks 2 .*'n', 'day'"):
            HOST.encode(data)
    with pytest.raises(DataError, match=r"rename 'N' to 'n'"):
        HOST.encode({**row, "N": 1.0, "day": None})


def test_columns_that_are_left_out_may_be_absent_or_odd() -> None:
    row = {name: ROW[name] for name in USED}
    expected = HOST.encode(TABLE).take(np.array([0]))
    same(expected, HOST.encode(row))
    same(expected, HOST.encode({**row, "always": object()}))


def test_no_table() -> None:
    for data in (None, 3, pl.Series("n", [1.0])):
        with pytest.raises(DtypeError, match="no table"):
            HOST.encode(data)
    with pytest.raises(DataError, match=r"rows\.csv does not exist"):
        HOST.encode("rows.csv")
    with pytest.raises(DataError, match="no rows"):
        HOST.encode(FRAME[:0])
    with pytest.raises(DataError, match="more than one column"):
        HOST.encode(pd.concat([FRAME[:1], FRAME[["n"]][:1]], axis=1))


def test_training_numbers_beyond_float32() -> None:
    with pytest.raises(DataError, match=r"'a'[\s\S]*row 3[\s\S]*float32"):
        host_of({"a": [1.0, 2.0, 1e300], "b": [1, 2, 3]})


def test_other_encoders_are_refused() -> None:
    table = raw_table({"a": TABLE["n"], "y": TABLE["n"]})
    rows = np.arange(ROWS - 1)
    with pytest.raises(StateError, match="'a' has no encoder of the host"):
        Host(fit_schema(table, rows, "y", linear=False))


def test_other_rows_do_not_change_the_schema() -> None:
    rows = np.arange(30)
    table = raw_table(TABLE)
    other = raw_table({**TABLE, "rare": [*TABLE["rare"][:30], *["once"] * 30]})
    columns = [infer_columns(t, rows, "y") for t in (table, other)]
    fitted = [fit_host(c, t, rows) for c, t in zip(columns, (table, other))]
    assert fitted[0] == fitted[1]


def test_many_layouts_are_not_kept() -> None:
    host = host_of({"kind": TABLE["kind"]})
    for i in range(200):
        frame = pd.DataFrame({"kind": ["x"], f"other {i}": [0]})
        assert host.encode(frame).ids.tolist() == [[2]]
    assert len(host._layouts) < 100


# --- real tables ------------------------------------------------------------------
TARGETS = {
    "titanic": "Survived",
    "adult": "income",
    "hotel": "is_canceled",
    "ames": "Sale_Price",
}


@pytest.mark.parametrize("name", TARGETS)
def test_real_tables(name: str, data_dir: Path) -> None:
    frame = datasets.load(name, download=False)
    file = next(data_dir.glob(f"{name}.csv*"))
    table, rows = read_table(file), np.arange(len(frame) // 2)
    columns = infer_columns(table, rows, TARGETS[name])
    target = TargetSchema(TARGETS[name], "regression")
    host = Host(Schema(fit_host(columns, table, rows), target))
    expected = host.encode(table)
    same(expected, host.encode(frame))
    same(expected, host.encode(frame.convert_dtypes(dtype_backend="pyarrow")))
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    polars = pl.DataFrame(pl.from_arrow(arrow))
    same(expected, host.encode(arrow))
    same(expected, host.encode(polars))
    for row in range(0, len(frame), len(frame) // 20):
        one, wanted = frame.iloc[row : row + 1], expected.take(np.array([row]))
        same(wanted, host.encode(one))
        same(wanted, host.encode(one.iloc[0]))
        same(wanted, host.encode(one.to_dict("records")))
        same(wanted, host.encode(polars[row : row + 1]))
