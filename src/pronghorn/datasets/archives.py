"""Where the archives of the data sets are, what they must hash to, how they are read.

Addresses and hashes are those of Keras 3.15.1 (`keras/src/datasets/*.py`). Those of the
word indices are MD5; of Fashion-MNIST Keras publishes none.

A `.npz` archive of texts holds object arrays, which NumPy writes as pickles. They are
read by an unpickler that knows how an array is put together and nothing else, so an
archive cannot run code, whoever wrote it.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import zipfile
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, FileFormatError
from pronghorn.utils.files import get_file

__all__ = ["batch_of_images", "fetch", "idx", "json_file", "npz", "split_at"]

_TABLES = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_IMAGES = "https://www.cs.toronto.edu/~kriz/"

# File: address, hash.
ARCHIVES: dict[str, tuple[str, str | None]] = {
    "mnist.npz": (
        _TABLES,
        "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
    ),
    "imdb.npz": (
        _TABLES,
        "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
    ),
    "imdb_word_index.json": (_TABLES, "bfafd718b763782e994055a2d397834f"),
    "reuters.npz": (
        _TABLES,
        "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916",
    ),
    "reuters_word_index.json": (_TABLES, "4d44cc38712099c9e383dc6e5f11a921"),
    "boston_housing.npz": (
        _TABLES,
        "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5",
    ),
    "california_housing.npz": (
        _TABLES,
        "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f",
    ),
    "train-labels-idx1-ubyte.gz": (_TABLES, None),
    "train-images-idx3-ubyte.gz": (_TABLES, None),
    "t10k-labels-idx1-ubyte.gz": (_TABLES, None),
    "t10k-images-idx3-ubyte.gz": (_TABLES, None),
    "cifar-10-python.tar.gz": (
        _IMAGES,
        "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    ),
    "cifar-100-python.tar.gz": (
        _IMAGES,
        "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
    ),
}


def fetch(name: str, path: str | None = None, **options: Any) -> str:
    """The path of a data set's file, which is downloaded when it is first asked for.

    Args:
        name: the file, as `ARCHIVES` has it.
        path: its name in the cache. Default: the same.
        **options: as `get_file` takes them.
    """
    folder, file_hash = ARCHIVES[name]
    origin = f"{folder}{name}"
    return get_file(path or name, origin=origin, file_hash=file_hash, **options)


class _Unpickler(pickle.Unpickler):
    """Reads arrays, lists, numbers and texts; refuses every other class."""

    def find_class(self, module: str, name: str) -> Any:
        """What of an array is made by name."""
        multiarray = ("numpy.core.multiarray", "numpy._core.multiarray")
        if module in multiarray and name == "_reconstruct":
            return np.empty(0).__reduce__()[0]
        if module == "numpy" and name in ("ndarray", "dtype"):
            return getattr(np, name)
        raise pickle.UnpicklingError(f"it wants to call {module}.{name}")


def _unpickled(stream: Any, where: str, **options: Any) -> Any:
    try:
        return _Unpickler(stream, **options).load()
    except Exception as error:
        # Broken pickles raise errors of all kinds; none of them ran anything.
        raise FileFormatError(
            "The archive holds something else than arrays; nothing of it was run.",
            where=where,
            expected="arrays of numbers, or of lists of numbers",
            received=f"{type(error).__name__}: {error}",
            remedy="delete the file, and do not use it",
        ) from None


def npz(path: str, *names: str) -> list[np.ndarray]:
    """Arrays of a `.npz` file, by name.

    Raises:
        FileFormatError: one is missing or cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return [_array(archive, path, name) for name in names]
    except (zipfile.BadZipFile, KeyError) as error:
        raise FileFormatError(
            "This is no archive of arrays of these names.",
            where=path,
            expected=", ".join(names),
            received=str(error),
            remedy="delete the file, and load it again",
        ) from None


