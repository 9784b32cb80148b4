"""Whole tables: in by the schema, out in the target's own words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pronghorn.data.raw import NumberColumn, RawTable, text_column
from pronghorn.data.schema import Schema
from pronghorn.errors import DataError
from pronghorn.tabular import (
    decode,
    encode_table,
    encode_target,
    fit_schema,
)

ROWS = 200
RNG = np.random.default_rng(0)


def make(target: list[str | None], rows: int = ROWS) -> RawTable:
    columns = [
        NumberColumn("n", RNG.normal(size=rows)),
        text_column("few", [("x", "y", "z")[i % 3] for i in range(rows)]),
        text_column("many", [f"c{i % 20}" for i in range(rows)]),
        text_column("y", target),
    ]
    return RawTable({c.name: c for c in columns}, rows, "t.csv")


PRICES = [repr(float(v)) for v in np.exp(RNG.normal(10, 1, ROWS))]
LABELS = [("no", "yes", "maybe")[i % 3] for i in range(ROWS)]


def fit(table: RawTable, *, linear: bool = False, part: int = ROWS) -> Schema:
    return fit_schema(table, np.arange(part), "y", linear=linear)


def test_numbers_and_ids_are_apart() -> None:
    table = make(PRICES)
    inputs = encode_table(fit(table), table)
    assert inputs.numbers is not None and inputs.numbers.shape[0] == ROWS
    assert [ids.shape for ids in inputs.ids] == [(ROWS, 1)]
    taken = inputs.take(np.array([5, 3]))
    np.testing.assert_array_equal(taken.ids[0], inputs.ids[0][[5, 3]])
    assert len(taken.arrays) == 2


def test_a_linear_unit_takes_numbers_only() -> None:
    table = make(PRICES)
    assert len(encode_table(fit(table, linear=True), table).arrays) == 1


def test_all_columns_embedded() -> None:
    table = make(PRICES)
    schema = fit_schema(table, np.arange(ROWS), "y", linear=False, features=["many"])
    inputs = encode_table(schema, table)
    assert inputs.numbers is None and len(inputs.arrays) == 1
    assert len(inputs.take(np.array([1])).arrays[0]) == 1


def test_columns_are_matched_by_name() -> None:
    table = make(PRICES)
    schema = fit(table)
    turned = RawTable(dict(reversed(table.columns.items())), ROWS)
    for one, two in zip(
        encode_table(schema, table).arrays,
        encode_table(schema, turned).arrays,
        strict=True,
    ):
        np.testing.assert_array_equal(one, two)


def test_a_missing_column_is_named() -> None:
    table = make(PRICES)
    schema = fit(table)
    less = RawTable({"n": table.columns["n"]}, ROWS, "u.csv")
    with pytest.raises(DataError, match=r"u\.csv lacks 2 .* 'few', 'many'"):
        encode_table(schema, less)


def test_columns_left_out_need_not_be_there() -> None:
    table = make(PRICES)
    schema = fit_schema(table, np.arange(ROWS), "y", linear=False, drop=["few"])
    less = {k: v for k, v in table.columns.items() if k not in ("few", "y")}
    encode_table(schema, RawTable(less, ROWS))


@pytest.mark.parametrize("linear", [True, False])
def test_a_regression_target_comes_back_in_its_own_units(linear: bool) -> None:
    table = make(PRICES)
    schema = replace(fit(table, linear=linear), net={"linear": linear})
    assert schema.target.log is not linear
    scaled = encode_target(schema, table.column("y"))
    assert abs(scaled.mean()) < 1e-5 and abs(scaled.std() - 1) < 1e-5
    back = decode(schema, scaled[:, None])
    np.testing.assert_allclose(back, [float(p) for p in PRICES], rtol=1e-5)


def test_a_net_predicts_no_further_than_its_training_rows() -> None:
    schema = fit(make(PRICES))
    back = decode(schema, np.array([[-99.0], [1e9]], np.float32))
    assert back.tolist() == [schema.target.low, schema.target.high]


def test_a_symmetric_target_is_not_logged() -> None:
    table = make([repr(float(v)) for v in RNG.uniform(1, 2, ROWS)])
    assert not fit(table).target.log


def test_negative_targets_are_not_logged() -> None:
    table = make([repr(float(v)) for v in np.exp(RNG.normal(0, 2, ROWS)) - 1])
    assert not fit(table).target.log


def test_classes_come_back_as_the_table_spells_them() -> None:
    table = make(LABELS)
    schema = fit(table)
    assert schema.target.labels == ("maybe", "no", "yes")
    places = encode_target(schema, table.column("y"))
    assert places.dtype == np.int32
    assert decode(schema, np.eye(3)[places]).tolist() == LABELS


def test_two_classes_are_one_output() -> None:
    table = make([("no", "yes")[i % 2] for i in range(ROWS)])
    schema = fit(table)
    assert decode(schema, np.array([[0.2], [0.7]])).tolist() == ["no", "yes"]


def test_a_class_that_training_lacks_is_no_class() -> None:
    table = make(["no", "yes"] * 50 + ["new"] * 100)
    schema = fit(table, part=100)
    assert schema.target.labels == ("no", "yes")
    assert (encode_target(schema, table.column("y"))[100:] == -1).all()


def test_later_text_in_a_target_of_numbers() -> None:
    schema = fit(make(PRICES))
    with pytest.raises(DataError, match="holds text"):
        encode_target(schema, text_column("y", ["dear"]))


def test_other_rows_do_not_change_the_schema() -> None:
    table = make(PRICES)
    other = make(["1e9"] * ROWS)
    mixed = {
        name: text_column("y", PRICES[:100] + ["1e9"] * 100) if name == "y" else column
        for name, column in table.columns.items()
    }
    assert other.rows == ROWS
    assert fit(table, part=100) == fit(RawTable(mixed, ROWS, "t.csv"), part=100)
