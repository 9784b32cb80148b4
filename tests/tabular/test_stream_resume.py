"""What was broken off goes on to the same bits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.tabular.test_stream import ROWS, mixed, plain, stream

from pronghorn.data import buckets, scan
from pronghorn.tabular import TableStream


def files_of(found: TableStream) -> dict[str, bytes]:
    paths = sorted(found.folder.glob("*"))
    kept = [p for p in paths if p.name not in ("manifest.json", "lock")]
    return {path.name: path.read_bytes() for path in kept}


def read(told: list[Any]) -> list[Any]:
    """What was told after a chunk: not where the stage began."""
    return [progress for progress in told if progress.rate]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: Any) -> None:
    monkeypatch.setattr(scan, "_MOST_ROWS", 400)


@pytest.mark.parametrize("crash", [1, 2, 5, 8, 9])
@pytest.mark.parametrize("where", ["add", "save", "write"])
def test_a_broken_preparation_goes_on(
    where: str, crash: int, tmp_path: Path, monkeypatch: Any
) -> None:
    path = mixed(tmp_path / "t.csv")
    at_once = stream(path, "label", tmp_path / "whole", validation=0.1)
    whole = files_of(at_once)
    calls: list[int] = []
    owner: Any = buckets if where == "write" else buckets.BucketWriter
    name = "_write" if where == "write" else where
    kept = getattr(owner, name)

    def broken(*arguments: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == crash * (7 if where == "write" else 1):
            raise KeyboardInterrupt
        return kept(*arguments, **named)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(owner, name, broken)
        stream(path, "label", tmp_path, validation=0.1)
        raise KeyboardInterrupt  # there are only eight chunks
    told: list[Any] = []
    found = stream(path, "label", tmp_path, validation=0.1, progress=told.append)
    assert files_of(found) == whole
    assert found.totals.tolist() == at_once.totals.tolist()
    assert found.totals.sum() == found.rows
    if where == "save" and 1 < crash < 9:
        assert len(read(told)) == 8 - (
            crash - 1
        )  # the chunks before are not read again


def test_killed_while_it_prepares(tmp_path: Path) -> None:
    path = plain(tmp_path / "t.csv")
    code = f"""
import os
from pronghorn.data import scan
from pronghorn.tabular import TableStream
scan._MOST_ROWS = 400
def die(progress):
    if progress.done > 1500:
        os.write(1, b"dies")
        os.kill(os.getpid(), 9)
TableStream({str(path)!r}, "y", cache_dir={str(tmp_path / "kept")!r},
            block_bytes=4096, progress=die)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert done.stdout == b"dies" and done.returncode == -9, done.stderr
    told: list[Any] = []
    found = stream(path, "y", tmp_path, progress=told.append)
    assert len(read(told)) == 4 and told[-1].done == ROWS
    assert files_of(found) == files_of(stream(path, "y", tmp_path / "whole"))


def test_a_lost_bucket_is_made_again(tmp_path: Path, monkeypatch: Any) -> None:
    path = plain(tmp_path / "t.csv")

    def broken(progress: Any) -> None:
        if progress.done > 1500:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stream(path, "y", tmp_path, progress=broken)
    folder = next((tmp_path / "kept").iterdir())
    lost = next(folder.glob("00002.numbers"))
    lost.write_bytes(lost.read_bytes()[:8])
    told: list[Any] = []
    found = stream(path, "y", tmp_path, progress=told.append)
    assert len(read(told)) == 8
    assert files_of(found) == files_of(stream(path, "y", tmp_path / "whole"))


def test_one_seed_gives_the_same_bits_on_any_chunks(
    tmp_path: Path, monkeypatch: Any
) -> None:
    path = plain(tmp_path / "t.csv")
    small = stream(path, "y", tmp_path / "small")
    monkeypatch.setattr(scan, "_MOST_ROWS", 1 << 18)
    large = stream(path, "y", tmp_path / "large")
    for i in range(len(small.counts)):
        one, two = small.read(i, 0), large.read(i, 0)
        np.testing.assert_array_equal(one[0], two[0])
        np.testing.assert_array_equal(one[1], two[1])
