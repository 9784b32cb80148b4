"""`HostLayer`: on values of any kind, on symbols, and where it cannot be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, ops
from pronghorn.errors import ArgumentError, DtypeError, UnsupportedError
from pronghorn.layers.host import HostLayer


class Length(HostLayer):
    """How many characters each text has."""

    def call_on_host(self, inputs: np.ndarray) -> np.ndarray:
        """Text to whole numbers."""
        return np.array([len(t) for t in inputs.ravel()]).reshape(inputs.shape)


class Joined(HostLayer):
    """Text beside text."""

    several_inputs = True

    @property
    def output_dtype(self) -> str:
        """Text."""
        return "string"

    def call_on_host(self, *inputs: np.ndarray) -> np.ndarray:
        """Several texts to one."""
        made = inputs[0]
        for other in inputs[1:]:
            made = made + other
        return made


@pytest.mark.parametrize(
    "given", [["one", "three"], np.array(["one", "three"]), [b"one", b"three"]]
)
def test_it_computes_on_whatever_holds_text(given: Any) -> None:
    for output in (Length()(given), Length()(inputs=given, training=True)):
        np.testing.assert_array_equal(output, [3, 5])
        assert output.dtype == np.int32


def test_several_inputs_are_one_argument() -> None:
    both = Joined()([["a", "b"], ["c", "d"]])
    assert both.tolist() == ["ac", "bd"]
    symbol = Joined()([keras.Input((2,), dtype="string") for _ in range(2)])
    assert symbol.shape == (None, 2) and symbol.dtype == "string"
    with pytest.raises(ArgumentError, match="several inputs"):
        Joined()(np.array(["a"]))
    with pytest.raises(ArgumentError, match="one argument"):
        Length()(["a"], other=["b"])


def test_symbols_record_the_call() -> None:
    start = keras.Input((3,), dtype="string", name="words")
    layer = Length()
    length = layer(start)
    assert length.shape == (None, 3) and length.dtype == "int32"
    assert layer.input is start and layer.compute_output_shape((None, 3)) == (None, 3)


def test_text_goes_into_such_layers_only() -> None:
    start = keras.Input((1,), dtype="string", name="color")
    for call in (
        layers.Dense(1),
        layers.Embedding(3, 2),
        lambda x: layers.Concatenate()([x, x]),
        lambda x: ops.expand_dims(x, -1),
        lambda x: x + 1.0,
    ):
        with pytest.raises(DtypeError, match="Text goes into lookup") as caught:
            call(start)
        assert "'color'" in str(caught.value) and "StringLookup" in str(caught.value)
    with pytest.raises(DtypeError) as caught:
        layers.Dense(1, name="unit")(start)
    assert "'unit'" in str(caught.value)


def test_a_layer_around_one_says_where_it_belongs() -> None:
    class Around(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.length = Length(name="length")

        def call(self, inputs: Any) -> Any:
            return ops.cast(self.length(inputs), "float32")

    np.testing.assert_array_equal(Around()(np.array(["one"])), [3.0])
    with pytest.raises(DtypeError, match="Text goes into"):
        Around()(keras.Input((1,), dtype="string"))
    with pytest.raises(UnsupportedError, match="'length'") as caught:
        Around()(keras.Input((1,), dtype="int32"))
    assert "functional model" in str(caught.value)


def test_wide_numbers_stay_wide() -> None:
    class Same(HostLayer):
        def call_on_host(self, inputs: np.ndarray) -> np.ndarray:
            return inputs

    assert Same()([2**40]).tolist() == [2**40]
    assert Same()([1]).dtype == np.int32 and Same().on_host([1]).dtype == np.int64
    assert Same()(np.zeros(2)).dtype == np.float32
    with pytest.raises(UnsupportedError, match="call_on_host"):
        HostLayer()(["a"])
