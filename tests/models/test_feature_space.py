"""`FeatureSpace`: kinds of data, single rows, models, files, and what it refuses.

Its values are compared with Keras's in `tests/conformance`.
"""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.errors import ArgumentError, DataError, ShapeError
from pronghorn.utils import FeatureSpace

TABLE: dict[str, list[Any]] = {
    "age": [20.0, 30.0, 40.0, 50.0, 60.0, 70.0],
    "size": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
    "city": ["Rome", "Oslo", "Rome", "Bern", "Oslo", "Rome"],
    "job": ["cook", "nurse", "cook", "pilot", "nurse", "cook"],
    "rooms": [1, 2, 2, 3, 1, 2],
}


def made(mode: str = "concat", given: str = "one_hot") -> Any:
    return FeatureSpace(
        {
            "age": "float_normalized",
            "size": FeatureSpace.float_discretized(3, output_mode=given),
            "city": FeatureSpace.string_categorical(output_mode=given),
            "job": FeatureSpace.string_hashed(5, output_mode=given),
            "rooms": FeatureSpace.integer_categorical(output_mode=given),
        },
        crosses=[FeatureSpace.cross(("size", "city"), 8, output_mode=given)],
        output_mode=mode,
    )


def adapted(mode: str = "concat", given: str = "one_hot") -> Any:
    space = made(mode, given)
    space.adapt(TABLE)
    return space


WIDTH = 1 + 4 + 5 + 4 + 3 + 8


def test_rows_and_a_row() -> None:
    space = adapted()
    rows = space(TABLE)
    assert rows.shape == (6, WIDTH) and rows.dtype == "float32"
    one = space({name: column[2] for name, column in TABLE.items()})
    np.testing.assert_array_equal(one, rows[2])
    first = {name: np.asarray(column)[:1, None] for name, column in TABLE.items()}
    np.testing.assert_array_equal(space(first), rows[:1])
    np.testing.assert_allclose(rows[:, 0].mean(), 0.0, atol=1e-6)
    assert set(np.unique(rows[:, 1:])) == {0.0, 1.0}


def test_features_one_by_one() -> None:
    names = {*TABLE, "size_X_city"}
    encoded = adapted("dict")(TABLE)
    assert set(encoded) == names
    assert encoded["city"].shape == (6, 4) and encoded["size_X_city"].shape == (6, 8)
    whole = adapted("dict", "int")
    ids = whole(TABLE)
    assert ids["city"].shape == (6, 1) and ids["city"].dtype == "int32"
    one = whole({name: column[3] for name, column in TABLE.items()})
    assert one["city"].shape == (1,) and one["city"][0] == ids["city"][3, 0]


def test_the_same_from_every_kind_of_table() -> None:
    expected = adapted()(TABLE)
    parts = [{n: c[i : i + 6] for n, c in TABLE.items()} for i in (0,)]
    rows = [{n: c[i] for n, c in TABLE.items()} for i in range(6)]
    frame = pd.DataFrame(TABLE)
    kinds: list[Any] = [
        *(frame, pl.DataFrame(TABLE), parts, iter(parts), rows),
        *((row for row in rows), {n: np.asarray(c) for n, c in TABLE.items()}),
    ]
    for kind in kinds:
        space = made()
        space.adapt(kind)
        np.testing.assert_array_equal(space(TABLE), expected)
    np.testing.assert_array_equal(adapted()(frame), expected)


def test_many_rows_are_joined_as_operations_join_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = {name: np.resize(column, 2500) for name, column in TABLE.items()}
    space, whole = adapted(), adapted("dict")
    rows, parts = space(table), whole(table)
    names = [*sorted(TABLE), "size_X_city"]
    np.testing.assert_array_equal(np.hstack([parts[n] for n in names]), rows)
    monkeypatch.setattr(
        "pronghorn.models.feature_space.side_by_side", lambda parts: None
    )
    np.testing.assert_array_equal(space(table), rows)
    np.testing.assert_array_equal(whole(table)["city"], parts["city"])


def test_numbers_of_ones_own_layer_that_have_no_column() -> None:
    class Odd(layers.Hashing):
        def call_on_host(self, *inputs: Any) -> Any:
            return inputs[0].astype(np.int64) - 1

    given = FeatureSpace.feature("int32", Odd(3), "one_hot")
    found = FeatureSpace({"rooms": given})({"rooms": [0, 1, 2, 3, 4]})
    expected = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]
    np.testing.assert_array_equal(found, expected)


