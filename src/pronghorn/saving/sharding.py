"""Weights in several files, none larger than asked for: `save_weights(max_shard_size)`.

`m.weights.json` says which group lies in which of `m_00000.weights.h5`, ...; a group
that one file has no room for lies in several. The layout is Keras 3.15's.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, FileFormatError
from pronghorn.saving.archive import CONFIG, MAX_BYTES, atomic_write, parse_json
from pronghorn.saving.hdf5 import Store, WeightsReader, WeightsWriter
from pronghorn.saving.state import save_state
from pronghorn.saving.writing import json_bytes

__all__ = ["ShardedReader", "save_shards"]

ENDING = ".weights.h5"
MAX_SHARDS = 10_000
GIB = 1 << 30


def save_shards(
    model: Any,
    path: str,
    max_shard_size: float,
    overwrite: bool,
    skip: tuple[Any, ...] = (),
) -> None:
    """Write a model's weights as files of a size, and the map of them last.

    Args:
        model: a built model.
        path: of the map, ending in `.weights.json`.
        max_shard_size: in GiB.
        overwrite: whether existing files may be replaced.
        skip: objects to leave out.

    Raises:
        ArgumentError: an array that is larger than that, or a file that exists.
    """
    if not overwrite and os.path.exists(path):
        atomic_write(path, b"", overwrite)  # raises
    folder, name = os.path.split(path)
    base = name.removesuffix(".json").replace(".weights", "")
    writer = _Shards(base, max_shard_size * GIB)
    save_state(model, writer, skip)
    for shard, data in writer.finish().items():
        atomic_write(os.path.join(folder, shard), data, overwrite)
    atomic_write(path, json_bytes(writer.map(), indent=4), overwrite)


class _Shards:
    """Collects arrays like `WeightsWriter`, in as many files as they need."""

    def __init__(self, base: str, most: float) -> None:
        self._base, self._most = base, most
        self._done: dict[str, bytes] = {}
        self._writer = WeightsWriter()
        self._size = self._total = 0
        self._groups: dict[str, list[str]] = {}

    def make(self, path: str, name: str | None) -> Any:
        """What takes the arrays of one object."""
        return _Group(self, path, name)

    def add(self, path: str, name: str | None, key: str, data: np.ndarray) -> None:
        """Put an array where there is room."""
        if data.nbytes > self._most:
            raise ArgumentError(
                f"The array {key} exceeds the maximum shard size.",
                where=f"save_weights(max_shard_size={self._most / GIB!r}): {path}",
                expected=f"arrays of at most {self._most:,.0f} bytes",
                received=f"{data.nbytes:,} bytes",
                remedy="pass a larger max_shard_size",
            )
        if self._size + data.nbytes > self._most:
            self._close()
        self._size += data.nbytes
        self._total += data.nbytes
        group = f"/{path}/vars" if path else "/vars"
        files = self._groups.setdefault(group, [])
        if self._current not in files:
            files.append(self._current)
        self._writer.make(path, name).create_dataset(key, data=data)

    @property
    def _current(self) -> str:
        return f"{self._base}_{len(self._done):05}{ENDING}"

    def _close(self) -> None:
        self._done[self._current] = self._writer.finish()
        self._writer, self._size = WeightsWriter(), 0

    def finish(self) -> dict[str, bytes]:
        """The files' bytes, by their names."""
        self._close()
        return self._done

    def map(self) -> dict[str, Any]:
        """Which group lies in which file; a list where it lies in several."""
        return {
            "metadata": {"total_size": float(self._total)},
            "weight_map": {
                group: files if len(files) > 1 else files[0]
                for group, files in self._groups.items()
            },
        }


class _Group:
    """The place for one object's arrays."""

    def __init__(self, shards: _Shards, path: str, name: str | None) -> None:
        self._shards, self._path, self._name = shards, path, name

    def create_dataset(self, key: str, data: np.ndarray) -> None:
        """Put an array into it."""
        self._shards.add(self._path, self._name, key, data)


class ShardedReader:
    """Reads a map of weights and its files as if they were one file of weights.

    Args:
        path: of the map, ending in `.weights.json`.

    Raises:
        FileFormatError: no map, or one of files that are missing, lie elsewhere or are
            refused by `WeightsReader`.
    """

    def __init__(self, path: str) -> None:
        self.label = path
        self._readers = [self._open(name) for name in self._names()]

    def _names(self) -> list[str]:
        try:
            if os.path.getsize(self.label) > MAX_BYTES[CONFIG]:
                raise self._refused("a map", "more than any map")
            with open(self.label, "rb") as file:
                data = parse_json(file.read(), self.label)
        except OSError as error:
            raise self._refused("a map of weights", str(error)) from error
        groups = data.get("weight_map")
        if not isinstance(groups, dict):
            raise self._refused('a "weight_map"', ", ".join(data)[:80] or "nothing")
        names: dict[str, None] = {}
        for files in groups.values():
            for name in files if isinstance(files, list) else [files]:
                plain = isinstance(name, str) and os.path.basename(name) == name
                if not plain or not name.endswith(ENDING):
                    raise self._refused("files beside the map", repr(name)[:80])
                names[name] = None
        if len(names) > MAX_SHARDS:
            raise self._refused(f"at most {MAX_SHARDS:,} files", f"{len(names):,}")
        return list(names)

    def _open(self, name: str) -> WeightsReader:
        path = os.path.join(os.path.dirname(self.label), name)
        try:
            with open(path, "rb") as file:
                return WeightsReader(file.read(), path)
        except OSError as error:
            raise self._refused(f"the file {name} beside the map", str(error)) from None

    def get(self, path: str) -> Store:
        """The arrays that belong to the object at that path, of all files."""
        stores = [reader.get(path) for reader in self._readers]
        merged = {key: value for s in stores for key, value in s.datasets.items()}
        group = f"{path}/vars" if path else "vars"
        return Store(merged, f"{self.label}: /{group}")

    def elements(self, skip: str) -> int:
        """Numbers stored in all groups, but for those under the path `skip`."""
        return sum(reader.elements(skip) for reader in self._readers)

    def left_over(self) -> list[str]:
        """Groups that hold arrays and that nobody asked for."""
        return sorted({g for reader in self._readers for g in reader.left_over()})

    def close(self) -> None:
        """Release the files."""
        for reader in self._readers:
            reader.close()

    def _refused(self, expected: str, received: str) -> FileFormatError:
        return FileFormatError(
            "The weights cannot be read.",
            where=self.label,
            expected=expected,
            received=received,
            remedy="copy all of the files again, or save the weights again",
        )
