"""Rows in files that each fit into memory: a shuffle of what does not.

Every row goes to a file that was drawn by its number. The files are written chunk by
chunk of the table; a manifest tells how far, so that a broken run goes on from there.
What a killed process wrote after its last manifest is cut off.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pronghorn.errors import DataError

__all__ = ["BucketReader", "BucketWriter", "Part", "check_space", "read_manifest"]

MANIFEST = "manifest.json"
FORMAT = 1


@dataclass(frozen=True)
class Part:
    """One of the arrays that hold rows.

    Attributes:
        name: of the array.
        width: numbers in a row; 0 for an array of one dimension.
        dtype: "float32", "int32" or "int64".
    """

    name: str
    width: int
    dtype: str

    @property
    def row_bytes(self) -> int:
        """Bytes of a row."""
        return max(self.width, 1) * np.dtype(self.dtype).itemsize

    def empty(self, rows: int) -> np.ndarray:
        """Room for so many rows."""
        return np.empty((rows, self.width) if self.width else rows, self.dtype)


def check_space(folder: Path, needed: int) -> None:
    """Refuses to begin what the disk has no room for.

    Raises:
        DataError: fewer bytes are free than needed.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DataError(
            "The disk is too small for the shuffled rows.",
            where=str(folder),
            expected=f"{needed / 1e9:.1f} GB",
            received=f"{free / 1e9:.1f} GB free",
            remedy="make room, or name a folder on another disk: cache_dir=",
        )


def read_manifest(folder: Path, key: str) -> dict[str, Any] | None:
    """What a manifest tells; None where there is none for these rows.

    Args:
        folder: of the files.
        key: of what the rows were made from.
    """
    try:
        found = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(found, dict) or found.get("key") != key:
        return None
    return found if found.get("format") == FORMAT else None


class BucketWriter:
    """Spreads rows over files.

    Args:
        folder: for the files; it exists.
        key: of what the rows are made from.
        parts: the arrays that hold them.
        buckets: how many files each array gets.
        begun: the manifest to go on from, or None.
        more: what the manifest tells besides.

    Attributes:
        counts: rows of each bucket.
        chunks: how many chunks have been added.

    Raises:
        DataError: the disk is full.
    """

    def __init__(
        self,
        folder: Path,
        key: str,
        parts: Sequence[Part],
        buckets: int,
        begun: Mapping[str, Any] | None,
        more: Mapping[str, Any],
    ) -> None:
        self._folder = folder
        self._key = key
        self._parts = list(parts)
        self._more = dict(more)
        self.counts = [0] * buckets
        self.chunks = 0
        if begun is not None and self._holds(begun["counts"]):
            self.counts, self.chunks = list(begun["counts"]), int(begun["chunks"])
        for part in self._parts:
            for bucket, count in enumerate(self.counts):
                with self._path(part, bucket).open("ab") as file:
                    file.truncate(count * part.row_bytes)

    def _path(self, part: Part, bucket: int) -> Path:
        return _path(self._folder, part, bucket)

    def _holds(self, counts: Sequence[int]) -> bool:
        """Whether the files have what a manifest says, or more."""
        return len(counts) == len(self.counts) and all(
            _size(self._path(part, bucket)) >= count * part.row_bytes
            for part in self._parts
            for bucket, count in enumerate(counts)
        )

    def add(self, arrays: Mapping[str, np.ndarray], buckets: np.ndarray) -> np.ndarray:
        """Adds a chunk's rows.

        Args:
            arrays: one for each part.
            buckets: int, (rows,): where each row goes; below 0 nowhere.

        Returns:
            int64, (rows,): each row's place in its bucket.
        """
        number = len(self.counts)
        keys = np.where(buckets < 0, number, buckets).astype(np.uint16)
        order = np.argsort(keys, kind="stable")
        found = np.bincount(keys, minlength=number + 1)[:number]
        ends = np.cumsum(found)
        starts = ends - found
        try:
            for part in self._parts:
                rows = np.ascontiguousarray(arrays[part.name], part.dtype)[order]
                for bucket in np.flatnonzero(found).tolist():
                    with self._path(part, bucket).open("ab", buffering=0) as file:
                        _write(file, rows[starts[bucket] : ends[bucket]])
        except OSError as error:
            raise _no_room(self._folder, error) from error
        places = np.empty(len(keys), np.int64)
        begin = np.append(np.asarray(self.counts) - starts, 0)
        places[order] = np.arange(len(keys)) + begin[keys[order]]
        self.counts = (np.asarray(self.counts) + found).tolist()
        self.chunks += 1
        return places

    def save(self, whole: bool = False, **more: Any) -> None:
        """Writes the manifest: from here a broken run goes on.

        Args:
            whole: whether these are all rows.
            **more: what it tells besides.
        """
        self._more.update(more)
        told = {
            **self._more,
            "format": FORMAT,
            "key": self._key,
            "parts": [[p.name, p.width, p.dtype] for p in self._parts],
            "counts": self.counts,
            "chunks": self.chunks,
            "whole": whole,
        }
        half = self._folder / f"{MANIFEST}.half"
        try:
            with half.open("w", encoding="utf-8") as file:
                json.dump(told, file)
                file.flush()
                os.fsync(file.fileno())
            half.replace(self._folder / MANIFEST)
        except OSError as error:
            raise _no_room(self._folder, error) from error


