"""Small archives of the same form as the public ones, written by the tests."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

ROWS = 30


def ragged(seed: int, rows: int = ROWS) -> np.ndarray:
    """Texts of 1 to 9 words, as an object array of lists."""
    random = np.random.RandomState(seed)
    texts = np.empty(rows, object)
    for i in range(rows):
        texts[i] = random.randint(1, 40, size=random.randint(1, 10)).tolist()
    return texts


def numbers(*shape: int, dtype: Any = "float64") -> np.ndarray:
    """Numbers that differ from one another."""
    return np.arange(np.prod(shape), dtype=dtype).reshape(shape)


def labels(rows: int = ROWS, classes: int = 5) -> np.ndarray:
    """Class ids."""
    return np.arange(rows) % classes


def write_npz(path: Path, **arrays: np.ndarray) -> None:
    """As `numpy.savez`, object arrays pickled by a protocol that Keras reads too."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in arrays.items():
            stream = io.BytesIO()
            if array.dtype.hasobject:
                np.lib.format.write_array_header_1_0(
                    stream, np.lib.format.header_data_from_array_1_0(array)
                )
                pickle.dump(array, stream, protocol=4)
            else:
                np.lib.format.write_array(stream, array)
            archive.writestr(f"{name}.npy", stream.getvalue())


def write_idx(path: Path, array: np.ndarray) -> None:
    """MNIST's own format, gzipped."""
    head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    path.write_bytes(gzip.compress(head + array.astype(np.uint8).tobytes()))


def write_images(path: Path, folder: str, names: dict[str, tuple[str, ...]]) -> None:
    """CIFAR's archive: a batch of four images in each member, labels by name."""
    with tarfile.open(path, "w:gz") as archive:
        for number, (name, kinds) in enumerate(names.items()):
            data = (numbers(4, 3072, dtype="int64") + number).astype(np.uint8)
            batch: dict[bytes, Any] = {b"data": data}
            for kind in kinds:
                batch[kind.encode()] = [number, 1, 2, 3]
            content = pickle.dumps(batch, protocol=4)
            member = tarfile.TarInfo(f"{folder}/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def write_all(folder: Path) -> None:
    """All archives, by their public names."""
    folder.mkdir(parents=True, exist_ok=True)
    digits = numbers(7, 28, 28, dtype="int64").astype(np.uint8)
    classes = labels(7).astype(np.uint8)
    write_npz(folder / "mnist.npz", x_train=digits, y_train=classes,
              x_test=digits[:3], y_test=classes[:3])  # fmt: skip
    write_npz(folder / "imdb.npz", x_train=ragged(1), y_train=labels(classes=2),
              x_test=ragged(2, 20), y_test=labels(20, 2))  # fmt: skip
    write_npz(folder / "reuters.npz", x=ragged(3), y=labels(classes=46))
    write_npz(folder / "boston_housing.npz", x=numbers(ROWS, 13), y=numbers(ROWS))
    x = numbers(700, 8, dtype="float32")
    write_npz(folder / "california_housing.npz", x=x, y=x[:, 0])
    for name in ("imdb", "reuters"):
        words = json.dumps({"the": 1, "fawn": 2, "né": 3})
        (folder / f"{name}_word_index.json").write_text(words, encoding="utf-8")
    for part, rows in (("train", 7), ("t10k", 3)):
        write_idx(folder / f"{part}-images-idx3-ubyte.gz", digits[:rows])
        write_idx(folder / f"{part}-labels-idx1-ubyte.gz", classes[:rows])
    batches = [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]
    write_images(folder / "cifar-10-python.tar.gz", "cifar-10-batches-py",
                 dict.fromkeys(batches, ("labels",)))  # fmt: skip
    kinds = ("fine_labels", "coarse_labels")
    names = dict.fromkeys(("train", "test"), kinds)
    write_images(folder / "cifar-100-python.tar.gz", "cifar-100-python", names)
