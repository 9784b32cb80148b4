"""Files of a layer's own within a model's file: vocabularies, and those of users."""

from __future__ import annotations

import io
import os
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.errors import FileFormatError
from pronghorn.saving import load_model, model_from_bytes, model_to_bytes

from .vocabularies import make, rows

PYTHON = os.environ.get("PRONGHORN_KERAS_PYTHON")


@pytest.mark.parametrize("mode", ["int", "count", "tf_idf"])
def test_vocabularies_travel_in_files(mode: str, tmp_path: Path) -> None:
    model = make(keras, lambda x: x, mode)
    expected = model.predict(rows(), verbose=0)
    path = str(tmp_path / "model.keras")
    model.save(path)
    names = {n for n in zipfile.ZipFile(path).namelist() if n.startswith("assets/")}
    assert names == {
        "assets/layers/functional/layers/string_lookup/vocabulary.txt",
        "assets/layers/integer_lookup/vocabulary.txt",
    }
    again = load_model(path)
    np.testing.assert_array_equal(again.predict(rows(), verbose=0), expected)
    known = again.get_layer("known").get_vocabulary()
    assert known == model.get_layer("known").get_vocabulary()
    assert model_to_bytes(model)  # and a second time, of the loaded one
    third = model_from_bytes(model_to_bytes(again))
    np.testing.assert_array_equal(third.predict(rows(), verbose=0), expected)


def test_weights_of_terms_travel_in_files_of_weights(tmp_path: Path) -> None:
    path = str(tmp_path / "m.weights.h5")
    models = [make(keras, lambda x: x, "tf_idf") for _ in range(2)]
    find = models[0].get_layer("inner").get_layer("find")
    find.idf_weights = find.idf_weights * 3
    models[0].save_weights(path)
    models[1].load_weights(path)
    found = [m.predict(rows(), verbose=0) for m in models]
    np.testing.assert_array_equal(*found)


@keras.saving.register_keras_serializable("tests")
class Noted(layers.Layer):
    """A layer with files of its own."""

    note = "nothing"

    def call(self, inputs: Any) -> Any:
        """The inputs."""
        return inputs

    def save_assets(self, dir_path: str) -> None:
        """Two files, one in a folder."""
        Path(dir_path, "deep").mkdir()
        Path(dir_path, "deep", "note.txt").write_text(self.note)
        Path(dir_path, "raw").write_bytes(b"\x00\x01")

    def load_assets(self, dir_path: str) -> None:
        """Reads them."""
        self.note = Path(dir_path, "deep", "note.txt").read_text()
        assert Path(dir_path, "raw").read_bytes() == b"\x00\x01"


def test_a_layer_of_ones_own_has_assets() -> None:
    layer = Noted()
    layer.note = "mine"
    model = keras.Sequential([keras.Input((2,)), layer, layers.Dense(1)])
    again = model_from_bytes(model_to_bytes(model))
    assert again.layers[0].note == "mine"
    layer.save_assets = lambda folder: Path(folder, "a:b").write_text("")
    with pytest.raises(FileFormatError, match="name that archives do not take"):
        model_to_bytes(model)


def changed(data: bytes, change: Any) -> bytes:
    """An archive with other members."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {n: archive.read(n) for n in archive.namelist()}
    change(members)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, value in members.items():
            archive.writestr(name, value)
    return buffer.getvalue()


INTEGERS = "assets/layers/integer_lookup/vocabulary.txt"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda m: m.pop(INTEGERS), "vocabulary.txt"),
        (lambda m: m.update({INTEGERS: b"0\n-1\nseven\n"}), "seven"),
        (lambda m: m.update({INTEGERS: b"0\n-1\n7\n7\n"}), "twice"),
        (lambda m: m.update({INTEGERS: b"0\n-1\n\xff\n"}), "integer_lookup"),
        (lambda m: m.update({"assets/../evil": b""}), "assets/../evil"),
        (lambda m: m.update({"assets/a\\b": b""}), "assets/"),
        (lambda m: m.update({"assets//x": b""}), "assets//x"),
    ],
)
def test_assets_that_cannot_be_trusted(change: Any, word: str) -> None:
    data = changed(model_to_bytes(make(keras, lambda x: x)), change)
    with pytest.raises(FileFormatError) as caught:
        model_from_bytes(data)
    assert word in str(caught.value)


def test_a_config_that_asks_for_memory_is_refused() -> None:
    data = model_to_bytes(make(keras, lambda x: x))

    def grow(members: dict[str, bytes]) -> None:
        config = members["config.json"].decode()
        huge = config.replace('"num_oov_indices": 2', '"num_oov_indices": 999999999')
        members["config.json"] = huge.encode()

    with pytest.raises(FileFormatError, match="num_oov_indices"):
        model_from_bytes(changed(data, grow))


HERE = Path(__file__).parent
SIDE = """
import sys, numpy as np, tensorflow as tf, keras
folder = sys.argv[1]
import vocabularies
x = [tf.constant(part) for part in vocabularies.rows()]
for mode in ("int", "count", "tf_idf"):
    model = keras.models.load_model(f"{folder}/{mode}.keras")
    np.save(f"{folder}/{mode}.npy", model.predict(x, verbose=0))
    model.save(f"{folder}/{mode}.back.keras")
    keras.utils.set_random_seed(3)
    own = vocabularies.make(keras, tf.constant, mode)
    own.save(f"{folder}/{mode}.theirs.keras")
    np.save(f"{folder}/{mode}.theirs.npy", own.predict(x, verbose=0))
"""


@pytest.mark.skipif(
    not PYTHON, reason="PRONGHORN_KERAS_PYTHON names no Python with Keras"
)
def test_files_with_vocabularies_travel_both_ways(tmp_path: Path) -> None:
    modes = ("int", "count", "tf_idf")
    expected = {}
    for mode in modes:
        model = make(keras, lambda x: x, mode)
        model.save(str(tmp_path / f"{mode}.keras"))
        expected[mode] = model.predict(rows(), verbose=0)
    done = subprocess.run(
        [str(PYTHON), "-c", SIDE, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "KERAS_BACKEND": "tensorflow", "PYTHONPATH": str(HERE)},
    )
    assert done.returncode == 0, done.stderr[-4000:]
    for mode in modes:
        theirs = np.load(tmp_path / f"{mode}.npy")
        np.testing.assert_allclose(theirs, expected[mode], rtol=1e-5, atol=1e-6)
        back = load_model(str(tmp_path / f"{mode}.back.keras"))
        np.testing.assert_array_equal(back.predict(rows(), verbose=0), expected[mode])
        own = load_model(str(tmp_path / f"{mode}.theirs.keras"))
        np.testing.assert_allclose(
            own.predict(rows(), verbose=0),
            np.load(tmp_path / f"{mode}.theirs.npy"),
            rtol=1e-5,
            atol=1e-6,
        )
