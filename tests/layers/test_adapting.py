"""What `Normalization` and `Discretization` are adapted to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.errors import ArgumentError, DataError, DtypeError, ShapeError

X = np.random.default_rng(3).normal(2.0, 3.0, (90, 4)).astype("float32")
PARTS = [X[:50], X[50:60], X[60:]]


class Batches(keras.utils.PyDataset):
    """The parts, with labels."""

    def __len__(self) -> int:
        return len(PARTS)

    def __getitem__(self, index: int) -> Any:
        return PARTS[index], np.zeros(len(PARTS[index]))


GIVEN: dict[str, Any] = {
    "a list": lambda: PARTS,
    "a tuple": lambda: tuple(PARTS),
    "an iterator": lambda: iter(PARTS),
    "a generator": lambda: (part for part in PARTS),
    "pairs": lambda: [(part, np.zeros(len(part))) for part in PARTS],
    "a PyDataset": Batches,
    "nested lists": X.tolist,
    "a frame": lambda: {f"c{i}": X[:, i] for i in range(4)},
}


@pytest.mark.parametrize("kind", GIVEN)
def test_batches_give_what_the_whole_gives(kind: str) -> None:
    whole, parts = layers.Normalization(), layers.Normalization()
    whole.adapt(X)
    parts.adapt(GIVEN[kind]())
    np.testing.assert_allclose(parts.mean, whole.mean, rtol=1e-5)
    np.testing.assert_allclose(parts.variance, whole.variance, rtol=1e-5)
    np.testing.assert_allclose(parts(X).std(axis=0), 1.0, rtol=1e-5)
    bins = layers.Discretization(num_bins=3)
    bins.adapt(GIVEN[kind]())
    counts = np.bincount(bins(X).ravel())
    assert len(counts) == 3 and abs(counts / 120 - 1).max() < 0.15


def test_rows_that_come_one_by_one() -> None:
    layer = layers.Normalization()
    layer.adapt(row for row in X)
    np.testing.assert_allclose(layer.mean, X.mean(axis=0)[None], rtol=1e-5)
    np.testing.assert_allclose(layer.variance, X.var(axis=0)[None], rtol=1e-5)


def test_axes_of_batches() -> None:
    x = X[:84].reshape(7, 3, 4, 4)
    layer = layers.Normalization(axis=(1, 2))
    layer.adapt([x[:2], x[2:]])
    assert layer.mean.shape == (1, 3, 4, 1)
    np.testing.assert_allclose(np.ravel(layer.mean), np.ravel(x.mean((0, 3))), 1e-4)
    layer = layers.Normalization(axis=None)
    layer.adapt(iter([x[:2], x[2:]]))
    np.testing.assert_allclose(np.ravel(layer.variance), x.var(), rtol=1e-5)


def test_steps_end_a_generator_without_an_end() -> None:
    seen = []

    def forever() -> Iterator[Any]:
        while True:
            seen.append(len(seen))
            yield X[:10] + len(seen)

    layer = layers.Discretization(num_bins=4)
    layer.adapt(forever(), steps=3)
    assert len(layer.bin_boundaries) == 3 and len(seen) == 3


@pytest.mark.parametrize(
    ("error", "words", "data"),
    [
        (DataError, "no batch", []),
        (DataError, "no batch", iter(())),
        (DataError, "empty", iter([X, X[:0]])),
        (DtypeError, ".shape", iter([42])),
        (ShapeError, "does not fit", iter([X, X[:, :2]])),
        (DataError, "NaN", iter([X, X * np.nan])),
        (DataError, "text", iter([np.array([["a", "b"]])])),
    ],
)
def test_what_is_refused(error: Any, words: str, data: Any) -> None:
    with pytest.raises(error, match=words):
        layers.Normalization().adapt(data)


def test_given_statistics_fill_the_shape() -> None:
    layer = layers.Normalization(axis=(1, 2), mean=[1.0, 2.0], variance=[4.0, 0.5])
    layer.build((None, 3, 2))
    np.testing.assert_array_equal(layer.mean, [[[1.0, 2.0]] * 3])
    scalar = layers.Normalization(mean=5.0, variance=4.0)
    assert scalar(np.float32([[7.0, 9.0]])).tolist() == [[1.0, 2.0]]
    assert scalar.mean.tolist() == [[5.0, 5.0]]


@pytest.mark.parametrize(
    "given",
    [
        {"mean": [1.0, 2.0], "variance": [1.0]},
        {"mean": [[1.0]], "variance": [[1.0]]},
        {"axis": None, "mean": [1.0], "variance": [1.0]},
    ],
)
def test_statistics_of_other_shapes_are_refused(given: Any) -> None:
    with pytest.raises(ArgumentError, match="one shape, that of the axes"):
        layers.Normalization(**given)
