"""Layers that Keras has and Pronghorn does not are refused by name."""

from __future__ import annotations

import pytest

from pronghorn import layers
from pronghorn.errors import UnsupportedError


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("Conv2D", "Flatten"),
        ("GlobalAveragePooling2D", "Flatten"),
        ("GlobalAveragePooling1D", "ops.mean"),
        ("LSTM", "columns"),
        ("MultiHeadAttention", "Dense"),
        ("TextVectorization", "columns of numbers"),
        ("SpatialDropout2D", "Flatten"),
        ("RandomFlip", "Flatten"),
        ("CenterCrop", "Flatten"),
        ("ReversibleEmbedding", "Dense"),
        ("TorchModuleWrapper", "subclass"),
    ],
)
def test_a_layer_outside_the_field_says_what_to_use(name: str, remedy: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        getattr(layers, name)
    assert f"layers.{name}" in str(caught.value)
    assert remedy in str(caught.value)


def test_an_import_of_such_a_layer_says_the_same() -> None:
    with pytest.raises(UnsupportedError, match="pooling"):
        from pronghorn.layers import MaxPooling2D  # noqa: F401


def test_a_misspelt_layer_is_an_attribute_error_with_a_hint() -> None:
    with pytest.raises(AttributeError, match="did you mean Dense"):
        _ = layers.Densee
    assert not hasattr(layers, "nothing")
