"""Rows in files: all of them, where they were sent, and nothing of a broken chunk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pronghorn.data.buckets import BucketReader, BucketWriter, Part, read_manifest
from pronghorn.errors import DataError

PARTS = [Part("numbers", 3, "float32"), Part("target", 0, "int32")]
DRAWS = np.random.default_rng(2)


def chunk(first: int, rows: int) -> dict[str, np.ndarray]:
    target = np.arange(first, first + rows)
    return {"numbers": np.stack([target] * 3, axis=1), "target": target}


def test_rows_lie_where_they_were_sent(tmp_path: Path) -> None:
    writer = BucketWriter(tmp_path, "k", PARTS, 5, None, {"seed": 3})
    sent = DRAWS.integers(-1, 4, 1000)  # nothing to the last, -1 is nowhere
    places = [writer.add(chunk(i, 250), sent[i : i + 250]) for i in range(0, 1000, 250)]
    assert read_manifest(tmp_path, "k") is None
    writer.save(whole=True)
    manifest = read_manifest(tmp_path, "k")
    assert manifest is not None and manifest["whole"] and manifest["seed"] == 3
    assert read_manifest(tmp_path, "other") is None
    reader = BucketReader(tmp_path, manifest)
    assert reader.counts == [*np.bincount(sent[sent >= 0]).tolist(), 0]
    every = np.concatenate(places)
    for bucket, count in enumerate(reader.counts):
        found = reader.read(bucket)
        rows = np.flatnonzero(sent == bucket)
        assert found["target"].tolist() == rows.tolist()
        assert (found["numbers"] == rows[:, None]).all()
        assert every[rows].tolist() == list(range(count))


def test_memory_is_used_again(tmp_path: Path) -> None:
    writer = BucketWriter(tmp_path, "k", PARTS, 2, None, {})
    writer.add(chunk(0, 10), np.arange(10) % 2)
    writer.save(whole=True)
    manifest = read_manifest(tmp_path, "k")
    assert manifest is not None
    reader = BucketReader(tmp_path, manifest)
    reader.room(5)
    assert reader.held == 0
    one, two, three = reader.read(0, 0), reader.read(1, 1), reader.read(1, 0)
    assert np.shares_memory(one["numbers"], three["numbers"])
    assert not np.shares_memory(two["numbers"], three["numbers"])
    assert reader.held == 2 * 5 * (3 * 4 + 4)


def test_what_came_after_the_manifest_is_cut_off(tmp_path: Path) -> None:
    writer = BucketWriter(tmp_path, "k", PARTS, 2, None, {})
    writer.add(chunk(0, 10), np.arange(10) % 2)
    writer.save()
    writer.add(chunk(10, 10), np.arange(10) % 2)  # and the process is killed
    again = BucketWriter(tmp_path, "k", PARTS, 2, read_manifest(tmp_path, "k"), {})
    assert again.chunks == 1 and again.counts == [5, 5]
    again.add(chunk(10, 10), np.arange(10) % 2)
    again.save(whole=True)
    manifest = read_manifest(tmp_path, "k")
    assert manifest is not None
    found = BucketReader(tmp_path, manifest).read(1)
    assert found["target"].tolist() == list(range(1, 20, 2))


def test_other_sizes_than_the_manifest_says(tmp_path: Path) -> None:
    writer = BucketWriter(tmp_path, "k", PARTS, 1, None, {})
    writer.add(chunk(0, 10), np.zeros(10, int))
    writer.save(whole=True)
    manifest = read_manifest(tmp_path, "k")
    assert manifest is not None
    (tmp_path / "00000.target").write_bytes(b"1234")
    with pytest.raises(DataError, match="damaged"):
        BucketReader(tmp_path, manifest).read(0)
    lost = BucketWriter(tmp_path, "k", PARTS, 1, manifest, {})
    assert lost.counts == [0] and lost.chunks == 0
