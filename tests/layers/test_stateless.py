"""`stateless_call`, and what layers say of their inputs and outputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, ops
from pronghorn.errors import ArgumentError, DtypeError, ShapeError, StateError

X = np.random.default_rng(0).normal(size=(6, 3)).astype("float32")


def test_outputs_and_new_values_without_a_trace_left() -> None:
    model = keras.Sequential(
        [
            layers.Dense(4, input_shape=[3], kernel_regularizer="l2"),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
        ]
    )
    before = model.get_weights()
    trainable = [v.numpy() for v in model.trainable_variables]
    others = [v.numpy() for v in model.non_trainable_variables]
    outputs, after, losses = model.stateless_call(
        trainable, others, X, training=True, return_losses=True
    )
    assert outputs.shape == (6, 4) and len(losses) == 1
    np.testing.assert_allclose(losses[0], 0.01 * np.sum(trainable[0] ** 2), rtol=1e-5)
    names = [v.path.rsplit("/", 1)[-1] for v in model.non_trainable_variables]
    changed = [not np.array_equal(a, b) for a, b in zip(after, others, strict=True)]
    assert dict(zip(names, changed, strict=True)) == {
        "moving_mean": True,
        "moving_variance": True,
        "seed_generator_state": True,
    }
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    again, _ = model.stateless_call(trainable, others, X, training=True)
    np.testing.assert_array_equal(outputs, again)  # the seed's state was given too


def test_the_given_values_are_used() -> None:
    layer = layers.Dense(2)
    layer.build((None, 3))
    kernel, bias = np.ones((3, 2), "float32"), np.float32([1.0, 2.0])
    y, rest = layer.stateless_call([kernel, bias], [], X)
    np.testing.assert_allclose(y, X @ kernel + bias, rtol=1e-6)
    assert rest == []


def test_misuse_is_told() -> None:
    layer = layers.Dense(2, name="narrow")
    with pytest.raises(StateError, match="narrow"):
        layer.stateless_call([], [], X)
    layer(X)
    with pytest.raises(ShapeError, match="narrow/kernel"):
        layer.stateless_call([np.ones((3, 2))], [], X)


def test_shapes_of_the_first_call() -> None:
    model = keras.Sequential([layers.Dense(4, input_shape=[3]), layers.Dense(1)])
    assert model.layers[1].input_shape == (None, 4)
    assert model.layers[1].output_shape == (None, 1)
    a, b = keras.Input((3,)), keras.Input((3,))
    added = layers.Add()
    added([a, b])
    assert added.input_shape == [(None, 3), (None, 3)]
    with pytest.raises(StateError, match="fresh"):
        _ = layers.Dense(1, name="fresh").input_shape


def test_a_subclass_may_have_such_an_attribute_itself() -> None:
    class Own(layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.input_shape = ("mine", input_shape[-1])

        def call(self, inputs: Any) -> Any:
            return ops.tanh(inputs)

    layer = Own()
    layer(X)
    assert layer.input_shape == ("mine", 3)


def test_metrics_variables_are_the_metrics_states() -> None:
    class Measuring(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.size = keras.metrics.Mean(name="size")

        def call(self, inputs: Any) -> Any:
            self.size.update_state(ops.mean(inputs))
            return inputs

    layer = Measuring()
    assert [v.name for v in layer.metrics_variables] == ["total", "count"]


def test_ways_to_make_a_weight() -> None:
    layer = layers.Layer()
    made = [
        layer.add_weight((3, 2), "ones"),
        layer.add_weight(shape=(3, 2), initializer="ones", name="kernel"),
        layer.add_weight([3, 2], initializer=lambda shape, dtype=None: np.ones(shape)),
        layer.add_variable((3, 2), "ones"),
    ]
    assert [v.shape for v in made] == [(3, 2)] * 4
    assert all((v.numpy() == 1).all() for v in made) and len(layer.weights) == 4
    assert layer.add_weight().shape == () and layer.add_weight(3).shape == (3,)
    with pytest.raises(ArgumentError, match="name='kernel'"):
        layer.add_weight("kernel", shape=(3, 2))
    with pytest.raises(ArgumentError, match="shape twice"):
        layer.add_weight((3,), shape=(3,))
    with pytest.raises(DtypeError, match="4 by place"):
        layer.add_weight((3,), "zeros", "float32", True)


@pytest.mark.parametrize("eagerly", [False, True])
def test_add_metric_shows_a_mean(eagerly: bool) -> None:
    class Sized(layers.Layer):
        def call(self, inputs: Any) -> Any:
            self.add_metric(ops.mean(inputs), name="size", aggregation="mean")
            return inputs

    model = keras.Sequential([keras.Input((3,)), Sized(), layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=eagerly)
    history = model.fit(X, X[:, :1], batch_size=3, shuffle=False, verbose=0).history
    assert history["size"][0] == pytest.approx(float(X.mean()), abs=1e-6)
    with pytest.raises(ArgumentError, match="needs a name"):
        layers.Layer().add_metric(1.0)
    with pytest.raises(ArgumentError, match="'mean'"):
        layers.Layer().add_metric(1.0, "a", "sum")
