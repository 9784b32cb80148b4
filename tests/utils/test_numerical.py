"""to_categorical and normalize."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn.errors import ArgumentError, DataError
from pronghorn.utils import normalize, to_categorical


@pytest.mark.parametrize(
    ("labels", "shape"),
    [
        ([0, 1, 2], (3, 3)),
        ([[0], [1]], (2, 2)),
        ([[0, 1], [2, 3]], (2, 2, 4)),
        (np.array([1.0, 0.0]), (2, 2)),
        (np.array([True, False]), (2, 2)),
        ([0], (1, 1)),
        (3, (4,)),
    ],
)
def test_one_hot_shapes(labels: Any, shape: tuple[int, ...]) -> None:
    found = to_categorical(labels)
    assert found.shape == shape and found.dtype == np.float64
    assert (found.sum(-1) == 1).all()
    ids = np.asarray(labels).reshape(shape[:-1])
    np.testing.assert_array_equal(found.argmax(-1), ids)


def test_the_number_of_classes_may_be_given() -> None:
    assert to_categorical([0, 1], num_classes=5).shape == (2, 5)
    assert to_categorical([], num_classes=5).shape == (0, 5)


@pytest.mark.parametrize(
    ("labels", "classes", "words"),
    [
        ([0, -1], None, ["element 1", "0 to 0", "-1"]),
        ([0, 3, 7], 3, ["element 1 (2 in all)", "0 to 2", "3"]),
        ([0, 1.5], None, ["whole numbers", "1.5 at element 1"]),
        ([0, float("nan")], None, ["whole numbers", "nan at element 1"]),
        (["cat", "dog"], None, ["whole numbers", "dtype <U3", "np.unique"]),
        ([], None, ["num_classes"]),
    ],
)
def test_what_is_no_class_id(labels: Any, classes: Any, words: list[str]) -> None:
    with pytest.raises(DataError) as caught:
        to_categorical(labels, classes)
    assert all(word in str(caught.value) for word in words)


@pytest.mark.parametrize("axis", [0, 1, -1, None])
@pytest.mark.parametrize("order", [1, 2, np.inf])
def test_the_norm_becomes_one(axis: int | None, order: float) -> None:
    x = np.random.default_rng(0).normal(size=(4, 3))
    found = normalize(x, axis, order)
    flat, along = (found.ravel(), None) if axis is None else (found, axis)
    np.testing.assert_allclose(np.linalg.norm(flat, order, along), 1.0)
    assert found.shape == x.shape


def test_zeros_stay_zeros() -> None:
    assert not normalize(np.zeros((2, 3))).any()


def test_there_is_no_such_axis() -> None:
    with pytest.raises(ArgumentError, match="axis"):
        normalize(np.ones((2, 3)), axis=2)
