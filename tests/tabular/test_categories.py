"""Categories: one-hot features and learned vectors, by gathers."""

from __future__ import annotations

import numpy as np
import pytest

from pronghorn.errors import ArgumentError, StateError
from pronghorn.tabular.categories import CategoryEmbedding, OneHotCategories


def bent(x: float) -> float:
    return x / np.sqrt(1 + (x / 3) ** 2)


def test_one_hot_features_are_scaled_as_realmlp_scales_them():
    # Column 0: half and half; column 1: category 1 of 3 in 6 of 10 rows.
    ids = np.array([[2, 3]] * 5 + [[3, 3]] + [[3, 2]] * 2 + [[3, 4]] * 2)
    layer = OneHotCategories([2, 3])
    layer.adapt(ids)
    found = layer(np.array([[2, 3], [3, 2], [0, 1]], np.int32))
    assert found.shape == (3, 4)
    # -1 and 1, median 0, quartiles 2 apart.
    np.testing.assert_allclose(found[:2, 0], [bent(-0.5), bent(0.5)], rtol=1e-6)
    # 6 of 10 ones: median 1, quartiles 0 and 1.
    np.testing.assert_allclose(found[:2, 2], [0.0, bent(-1.0)], rtol=1e-6)
    # 2 of 10 ones: the quartiles are both 0, so half the range divides.
    np.testing.assert_allclose(found[:2, 1], [0.0, bent(2.0)], rtol=1e-6)
    # Missing and unseen are no category.
    np.testing.assert_allclose(found[2], [0, 0, bent(-1.0), 0], atol=1e-7)


def test_one_hot_needs_its_statistics():
    with pytest.raises(StateError, match="does not know its categories"):
        OneHotCategories([2])(np.array([[2]], np.int32))


def test_embeddings_are_each_members_and_each_columns_own():
    layer = CategoryEmbedding([3, 2], units=2, members=2)
    ids = np.array([[0, 3], [4, 0]], np.int32)
    found = np.asarray(layer(ids))
    table = layer.get_weights()[0]
    assert table.shape == (2 * (5 + 4), 2) and found.shape == (2, 2, 4)
    for member in range(2):
        start = member * 9
        for row, (first, second) in enumerate(ids):
            expected = [*table[start + first], *table[start + 5 + second]]
            np.testing.assert_array_equal(found[row, member], expected)


def test_embeddings_start_as_normal_numbers():
    layer = CategoryEmbedding([2000], units=8)
    layer(np.zeros((1, 1), np.int32))
    assert abs(layer.get_weights()[0].std() - 1) < 0.05


@pytest.mark.parametrize("sizes", [[], [0], [2.5]])
def test_sizes_are_whole_numbers(sizes):
    with pytest.raises(ArgumentError):
        OneHotCategories(sizes)


def test_configurations_come_back():
    layer = CategoryEmbedding([3, 20], units=4, members=3)
    again = CategoryEmbedding.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    one_hot = OneHotCategories([3, 2])
    again = OneHotCategories.from_config(one_hot.get_config())
    assert again.get_config() == one_hot.get_config()
