"""What columns are taken for, what is left out, and what the user is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pronghorn.data.dates import date_format, parse_dates
from pronghorn.data.infer import infer_columns, infer_target, likely_codes
from pronghorn.data.raw import NumberColumn, RawColumn, RawTable, text_column
from pronghorn.data.schema import ColumnSchema, Schema, TargetSchema
from pronghorn.errors import ArgumentError, DataError, FileFormatError

ROWS = 60


def number(name: str, values: Sequence[float]) -> NumberColumn:
    return NumberColumn(name, np.array(values, np.float64))


def table(*columns: RawColumn) -> RawTable:
    return RawTable({c.name: c for c in columns}, len(columns[0].missing))


def infer(column: RawColumn, **options: Any) -> ColumnSchema:
    """The kind of one column beside another that is of use."""
    rows = len(column.missing)
    whole = table(column, number("other", np.sin(np.arange(rows))))
    return infer_columns(whole, np.arange(rows), "y", **options)[0]


def cycle(*values: str | None) -> list[str | None]:
    return [values[i % len(values)] for i in range(ROWS)]


KINDS = {
    "numeric": number("a", np.sin(np.arange(ROWS))),
    "boolean": number("a", [i % 2 for i in range(ROWS)]),
    "categorical": text_column("a", cycle("x", "y", "z", None)),
    "date": text_column("a", cycle("2026-01-01", "2026-02-01", None)),
    "identifier": text_column("a", [f"row {i}" for i in range(ROWS)]),
    "constant": text_column("a", cycle("x")),
}


@pytest.mark.parametrize("kind", KINDS)
def test_kinds(kind: str) -> None:
    assert infer(KINDS[kind]).kind == kind


@pytest.mark.parametrize(
    ("levels", "categories"),
    [
        (("yes", "no"), ("no", "yes")),
        (("True", "False"), ("False", "True")),
        (("N", "Y"), ("N", "Y")),
    ],
)
def test_words_for_true_and_false(levels: list[str], categories: tuple[str]) -> None:
    found = infer(text_column("a", cycle(*levels)))
    assert found.kind == "boolean" and found.categories == categories


def test_categories_come_the_most_frequent_first() -> None:
    found = infer(text_column("a", ["x"] * 5 + ["y"] * 20 + ["z"] * 10 + [None] * 5))
    assert found.categories == ("y", "z", "x")
    assert (found.present, found.missing, found.distinct) == (35, 5, 3)


@pytest.mark.parametrize(
    "values",
    [np.arange(1, ROWS + 1), np.arange(ROWS), np.cumsum([1, 2] * (ROWS // 2))],
)
def test_numbers_of_rows_are_identifiers(values: Sequence[float]) -> None:
    assert infer(number("nr", values)).kind == "identifier"


def test_a_number_is_an_identifier_by_its_name_if_all_differ() -> None:
    values = np.random.default_rng(0).permutation(10 * ROWS)[:ROWS]
    assert infer(number("customerId", values)).kind == "identifier"
    assert infer(number("amount", values)).kind == "numeric"
    assert infer(number("customerId", np.repeat(values[::2], 2))).kind == "numeric"


def test_a_column_named_as_a_feature_is_used() -> None:
    values = number("nr", np.arange(ROWS))
    assert infer(values, features=["nr"]).kind == "numeric"


def test_the_only_column_is_used_although_it_ascends() -> None:
    only = table(number("x", np.arange(20)), number("y", np.arange(20)))
    assert infer_columns(only, np.arange(20), "y")[0].kind == "numeric"


def test_many_texts_that_repeat_are_categories() -> None:
    found = infer(text_column("a", [f"agent {i % 12}" for i in range(ROWS)]))
    assert found.kind == "categorical" and found.distinct == 12


@pytest.mark.parametrize("value", [3.0, np.nan])
def test_numbers_that_never_vary_are_left_out(value: float) -> None:
    found = infer(number("a", [value] * ROWS))
    assert found.kind == "constant" and found.reason


def test_one_value_or_none_tells_something() -> None:
    assert infer(text_column("pool", cycle("yes", None))).kind == "categorical"


def test_dropped_and_unnamed_columns() -> None:
    assert infer(KINDS["numeric"], drop=["a"]).reason == "named by --drop"
    assert infer(KINDS["numeric"], features=["other"]).kind == "dropped"


def test_only_training_rows_are_looked_at() -> None:
    values = ["x", "y"] * 10 + ["z"] * 10
    both = table(text_column("a", values), number("b", [1.0] * 20 + [2.0] * 10))
    a, b = infer_columns(both, np.arange(20), "y")
    assert a.categories == ("x", "y")
    assert b.kind == "constant"


def test_nothing_left_is_an_error() -> None:
    one = table(text_column("a", ["x"] * 5))
    with pytest.raises(DataError, match="always x"):
        infer_columns(one, np.arange(5), "y")


def test_an_infinite_number_names_column_and_row() -> None:
    with pytest.raises(DataError, match="row 3") as caught:
        infer(number("a", [1, 2, np.inf, 4]))
    assert "column 'a'" in str(caught.value)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"features": ["b"]}, "did you mean|known: a"),
        ({"drop": ["y"]}, "names the target"),
        ({"features": ["a"], "drop": ["a"]}, "exclude each other"),
    ],
)
def test_wrong_selections(options: dict[str, list[str]], says: str) -> None:
    both = table(KINDS["numeric"], number("y", np.arange(ROWS)))
    with pytest.raises(ArgumentError, match=says):
        infer_columns(both, np.arange(ROWS), "y", **options)  # type: ignore[arg-type]


def goal(values: list[str | None], task: str | None = None) -> TargetSchema:
    column = text_column("y", values)
    return infer_target(table(column), np.flatnonzero(~column.missing), "y", task)


def test_tasks() -> None:
    assert goal([str(i / 7) for i in range(50)]).task == "regression"
    assert goal(["10", "9", "8"] * 20).labels == ("8", "9", "10")
    assert goal(["b", "a", "10"] * 20).labels == ("10", "a", "b")
    assert goal(["0", "1"] * 3).task == "classification"
    assert goal([str(i) for i in range(50)]).task == "regression"
    assert goal(["3", "4", "5"] * 20, "regression").task == "regression"
    assert goal(["1.5", "2.5"] * 20, "classification").labels == ("1.5", "2.5")


@pytest.mark.parametrize(
    ("values", "task", "says"),
    [
        (["5"] * 9, None, "constant"),
        (["x"] * 9, None, "constant"),
        (["5", "5.0"] * 9, "regression", "constant"),
        (["x", "1"] * 9, "regression", "holds text"),
        ([f"name {i}" for i in range(50)], None, "50 classes"),
        (["1", "inf"] * 9, "regression", "infinite"),
    ],
)
def test_targets_that_cannot_be_learned(
    values: list[str | None], task: str | None, says: str
) -> None:
    with pytest.raises(DataError, match=says):
        goal(values, task)


def test_an_unknown_task() -> None:
    with pytest.raises(ArgumentError, match="--task"):
        goal(["1", "2"], "ranking")


CODES = {
    "a lone -1": ([-1.0] * 2 + [float(i) for i in range(15)], "-1"),
    "999": ([999.0] + [float(i) for i in range(15)], "999"),
    "a few zeros": ([0.0] * 2 + [40.0 + i for i in range(60)], "0"),
}
NO_CODES = {
    "negatives": [-1.0, -2.0] + [float(i) for i in range(15)],
    "many zeros": [0.0] * 40 + [40.0 + i for i in range(60)],
    "zeros beside ones": [float(i) for i in range(40)],
    "99 in line": [float(i) for i in range(100)],
    "temperatures": [-1.5] + [float(i) for i in range(15)],
}


def notices(values: list[float]) -> list[str]:
    one = table(number("a", values))
    column = ColumnSchema("a", "numeric")
    schema = Schema((column,), TargetSchema("y", "regression"))
    return [f"{n.column} {n.message} {n.remedy}" for n in likely_codes(one, schema)]


@pytest.mark.parametrize("case", CODES)
def test_likely_codes_are_told_with_column_count_and_option(case: str) -> None:
    values, code = CODES[case]
    (found,) = notices(values)
    rows = "1 row;" if values.count(float(code)) == 1 else "2 rows;"
    assert found.startswith(f"a holds {code} in {rows}")
    assert f"--missing=a={code}" in found


@pytest.mark.parametrize("case", NO_CODES)
def test_honest_numbers_are_left_alone(case: str) -> None:
    assert notices(NO_CODES[case]) == []


@pytest.mark.parametrize(
    ("texts", "spelling", "day"),
    [
        (["1970-01-02", "2026-11-22"], "iso", 1.0),
        (["1970-01-02T06:00:00", "2026-11-22 12:00"], "iso", 1.25),
        (["01/02/1970", "12/31/1999"], "%m/%d/%Y", 1.0),
        (["02/01/1970", "31/12/1999"], "%d/%m/%Y", 1.0),
        (["02.01.1970", "31.12.1999"], "%d.%m.%Y", 1.0),
        (["1/2/1970 12:00", "12/31/1999 0:00"], "%m/%d/%Y %H:%M", 1.5),
    ],
)
def test_dates(texts: list[str], spelling: str, day: float) -> None:
    assert date_format(texts) == spelling
    assert parse_dates(texts, spelling)[0] == day


@pytest.mark.parametrize("texts", [[], ["2026"], ["12345678"], ["2026-13-01"], ["1-2"]])
def test_what_is_no_date(texts: list[str]) -> None:
    assert date_format(texts) is None


WHOLE = Schema(
    (
        ColumnSchema(
            "a", "numeric", 5, 1, 4, True, 0.0, 9.0, encoder={"center": [1.5]}
        ),
        ColumnSchema("b", "categorical", 5, 1, 2, categories=("x", "y")),
        ColumnSchema("c", "date", date_format="iso"),
        ColumnSchema("d", "dropped", reason="named by --drop"),
    ),
    TargetSchema("y", "classification", ("no", "yes")),
    {"*": ("-1",)},
    {"read": 6},
    {"hidden": [64]},
)


def test_json_both_ways() -> None:
    assert Schema.from_json(WHOLE.to_json()) == WHOLE
    assert json.loads(WHOLE.to_json())["format"] == 1


def test_columns_by_name() -> None:
    assert [c.name for c in WHOLE.used] == ["a", "b", "c"]
    changed = WHOLE.with_columns([replace(WHOLE.column("b"), missing=7)])
    assert changed.column("b").missing == 7 and changed.column("a") == WHOLE.columns[0]
    with pytest.raises(KeyError):
        WHOLE.column("e")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": 2}',
        '{"format": 1}',
        WHOLE.to_json().replace('"numeric"', '"magic"'),
        WHOLE.to_json().replace('"classification"', '"ranking"'),
        WHOLE.to_json().replace('"distinct"', '"unheard_of"'),
    ],
)
def test_a_schema_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(FileFormatError, match=r"schema\.json"):
        Schema.from_json(text)