class BucketReader:
    """Reads a bucket's rows into memory that is used again and again.

    Args:
        folder: of the files.
        manifest: what `read_manifest` found, of all rows.

    Attributes:
        counts: rows of each bucket.
        parts: the arrays, by name.
    """

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        self._folder = folder
        self.counts: list[int] = list(manifest["counts"])
        self.parts = {p[0]: Part(*p) for p in manifest["parts"]}
        self._most = 0
        self._slots: dict[int, dict[str, np.ndarray]] = {}

    @property
    def held(self) -> int:
        """Bytes of memory that are in use for rows."""
        slots = self._slots.values()
        return sum(array.nbytes for slot in slots for array in slot.values())

    def room(self, most: int) -> None:
        """Says how many rows the largest bucket has that `read` reads into a slot."""
        self._most = most

    def read(self, bucket: int, slot: int | None = None) -> dict[str, np.ndarray]:
        """A bucket's rows.

        Args:
            bucket: which.
            slot: memory to use again; None for arrays of their own.

        Raises:
            DataError: the files are not what the manifest says.
        """
        rows = self.counts[bucket]
        if slot is None:
            room = {name: part.empty(rows) for name, part in self.parts.items()}
        else:
            room = self._slots.get(slot) or self._slots.setdefault(
                slot, {name: p.empty(self._most) for name, p in self.parts.items()}
            )
        found = {}
        for name, part in self.parts.items():
            path = _path(self._folder, part, bucket)
            array = found[name] = room[name][:rows]
            if _size(path) != rows * part.row_bytes or not _read(path, array):
                raise DataError(
                    "The shuffled rows are damaged.",
                    where=str(path),
                    expected=f"{rows * part.row_bytes:,} bytes",
                    received=f"{_size(path):,} bytes",
                    remedy=f"delete {self._folder}: they are made again",
                )
        return found


def _path(folder: Path, part: Part, bucket: int) -> Path:
    return folder / f"{bucket:05d}.{part.name}"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _write(file: Any, rows: np.ndarray) -> None:
    view = memoryview(rows.data).cast("B")
    while view.nbytes:
        view = view[file.write(view) :]


def _read(path: Path, array: np.ndarray) -> bool:
    """Whether the array could be filled."""
    if not array.size:
        return True
    view = memoryview(array.data).cast("B")
    with path.open("rb", buffering=0) as file:
        while view.nbytes:
            got = file.readinto(view)
            if not got:
                return False
            view = view[got:]
    return True


def _no_room(folder: Path, error: OSError) -> DataError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return DataError(
        "The disk is full." if full else "The shuffled rows cannot be written.",
        where=str(folder),
        expected="a folder with room",
        received=str(error.strerror),
        remedy="make room and run it again: it goes on from here; or name a folder "
        "on another disk: cache_dir=",
    )
