"""The data sets, loaded from a server on this machine, and archives that attack.

That the numbers are those that Keras makes of the same archives is held by
tests/conformance (group "datasets").
"""

from __future__ import annotations

import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pronghorn import datasets
from pronghorn.datasets import archives
from pronghorn.errors import ArgumentError, DownloadError, FileFormatError
from tests.datasets.archives import ROWS, write_idx, write_npz
from tests.datasets.conftest import Server

SHAPES: dict[str, Any] = {
    "mnist": ((7, 28, 28), (7,), (3, 28, 28), (3,)),
    "fashion_mnist": ((7, 28, 28), (7,), (3, 28, 28), (3,)),
    "cifar10": ((20, 32, 32, 3), (20, 1), (4, 32, 32, 3), (4, 1)),
    "cifar100": ((4, 32, 32, 3), (4, 1), (4, 32, 32, 3), (4, 1)),
    "imdb": ((ROWS,), (ROWS,), (20,), (20,)),
    "reuters": ((24,), (24,), (6,), (6,)),
    "boston_housing": ((24, 13), (24,), (6, 13), (6,)),
    "california_housing": ((560, 8), (560,), (140, 8), (140,)),
}


def load(name: str, **options: Any) -> Any:
    return getattr(datasets, name).load_data(**options)


@pytest.mark.parametrize("name", SHAPES)
def test_every_set_is_loaded_once(name: str, server: Server, tmp_path: Path) -> None:
    (x, y), (x_test, y_test) = load(name)
    assert (x.shape, y.shape, x_test.shape, y_test.shape) == SHAPES[name]
    assert server.asked and set(server.asked) <= set(archives.ARCHIVES)
    server.asked.clear()
    (again, _), _ = load(name)
    assert server.asked == [], "what is in the cache is not asked for again"
    assert all(np.array_equal(a, b) for a, b in zip(x, again, strict=True))
    cached = tmp_path / "cache" / "datasets"
    assert cached.is_dir() and not list(cached.rglob(".*"))


def test_images_are_where_their_bytes_say(server: Server) -> None:
    (x, y), (x_test, _) = load("cifar10")
    flat = np.arange(3072) % 256  # of the first image of the first batch
    np.testing.assert_array_equal(x[0], flat.reshape(3, 32, 32).transpose(1, 2, 0))
    np.testing.assert_array_equal(y[:, 0], [n for b in range(5) for n in (b, 1, 2, 3)])
    assert x_test[0, 0, 0, 0] == 5
    fine, coarse = load("cifar100"), load("cifar100", label_mode="coarse")
    np.testing.assert_array_equal(fine[0][1], coarse[0][1])
    with pytest.raises(ArgumentError, match="fine"):
        load("cifar100", label_mode="rough")


def test_word_indices_and_labels(server: Server) -> None:
    assert datasets.imdb.get_word_index() == {"the": 1, "fawn": 2, "né": 3}
    assert datasets.reuters.get_word_index()["fawn"] == 2
    names = datasets.reuters.get_label_names()
    assert len(set(names)) == 46 and names[0] == "cocoa" and names[-1] == "lead"


@pytest.mark.parametrize("name", ["imdb", "reuters"])
def test_words_and_lengths(name: str, server: Server) -> None:
    (x, _), (x_test, _) = load(name, num_words=20, skip_top=5, maxlen=7, oov_char=0)
    texts = [*x, *x_test]
    assert 0 < len(texts) < 50 and max(map(len, texts)) < 7
    assert {w for t in texts for w in t} <= {0, *range(5, 20)}
    with pytest.raises(ArgumentError, match="maxlen"):
        load(name, maxlen=1)


def test_arguments_that_are_none(server: Server) -> None:
    with pytest.raises(ArgumentError, match="nb_words"):
        load("imdb", nb_words=10)
    with pytest.raises(ArgumentError, match="'small' or 'large'"):
        load("california_housing", version="medium")
    for name in ("boston_housing", "california_housing"):
        with pytest.raises(ArgumentError, match="test_split"):
            load(name, test_split=1.0)
    (x, _), _ = load("california_housing", version="small", test_split=0)
    assert len(x) == 600


