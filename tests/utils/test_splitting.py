"""`split_dataset` where Keras is no witness: kinds of data, sizes that are none."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from pronghorn.errors import ArgumentError, DtypeError, ShapeError
from pronghorn.utils import split_dataset

X, Y = np.arange(30).reshape(10, 3), np.arange(10)


class Rows:
    """What is seen of a torch `Dataset`."""

    def __len__(self) -> int:
        return 10

    def __getitem__(self, index: int) -> Any:
        return X[index], int(Y[index])


def test_kinds() -> None:
    left, right = split_dataset(X, 0.8)
    np.testing.assert_array_equal(left, X[:8])
    np.testing.assert_array_equal(right, X[8:])
    (x, _), (_, y_right) = split_dataset([X, Y], right_size=3)
    assert x.shape == (7, 3) and y_right.tolist() == [7, 8, 9]
    one, other = split_dataset(Rows(), 4)
    assert [y for _, y in one] == [0, 1, 2, 3] and len(other) == 6
    assert other[0][1] == 4 and [y for _, y in other[-2:]] == [8, 9]


def test_an_order_of_chance() -> None:
    (_, left), (_, right) = split_dataset((X, Y), 0.5, shuffle=True, seed=3)
    assert sorted([*left, *right]) == list(range(10))
    again = split_dataset((X, Y), 0.5, shuffle=True, seed=3)
    np.testing.assert_array_equal(again[0][1], left)
    random.seed(1)
    before = random.getstate()
    split_dataset(X, 0.5, shuffle=True, seed=3)
    assert random.getstate() == before, "nobody else's numbers change"
    drawn = [split_dataset(Y, 0.5, shuffle=True)[0].tolist() for _ in range(5)]
    assert len(set(map(tuple, drawn))) > 1


@pytest.mark.parametrize(
    "sizes",
    [(), (0,), (10,), (1.0,), (0.0,), (-1,), (8, 3), (0.6, 0.6), (0.01,), (0.9, 9)],
)
def test_sizes_that_are_none(sizes: Any) -> None:
    with pytest.raises(ArgumentError, match="cannot be split so"):
        split_dataset(X, *sizes)


def test_data_that_cannot_be_split() -> None:
    with pytest.raises(DtypeError, match="A size of a part is a number"):
        split_dataset(X, "half")
    with pytest.raises(DtypeError, match="holds arrays"):
        split_dataset([X, [1, 2]], 0.5)
    with pytest.raises(ShapeError, match="equally many rows"):
        split_dataset([X, Y[:5]], 0.5)
    with pytest.raises(ShapeError, match="equally many rows"):
        split_dataset([], 0.5)
    with pytest.raises(DtypeError, match="cannot be split"):
        split_dataset(iter(X), 0.5)
    with pytest.raises(ArgumentError, match="no such backend"):
        split_dataset(X, 0.5, preferred_backend="theano")
