"""Weights in several files."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

import pronghorn
from pronghorn import layers
from pronghorn.errors import ArgumentError, FileFormatError

X = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
KIB = 2.0**-20  # of a GiB


def nbytes(group):
    """The sizes of all arrays in a group."""
    for item in group.values():
        if isinstance(item, h5py.Dataset):
            yield item.nbytes
        else:
            yield from nbytes(item)


def made():
    model = pronghorn.Sequential(
        [layers.Dense(30, input_shape=[3]), layers.Dense(8), layers.Dense(1)]
    )
    model.compile("adam", "mse")
    model.fit(X, X[:, :1], verbose=0)
    return model


def test_files_are_no_larger_than_asked_for_and_come_back(tmp_path):
    model, other = made(), made()
    model.save_weights(tmp_path / "m.weights.json", max_shard_size=KIB)
    shards = sorted(p.name for p in tmp_path.glob("*.h5"))
    assert len(shards) > 3 and shards[0] == "m_00000.weights.h5"
    for name in shards:
        with h5py.File(tmp_path / name) as file:
            sizes = list(nbytes(file))
        assert 0 < sum(sizes) <= 1024
    found = json.loads((tmp_path / "m.weights.json").read_text())
    assert set(found["weight_map"]) >= {"/layers/dense/vars", "/optimizer/vars"}
    assert isinstance(found["weight_map"]["/optimizer/vars"], list)
    assert found["metadata"]["total_size"] > 3000
    other.load_weights(tmp_path / "m.weights.json")
    for one in (model, other):
        one.fit(X, X[:, :1], verbose=0, shuffle=False)
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_other_ending_is_understood(tmp_path):
    made().save_weights(tmp_path / "m.weights.h5", max_shard_size=1)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "m.weights.json",
        "m_00000.weights.h5",
    ]


def test_what_cannot_be_written(tmp_path):
    model = made()
    with pytest.raises(ArgumentError, match="exceeds the maximum shard size"):
        model.save_weights(tmp_path / "m.weights.json", max_shard_size=KIB / 8)
    assert list(tmp_path.iterdir()) == []
    model.save_weights(tmp_path / "m.weights.json", max_shard_size=1)
    with pytest.raises(ArgumentError, match="exists already"):
        model.save_weights(tmp_path / "m.weights.json", False, max_shard_size=1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"a": 1}',
        '{"weight_map": {"/vars": "../m_00000.weights.h5"}}',
        '{"weight_map": {"/vars": 3}}',
        '{"weight_map": {"/vars": ["/etc/passwd"]}}',
        '{"weight_map": {"/vars": "none.weights.h5"}}',
        '{"weight_map": {}}',
    ],
)
def test_maps_that_cannot_be_used(tmp_path, text):
    model = made()
    model.save_weights(tmp_path / "m.weights.json", max_shard_size=1)
    (tmp_path / "m.weights.json").write_text(text)
    with pytest.raises(FileFormatError):
        model.load_weights(tmp_path / "m.weights.json")
    with pytest.raises(FileFormatError):
        model.load_weights(tmp_path / "none.weights.json")
