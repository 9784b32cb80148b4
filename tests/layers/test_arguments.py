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


@pytest.mark.parametrize("config", [{"input_dim": 3.7}, {"output_dim": True}])
def test_a_config_that_makes_no_layer(config: Any) -> None:
    given = {"input_dim": 3, "output_dim": 2, **config}
    with pytest.raises(ArgumentError, match="whole number"):
        layers.Embedding(**given)
    with pytest.raises(DtypeError, match="makes no Embedding") as caught:
        layers.Embedding.from_config(given)
    assert "whole number from 1 up" in str(caught.value)


def test_layers_travel_as_plain_data() -> None:
    dense = layers.Dense(3, activation="relu", name="unit")
    again = layers.deserialize(layers.serialize(dense))
    assert again.get_config() == dense.get_config()
    with pytest.raises(ArgumentError, match="describes no layer"):
        layers.deserialize({"class_name": "__bytes__", "config": {"value": "a"}})


def test_a_pipeline() -> None:
    class Seeing(layers.Layer):
        supports_masking = True

        def call(self, inputs: Any, training: Any = False, mask: Any = None) -> Any:
            self.seen = (training, mask)
            return inputs * 2.0

    steps = layers.Pipeline([Seeing(), layers.Rescaling(0.5), Seeing()])
    x = np.ones((2, 3), "float32")
    np.testing.assert_array_equal(steps(x, mask=x), 2 * x)
    assert [layer.seen[0] for layer in steps.layers[::2]] == [True, True]
    assert all(layer.seen[1] is x for layer in steps.layers[::2])
    with pytest.raises(ArgumentError, match="list of layers"):
        layers.Pipeline([3])  # type: ignore[list-item]
    with pytest.raises(ArgumentError, match="has its layers"):
        layers.Pipeline.from_config({"name": "steps"})


@pytest.mark.parametrize("layer", [layers.Dense(2), layers.Embedding(3, 2)])
@pytest.mark.parametrize("dtype", [object, str])
def test_text_given_to_a_layer_of_numbers_says_what_goes_between(layer, dtype) -> None:
    with pytest.raises(DtypeError, match="StringLookup") as caught:
        layer(np.array([["red"], ["blue"]], dtype))
    assert layer.name in str(caught.value) and "'red'" in str(caught.value)


def test_an_error_of_ones_own_layer_stays_what_it_is() -> None:
    class Own(layers.Layer):
        def call(self, inputs: Any) -> Any:
            raise ValueError("mine")

    with pytest.raises(ValueError, match=r"^mine$"):
        Own()(np.ones((2, 1), "float32"))
