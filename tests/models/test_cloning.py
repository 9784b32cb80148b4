"""`clone_model`: new layers and weights, in the same graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, ops
from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.models import clone_model

X = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")


def sequential() -> Any:
    return keras.Sequential(
        [layers.Dense(4, input_shape=[3]), layers.Dropout(0.5), layers.Dense(1)]
    )


def functional() -> Any:
    """A shared layer, an inner model, an operation between layers."""
    x = keras.Input((3,), name="start")
    shared = layers.Dense(3, name="shared")
    inner = keras.Sequential([layers.Dense(3, input_shape=[3])], name="inner")
    y = shared(ops.relu(shared(x)) * 2.0) + inner(x)
    return keras.Model(x, layers.Dense(1, name="end")(y), name="net")


@pytest.mark.parametrize("make", [sequential, functional])
def test_a_clone_has_the_same_layers_and_new_weights(make: Any) -> None:
    model = make()
    clone = clone_model(model)
    assert type(clone) is type(model) and clone.name == model.name
    assert [x.name for x in clone.layers] == [x.name for x in model.layers]
    assert not set(map(id, clone.layers)) & set(map(id, model.layers))
    assert (clone.get_weights()[0] != model.get_weights()[0]).all()
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(clone(X), model(X))
    assert not clone.compiled


def test_a_compiled_model_gives_a_compiled_clone() -> None:
    model = sequential()
    model.compile(keras.optimizers.Adam(0.25), "mae", metrics=["mse"])
    clone = clone_model(model)
    assert clone.optimizer is not model.optimizer
    assert float(clone.optimizer.learning_rate) == 0.25
    assert set(clone.fit(X, X[:, 0], verbose=0).history) == {"loss", "mse"}


def test_an_unbuilt_sequential_is_cloned_unbuilt() -> None:
    clone = clone_model(keras.Sequential([layers.Dense(2)]))
    assert not clone.built and clone(X).shape == (8, 2)


def test_clone_function_chooses_the_layers() -> None:
    asked = []

    def clone(layer: Any) -> Any:
        asked.append(layer.name)
        if isinstance(layer, layers.Dense):
            return layers.Dense(layer.units, name=f"new_{layer.name}")
        return type(layer).from_config(layer.get_config())

    made = clone_model(functional(), clone_function=clone)
    assert "start" not in asked and len(asked) == len(set(asked))
    assert [x.name for x in made.layers if x.name.startswith("new")] == [
        "new_shared",
        "new_end",
    ]
    model = functional()
    same = clone_model(model, clone_function=lambda layer: layer)
    np.testing.assert_array_equal(same(X), model(X))
    assert same.layers[-1] is model.layers[-1]


def test_call_function_calls_the_layers() -> None:
    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        outputs = layer(*args, **kwargs)
        return outputs * 3.0 if layer.name == "end" else outputs

    model = functional()
    tripled = clone_model(model, None, lambda layer: layer, call)
    np.testing.assert_allclose(tripled(X), 3.0 * model(X), rtol=1e-6)


@pytest.mark.parametrize("recursive", [False, True])
def test_recursive_asks_about_the_layers_of_inner_models(recursive: bool) -> None:
    asked = []

    def clone(layer: Any) -> Any:
        asked.append(type(layer).__name__)
        return type(layer).from_config(layer.get_config())

    made = clone_model(functional(), clone_function=clone, recursive=recursive)
    assert ("Sequential" in asked) is not recursive
    assert asked.count("Dense") == (3 if recursive else 2)
    assert made.get_layer("inner").count_params() == 12


@pytest.mark.parametrize("make", [sequential, functional])
def test_input_tensors_are_what_the_clone_begins_with(make: Any) -> None:
    model = make()
    start = keras.Input((3,), name="mine")
    clone = clone_model(model, input_tensors=start)
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(clone(X), model(X))
    if make is functional:
        assert clone.input_names == ["mine"]
    with pytest.raises(ArgumentError, match="symbolic"):
        clone_model(model, input_tensors=X)
    with pytest.raises(ShapeError, match="number of inputs"):
        clone_model(model, input_tensors=[start, start])


class Own(keras.Model):
    def __init__(self, units: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units, self.dense = units, layers.Dense(units)

    def call(self, inputs: Any) -> Any:
        return self.dense(inputs)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


def test_a_class_of_ones_own_is_made_from_its_config() -> None:
    model = Own(5)
    model(X)
    clone = clone_model(model)
    assert isinstance(clone, Own) and clone(X).shape == (8, 5)
    for name in ("input_tensors", "clone_function", "call_function"):
        with pytest.raises(ArgumentError, match=name):
            clone_model(model, **{name: lambda *a: a})


def test_what_does_not_go_together() -> None:
    with pytest.raises(ArgumentError, match="call_function"):
        clone_model(sequential(), call_function=lambda layer, x: layer(x))
    with pytest.raises(ArgumentError, match="depth"):
        clone_model(sequential(), depth=2)


def test_a_piece_of_graph_without_a_name_is_cloned_too() -> None:
    x = keras.Input((3,))
    noisy = x + 0.0 * keras.random.uniform(ops.shape(x))
    model = keras.Model(x, layers.Dense(1)(noisy))
    clone = clone_model(model)
    clone.set_weights(model.get_weights())
    np.testing.assert_allclose(clone(X), model(X), rtol=1e-6)
