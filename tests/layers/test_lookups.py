"""`StringLookup` and `IntegerLookup`: places, columns, vocabularies, files, errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.errors import (
    ArgumentError,
    DataError,
    DtypeError,
    FileFormatError,
    StateError,
    UnsupportedError,
)

pandas = pytest.importorskip("pandas")
WORDS = ["red", "blue", "green"]


def test_places_of_a_given_vocabulary() -> None:
    layer = layers.StringLookup(vocabulary=WORDS)
    np.testing.assert_array_equal(layer(["blue", "x", "red"]), [2, 0, 1])
    np.testing.assert_array_equal(layer([["blue"], ["green"]]), [[2], [3]])
    assert layer(["blue"]).dtype == np.int32 and layer("blue").shape == ()
    masked = layers.StringLookup(vocabulary=WORDS, mask_token="")
    np.testing.assert_array_equal(masked(["", "x", "red"]), [0, 1, 2])
    assert masked.get_vocabulary() == ["", "[UNK]", *WORDS]
    assert masked.get_vocabulary(include_special_tokens=False) == WORDS
    assert masked.vocabulary_size() == 5
    whole = layers.IntegerLookup(vocabulary=[7, 2**40], mask_token=0)
    np.testing.assert_array_equal(whole(np.array([0, 7, 2**40, 5.0])), [0, 2, 3, 1])
    assert whole.get_vocabulary() == [0, -1, 7, 2**40]


def test_a_vocabulary_with_its_special_tokens_is_the_same() -> None:
    whole = ["", "[UNK]", "[UNK]", *WORDS]
    given = {"mask_token": "", "num_oov_indices": 2}
    for vocabulary in (whole, WORDS, np.array(WORDS), tuple(WORDS)):
        layer = layers.StringLookup(vocabulary=vocabulary, **given)
        assert layer.get_vocabulary() == whole


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("multi_hot", [[1, 0, 1], [0, 1, 0]]),
        ("count", [[1, 0, 2], [0, 3, 0]]),
        ("tf_idf", [[0.5, 0, 4], [0, 3, 0]]),
    ],
)
def test_columns_of_a_row(mode: str, expected: Any) -> None:
    weights = [0.5, 1.0, 2.0] if mode == "tf_idf" else None
    vocabulary = ["[UNK]", "a", "b"]
    layer = layers.StringLookup(
        vocabulary=vocabulary, output_mode=mode, idf_weights=weights
    )
    x = [["b", "b", "x"], ["a", "a", "a"]]
    output = layer(x)
    np.testing.assert_array_equal(output, expected)
    assert output.dtype == np.float32
    np.testing.assert_array_equal(layer(x[0]), expected[0])
    assert layer.compute_output_shape((None, 3)) == (None, 3)
    assert (
        layer.compute_output_shape((None, 2, 3))
        == (None, 2, 3)
        == (
            None,
            *layer([x])[0].shape,
        )
    )


def test_columns_of_each_term() -> None:
    layer = layers.StringLookup(vocabulary=["a", "b"], output_mode="one_hot")
    eye = np.eye(3)
    np.testing.assert_array_equal(layer(["a", "x"]), eye[[1, 0]])
    np.testing.assert_array_equal(layer([["a"], ["x"]]), eye[[1, 0]])
    np.testing.assert_array_equal(layer([["a", "b"]]), eye[[[1, 2]]])
    np.testing.assert_array_equal(layer("b"), eye[[2]])
    for shape, width in (((None,), (None, 3)), ((None, 1), (None, 3))):
        assert layer.compute_output_shape(shape) == width
    assert layer.compute_output_shape((None, 2, 2)) == (None, 2, 2, 3)
    symbol = layer(keras.Input((2,), dtype="string"))
    assert symbol.shape == (None, 2, 3) and symbol.dtype == "float32"


def test_masked_terms_have_no_column_and_columns_are_padded() -> None:
    layer = layers.IntegerLookup(
        vocabulary=[1, 2],
        mask_token=0,
        output_mode="count",
        max_tokens=5,
        pad_to_max_tokens=True,
    )
    np.testing.assert_array_equal(layer([[0, 0, 2, 9]]), [[1, 0, 1, 0, 0]])
    old = layers.IntegerLookup(vocabulary=[1], output_mode="binary")
    assert old.output_mode == "multi_hot"


def test_unknown_terms() -> None:
    strict = layers.StringLookup(vocabulary=WORDS, num_oov_indices=0)
    np.testing.assert_array_equal(strict(WORDS), [0, 1, 2])
    with pytest.raises(DataError, match="'pink'") as caught:
        strict(["red", "pink"])
    assert "num_oov_indices=1" in str(caught.value)
    rest = layers.IntegerLookup(vocabulary=[5], num_oov_indices=3)
    np.testing.assert_array_equal(rest([5, 6, 7, -1]), [3, 0, 1, 2])
    # TensorFlow's to_hash_bucket_fast of the numbers as text, modulo 4.
    hashed = layers.IntegerLookup(
        vocabulary=[10], num_oov_indices=4, oov_method="farmhash"
    )
    np.testing.assert_array_equal(hashed([100, 200, 300, 400]), [3, 1, 3, 1])
    text = layers.StringLookup(vocabulary=["x"], num_oov_indices=4)
    np.testing.assert_array_equal(text(["100", "200", "300", "400"]), [3, 1, 3, 1])
    salted = layers.StringLookup(vocabulary=["x"], num_oov_indices=64, salt=7)
    assert salted.salt == [7, 7]
    other = layers.StringLookup(vocabulary=["x"], num_oov_indices=64, salt=[7, 8])
    assert (salted(WORDS) != other(WORDS)).any()


@pytest.mark.parametrize(
    "data",
    [
        ["b", "a", "c", "c"],
        [["b", "a"], ["c", "c"]],
        np.array(["b", "a", "c", "c"]),
        pandas.Series(["b", "a", "c", "c"]),
        pandas.DataFrame({"x": ["b", "c"], "y": ["a", "c"]}),
    ],
)
def test_adapting_takes_the_most_frequent_first(data: Any) -> None:
    layer = layers.StringLookup()
    layer.adapt(data)
    assert layer.get_vocabulary() == ["[UNK]", "c", "b", "a"]
    few = layers.StringLookup(max_tokens=3)
    few.adapt(data)
    assert few.get_vocabulary() == ["[UNK]", "c", "b"]
    layer.adapt(["z"])  # anew
    assert layer.get_vocabulary() == ["[UNK]", "z"]


def test_adapting_on_batches() -> None:
    batches = [["a", "b"], ["b", "c"], ["c", "c"]]
    layer = layers.StringLookup()
    layer.adapt(iter(batches))
    assert layer.get_vocabulary() == ["[UNK]", "c", "b", "a"]
    layer.adapt(iter(batches), steps=2)
    assert layer.get_vocabulary() == ["[UNK]", "b", "c", "a"]
    tf_idf = layers.StringLookup(output_mode="tf_idf")
    tf_idf.adapt([["a", "a"], ["a", "b"]])
    expected = np.log(1 + 2 / (1 + np.array([2, 1])))
    np.testing.assert_allclose(tf_idf.idf_weights[1:], expected, rtol=1e-6)
    np.testing.assert_allclose(tf_idf.idf_weights[0], expected.mean(), rtol=1e-6)
    special = layers.StringLookup(mask_token="", oov_token="?")
    special.adapt(["", "?", "a"])
    assert special.get_vocabulary() == ["", "?", "a"]


def test_adapting_on_polars_columns() -> None:
    polars = pytest.importorskip("polars")
    layer = layers.StringLookup()
    for data in (polars.Series(["q", "z", "z"]), polars.DataFrame({"a": ["z"]})):
        layer.adapt(data)
        assert layer.get_vocabulary()[1] == "z"


def test_what_adapting_refuses() -> None:
    with pytest.raises(ArgumentError, match="given its vocabulary"):
        layers.StringLookup(vocabulary=WORDS).adapt(["x"])
    with pytest.raises(DataError, match="missing value"):
        layers.StringLookup().adapt(pandas.Series(["a", None]))
    with pytest.raises(DtypeError, match="IntegerLookup"):
        layers.StringLookup().adapt([1, 2])
    with pytest.raises(DtypeError, match="StringLookup"):
        layers.IntegerLookup().adapt(["1"])
    adapted = layers.StringLookup()
    adapted.adapt(["a"])
    for lost in (
        layers.StringLookup(),
        type(adapted).from_config(adapted.get_config()),
    ):
        with pytest.raises(StateError, match="needs its vocabulary"):
            lost(["a"])
    wide = layers.StringLookup(output_mode="one_hot")
    with pytest.raises(StateError, match="output_mode=one_hot"):
        wide(["a"])
    wide.adapt(["a"])
    with pytest.raises(StateError, match="cannot change"):
        wide.adapt(["a", "b"])


def test_from_places_to_terms() -> None:
    back = layers.StringLookup(vocabulary=WORDS, invert=True, mask_token="")
    assert back([[0, 1, 2], [4, 9, 3]]).tolist() == [
        ["", "[UNK]", "red"],
        ["green", "[UNK]", "blue"],
    ]
    whole = layers.IntegerLookup(vocabulary=[7, 9], invert=True)
    np.testing.assert_array_equal(whole([1, 2, 0]), [7, 9, -1])
    symbol = back(keras.Input((1,), dtype="int32"))
    assert symbol.dtype == "string"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"max_tokens": 1}, "max_tokens"),
        ({"pad_to_max_tokens": True}, "pad_to_max_tokens"),
        ({"num_oov_indices": -1}, "num_oov_indices"),
        ({"output_mode": "two_hot"}, "output_mode"),
        ({"invert": True, "output_mode": "count"}, "invert"),
        ({"invert": True, "oov_token": None}, "oov_token"),
        ({"idf_weights": [1.0]}, "idf_weights"),
        ({"output_mode": "tf_idf", "vocabulary": [1]}, "idf_weights"),
        ({"sparse": True}, "sparse"),
        ({"vocabulary": [1, 1]}, "vocabulary"),
        ({"vocabulary": [1, 0], "mask_token": 0}, "mask_token"),
        ({"vocabulary": [1, -1], "invert": True}, "oov_token"),
        ({"vocabulary": [1, 2, 3], "max_tokens": 3}, "max_tokens"),
        ({"vocabulary": []}, "vocabulary"),
        ({"vocabulary": "no/such/file.txt"}, "no/such/file.txt"),
        ({"vocabulary_dtype": "int32"}, "vocabulary_dtype"),
        ({"oov_method": "md5"}, "oov_method"),
        ({"salt": 3}, "salt"),
        ({"salt": [1, 2, 3], "oov_method": "farmhash"}, "salt"),
        ({"salt": "pepper", "oov_method": "farmhash"}, "salt"),
        ({"no_such_argument": 1}, "no_such_argument"),
    ],
)
def test_arguments_that_do_not_fit(arguments: Any, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        layers.IntegerLookup(**arguments)


def test_columns_are_dense() -> None:
    with pytest.raises(UnsupportedError, match="dense"):
        layers.StringLookup(sparse=True, output_mode="count")
    with pytest.raises(LookupError):
        layers.StringLookup(encoding="klingon")
    layer = layers.StringLookup(output_mode="tf_idf")
    for weights in (None, [1.0]):
        with pytest.raises(ArgumentError, match="idf_weights"):
            layer.set_vocabulary(WORDS, weights)
    with pytest.raises(ArgumentError, match="idf_weights"):
        layers.StringLookup().set_vocabulary(WORDS, [1.0, 2.0, 3.0])


def test_numbers_for_text_and_text_for_numbers() -> None:
    with pytest.raises(DtypeError, match="IntegerLookup") as caught:
        layers.StringLookup(vocabulary=WORDS, name="color")([1, 2])
    assert "'color'" in str(caught.value)
    whole = layers.IntegerLookup(vocabulary=[1])
    with pytest.raises(DtypeError, match="StringLookup"):
        whole(["1"])
    with pytest.raises(DataError, match="whole numbers"):
        whole([1.5])


def test_a_file_of_terms(tmp_path: Path) -> None:
    path = tmp_path / "terms.txt"
    path.write_text("rouge\nbleu\ncaf\xe9\n", encoding="latin-1")
    layer = layers.StringLookup(vocabulary=str(path), encoding="latin-1")
    assert layer.get_vocabulary() == ["[UNK]", "rouge", "bleu", "café"]
    assert layer.get_config()["vocabulary"] is None
    path.write_text("10\n20\n")
    assert layers.IntegerLookup(vocabulary=path).get_vocabulary() == [-1, 10, 20]
    path.write_text("10\n10\n")
    with pytest.raises(ArgumentError, match="twice"):
        layers.IntegerLookup(vocabulary=str(path))
    config = {**layer.get_config(), "vocabulary": str(path)}
    with pytest.raises(FileFormatError, match="another file"):
        layers.StringLookup.from_config(config)


def test_config_round_trip() -> None:
    layer = layers.StringLookup(
        max_tokens=9,
        num_oov_indices=2,
        mask_token="",
        oov_token="?",
        vocabulary=WORDS,
        output_mode="tf_idf",
        idf_weights=np.array([1.0, 2.0, 3.0]),
        pad_to_max_tokens=True,
        encoding="latin-1",
        salt=[1, 2],
        name="color",
    )
    config = layer.get_config()
    again = layers.StringLookup.from_config(config)
    assert again.get_config() == config and "vocabulary_dtype" not in config
    assert config["vocabulary_size"] == 5 and config["vocabulary"] == WORDS
    x = [["red", "pink", ""]]
    np.testing.assert_array_equal(again(x), layer(x))
    whole = layers.IntegerLookup(oov_method="farmhash", num_oov_indices=2, salt=5)
    assert layers.IntegerLookup.from_config(whole.get_config()).salt == [5, 5]
    assert whole.get_config()["vocabulary_dtype"] == "int64"


def test_assets_of_a_folder(tmp_path: Path) -> None:
    layer = layers.StringLookup(mask_token="-", num_oov_indices=2)
    layer.adapt(["a", "", "a", "b", "b"])
    layer.save_assets(str(tmp_path))
    text = (tmp_path / "vocabulary.txt").read_text(encoding="utf-8")
    assert text == "-\n[UNK]\n[UNK]\nb\na\n"  # and an empty term at the end
    again = layers.StringLookup.from_config(layer.get_config())
    again.load_assets(str(tmp_path))
    assert again.get_vocabulary() == layer.get_vocabulary()
    (tmp_path / "vocabulary.txt").write_text("-\n[UNK]\n[UNK]\nx\n\n\n")
    fresh = layers.StringLookup(mask_token="-", num_oov_indices=2)
    fresh.load_assets(str(tmp_path))
    assert fresh.get_vocabulary()[3:] == ["x"]
    (tmp_path / "vocabulary.txt").write_text("-1\n12\n40\n")
    whole = layers.IntegerLookup()
    whole.load_assets(str(tmp_path))
    np.testing.assert_array_equal(whole([40, 12, 1]), [2, 1, 0])
    fixed = layers.StringLookup(vocabulary=WORDS)
    fixed.load_assets(str(tmp_path))  # its config has them
    assert fixed.get_vocabulary(False) == WORDS


@pytest.mark.parametrize("backend", ["native", "reference"])
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"mask_token": 2},
        {"num_oov_indices": 3},
        {"output_mode": "one_hot"},
        {"output_mode": "multi_hot", "mask_token": 0},
        {"output_mode": "count"},
        {"output_mode": "tf_idf", "idf_weights": [1.0, 2.0, 0.5]},
    ],
)
def test_whole_numbers_that_the_program_computed(
    arguments: Any, backend: str, monkeypatch: Any
) -> None:
    monkeypatch.setenv("PRONGHORN_BACKEND", backend)
    layer = layers.IntegerLookup(vocabulary=[3, 1, -4], **arguments)
    start = keras.Input((4,))
    places = layer(layers.Rescaling(2.0)(start))
    model = keras.Model(start, layers.Rescaling(1.0)(places))
    x = np.array([[0.0, 0.5, 1.5, -2.0], [1.0, 1.5, 3.5, 0.5]], "float32")
    expected = layer((2 * x).astype(int))
    np.testing.assert_array_equal(model.predict(x, verbose=0), expected)
    assert keras.backend_of(model) == backend


def test_text_that_the_program_computed_is_refused() -> None:
    start = keras.Input((1,), dtype="int32")
    hashed = layers.IntegerLookup(
        vocabulary=[1], num_oov_indices=2, oov_method="farmhash", name="codes"
    )
    model = keras.Model(start, hashed(start + 1))
    with pytest.raises(UnsupportedError, match="'codes'"):
        model.predict(np.array([[1]]), verbose=0)
