"""Models as folders of files."""

from __future__ import annotations

import os

import numpy as np
import pytest

from pronghorn import saving
from pronghorn.errors import ArgumentError, FileFormatError
from pronghorn.saving import archive

from .standins import tiny


def weights(model):
    return [a for layer in model.parts for a in layer.arrays]


def test_a_model_comes_back_from_its_folder(tmp_path):
    model = tiny((2, 3), (3, 1))
    model._pronghorn_members = {"schema.json": b"{}", "enc/0.bin": b"\x00\xff"}
    saving.save_model(model, tmp_path / "m", zipped=False)
    assert sorted(os.listdir(tmp_path / "m")) == [
        "config.json",
        "metadata.json",
        "model.weights.h5",
        "pronghorn",
    ]
    back = saving.load_model(tmp_path / "m")
    for one, other in zip(weights(back), weights(model), strict=True):
        np.testing.assert_array_equal(one, other)
    assert back._pronghorn_members == model._pronghorn_members


def test_what_lies_there_is_kept_unless_it_may_go(tmp_path):
    path = tmp_path / "m"
    saving.save_model(tiny((2, 3)), path, zipped=False)
    with pytest.raises(ArgumentError, match="exists already"):
        saving.save_model(tiny((2, 3)), path, overwrite=False, zipped=False)
    saving.save_model(tiny((3, 2)), path, zipped=False)
    assert weights(saving.load_model(path))[0].shape == (3, 2)
    (tmp_path / "file").touch()
    with pytest.raises(ArgumentError, match="exists already"):
        saving.save_model(tiny((2, 3)), tmp_path / "file", zipped=False)


@pytest.mark.parametrize("name", ["config.json", "metadata.json", "model.weights.h5"])
def test_a_file_that_is_missing(tmp_path, name):
    saving.save_model(tiny((2, 3)), tmp_path / "m", zipped=False)
    (tmp_path / "m" / name).unlink()
    with pytest.raises(FileFormatError, match=name):
        saving.load_model(tmp_path / "m")


def test_files_that_are_too_large_or_not_ours(tmp_path, monkeypatch):
    saving.save_model(tiny((2, 3)), tmp_path / "m", zipped=False)
    monkeypatch.setitem(archive.MAX_BYTES, "config.json", 10)
    with pytest.raises(FileFormatError, match="beyond"):
        saving.load_model(tmp_path / "m")
    monkeypatch.undo()
    (tmp_path / "m" / "pronghorn").mkdir()
    (tmp_path / "m" / "pronghorn" / "a b").touch()
    with pytest.raises(FileFormatError, match="cannot be ours"):
        saving.load_model(tmp_path / "m")
