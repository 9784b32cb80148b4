"""The weights member: an HDF5 file, written as Keras does and read with suspicion.

HDF5 can point out of the file, name filters that load plug-ins, and declare arrays of
which nothing is stored. The whole file is inspected before any array is read.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from pronghorn.errors import FileFormatError, MissingDependencyError

__all__ = ["GroupWriter", "Store", "WeightsReader", "WeightsWriter"]

MAX_DEPTH = 64
MAX_OBJECTS = 200_000
MIB = 1 << 20
# Deflate cannot do better than 1032 to 1.
MAX_GZIP_RATIO = 1100
GZIP = 1
MAX_EXPANSION = 100
# What HDF5 lets one attribute hold; Keras splits longer lists at this size too.
MAX_ATTRIBUTE = 64512


def _h5py() -> Any:
    try:
        import h5py  # type: ignore[import-untyped,unused-ignore]
    except ImportError as error:
        raise MissingDependencyError(
            "Model files need h5py, which is not installed.",
            where="saving",
            remedy="pip install h5py",
        ) from error
    return h5py


class WeightsWriter:
    """Collects arrays under paths, and makes the HDF5 file of them.

    Example:

    >>> writer = WeightsWriter()
    >>> writer.make("layers/dense", "dense")["0"] = np.ones(2, "float32")
    >>> WeightsReader(writer.finish(), "w.h5").get("layers/dense")["0"]
    array([1., 1.], dtype=float32)
    """

    def __init__(self) -> None:
        self._buffer = io.BytesIO()
        self._file = _h5py().File(self._buffer, "w")

    def make(self, path: str, name: str | None) -> Any:
        """The group for the arrays of one object, with its name as an attribute."""
        group = self._file.require_group(f"{path}/vars" if path else "vars")
        if name is not None:
            group.attrs["name"] = name
        return group

    def finish(self) -> bytes:
        """The file's bytes."""
        self._file.close()
        return self._buffer.getvalue()


class GroupWriter:
    """Makes an HDF5 file of groups, arrays and attributes, as Keras 2 laid them out.

    Example:

    >>> writer = GroupWriter()
    >>> writer.text("backend", "native")
    >>> writer.arrays("model_weights/dense", {"dense/kernel": np.ones(2)})
    >>> reader = WeightsReader(writer.finish(), "m.h5")
    >>> reader.text("backend"), reader.texts("model_weights/dense", "weight_names")
    ('native', ['dense/kernel'])
    """

    def __init__(self) -> None:
        self._buffer = io.BytesIO()
        self._file = _h5py().File(self._buffer, "w")

    def text(self, name: str, value: str, group: str = "") -> None:
        """An attribute of the file, or of a group: one text."""
        self._group(group).attrs[name] = value.encode()

    def texts(self, name: str, values: list[str], group: str) -> None:
        """An attribute of a group: a list of texts, in several where it is long."""
        node, data = self._group(group), np.asarray([v.encode() for v in values])
        count = 1
        while count < len(values) and any(
            part.nbytes > MAX_ATTRIBUTE for part in np.array_split(data, count)
        ):
            count += 1
        for i, part in enumerate(np.array_split(data, count)):
            node.attrs[f"{name}{i}" if count > 1 else name] = part

    def arrays(self, group: str, arrays: dict[str, np.ndarray]) -> None:
        """A group of arrays, and their names in order as `weight_names`."""
        self.texts("weight_names", list(arrays), group)
        for name, array in arrays.items():
            self._group(group).create_dataset(name, data=array)

    def finish(self) -> bytes:
        """The file's bytes."""
        self._file.close()
        return self._buffer.getvalue()

    def _group(self, path: str) -> Any:
        return self._file.require_group(path) if path else self._file


class Store:
    """The arrays of one object in a weights file: keys `"0"`, `"1"`, ...

    It offers what `load_own_variables(store)` of Keras's layers uses: `keys()`, `len`,
    `in` and `[key]`.
    """

    def __init__(self, datasets: dict[str, Any], where: str) -> None:
        self.datasets = datasets
        self.where = where

    def keys(self) -> list[str]:
        """The names of the arrays."""
        return list(self.datasets)

    def shape(self, key: str) -> tuple[int, ...]:
        """An array's shape, without reading it."""
        return tuple(self.datasets[key].shape)

    def __len__(self) -> int:
        return len(self.datasets)

    def __iter__(self) -> Iterator[str]:
        return iter(self.datasets)

    def __contains__(self, key: object) -> bool:
        return key in self.datasets

    def __getitem__(self, key: str) -> np.ndarray:
        if key not in self.datasets:
            raise FileFormatError(
                f"The weights file has no array {key!r} here.",
                where=self.where,
                expected=f"an array {key!r}",
                received=", ".join(self.datasets) or "no array",
                remedy="the file is of another model, or damaged",
            )
        try:
            array = np.asarray(self.datasets[key][()])
        except Exception as error:
            raise _refused(
                f"{self.where}/{key}", "a whole array", str(error)[:200]
            ) from error
        return np.asarray(array, dtype=array.dtype.newbyteorder("="))