def test_adapting_again_forgets_what_was_known() -> None:
    space = adapted()
    other = {**TABLE, "city": ["Lima"] * 6}
    space.adapt(other)
    assert space.preprocessors["city"].get_vocabulary() == ["[UNK]", "Lima"]
    assert space(other).shape == (6, WIDTH - 2)


def test_layers_of_ones_own_and_what_needs_no_adapting() -> None:
    normal = layers.Normalization(mean=40.0, variance=4.0)
    bins = layers.Discretization([25.0, 45.0])
    space = FeatureSpace(
        {
            "age": FeatureSpace.feature("float32", normal, "float"),
            "size": FeatureSpace.float_rescaled(0.5, offset=1.0),
            "rooms": "integer_hashed",
            "years": FeatureSpace.feature("float32", bins, "one_hot"),
        },
        hashing_dim=7,
        output_mode="dict",
    )
    found = space(
        {**{n: TABLE[n] for n in ("age", "size", "rooms")}, "years": [30.0] * 6}
    )
    np.testing.assert_allclose(found["age"].ravel(), np.arange(-10, 20, 5))
    np.testing.assert_allclose(found["size"].ravel(), np.arange(1.5, 4.5, 0.5))
    assert found["rooms"].shape == (6, 7)
    np.testing.assert_array_equal(found["years"], [[0, 1, 0]] * 6)


def net(space: Any) -> Any:
    encoded = space.get_encoded_features()
    return keras.Model(space.get_inputs(), layers.Dense(1)(encoded))


@pytest.mark.parametrize("backend", ["native", "reference"])
def test_a_model_takes_the_table(
    backend: str, monkeypatch: Any, tmp_path: Path
) -> None:
    monkeypatch.setenv("PRONGHORN_BACKEND", backend)
    space = adapted()
    model = net(space)
    x = {name: np.asarray(column)[:, None] for name, column in TABLE.items()}
    y = np.arange(6, dtype="float32")
    kernel, bias = model.layers[-1].get_weights()
    np.testing.assert_allclose(
        model.predict(x, verbose=0), space(TABLE) @ kernel + bias, rtol=1e-4, atol=1e-5
    )
    for table in (TABLE, pd.DataFrame(TABLE)):
        np.testing.assert_array_equal(
            model.predict(table, verbose=0), model.predict(x, verbose=0)
        )
    model.compile("adam", "mse")
    losses = model.fit(x, y, epochs=20, batch_size=4, verbose=0).history["loss"]
    assert losses[-1] < losses[0] and keras.backend_of(model) == backend
    path = str(tmp_path / "net.keras")
    model.save(path)
    again = keras.models.load_model(path)
    np.testing.assert_allclose(
        again.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-5
    )


def test_a_net_on_features_and_the_same_on_the_table() -> None:
    space = adapted()
    encoded = space.get_encoded_features()
    outputs = layers.Dense(1)(layers.Dense(3, activation="relu")(encoded))
    inner = keras.Model(encoded, outputs)
    inner.compile("adam", "mse")
    inner.fit(space(TABLE), np.arange(6, dtype="float32"), epochs=2, verbose=0)
    whole = keras.Model(space.get_inputs(), outputs)
    found = whole.predict({n: np.asarray(c) for n, c in TABLE.items()}, verbose=0)
    np.testing.assert_allclose(found, inner.predict(space(TABLE), verbose=0), rtol=1e-5)


@pytest.mark.parametrize("mode", ["concat", "dict"])
def test_files_come_back(mode: str, tmp_path: Path) -> None:
    space = adapted(mode)
    paths = [str(tmp_path / f"{i}.keras") for i in range(2)]
    space.save(paths[0])
    keras.models.load_model(paths[0]).save(paths[1])
    again = keras.models.load_model(paths[1])
    assert type(again) is FeatureSpace
    expected, found = space(TABLE), again(TABLE)
    if mode == "concat":
        expected, found = {"": expected}, {"": found}
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value)
    assert (
        again.get_config() == FeatureSpace.from_config(space.get_config()).get_config()
    )


def test_pickles_and_copies_come_back() -> None:
    space = adapted()
    for again in (pickle.loads(pickle.dumps(space)), copy.deepcopy(space)):
        np.testing.assert_array_equal(again(TABLE), space(TABLE))
    with pytest.raises(ArgumentError, match=r"call `\.adapt"):
        copy.deepcopy(made())(TABLE)