def _array(archive: zipfile.ZipFile, path: str, name: str) -> np.ndarray:
    where = f"{path}, array {name!r}"
    with archive.open(f"{name}.npy") as member:
        stream = io.BytesIO(member.read())
    read = {1: np.lib.format.read_array_header_1_0}
    try:
        version = np.lib.format.read_magic(stream)
        header = read.get(version[0], np.lib.format.read_array_header_2_0)
        shape, _, dtype = header(stream)
        if not dtype.hasobject:
            stream.seek(0)
            return np.asarray(np.lib.format.read_array(stream, allow_pickle=False))
    except ValueError as error:
        raise FileFormatError(
            "An array cannot be read.",
            where=where,
            expected="an array as numpy.save writes it",
            received=str(error),
            remedy="delete the file, and load it again",
        ) from None
    array = _unpickled(stream, where)
    if not isinstance(array, np.ndarray) or array.shape != shape:
        raise FileFormatError(
            "An array is not what its header says.",
            where=where,
            expected=f"an array of shape {shape}",
            received=f"{type(array).__name__} of shape {np.shape(array)}",
            remedy="delete the file, and do not use it",
        )
    return array


def json_file(path: str) -> dict[str, int]:
    """A word index."""
    with open(path, encoding="utf-8") as file:
        found: dict[str, int] = json.load(file)
    return found


def idx(path: str) -> np.ndarray:
    """The bytes of a gzipped file in the format of MNIST: uint8, of its shape.

    Raises:
        FileFormatError: header and contents do not fit.
    """
    try:
        with gzip.open(path, "rb") as file:
            content = file.read()
    except (OSError, EOFError) as error:
        raise _no_idx(path, str(error)) from None
    if content[:3] != b"\x00\x00\x08" or len(content) < 4 + 4 * content[3]:
        raise _no_idx(path, f"it begins with {content[:4]!r}")
    shape = np.frombuffer(content, ">u4", content[3], 4).tolist()
    values = np.frombuffer(content, np.uint8, offset=4 + 4 * content[3])
    if values.size != np.prod(shape, dtype=np.int64):
        raise _no_idx(path, f"{values.size} values for shape {tuple(shape)}")
    return values.reshape(shape)


def _no_idx(path: str, received: str) -> FileFormatError:
    return FileFormatError(
        "The file is none of MNIST's format, or broken.",
        where=path,
        expected="gzipped: 0, 0, 8, the number of axes, the shape, the bytes",
        received=received,
        remedy="delete the file, and load it again",
    )


def batch_of_images(path: str, labels: str) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels of a CIFAR batch: uint8 (n, 32, 32, 3), integers (n, 1).

    Args:
        path: the file.
        labels: which labels.
    """
    with open(path, "rb") as file:
        found = _unpickled(file, path, encoding="bytes")
    try:
        values = {os.fsdecode(key): value for key, value in found.items()}
        images = values["data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        classes = np.asarray(values[labels], np.uint8).reshape(len(images), 1)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise FileFormatError(
            "The file is no batch of images.",
            where=path,
            expected=f"a dict with 'data' and {labels!r}",
            received=f"{type(error).__name__}: {error}",
            remedy="delete the folder, and load it again",
        ) from None
    return images, classes


def split_at(
    arrays: list[np.ndarray], test_split: float, seed: int
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Rows in an order of chance, the last part of them for testing.

    Raises:
        ArgumentError: `test_split` is no part.
    """
    if not 0 <= test_split < 1:
        raise ArgumentError(
            "test_split is a part of the rows.",
            where="load_data(test_split=)",
            expected="0 or more, and below 1",
            received=repr(test_split),
            remedy="0.2 keeps a fifth of the rows for testing",
        )
    order = np.arange(len(arrays[0]))
    np.random.RandomState(seed).shuffle(order)
    at = int(len(order) * (1 - test_split))
    x, y = (np.array(array[order]) for array in arrays)
    return (x[:at], y[:at]), (x[at:], y[at:])