class WeightsReader:
    """A weights file, inspected as a whole before anything is read from it.

    Args:
        data: the HDF5 file's bytes.
        label: its name, for errors.

    Raises:
        FileFormatError: not HDF5; a link that is not a hard one; a virtual or external
            dataset; a filter other than gzip; a dtype that is not a number's; a shape
            that the stored bytes cannot fill.
    """

    def __init__(self, data: bytes, label: str) -> None:
        self.label = label
        self._size = len(data)
        try:
            h5py = _h5py()
            self._file = h5py.File(h5py.h5f.open_file_image(data))
        except MissingDependencyError:
            raise
        # Damage makes h5py raise whatever it likes, OverflowError and MemoryError too.
        except Exception as error:
            raise _refused(label, "an HDF5 file", str(error)[:200]) from error
        self._datasets: dict[str, dict[str, Any]] = {}
        self._objects = self._declared = self._stored = 0
        try:
            self._inspect(self._file, "", 0)
        except FileFormatError:
            raise
        except Exception as error:
            raise _refused(label, "a sound HDF5 file", str(error)[:200]) from error
        self._taken: set[str] = set()

    def get(self, path: str) -> Store:
        """The arrays that belong to the object at that path (none: an empty store)."""
        group = f"{path}/vars" if path else "vars"
        self._taken.add(group)
        return Store(self._datasets.get(group, {}), f"{self.label}: /{group}")

    def texts(self, group: str, name: str) -> list[str] | None:
        """A group's attribute that lists names, as Keras 2 wrote them; None without.

        A list too long for one attribute stands in several, numbered from 0.

        Raises:
            FileFormatError: an attribute that is no list of texts, or is out of bounds.
        """
        node = self._file.get(group) if group else self._file
        attributes: Any = getattr(node, "attrs", {})
        parts = [name] if name in attributes else []
        while parts[:1] != [name] and f"{name}{len(parts)}" in attributes:
            parts.append(f"{name}{len(parts)}")
        if not parts:
            return None
        found: list[str] = []
        for part in parts:
            where = f"{self.label}: /{group}, attribute {part}"
            stored = attributes.get_id(part)
            declared = math.prod(stored.shape) * stored.dtype.itemsize
            if declared > self._size or len(stored.shape) > 1:
                raise _refused(where, "a list of names", f"shape {stored.shape}")
            try:
                values = np.ravel(attributes[part]).tolist()
                found += [v.decode() if isinstance(v, bytes) else v for v in values]
                "".join(found).encode()  # HDF5's own decoding lets wrong bytes through
            except Exception as error:
                raise _refused(where, "a list of names", str(error)[:200]) from error
        return found

    def text(self, name: str) -> str | None:
        """An attribute of the file that is one text, such as JSON; None without.

        Raises:
            FileFormatError: an attribute that is no text, or is out of bounds.
        """
        if name not in self._file.attrs:
            return None
        where = f"{self.label}: attribute {name}"
        stored = self._file.attrs.get_id(name)
        if stored.shape != () or stored.dtype.itemsize > self._size:
            raise _refused(where, "one text", f"shape {stored.shape}")
        try:
            value = self._file.attrs[name]
            found = bytes(value).decode() if isinstance(value, bytes) else value
            found.encode()  # HDF5's own decoding lets wrong bytes through
        except Exception as error:
            raise _refused(where, "one text", str(error)[:200]) from error
        return str(found)

    def name(self, path: str) -> str | None:
        """The name that Keras 3 notes beside an object's arrays; None without."""
        node = self._file.get(f"{path}/vars" if path else "vars")
        value = getattr(node, "attrs", {}).get("name")
        return value if isinstance(value, str) else None

    def groups(self) -> dict[str, list[str]]:
        """Every group that holds arrays, and their names."""
        return {group: list(names) for group, names in self._datasets.items()}

    def array(self, path: str) -> np.ndarray:
        """The array at a path."""
        group, _, name = path.rpartition("/")
        return Store(self._datasets.get(group, {}), f"{self.label}: /{group}")[name]

    def elements(self, skip: str) -> int:
        """Numbers stored in all groups, but for those under the path `skip`."""
        return sum(
            math.prod(dataset.shape)
            for group, datasets in self._datasets.items()
            if group != skip and not group.startswith(f"{skip}/")
            for dataset in datasets.values()
        )

    def left_over(self) -> list[str]:
        """Groups that hold arrays and that nobody asked for."""
        return sorted(set(self._datasets) - self._taken)

    def close(self) -> None:
        """Release the file; stores become unusable."""
        self._file.close()

    def _inspect(self, group: Any, path: str, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise self._bad(path, f"at most {MAX_DEPTH} levels of groups", "more")
        h5py = _h5py()
        for name in group:
            self._objects += 1
            if self._objects > MAX_OBJECTS:
                raise self._bad(path, f"at most {MAX_OBJECTS:,} objects", "more")
            child_path = f"{path}/{name}" if path else str(name)
            link = group.get(name, getlink=True)
            if not isinstance(link, h5py.HardLink):
                kind = type(link).__name__
                raise self._bad(child_path, "arrays that lie in the file", kind)
            child = group[name]
            if isinstance(child, h5py.Group):
                self._inspect(child, child_path, depth + 1)
            elif isinstance(child, h5py.Dataset):
                self._check(child, child_path)
                self._datasets.setdefault(path, {})[str(name)] = child
            else:
                raise self._bad(child_path, "a group or array", type(child).__name__)

    def _check(self, dataset: Any, path: str) -> None:
        plist = dataset.id.get_create_plist()
        if dataset.is_virtual:
            raise self._bad(path, "an array of this file", "a virtual dataset")
        if plist.get_external_count():
            raise self._bad(path, "an array of this file", "external storage")
        filters = [plist.get_filter(i)[0] for i in range(plist.get_nfilters())]
        if any(number != GZIP for number in filters):
            raise self._bad(path, "no HDF5 filter, or gzip", f"filters {filters}")
        if dataset.shape is None:
            raise self._bad(path, "an array", "an empty dataspace")
        if dataset.dtype.kind not in "fiub" or dataset.dtype.itemsize > 8:
            raise self._bad(path, "numbers of up to 8 bytes", str(dataset.dtype))
        self._check_size(dataset, path, bool(filters))

    def _check_size(self, dataset: Any, path: str, packed: bool) -> None:
        declared = math.prod(dataset.shape) * dataset.dtype.itemsize
        stored = dataset.id.get_storage_size()
        self._declared += declared
        self._stored += stored
        most = stored * (MAX_GZIP_RATIO if packed else 1)
        if declared > most:
            raise self._bomb(path, dataset.shape, declared, most)
        total = 256 * MIB + MAX_EXPANSION * self._size
        if self._declared > total:
            raise self._bomb(path, dataset.shape, self._declared, total)
        if self._stored > self._size:
            raise self._bomb(path, dataset.shape, self._stored, self._size)
        offset = dataset.id.get_offset()
        if offset is not None and offset + stored > self._size:
            raise self._bomb(path, dataset.shape, offset + stored, self._size)
        if dataset.chunks is not None:
            chunk = math.prod(dataset.chunks) * dataset.dtype.itemsize
            if chunk > max(MIB, 2 * declared):
                raise self._bomb(path, dataset.chunks, chunk, max(MIB, 2 * declared))

    def _bad(self, path: str, expected: str, received: str) -> FileFormatError:
        return _refused(f"{self.label}: /{path}", expected, received)

    def _bomb(
        self, path: str, shape: tuple[int, ...], declared: int, most: int
    ) -> FileFormatError:
        return FileFormatError(
            "An array of the weights declares more than the file holds.",
            where=f"{self.label}: /{path}, shape {tuple(shape)}",
            expected=f"at most {most:,} bytes",
            received=f"{declared:,} bytes declared",
            remedy="do not trust this file: it is damaged or built to fill the memory",
        )


def _refused(where: str, expected: str, received: str) -> FileFormatError:
    return FileFormatError(
        "The weights cannot be read.",
        where=where,
        expected=expected,
        received=received,
        remedy="copy the file again from its source, or save the model again",
    )
