"""Whole files: what goes in comes out, and what cannot be done is said."""

from __future__ import annotations

import io
import json
import warnings

import numpy as np
import pytest

from pronghorn import saving
from pronghorn.errors import (
    ArgumentError,
    FileFormatError,
    StateError,
)
from pronghorn.registry import keras_class

from .standins import TinyModel, changed, members, tiny


def weights(model):
    return [a for layer in model.parts for a in layer.arrays]


def assert_equal(one, other):
    for a, b in zip(weights(one), weights(other), strict=True):
        np.testing.assert_array_equal(a, b)


def test_model_comes_back_from_a_path_a_file_and_bytes(tmp_path):
    model = tiny((2, 3), (3, 1))
    saving.save_model(model, tmp_path / "m.keras")
    assert_equal(saving.load_model(tmp_path / "m.keras"), model)
    assert_equal(saving.load_model(str(tmp_path / "m.keras")), model)
    buffer = io.BytesIO()
    saving.save_model(model, buffer)
    buffer.seek(0)
    assert_equal(saving.load_model(buffer), model)
    assert_equal(saving.model_from_bytes(saving.model_to_bytes(model)), model)


def test_members_are_keras_own():
    contents = members(saving.model_to_bytes(tiny((2, 3))))
    assert list(contents) == ["metadata.json", "config.json", "model.weights.h5"]
    metadata = json.loads(contents["metadata.json"])
    assert metadata["keras_version"].startswith("3.")
    assert json.loads(contents["config.json"])["class_name"] == "TinyModel"


def test_our_own_members_travel_along():
    model = tiny((2, 3))
    model._pronghorn_members = {"schema.json": b"{}", "enc/0.bin": b"\x00\xff"}
    data = saving.model_to_bytes(model)
    assert json.loads(members(data)["pronghorn/format.json"]) == {"format": 1}
    back = saving.model_from_bytes(data)
    assert back._pronghorn_members == model._pronghorn_members
    again = saving.model_from_bytes(saving.model_to_bytes(back))
    assert again._pronghorn_members == model._pronghorn_members


def test_a_model_without_members_gets_none():
    back = saving.model_from_bytes(saving.model_to_bytes(tiny((2, 3))))
    assert not hasattr(back, "_pronghorn_members")


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a b", "", "format.json"])
def test_names_of_members_are_checked(name):
    model = tiny((2, 3))
    model._pronghorn_members = {name: b""}
    with pytest.raises(ArgumentError, match="cannot be a member"):
        saving.model_to_bytes(model)


@pytest.mark.parametrize("version", [0, 2, "1", None, True])
def test_members_of_another_format_are_refused(version):
    model = tiny((2, 3))
    model._pronghorn_members = {"schema.json": b"{}"}
    contents = members(saving.model_to_bytes(model))
    contents["pronghorn/format.json"] = json.dumps({"format": version}).encode()
    from .standins import zipped

    with pytest.raises(FileFormatError, match="format") as caught:
        saving.model_from_bytes(zipped(contents))
    assert "update Pronghorn" in caught.value.remedy


def test_saving_twice_differs_in_the_date_only():
    one, two = (members(saving.model_to_bytes(tiny((2, 3)))) for _ in range(2))
    assert one["config.json"] == two["config.json"]
    assert one["model.weights.h5"] == two["model.weights.h5"]


def test_a_layer_that_keras_lacks_is_said_on_saving():
    cls = keras_class("pronghorn.tests")(type("OnlyOurs", (TinyModel,), {}))
    with pytest.warns(UserWarning, match=r"pronghorn\.tests\.OnlyOurs"):
        saving.model_to_bytes(cls([]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        saving.model_to_bytes(tiny((2, 3)))


def test_weights_alone(tmp_path):
    model, other = tiny((2, 3)), tiny((2, 3))
    model.parts[0].arrays[0][:] = 4
    saving.save_weights(model, tmp_path / "m.weights.h5")
    saving.load_weights(other, tmp_path / "m.weights.h5")
    assert_equal(other, model)
    saving.save_model(tiny((2, 3)), tmp_path / "m.keras")
    saving.load_weights(model, tmp_path / "m.keras")
    assert_equal(model, tiny((2, 3)))


def test_an_unbuilt_model_has_no_weights(tmp_path):
    model = tiny((2, 3))
    model.built = False
    for kind in (StateError, ValueError):  # ours, and Keras's
        with pytest.raises(kind, match="not yet been built"):
            saving.save_weights(model, tmp_path / "m.weights.h5")
        with pytest.raises(kind, match="not yet been built"):
            saving.load_weights(model, tmp_path / "m.weights.h5")


def test_folders_of_tensorflow_are_named(tmp_path):
    with pytest.raises(ArgumentError, match="SavedModel"):
        saving.save_model(tiny((2, 3)), tmp_path / "model")
    (tmp_path / "model").mkdir()
    with pytest.raises(FileFormatError, match="no config"):
        saving.load_model(tmp_path / "model")
    (tmp_path / "model" / "saved_model.pb").touch()
    with pytest.raises(FileFormatError, match="SavedModel") as caught:
        saving.load_model(tmp_path / "model")
    assert ".keras" in caught.value.remedy


def test_other_extensions_are_refused(tmp_path):
    for call in (
        lambda: saving.save_model(tiny((2, 3)), tmp_path / "m.zip"),
        lambda: saving.save_weights(tiny((2, 3)), tmp_path / "m.h5"),
        lambda: saving.load_weights(tiny((2, 3)), tmp_path / "m.npz"),
    ):
        with pytest.raises(ArgumentError, match="another format"):
            call()


def test_files_that_cannot_be_opened(tmp_path):
    with pytest.raises(FileFormatError, match="no such file"):
        saving.load_model(tmp_path / "none.keras")
    with pytest.raises(FileFormatError) as caught:
        saving.load_model(tmp_path)
    assert caught.value.where == str(tmp_path)


def test_an_unknown_class_names_file_and_member(tmp_path):
    def rename(config):
        config.update(class_name="Unheard", module="somewhere", registered_name="U")

    path = tmp_path / "m.keras"
    path.write_bytes(changed(config=rename))
    with pytest.raises(FileFormatError, match=r"somewhere\.Unheard") as caught:
        saving.load_model(path)
    assert caught.value.where.startswith(f"{path}: config.json")
    assert "custom_objects" in caught.value.remedy


def test_what_get_config_returns_must_be_json():
    model = tiny((2, 3))
    model.get_config = lambda: {"values": {1: {2}}, "name": "x"}
    with pytest.raises(ArgumentError):
        saving.model_to_bytes(model)
