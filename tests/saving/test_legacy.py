"""Weights in the layout of Keras 2, and what weights are left alone."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

import pronghorn
from pronghorn import layers
from pronghorn.errors import ArgumentError, FileFormatError

X = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")


def make(units=4, names=("one", "two")):
    return pronghorn.Sequential(
        [
            layers.Dense(units, input_shape=[3], name=names[0]),
            layers.BatchNormalization(name=f"{names[0]}_norm"),
            layers.Activation("relu", name="act"),
            layers.Dense(1, name=names[1]),
        ]
    )


def write(model, path, group="", chunks=False):
    """As Keras 2 writes: attributes in bytes, weights named after their layers."""
    with h5py.File(path, "w") as file:
        root = file.require_group(group) if group else file
        names = [layer.name.encode() for layer in model.layers]
        if chunks:
            root.attrs["layer_names0"] = names[:2]
            root.attrs["layer_names1"] = names[2:]
        else:
            root.attrs["layer_names"] = names
        root.attrs["backend"], root.attrs["keras_version"] = b"tensorflow", b"2.4.0"
        for layer in model.layers:
            inner = root.create_group(layer.name)
            weights = [*layer.trainable_weights, *layer.non_trainable_weights]
            paths = [f"{layer.name}/{w.name}:0" for w in weights]
            inner.attrs["weight_names"] = [p.encode() for p in paths]
            for p, w in zip(paths, weights, strict=True):
                inner[p] = w.numpy()


def assert_equal(one, other):
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", ["w.h5", "w.hdf5", "w.weights.h5"])
@pytest.mark.parametrize("group", ["", "model_weights"])
@pytest.mark.parametrize("chunks", [False, True])
def test_weights_of_keras_2_come_in_the_layers_order(tmp_path, name, group, chunks):
    model, other = make(), make(names=("uno", "due"))
    model.compile("sgd", "mse")
    model.fit(X, X[:, :1], verbose=0)
    write(model, tmp_path / name, group, chunks)
    other.load_weights(tmp_path / name)
    assert_equal(other, model)


def test_by_name_gives_weights_to_layers_of_that_name_only(tmp_path):
    model, other = make(), make(names=("uno", "two"))
    write(model, tmp_path / "w.h5")
    before = other.layers[0].get_weights()[0]
    other.load_weights(tmp_path / "w.h5", by_name=True)
    np.testing.assert_array_equal(
        other.layers[3].get_weights()[0], model.layers[3].get_weights()[0]
    )
    np.testing.assert_array_equal(other.layers[0].get_weights()[0], before)


def test_what_does_not_fit_is_an_error_or_skipped(tmp_path):
    write(make(), tmp_path / "w.h5")
    other = make(5)
    before = other.get_weights()
    with pytest.raises(FileFormatError, match="another shape"):
        other.load_weights(tmp_path / "w.h5")
    with pytest.warns(UserWarning, match="skipped"):
        other.load_weights(tmp_path / "w.h5", skip_mismatch=True)
    np.testing.assert_array_equal(other.get_weights()[0], before[0])
    shorter = pronghorn.Sequential([layers.Dense(4, input_shape=[3])])
    with pytest.raises(FileFormatError, match="number of layers") as caught:
        shorter.load_weights(tmp_path / "w.h5")
    assert "by_name" in caught.value.remedy


@pytest.mark.parametrize(
    "names", [np.arange(4.0), [[b"one"]], [b"\xff\xfe"], "one", 3, [b"gone"]]
)
def test_lists_of_names_that_are_none(tmp_path, names):
    path = tmp_path / "w.h5"
    write(make(), path)
    with h5py.File(path, "r+") as file:
        file.attrs["layer_names"] = names
    with pytest.raises(FileFormatError):
        make().load_weights(path)


def test_a_name_of_a_weight_that_is_not_there(tmp_path):
    path = tmp_path / "w.h5"
    write(make(), path)
    with h5py.File(path, "r+") as file:
        file["one"].attrs["weight_names"] = [b"../../two/two/kernel:0", b"x"]
    with pytest.raises(FileFormatError, match="no array"):
        make().load_weights(path)


def test_objects_to_skip_are_neither_saved_nor_loaded(tmp_path):
    path = tmp_path / "m.weights.h5"
    model, other = make(), make()
    model.compile("adam", "mse")
    model.fit(X, X[:, :1], verbose=0)
    model.save_weights(path)
    before = other.layers[0].get_weights()[0]
    other.load_weights(path, objects_to_skip=[other.layers[0]])
    np.testing.assert_array_equal(other.layers[0].get_weights()[0], before)
    np.testing.assert_array_equal(
        other.layers[3].get_weights()[0], model.layers[3].get_weights()[0]
    )
    pronghorn.saving.save_weights(model, path, objects_to_skip=[model.layers[3]])
    with h5py.File(path) as file:
        assert "dense_1" not in file["layers"] and "dense" in file["layers"]


def test_arguments_that_do_not_go_with_a_file(tmp_path):
    model = make()
    model.save(tmp_path / "m.keras")
    model.save_weights(tmp_path / "m.weights.h5")
    write(model, tmp_path / "old.h5")
    first = [model.layers[0]]
    for name, arguments in (
        ("m.keras", {"objects_to_skip": first}),
        ("old.h5", {"objects_to_skip": first}),
        ("m.keras", {"by_name": True}),
        ("m.weights.h5", {"by_name": True}),
        ("m.weights.h5", {"depth": 3}),
    ):
        with pytest.raises(ArgumentError, match=next(iter(arguments))):
            model.load_weights(tmp_path / name, **arguments)
    with pytest.raises(ArgumentError, match=r"\.weights\.json"):
        model.save_weights(tmp_path / "a.h5", max_shard_size=1.0)
    with pytest.raises(ArgumentError, match="folder"):
        model.save(tmp_path / "b.keras", zipped=False)
    for path, save_format in (("b.keras", "tf"), ("b.keras", "h5"), ("b.h5", "tf")):
        with pytest.raises(ArgumentError, match="save_format"):
            model.save(tmp_path / path, save_format=save_format)
    assert not (tmp_path / "b.h5").exists()
    model.save(tmp_path / "b.keras", save_format="keras", zipped=True)
    assert_equal(pronghorn.models.load_model(tmp_path / "b.keras"), model)