def test_numbers_as_they_are_and_rescaled() -> None:
    space = FeatureSpace({"age": "float", "size": "float_rescaled"})
    assert space.preprocessors["age"].name == "age_preprocessor"
    found = space({"age": [20.0, 30.0], "size": [1, 2]})
    assert found.tolist() == [[20.0, 1.0], [30.0, 2.0]] and found.dtype == np.float32


def test_arguments_that_make_no_sense() -> None:
    kinds = {"a": "integer_categorical", "b": "integer_categorical"}
    for given in ({}, None):
        with pytest.raises(ArgumentError, match="cannot be None or empty"):
            FeatureSpace(given)
    with pytest.raises(ArgumentError, match="no such kind"):
        FeatureSpace({"a": "integer"})
    with pytest.raises(ArgumentError, match="crossing_dim"):
        FeatureSpace(kinds, crosses=[("a", "b")], crossing_dim=None)
    with pytest.raises(ArgumentError, match="should be present"):
        FeatureSpace(kinds, crosses=[("a", "c")])
    for alone in (("a",), FeatureSpace.cross(("a",), 4), "a"):
        with pytest.raises(ArgumentError, match="two or more"):
            FeatureSpace(kinds, crosses=[alone])
    with pytest.raises(ArgumentError, match="output_mode"):
        FeatureSpace(kinds, output_mode="list")
    with pytest.raises(ArgumentError, match="output_mode"):
        FeatureSpace.cross(("a", "b"), 3, output_mode="float")
    with pytest.raises(ArgumentError, match="output_mode"):
        FeatureSpace.string_hashed(3, output_mode="multi_hot")


def test_what_cannot_be_asked_yet() -> None:
    space = made()
    for ask in (space.get_inputs, space.get_encoded_features, lambda: space(TABLE)):
        with pytest.raises(ArgumentError, match=r"call `\.adapt"):
            ask()


def test_data_that_does_not_fit() -> None:
    space = adapted()
    with pytest.raises(ArgumentError, match="dict or a frame"):
        space(np.zeros((2, 5)))
    with pytest.raises(DataError, match="add 'city'"):
        space({name: column for name, column in TABLE.items() if name != "city"})
    with pytest.raises(DataError, match="leave out 'extra'"):
        space({**TABLE, "extra": TABLE["age"]})
    with pytest.raises(DataError, match="column 'city'"):
        space({**TABLE, "city": TABLE["rooms"]})
    with pytest.raises(DataError, match="column 'age'"):
        space({**TABLE, "age": TABLE["city"]})
    with pytest.raises(ShapeError, match="column 'size'"):
        space({**TABLE, "size": [1.0, 2.0]})
    for nothing in (3, "text", np.zeros(3), [(TABLE, [1])]):
        with pytest.raises(ArgumentError, match="takes a table"):
            made().adapt(nothing)
    with pytest.raises(DataError, match="column 'rooms'"):
        made().adapt(
            {name: column for name, column in TABLE.items() if name != "rooms"}
        )
    with pytest.raises(DataError, match="no rows"):
        made().adapt([])
    with pytest.raises(ArgumentError, match=r"row\.to_dict\(\)"):
        space(pd.DataFrame(TABLE).iloc[0])


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("age", ["old"] * 6, "not of its feature's kind"),
        ("city", [1] * 6, r"\.astype\(str\)"),
        ("rooms", ["two"] * 6, "string_categorical"),
        ("age", [20.0, np.nan, 40.0, 50.0, 60.0, 70.0], "NaN"),
        ("rooms", [1.5] * 6, "whole numbers"),
        ("size", [1.0, np.nan, 3.0, 4.0, 5.0, 6.0], "NaN"),
    ],
)
def test_adapt_names_the_column(column: str, values: list[Any], said: str) -> None:
    table = {**TABLE, column: values}
    for given in (table, pd.DataFrame(table)):
        with pytest.raises(DataError, match=said) as found:
            made().adapt(given)
        assert f"column {column!r}" in (found.value.where or "")


def test_features_that_cannot_be_joined() -> None:
    whole = FeatureSpace({"city": FeatureSpace.string_hashed(4, output_mode="int")})
    with pytest.raises(ArgumentError, match="'city' has not been encoded"):
        whole.get_encoded_features()
    normal = layers.Normalization(mean=0.0, variance=1.0)
    feature = FeatureSpace.feature("float32", normal, "one_hot")
    with pytest.raises(ArgumentError, match="no whole numbers"):
        FeatureSpace({"age": feature}).get_encoded_features()
