"""Targets: forms, tasks, labels in their own type, their way through JSON."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from pronghorn.data.schema import TargetSchema
from pronghorn.errors import ArgumentError, DataError
from pronghorn.tabular.targets import Target, fit_target, target_values

FORMS = {
    "int32": np.array([1, 2, 1], np.int32),
    "uint64": np.array([2**63, 1, 1], np.uint64),
    "float": np.array([1.0, 2.0, 1.0]),
    "half": np.array([1.0, 2.0, 1.0], np.float16),
    "bools": np.array([True, False, True]),
    "texts": np.array(["b", "a", "b"]),
    "objects": np.array(["b", "a", "b"], object),
    "whole objects": np.array([1, 2, 1], object),
    "bool objects": np.array([True, False, True], object),
    "numpy objects": np.array([np.int64(1), np.int64(2), np.int64(1)], object),
    "list": ["b", "a", "b"],
    "column of one": np.array([[1], [2], [1]]),
    "frame of one": pd.DataFrame({"y": [1, 2, 1]}),
    "category": pd.Series(["b", "a", "b"], dtype="category"),
    "bool category": pd.Series([True, False, True], dtype="category"),
    "nullable": pd.Series([1, 2, 1], dtype="Int64"),
    "string": pd.Series(["b", "a", "b"], dtype="string"),
    "polars": pl.Series(["b", "a", "b"]),
    "polars category": pl.Series(["b", "a", "b"], dtype=pl.Categorical),
    "arrow": pa.chunked_array([["b", "a", "b"]]),
    "arrow dictionary": pa.array(["b", "a", "b"]).dictionary_encode(),
    "spaces": [" b", "a", " b"],
    "blank": ["", "a", ""],
}


@pytest.mark.parametrize("form", FORMS)
def test_labels_of_every_type_come_back_as_they_are(form: str) -> None:
    values = FORMS[form]
    goal = fit_target(values, "y", "classification")
    plain = target_values(values, "y").tolist()
    assert goal.labels.tolist() == sorted(set(plain))
    assert {*map(type, goal.labels.tolist())} == {type(plain[0])}
    back = goal.decode(np.eye(2)[goal.encode(values)])
    assert back.tolist() == plain and back.dtype == goal.labels.dtype
    data = json.loads(json.dumps(goal.to_dict(), allow_nan=False))
    again = Target.from_dict(goal.schema, data)
    assert again.labels.dtype == goal.labels.dtype
    assert again.labels.tolist() == goal.labels.tolist()


def test_labels_keep_their_dtype() -> None:
    for form in ("int32", "uint64", "half", "bools", "texts", "objects"):
        values = FORMS[form]
        assert fit_target(values, "y", "classification").labels.dtype == values.dtype


def test_numbers_stand_for_equal_labels_of_another_type() -> None:
    goal = fit_target(np.array([1, 2]), "y", "classification")
    assert goal.encode([2.0, 1.0]).tolist() == [1, 0]
    goal = fit_target([True, False], "y")
    assert goal.encode(np.array([1, 0])).tolist() == [1, 0]


@pytest.mark.parametrize(
    "values, task",
    [
        ([1.5, 2.0, 3.0], "regression"),
        (list(range(50)), "regression"),
        ([0, 1, 1], "classification"),
        ([0.0, 1.0, 0.0], "classification"),
        ([1, 2, 3] * 20, "classification"),
        (["a", "b"], "classification"),
        ([True, False], "classification"),
        ([Decimal("1.5"), Decimal("2.5")], "regression"),
    ],
)
def test_the_task_is_told_by_the_values(values: list[Any], task: str) -> None:
    assert fit_target(values, "y").schema.task == task


def test_numbers_are_standardized_and_kept_within_their_range() -> None:
    goal = fit_target([10, 20.0, 30.0], "y", "regression")
    z = goal.encode([10, 20, 30])
    assert z.dtype == np.float32 and abs(z.mean()) < 1e-6 and abs(z.std() - 1) < 1e-6
    assert goal.decode(np.array([[0.0], [9.0], [-9.0]])).tolist() == [20, 30, 10]
    assert goal.encode(["20", "30"])[0] == 0  # text of a file


@pytest.mark.parametrize(
    "values, words",
    [
        ([1, "a"], "mixes types"),
        ([True, 2], "mixes types"),
        ([object(), object()], "neither a number nor a label"),
        (np.array(["2024-01-01"], "M8[D]"), "neither numbers nor labels"),
        (np.array([b"a", b"b"]), "neither numbers nor labels"),
        (np.array([1j, 2]), "neither numbers nor labels"),
        (np.zeros((3, 2)), "is one column"),
        (3, "is one column"),
        ([], "is one column"),
    ],
)
def test_what_is_no_target_is_refused(values: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        fit_target(values, "y")


@pytest.mark.parametrize(
    "values",
    [
        [1.0, np.nan, 2.0],
        ["a", None, "b"],
        np.array(["a", np.nan, "b"], object),
        pd.Series(["a", None, "b"]),
        pd.Series([1, None, 2], dtype="Int64"),
        pd.Series([True, None, False], dtype="boolean"),
        pl.Series([True, None, False]),
        pa.array([1, None, 2]),
        np.ma.array([1, 2, 3], mask=[False, True, False]),
        [Decimal("1.5"), None, Decimal(2)],
    ],
)
def test_missing_values_are_told_by_row(values: Any) -> None:
    with pytest.raises(DataError, match=r"missing values(.|\n)*first is row 1"):
        fit_target(values, "y")


def test_errors_say_what_is_wrong() -> None:
    with pytest.raises(DataError, match=r"constant(.|\n)*1 sample\n"):
        fit_target([1.0], "y", "regression")
    with pytest.raises(DataError, match=r"constant(.|\n)*the class 'a'"):
        fit_target(["a", "a"], "y")
    with pytest.raises(DataError, match=r"holds text(.|\n)*'b'"):
        fit_target(["1", "b"], "y", "regression")
    with pytest.raises(DataError, match=r"infinity(.|\n)*row 1"):
        fit_target([1.0, np.inf], "y", "regression")
    with pytest.raises(DataError, match="infinity"):
        fit_target([1.0, np.inf], "y", "classification")
    with pytest.raises(DataError, match="50 classes in 50 rows"):
        fit_target(np.arange(50), "y", "classification")
    with pytest.raises(ArgumentError, match="no task 'rank'"):
        fit_target([1, 2], "y", "rank")


def test_a_label_that_is_not_known_is_told_by_row() -> None:
    goal = fit_target(["a", "b"], "y")
    with pytest.raises(DataError, match=r"eval, row 2(.|\n)*'a', 'b'(.|\n)*'c'"):
        goal.encode(["a", "b", "c"], "eval")
    with pytest.raises(DataError, match="does not know"):
        fit_target([1, 2], "y").encode(["3"])
    with pytest.raises(DataError, match="missing values"):
        goal.encode(["a", None])


CLASSES = TargetSchema("y", "classification", ("a", "b"))
NUMBERS = TargetSchema("y", "regression", (), False, 1.0, 2.0, 0.0, 3.0)


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "O", "labels": ["a", "b"]},
        {"kind": "text", "labels": ["a"]},
        {"kind": "text", "labels": ["a", "a"]},
        {"kind": "text", "labels": ["a", 1]},
        {"kind": "text", "labels": "ab"},
        {"kind": "text", "labels": [["a"], ["b"]]},
        {"kind": "int32", "labels": [1, True]},
        {"kind": "int8", "labels": [1, 1000]},
        {"kind": "bool", "labels": [0, 1]},
    ],
)
def test_a_file_with_other_labels_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Target.from_dict(CLASSES, data)


@pytest.mark.parametrize("scale", [0.0, -1.0, float("inf"), "2", None, True])
def test_a_file_with_another_scale_is_refused(scale: Any) -> None:
    data = {"kind": "float64", "labels": []}
    assert Target.from_dict(NUMBERS, data).outputs == 1
    schema = TargetSchema("y", "regression", (), False, 1.0, scale, 0.0, 3.0)
    with pytest.raises(ValueError, match="finite center"):
        Target.from_dict(schema, data)
