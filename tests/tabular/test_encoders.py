"""Encoders: fitted on training rows, then the same for every row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace

import numpy as np
import pytest

from pronghorn.data.infer import infer_columns
from pronghorn.data.raw import NumberColumn, RawColumn, RawTable, text_column
from pronghorn.data.schema import ColumnSchema
from pronghorn.errors import DataError
from pronghorn.tabular import encode, feature_names, fit_encoder
from pronghorn.tabular.encoders import IDS_FROM, MISSING_ID, UNSEEN_ID


def number(values: Sequence[float]) -> NumberColumn:
    return NumberColumn("a", np.array(values, np.float64))


def fitted(raw: RawColumn, *, linear: bool = False) -> ColumnSchema:
    rows = len(raw.missing)
    other = NumberColumn("other", np.sin(np.arange(rows)))
    table = RawTable({"a": raw, "other": other}, rows)
    column = infer_columns(table, np.arange(rows), "y")[0]
    return fit_encoder(column, raw, linear=linear)


VARIED = {
    "numbers": number([3.5, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8.5]),
    "missing numbers": number([3.5, np.nan, 4, 1, np.nan, 9, 2, 6, 5, 3, 5, 8.5]),
    "whole": number([0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 9, 4]),
    "bools": number([0, 1, np.nan] * 4),
    "categories": text_column("a", ["x", "y", None, "z"] * 3),
    "dates": text_column("a", ["2024-02-29", "2026-11-22 06:00", None] * 4),
}


@pytest.mark.parametrize("linear", [True, False])
@pytest.mark.parametrize("case", VARIED)
def test_features_are_finite_and_named(case: str, linear: bool) -> None:
    raw = VARIED[case]
    column = fitted(raw, linear=linear)
    features = encode(column, raw)
    assert features.dtype == np.float32 and np.isfinite(features).all()
    assert features.shape == (len(raw.missing), len(feature_names(column)))
    assert np.abs(features).max() < 10


@pytest.mark.parametrize("case", VARIED)
def test_a_linear_units_features_are_standard_scores(case: str) -> None:
    features = encode(fitted(VARIED[case], linear=True), VARIED[case])
    varied = features.std(axis=0) > 0
    np.testing.assert_allclose(features.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(features.std(axis=0)[varied], 1, atol=1e-5)


@pytest.mark.parametrize("case", VARIED)
def test_parameters_survive_json(case: str) -> None:
    column = fitted(VARIED[case])
    again = replace(column, encoder=json.loads(json.dumps(dict(column.encoder))))
    np.testing.assert_array_equal(
        encode(column, VARIED[case]), encode(again, VARIED[case])
    )


def test_a_missing_number_takes_the_median_and_is_told() -> None:
    raw = number([1, 2, 6, np.nan])
    column = fitted(raw, linear=True)
    assert column.encoder["fill"] == 2
    assert feature_names(column) == ["a", "a is missing"]
    features = encode(column, raw)
    assert features[3, 0] == features[1, 0]
    assert features[3, 1] > features[1, 1]


def test_a_number_missing_only_later_takes_the_median() -> None:
    column = fitted(number([1, 2, 6, 9, 11]), linear=True)
    later = encode(column, number([np.nan, 6]))
    assert later.shape == (2, 1) and later[0, 0] == later[1, 0]


def test_outliers_are_bent_for_a_net() -> None:
    raw = number([*range(100), 1e9])
    assert np.abs(encode(fitted(raw), raw)).max() < 12
    assert np.isfinite(encode(fitted(raw), number([-1e300, 1e300]))).all()


def test_pieces_of_a_number_rise_one_after_the_other() -> None:
    raw = number(np.linspace(0, 12, 1000))
    column = fitted(raw)
    names = feature_names(column)
    features = encode(column, raw)
    assert len(names) == 13 and names[1] == "a above 0" and names[-1] == "a above 11"
    assert (np.diff(features, axis=0) >= -1e-6).all()
    low, high = encode(column, number([-100.0, 100.0]))
    np.testing.assert_array_equal(low[1:], features[0, 1:])
    np.testing.assert_array_equal(high[1:], features[-1, 1:])


def test_numbers_spelt_in_a_later_text_column_are_read() -> None:
    column = fitted(number([1, 2, 6, 9, 11]), linear=True)
    later = encode(column, text_column("a", ["2", None]))
    np.testing.assert_array_equal(later, encode(column, number([2, np.nan])))


def test_what_is_no_number_is_an_error_that_says_where() -> None:
    column = fitted(number([1, 2, 6, 9, 11]))
    with pytest.raises(DataError) as caught:
        encode(column, text_column("a", ["2", "two", None, "two"]))
    assert "column 'a', 2 row(s), the first is row 2" in str(caught.value)
    assert "'two'" in str(caught.value)


@pytest.mark.parametrize("raw", [number([2, -np.inf]), text_column("a", ["2", "-inf"])])
def test_an_infinite_number_is_an_error_that_says_where(raw: RawColumn) -> None:
    column = fitted(number([1, 2, 6, 9, 11]))
    with pytest.raises(DataError, match=r"column 'a', 1 row.s., the first is row 2"):
        encode(column, raw)


def test_what_is_no_date_is_an_error() -> None:
    column = fitted(text_column("a", ["2026-01-01", "2026-01-02"]))
    with pytest.raises(DataError, match="date spelt"):
        encode(column, text_column("a", ["yesterday"]))
    with pytest.raises(DataError, match="date spelt"):
        encode(column, number([20260101.0]))


def test_dates_become_their_parts() -> None:
    raw = text_column("a", ["2026-11-22", "2024-02-29", "2025-12-31"])
    column = fitted(raw)
    center, scale = (np.array(column.encoder[k]) for k in ("center", "scale"))
    parts = encode(column, raw) * scale + center
    assert column.encoder["parts"] == ["day number", "year", "month", "day", "weekday"]
    np.testing.assert_allclose(parts[0, 1:], [2026, 11, 22, 6], atol=1e-3)
    np.testing.assert_allclose(parts[1, 1:], [2024, 2, 29, 3], atol=1e-3)


def test_dates_before_1970() -> None:
    raw = text_column("a", ["1912-04-15", "1969-12-31", "1970-01-01"])
    column = fitted(raw)
    parts = encode(column, raw) * np.array(column.encoder["scale"])
    parts += np.array(column.encoder["center"])
    np.testing.assert_allclose(parts[0, 1:], [1912, 4, 15, 0], atol=1e-3)


def test_one_hot_unseen_is_no_category_and_missing_is_one() -> None:
    raw = text_column("a", ["x"] * 5 + ["y"] * 4 + ["z"] * 3 + [None] * 3)
    column = fitted(raw)
    assert feature_names(column) == ["a = x", "a = y", "a = z", "a is missing"]
    features = encode(column, text_column("a", ["x", "y", "new", None]))
    base = features[2]
    assert (features[0] > base).tolist() == [True, False, False, False]
    assert (features[3] > base).tolist() == [False, False, False, True]


def many() -> tuple[RawColumn, ColumnSchema]:
    names = [f"c{i % 20}" for i in range(100)] + ["rare", None]
    raw = text_column("a", names)
    return raw, fitted(raw)


def test_many_categories_become_ids_without_rare_ones() -> None:
    raw, column = many()
    assert column.encoder["type"] == "embedding"
    assert len(column.encoder["categories"]) == 20
    ids = encode(column, raw)
    assert ids.dtype == np.int32
    assert set(ids[:100].tolist()) == set(range(IDS_FROM, IDS_FROM + 20))
    assert ids[100] == UNSEEN_ID and ids[101] == MISSING_ID


def test_unseen_is_not_missing() -> None:
    _, column = many()
    later = encode(column, text_column("a", ["new", None, "c3"]))
    assert later[0] == UNSEEN_ID and later[1] == MISSING_ID and later[2] >= IDS_FROM


def test_ids_do_not_depend_on_the_order_of_later_rows() -> None:
    _, column = many()
    one = encode(column, text_column("a", ["c1", "c2", "new"]))
    two = encode(column, text_column("a", ["new", "c2", "c1"]))
    assert one.tolist() == two.tolist()[::-1]


def test_a_bool_that_is_neither_lies_between() -> None:
    raw = text_column("a", ["yes", "no"] * 3)
    column = fitted(raw)
    no, yes, odd = encode(column, text_column("a", ["no", "YES", "maybe"]))[:, 0]
    assert no < odd < yes


def test_later_numbers_match_categories_of_text() -> None:
    raw = text_column("a", ["1", "2", "x"] * 4)
    column = fitted(raw)
    later = encode(column, number([1, 2, np.nan]))
    np.testing.assert_array_equal(
        later, encode(column, text_column("a", ["1", "2", None]))
    )


def test_what_was_prepared_belongs_to_one_encoder_alone() -> None:
    """Constants are kept with a column; another encoder of it has its own."""
    raw = NumberColumn("a", np.array([1.0, 2.0, 3.0, 4.0]))
    column = fit_encoder(ColumnSchema("a", "numeric"), raw, linear=True)
    first = encode(column, raw)
    np.testing.assert_array_equal(encode(column, raw), first)
    moved = replace(column, encoder={**column.encoder, "center": [0.0]})
    np.testing.assert_allclose(
        encode(moved, raw), first + column.encoder["center"][0] / raw.values.std()
    )
    assert replace(column) == column
    assert asdict(column) == asdict(replace(column))
