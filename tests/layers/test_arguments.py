"""Arguments of layers, and of their `build`, that Keras takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn import layers
from pronghorn.errors import ArgumentError, DtypeError


def test_an_embedding_is_built_without_a_shape() -> None:
    layer = layers.Embedding(3, 2)
    layer.build()
    layer.embeddings.assign([[0.0, 0.0], [2.0, 2.0], [3.0, 3.0]])
    np.testing.assert_array_equal(layer(np.array([2, 0])), [[3.0, 3.0], [0.0, 0.0]])


@pytest.mark.parametrize("axis", [{"axis": -1}, "last", 1.5, [0, None]])
def test_an_axis_that_is_no_whole_number_is_refused(axis) -> None:
    with pytest.raises(DtypeError, match="a whole number, or a list of them"):
        layers.LayerNormalization(axis=axis)


@pytest.mark.parametrize("axis", [1, np.int64(-1), [1], (1, 2)])
def test_an_axis_or_several_are_kept(axis) -> None:
    kept = layers.LayerNormalization(axis=axis).axis
    assert kept == (list(axis) if isinstance(axis, list | tuple) else int(axis))


@pytest.mark.parametrize("given", ["yes", 1, None])
def test_trainable_is_true_or_false(given: Any) -> None:
    with pytest.raises(ArgumentError, match="trainable is True or False"):
        layers.Dense(2, trainable=given)
    assert layers.Dense(2, trainable=np.bool_(False)).trainable is False
