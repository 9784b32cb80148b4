"""`CategoryEncoding` and `Discretization`: modes, adapting, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.errors import ArgumentError, DataError, ShapeError, StateError
from pronghorn.errors import UnsupportedError as Unsupported

IDS = np.array([[0, 2, 2], [1, 1, 1], [3, 0, 9]])
MULTI = [[1, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 1]]
COUNT = [[1, 0, 2, 0], [0, 3, 0, 0], [1, 0, 0, 1]]


def test_ids_as_columns() -> None:
    np.testing.assert_array_equal(layers.CategoryEncoding(4)(IDS), MULTI)
    binary = layers.CategoryEncoding(4, output_mode="binary")
    np.testing.assert_array_equal(binary(IDS), MULTI)
    assert binary.get_config()["output_mode"] == "multi_hot"
    count = layers.CategoryEncoding(4, output_mode="count")
    np.testing.assert_array_equal(count(IDS), COUNT)
    weighted = count(IDS, count_weights=np.full((3, 3), 0.5, "float32"))
    np.testing.assert_array_equal(weighted, np.array(COUNT) / 2)
    one = layers.CategoryEncoding(4, output_mode="one_hot")
    np.testing.assert_array_equal(one(IDS), np.eye(10)[IDS][..., :4])
    np.testing.assert_array_equal(one(IDS[:, :1]), np.eye(4)[IDS[:, 0]])
    np.testing.assert_array_equal(one(IDS[:, 0]), np.eye(4)[IDS[:, 0]])


def test_the_dtype_of_what_comes_out() -> None:
    for mode in ("one_hot", "multi_hot", "count"):
        layer = layers.CategoryEncoding(4, output_mode=mode, dtype="int32")
        assert layer(IDS).dtype == np.int32
    bins = layers.Discretization([0.0], output_mode="count", dtype="int32")
    assert bins(np.float32([[1.0]])).dtype == np.int32 and bins.output_dtype == "int32"
    assert layers.Discretization([0.0], output_mode="count").output_dtype == "float32"


def test_bins_of_higher_ranks_are_counted_along_the_first_axis_of_a_row() -> None:
    x = np.float32([[[0.5, -1.0], [0.5, 2.0], [2.0, -1.0]]])
    count = layers.Discretization([0.0, 1.0], output_mode="count")
    np.testing.assert_array_equal(count(x), [[[0, 2, 1], [2, 0, 1]]])
    multi = layers.Discretization([0.0, 1.0], output_mode="multi_hot")
    np.testing.assert_array_equal(multi(x), [[[0, 1, 1], [1, 0, 1]]])
    assert multi(keras.Input((3, 2))).shape == (None, 2, 3)


def test_a_net_may_be_made_before_its_bins_are_known() -> None:
    bins = layers.Discretization(num_bins=2, output_mode="one_hot")
    model = keras.Sequential([keras.Input((1,)), bins])
    assert model.output_shape == (None, 2)
    bins.adapt(np.array([0.0, 1.0, 2.0, 3.0]))
    np.testing.assert_array_equal(model.predict(np.zeros((1, 1)), verbose=0), [[1, 0]])


@pytest.mark.parametrize("backend", ["native", "reference"])
def test_columns_of_ids_in_a_model(backend: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("PRONGHORN_BACKEND", backend)
    ids = keras.Input((3,), dtype="int32")
    number = keras.Input((1,))
    bins = layers.Discretization([0.0, 1.0], output_mode="one_hot")(number)
    joined = layers.Concatenate()([layers.CategoryEncoding(4)(ids), bins])
    model = keras.Model([ids, number], joined)
    x = np.array([[-1.0], [0.0], [5.0]], "float32")
    expected = np.concatenate([MULTI, np.eye(3)], axis=1)
    np.testing.assert_array_equal(model.predict([IDS, x], verbose=0), expected)
    assert keras.backend_of(model) == backend


def test_bins_feed_an_embedding() -> None:
    steps = [layers.Discretization([0.0, 1.0]), layers.Embedding(3, 2)]
    model = keras.Sequential([keras.Input((4,)), *steps, layers.Flatten()])
    x = np.array([[-1.0, 0.0, 0.5, 1.0]], "float32")
    table = model.layers[1].embeddings.numpy()
    expected = table[[0, 1, 1, 2]].reshape(1, 8)
    np.testing.assert_array_equal(model.predict(x, verbose=0), expected)


def test_bins_with_about_as_many_values() -> None:
    x = np.random.default_rng(0).normal(size=(1000, 3))
    for data in (x, x.tolist(), [x[:400], x[400:]], iter([x[:400], x[400:]])):
        layer = layers.Discretization(num_bins=4)
        layer.adapt(data)
        counts = np.bincount(layer(x.astype("float32")).ravel())
        assert len(counts) == 4 and abs(counts / 750 - 1).max() < 0.1
    some = layers.Discretization(num_bins=4)
    some.adapt([x[:400], 100 + x], steps=1)
    assert max(some.bin_boundaries) < 10
    again = layers.Discretization.from_config(layer.get_config())
    assert again.bin_boundaries == layer.bin_boundaries and again.num_bins == 4


def test_an_adapted_layer_is_seen_by_a_compiled_model() -> None:
    layer = layers.Discretization(num_bins=2, output_mode="one_hot")
    layer.adapt(np.array([0.0, 1.0, 2.0, 3.0]))
    model = keras.Sequential([keras.Input((1,)), layer])
    x = np.array([[5.0]], "float32")
    np.testing.assert_array_equal(model.predict(x, verbose=0), [[0, 1]])
    layer.adapt(np.array([10.0, 11.0, 12.0, 13.0]))
    np.testing.assert_array_equal(model.predict(x, verbose=0), [[1, 0]])


@pytest.mark.parametrize(
    ("error", "words", "make"),
    [
        (ArgumentError, "num_tokens", lambda: layers.CategoryEncoding()),
        (ArgumentError, "num_tokens", lambda: layers.CategoryEncoding(0)),
        (ArgumentError, "output_mode", lambda: layers.CategoryEncoding(3, "int")),
        (Unsupported, "dense", lambda: layers.CategoryEncoding(3, sparse=True)),
        (
            ArgumentError,
            "count_weights",
            lambda: layers.CategoryEncoding(3)(IDS, count_weights=IDS),
        ),
        (
            ShapeError,
            "two axes",
            lambda: layers.CategoryEncoding(3, "count")(IDS[None]),
        ),
        (ArgumentError, "one of bin", lambda: layers.Discretization()),
        (ArgumentError, "one of bin", lambda: layers.Discretization([0.0], 3)),
        (ArgumentError, "increasing", lambda: layers.Discretization([1.0, 0.0])),
        (ArgumentError, "output_mode", lambda: layers.Discretization([0], None, 1, "")),
        (StateError, "adapt", lambda: layers.Discretization(num_bins=3)(IDS)),
        (ArgumentError, "given its", lambda: layers.Discretization([0.0]).adapt(IDS)),
        (
            DataError,
            "NaN",
            lambda: layers.Discretization(num_bins=3).adapt(np.array([[np.nan]])),
        ),
    ],
)
def test_what_they_refuse(error: Any, words: str, make: Any) -> None:
    with pytest.raises(error, match=words):
        make()
