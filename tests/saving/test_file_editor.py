"""Looking into files of weights, and changing them."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

import pronghorn
from pronghorn import layers
from pronghorn.errors import ArgumentError, FileFormatError, UnknownNameError
from pronghorn.saving import KerasFileEditor

X = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")


def made(units=4, depth=1):
    hidden = [layers.Dense(units, activation="tanh") for _ in range(depth)]
    return pronghorn.Sequential([pronghorn.Input((3,)), *hidden, layers.Dense(1)])


class Block(layers.Layer):
    """Arrays of its own, and a layer in it."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = layers.Dense(3)

    def build(self, shape):
        self.inner.build(shape)
        self.scale = self.add_weight(shape=(3,), initializer="ones", name="scale")

    def call(self, x):
        return self.inner(x) * self.scale


@pytest.mark.parametrize("name", ["m.keras", "m.weights.h5"])
def test_it_shows_what_is_there(tmp_path, name, capsys):
    model = made()
    model.compile("adam", "mse")
    model.fit(X, X[:, :1], verbose=0)
    path = tmp_path / name
    (model.save if name == "m.keras" else model.save_weights)(path)
    editor = KerasFileEditor(path)
    assert (editor.config is None) == (editor.metadata is None) == (name != "m.keras")
    kernel = editor.weights_dict["layers"]["dense"]["0"]
    np.testing.assert_array_equal(kernel, model.layers[0].get_weights()[0])
    assert editor.object_metadata["layers/dense"] == {"name": model.layers[0].name}
    assert sorted(editor.weights_dict) == ["layers", "optimizer"]
    editor.summary()
    shown = capsys.readouterr().out
    assert "dense_1 (" in shown and "0: shape=(3, 4), dtype=float32" in shown
    assert ("Saved with Keras 3." in shown) == (name == "m.keras")


def test_a_deeper_model_takes_what_was_changed(tmp_path):
    model, deeper = made(), made(depth=2)
    model.save(tmp_path / "m.keras")
    editor = KerasFileEditor(str(tmp_path / "m.keras"))
    fits = {"status": "success", "error_count": 0, "match_count": 4}
    assert editor.compare(model) == fits
    assert (
        editor.compare(deeper)["error_count"] == 3
    )  # two other shapes, and one missing
    editor.rename_object("dense_1", "dense_2")
    editor.add_object("layers/new", {"0": np.eye(4)})
    assert editor.compare(deeper)["error_count"] == 2  # one missing, one too many
    editor.rename_object("layers/new", "dense_1")
    assert editor.compare(deeper)["error_count"] == 1
    editor.add_weights("dense_1", {"1": np.zeros(7)})
    assert editor.compare(deeper)["error_count"] == 1
    editor.delete_weight("dense_1", "1")
    editor.add_weights("dense_1", {"1": np.zeros(4)})
    assert editor.compare(deeper)["status"] == "success"
    editor.add_object("more", {"0": np.zeros(4)})
    editor.delete_object("more")
    editor.resave_weights(tmp_path / "n.weights.h5")
    deeper.load_weights(tmp_path / "n.weights.h5")
    np.testing.assert_array_equal(
        deeper.layers[2].get_weights()[0], model.layers[1].get_weights()[0]
    )


def test_layers_inside_of_layers_are_kept(tmp_path):
    """Keras's editor loses them."""
    model, other = (
        pronghorn.Sequential([pronghorn.Input((3,)), Block()]) for _ in range(2)
    )
    model.save_weights(tmp_path / "m.weights.h5")
    editor = KerasFileEditor(tmp_path / "m.weights.h5")
    assert sorted(editor.weights_dict["layers"]["block"]) == ["0", "inner"]
    assert editor.compare(other)["status"] == "success"
    editor.save(tmp_path / "n.weights.h5")
    other.load_weights(tmp_path / "n.weights.h5")
    np.testing.assert_array_equal(model.predict(X), other.predict(X))


def test_a_models_own_arrays_are_kept(tmp_path):
    class Gain(pronghorn.Model):
        def build(self, shape):
            self.gain = self.add_weight(shape=(1,), initializer="ones", name="gain")
            self.built = True

        def call(self, x):
            return x * self.gain

    model = Gain()
    model(X)
    model.save_weights(tmp_path / "m.weights.h5")
    editor = KerasFileEditor(tmp_path / "m.weights.h5")
    assert editor.compare(model)["match_count"] == 1
    editor.add_weights("vars", {"0": np.full(1, 3.0)})
    editor.save(tmp_path / "n.weights.h5")
    model.load_weights(tmp_path / "n.weights.h5")
    assert model.gain.numpy() == 3.0


def test_what_cannot_be_changed(tmp_path):
    made().save_weights(tmp_path / "m.weights.h5")
    editor = KerasFileEditor(tmp_path / "m.weights.h5")
    for change in (
        lambda: editor.delete_object("gone"),
        lambda: editor.delete_object("layers/gone"),
        lambda: editor.delete_object("gone/dense"),
        lambda: editor.delete_object("0"),  # more than one
        lambda: editor.delete_weight("dense", "7"),
        lambda: editor.add_object("gone/dense", {}),
    ):
        with pytest.raises(UnknownNameError):
            change()
    for change in (
        lambda: editor.rename_object("dense", "a/b"),
        lambda: editor.add_object("layers/a", [np.ones(2)]),
        lambda: editor.add_weights("dense", np.ones(2)),
        lambda: editor.save(tmp_path / "m.keras"),
        lambda: KerasFileEditor("m.npz"),
    ):
        with pytest.raises(ArgumentError):
            change()
    with pytest.raises(FileFormatError, match="no such file"):
        KerasFileEditor("none.keras")


def test_hostile_files_are_refused(tmp_path):
    path = tmp_path / "m.weights.h5"
    with h5py.File(path, "w") as file:
        file["layers"] = h5py.ExternalLink("/etc/passwd", "/")
    with pytest.raises(FileFormatError, match="ExternalLink"):
        KerasFileEditor(path)