def test_an_archive_that_was_changed_is_refused(
    server: Server, monkeypatch: Any, tmp_path: Path
) -> None:
    monkeypatch.setitem(archives.ARCHIVES, "mnist.npz", (server.address, "0" * 64))
    with pytest.raises(FileFormatError, match="not the one that was expected"):
        load("mnist")
    assert list((tmp_path / "cache" / "datasets").iterdir()) == []


def test_a_server_without_the_file(server: Server, monkeypatch: Any) -> None:
    missing = (f"{server.address}nowhere/", None)
    monkeypatch.setitem(archives.ARCHIVES, "mnist.npz", missing)
    with pytest.raises(DownloadError, match=r"nowhere/mnist.npz[\s\S]*404"):
        load("mnist")


def test_every_address_is_public_and_every_hash_whole() -> None:
    for name, (folder, file_hash) in archives.ARCHIVES.items():
        assert folder.startswith("https://") and folder.endswith("/")
        if "ubyte" in name:
            assert file_hash is None, "Keras publishes none"
        else:
            assert file_hash is not None and len(file_hash) in (32, 64)
            assert (len(file_hash) == 64) == (not name.endswith(".json"))


# --- attacks


class Attack:
    """Unpickled by anybody who trusts it, it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


def texts_with(item: Any) -> np.ndarray:
    array = np.empty(2, object)
    array[:] = [[1, 2], item]
    return array


def test_an_archive_cannot_run_code(tmp_path: Path) -> None:
    path, made = tmp_path / "imdb.npz", tmp_path / "made"
    write_npz(path, x=texts_with(Attack(made)))
    with pytest.raises(FileFormatError, match=r"mkdir[\s\S]*do not use it"):
        archives.npz(str(path), "x")
    assert not made.exists()
    np.load(path, allow_pickle=True)["x"]
    assert made.exists(), "the attack must be one"


def test_a_batch_of_images_cannot_run_code(tmp_path: Path) -> None:
    path, made = tmp_path / "data_batch_1", tmp_path / "made"
    path.write_bytes(pickle.dumps({b"data": Attack(made)}))
    with pytest.raises(FileFormatError, match="mkdir"):
        archives.batch_of_images(str(path), "labels")
    assert not made.exists()


@pytest.mark.parametrize(
    "item", [np.random.RandomState, np.load, pickle.loads, print, np.float64(1)]
)
def test_no_other_name_is_looked_up(item: Any, tmp_path: Path) -> None:
    path = tmp_path / "imdb.npz"
    write_npz(path, x=texts_with(item))
    with pytest.raises(FileFormatError, match="wants to call"):
        archives.npz(str(path), "x")


def test_broken_archives(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    write_npz(path, x=np.arange(3), y=texts_with([3]))
    assert archives.npz(str(path), "x", "y")[1].tolist() == [[1, 2], [3]]
    with pytest.raises(FileFormatError, match="of these names"):
        archives.npz(str(path), "z")
    content = path.read_bytes()
    path.write_bytes(content[:40])
    with pytest.raises(FileFormatError, match="of these names"):
        archives.npz(str(path), "x")
    for text in (b"", b"\x93NUMPY\x01\x00\x05\x00abcde", b"text"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("x.npy", text)
        with pytest.raises(FileFormatError, match="array"):
            archives.npz(str(path), "x")


def test_an_array_is_what_its_header_says(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    write_npz(path, x=texts_with([3]))
    with zipfile.ZipFile(path) as archive:
        member = archive.read("x.npy")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", member.replace(b"(2,)", b"(9,)"))
    with pytest.raises(FileFormatError, match="what its header says"):
        archives.npz(str(path), "x")


def test_broken_images(tmp_path: Path) -> None:
    path = tmp_path / "labels.gz"
    write_idx(path, np.arange(6).reshape(2, 3))
    assert archives.idx(str(path)).tolist() == [[0, 1, 2], [3, 4, 5]]
    whole = path.read_bytes()
    for content in (whole[:-9], b"", b"text"):
        path.write_bytes(content)
        with pytest.raises(FileFormatError, match="MNIST"):
            archives.idx(str(path))
    path = tmp_path / "batch"
    for batch in ({b"data": 1}, [1], {b"data": np.zeros((1, 3072), "uint8")}):
        path.write_bytes(pickle.dumps(batch, protocol=4))
        with pytest.raises(FileFormatError, match="no batch of images"):
            archives.batch_of_images(str(path), "labels")
