"""`Hashing` and `HashedCrossing`: modes, kinds of input, models, and refusals.

The values are Keras's on TensorFlow: `tests/conformance` has more of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.errors import ArgumentError, DataError, ShapeError, UnsupportedError

WORDS = [["A"], ["B"], ["C"], ["D"], ["E"]]
BINS = [[1], [0], [1], [1], [2]]


def same(found: Any, expected: Any, dtype: str = "int32") -> None:
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == dtype


@pytest.mark.parametrize(
    "words",
    [WORDS, np.array(WORDS), np.array(WORDS, object), np.array(WORDS).astype("S")],
    ids=["list", "text", "objects", "bytes"],
)
def test_text_to_bins(words: Any) -> None:
    same(layers.Hashing(3)(words), BINS)
    same(layers.Hashing(3, salt=[133, 137])(words), [[1], [2], [1], [0], [2]])
    same(layers.Hashing(3, salt=133)(words), [[0], [0], [2], [1], [0]])
    same(layers.Hashing(1)(words), np.zeros((5, 1)))


def test_numbers_to_bins() -> None:
    numbers = np.arange(5)
    for given in (numbers, numbers.tolist(), numbers.astype("uint8"), numbers + 0.5):
        same(layers.Hashing(3)(given), [1, 0, 1, 0, 2])
    same(layers.Hashing(3)(["0", "1", "2", "3", "4"]), [1, 0, 1, 0, 2])
    same(layers.Hashing(3, salt=[133, 137])(numbers), [1, 1, 2, 0, 1])
    large = layers.Hashing(1000)
    assert large(np.array([2**40]))[0] == large(["1099511627776"])[0]


def test_a_mask_value_has_bin_0_for_itself() -> None:
    same(layers.Hashing(3, mask_value="")([["A"], ["B"], [""]]), [[1], [1], [0]])
    same(layers.Hashing(3, mask_value=b"")([["A"], ["B"], [""]]), [[1], [1], [0]])
    numbers = layers.Hashing(4, mask_value=2)(np.arange(5))
    same(numbers == 0, [False, False, True, False, False], "bool")
    same(layers.Hashing(1, mask_value="A")(WORDS), np.zeros((5, 1)))


def test_bins_as_columns() -> None:
    ids = np.array([[0, 1], [2, 4]])
    bins = np.array([[1, 0], [1, 2]])
    each = np.eye(3)[bins]
    same(layers.Hashing(3, output_mode="one_hot")(ids), each, "float32")
    same(layers.Hashing(3, output_mode="one_hot")(ids[:, :1]), each[:, 0], "float32")
    same(layers.Hashing(3, output_mode="one_hot")(ids[:, 0]), each[:, 0], "float32")
    same(layers.Hashing(3, output_mode="multi_hot")(ids), each.max(1), "float32")
    again = np.array([[0, 2, 4]])
    same(layers.Hashing(3, output_mode="count")(again), [[0, 2, 1]], "float32")
    same(layers.Hashing(3, output_mode="multi_hot")(again), [[0, 1, 1]], "float32")
    same(layers.Hashing(3, output_mode="count")(again[0]), [0, 2, 1], "float32")
    whole = layers.Hashing(3, output_mode="count", dtype="int32")
    same(whole(again), [[0, 2, 1]])


@pytest.mark.parametrize("mode", ["int", "one_hot", "multi_hot", "count"])
@pytest.mark.parametrize("shape", [(4, 1), (4, 3), (2, 3, 4), (4,)])
def test_the_shape_is_known_before(mode: str, shape: tuple[int, ...]) -> None:
    layer = layers.Hashing(5, output_mode=mode)
    found = layer(np.arange(np.prod(shape)).reshape(shape))
    known = layer.compute_output_shape((None, *shape[1:]))
    symbol = layer(keras.Input(shape[1:], dtype="int32"))
    assert symbol.shape == known and symbol.dtype == found.dtype
    assert len(known) == found.ndim
    assert all(a is None or a == b for a, b in zip(known, found.shape))


def test_arguments_that_make_no_sense() -> None:
    for bins in (None, 0, -1, 2.5):
        with pytest.raises(ArgumentError, match="num_bins"):
            layers.Hashing(bins)
    for salt in ("text", [1], [1, 2, 3], [1, "b"]):
        with pytest.raises(ArgumentError, match="salt"):
            layers.Hashing(2, salt=salt)
    with pytest.raises(ArgumentError, match="output_mode"):
        layers.Hashing(2, output_mode="onehot")
    with pytest.raises(ArgumentError, match="never sparse"):
        layers.Hashing(2, sparse=True)
    with pytest.raises(UnsupportedError, match="dense"):
        layers.Hashing(2, output_mode="one_hot", sparse=True)
    with pytest.raises(ArgumentError, match="dtype"):
        layers.Hashing(2, dtype="float32")
    with pytest.raises(DataError, match="mask value"):
        layers.Hashing(3, mask_value="")(np.arange(3))


def test_configs_come_back() -> None:
    layer = layers.Hashing(8, "", 7, "count", name="bins")
    config = layer.get_config()
    assert list(config)[3:] == [
        *("num_bins", "salt", "mask_value", "output_mode", "sparse")
    ]
    assert config["salt"] == [7, 7] and config["mask_value"] == ""
    assert layers.Hashing.from_config(config).get_config() == config
    cross = layers.HashedCrossing(8, output_mode="one_hot", name="cross")
    again = layers.HashedCrossing.from_config(cross.get_config())
    assert again.get_config() == cross.get_config()
    assert layers.HashedCrossing(8).get_config()["dtype"] == "int64"


LEFT, RIGHT = np.array(["A", "B", "A", "B", "A"]), np.array([101, 101, 101, 102, 102])
CROSSED = [1, 4, 1, 1, 3]


def test_crossed_features() -> None:
    layer = layers.HashedCrossing(5)
    same(layer((LEFT, RIGHT)), CROSSED)
    same(layer([LEFT[:, None], RIGHT[:, None]]), np.array(CROSSED)[:, None])
    same(layers.HashedCrossing(10)(["A", 101]), 1)
    columns = layers.HashedCrossing(5, output_mode="one_hot")
    same(columns((LEFT, RIGHT)), np.eye(5)[CROSSED], "float32")
    same(columns((LEFT[:, None], RIGHT[:, None])), np.eye(5)[CROSSED], "float32")
    assert columns.compute_output_shape([(None, 1), (None, 1)]) == (None, 5)
    three = layers.HashedCrossing(1000)
    assert (three([LEFT, RIGHT, RIGHT]) != three([LEFT, RIGHT])).any()


def test_what_cannot_be_crossed() -> None:
    layer = layers.HashedCrossing(10)
    ones = np.ones((2, 1), "int32")
    for given in (np.array(1), [ones]):
        with pytest.raises(ArgumentError, match="list"):
            layer(given)
    with pytest.raises(ShapeError, match="one value in each row"):
        layer([ones[..., None], ones[..., None]])
    with pytest.raises(ShapeError, match="equal shapes"):
        layer([ones, ones[:, 0]])
    with pytest.raises(DataError, match="integer or string"):
        layer([ones, ones.astype("float32")])
    with pytest.raises(ArgumentError, match="two inputs"):
        layer.compute_output_shape((None, 1))
    with pytest.raises(ArgumentError, match="output_mode"):
        layers.HashedCrossing(10, output_mode="multi_hot")
    with pytest.raises(UnsupportedError, match="dense"):
        layers.HashedCrossing(10, output_mode="one_hot", sparse=True)
    with pytest.raises(ArgumentError, match="num_bins"):
        layers.HashedCrossing(None)


def crossing_model() -> Any:
    """Text, a number and its bins: hashed, crossed, and learned from."""
    word = keras.Input((1,), dtype="string", name="word")
    number = keras.Input((1,), name="number")
    bins = layers.Discretization([0.0, 1.0])(number)
    hashed = layers.Hashing(6, output_mode="one_hot")(word)
    crossed = layers.HashedCrossing(8, output_mode="one_hot")([bins, word])
    joined = layers.Concatenate()([hashed, crossed, number])
    return keras.Model([word, number], layers.Dense(1)(joined))


@pytest.mark.parametrize("backend", ["native", "reference"])
def test_a_model_that_hashes_and_crosses(
    backend: str, monkeypatch: Any, tmp_path: Path
) -> None:
    monkeypatch.setenv("PRONGHORN_BACKEND", backend)
    model = crossing_model()
    words = np.array([["a"], ["b"], ["c"], ["a"], ["b"], ["c"]])
    numbers = np.array([[-1.0], [0.5], [2.0], [0.5], [2.0], [-1.0]], "float32")
    hashed = layers.Hashing(6, output_mode="one_hot")(words)
    bins = layers.Discretization([0.0, 1.0])(numbers)
    crossed = layers.HashedCrossing(8, output_mode="one_hot")([bins, words])
    kernel, bias = model.get_weights()
    expected = np.concatenate([hashed, crossed, numbers], axis=1) @ kernel + bias
    found = model.predict([words, numbers], verbose=0)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    assert keras.backend_of(model) == backend

    model.compile("adam", "mse")
    history = model.fit([words, numbers], numbers, epochs=20, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    path = str(tmp_path / "model.keras")
    model.save(path)
    again = keras.models.load_model(path)
    np.testing.assert_allclose(
        again.predict([words, numbers], verbose=0),
        model.predict([words, numbers], verbose=0),
        rtol=1e-5,
    )
