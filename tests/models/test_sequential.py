"""`Sequential` on several inputs, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.errors import ArgumentError, StateError, UnbuiltError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 3)).astype("float32")
Y = X.sum(1)


class Sum(layers.Layer):
    """The sum of the parts of a dict or a list, each through a unit."""

    def __init__(self, kind: type) -> None:
        super().__init__()
        self.kind = kind
        self.unit = layers.Dense(2, kernel_initializer="ones")

    def call(self, inputs: Any) -> Any:
        assert type(inputs) is self.kind
        parts = inputs.values() if isinstance(inputs, dict) else inputs
        total = 0.0
        for part in parts:
            total = total + self.unit(part)
        return total


@pytest.mark.parametrize("kind", [dict, list])
def test_several_inputs(kind: type, capsys: Any) -> None:
    model = keras.Sequential([Sum(kind), layers.Dense(1, kernel_initializer="ones")])
    x: Any = {"b": X, "a": 2 * X} if kind is dict else [X, 2 * X]
    np.testing.assert_allclose(model(x)[:, 0], 6 * Y, rtol=1e-4, atol=1e-4)
    assert len(model.weights) == 4
    model.summary()
    assert "Sum" in capsys.readouterr().out
    assert not hasattr(model, "input_shape")


def test_a_dict_of_tables_is_trained_on() -> None:
    model = keras.Sequential([Sum(dict), layers.Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse")
    x = {"b": X, "a": 2 * X}
    loss = model.evaluate(x, 6 * Y, verbose=0)
    assert loss < 1e-6
    history = model.fit(x, Y, epochs=5, verbose=0).history["loss"]
    assert history[-1] < history[0]
    np.testing.assert_allclose(
        model.predict(x, verbose=0), model(x), rtol=1e-4, atol=1e-5
    )


def test_what_depends_on_the_shape_is_not_there_before() -> None:
    names = ("input_shape", "output_shape", "input", "output", "inputs", "outputs")
    model = keras.Sequential([layers.Dense(2)])
    assert [name for name in names if hasattr(model, name)] == []
    with pytest.raises(UnbuiltError, match="not built yet"):
        _ = model.inputs
    with pytest.raises(StateError, match="shape of the input is not known"):
        model.build()
    model.build((None, 3))
    assert [name for name in names if not hasattr(model, name)] == []


def test_another_shape_than_the_input_is_refused() -> None:
    model = keras.Sequential([keras.Input((3,), batch_size=2), layers.Dense(2)])
    kernel = model.layers[0].kernel
    model.build((2, 3))
    model.build((None, 3))
    assert model.layers[0].kernel is kernel
    with pytest.raises(ArgumentError, match="another shape already") as caught:
        model.build((2, 4))
    assert "(3,)" in str(caught.value) and "(4,)" in str(caught.value)


def test_a_layer_that_needs_more_arguments_is_named() -> None:
    class Picky(layers.Layer):
        def call(self, inputs: Any, other: Any) -> Any:
            return inputs + other

    model = keras.Sequential([Picky(name="picky")])
    with pytest.raises(ArgumentError, match="layer 'picky'") as caught:
        model.build((None, 3))
    assert "call(self, inputs, other)" in str(caught.value)

    class Broken(layers.Layer):
        def call(self, inputs: Any) -> Any:
            return inputs + len(3)  # type: ignore[arg-type]

    with pytest.raises(TypeError, match="has no len"):
        keras.Sequential([Broken()]).build((None, 3))


def test_a_layer_that_cannot_tell_its_shape_is_run_all_the_same() -> None:
    class Silent(layers.Layer):
        def call(self, inputs: Any) -> Any:
            return inputs + 1.0

        def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
            raise NotImplementedError

    model = keras.Sequential([Silent(), layers.Dense(1, kernel_initializer="ones")])
    np.testing.assert_allclose(model(X)[:, 0], Y + 3, rtol=1e-5, atol=1e-5)
    assert not hasattr(model, "output_shape")
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    assert model.predict(X, verbose=0).shape == (20, 1)


def test_without_layers_it_cannot_be_called() -> None:
    with pytest.raises(ArgumentError, match="without layers"):
        keras.Sequential()(X)
