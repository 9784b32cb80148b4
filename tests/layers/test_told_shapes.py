"""Shapes that layers tell, and shapes that they are built for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, ops
from pronghorn.errors import ArgumentError, UnsupportedError

X = np.ones((4, 1), "float32")
Y = np.ones((4, 2), "float32")


class Telling(layers.Layer):
    """Tells its shape; is not to be traced for it."""

    def __init__(self, told: Any) -> None:
        super().__init__()
        self.told = told

    def call(self, inputs: Any) -> Any:
        raise ZeroDivisionError

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self.told(tuple(input_shape))


def test_a_spec_has_the_structure_that_was_told() -> None:
    x = keras.KerasTensor((2, 3))
    assert Telling(lambda s: s).compute_output_spec(x).shape == (2, 3)
    pair = Telling(lambda s: (s, [s, s])).compute_output_spec(x)
    assert isinstance(pair, tuple) and isinstance(pair[1], list)
    named = Telling(lambda s: {"a": s, "b": (s[:1], s)}).compute_output_spec(x)
    assert named["b"][0].shape == (2,) and named["b"][1].dtype == "float32"


def test_layers_below_are_built_by_a_trace() -> None:
    class Outer(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.inner = layers.Dense(5)

        def call(self, inputs: Any) -> Any:
            return self.inner(inputs)

        def compute_output_shape(self, input_shape: Any) -> Any:
            return (input_shape[0], 5)

    outer = Outer()
    assert outer.compute_output_spec(keras.KerasTensor((2, 3))).shape == (2, 5)
    assert len(outer.weights) == 2
    assert outer.compute_output_spec(keras.KerasTensor((7, 3))).shape == (7, 5)
    model = keras.Sequential([keras.Input((3,)), Outer()])
    assert model.output_shape == (None, 5) and len(model.weights) == 2


def test_a_spec_of_ones_own_is_what_a_call_gives() -> None:
    class Own(layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.scale = self.add_weight(shape=(), initializer="ones")

        def call(self, inputs: Any) -> Any:
            return ops.cast(inputs * self.scale, "int32")

        def compute_output_spec(self, inputs: Any) -> Any:
            return keras.KerasTensor(inputs.shape, "int32")

    layer = Own()
    assert layer(keras.Input((3,)), training=True).dtype == "int32"
    assert layer.built and layer.compute_output_shape((8, 3)) == (8, 3)


def test_a_layer_that_cannot_tell_says_so() -> None:
    with pytest.raises(UnsupportedError, match=r"define call\(self, inputs\)"):
        layers.Layer().compute_output_shape(None)


def test_a_function_with_a_shape_is_traced_where_it_is_called() -> None:
    layer = layers.Lambda(lambda x: ops.cast(x, "int32"), output_shape=(1,))
    assert layer.compute_output_spec(keras.KerasTensor((4, 1))).shape == (4, 1)
    assert layer(keras.Input((1,))).dtype == "int32"


class Two(layers.Layer):
    def build(self, b_shape: Any, a_shape: Any) -> None:
        self.shapes = (a_shape, b_shape)

    def call(self, a: Any, b: Any, c: Any = None) -> Any:
        return a[:, 0] + b[:, 0]


def test_build_gets_the_shapes_of_arrays_and_files_any_number_of_rows() -> None:
    layer = Two()
    layer(X, Y)
    assert layer.shapes == ((4, 1), (4, 2))
    shapes = {"a_shape": (None, 1), "b_shape": (None, 2)}
    assert layer.get_build_config() == {"shapes_dict": shapes}
    single = layers.Dense(2)
    single(X)
    assert single.get_build_config() == {"input_shape": (None, 1)}


def test_a_model_is_built_for_any_number_of_rows() -> None:
    class Net(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.inner = layers.Dense(3)

        def call(self, inputs: Any) -> Any:
            return self.inner(inputs)

    net = Net()
    net(X)
    assert net.inner.get_build_config() == {"input_shape": (None, 1)}
    assert net.predict(np.ones((9, 1)), verbose=0).shape == (9, 3)


def test_names_of_shapes_are_those_of_calls_arguments() -> None:
    class Other(Two):
        def build(self, a_shape: Any, d_shape: Any) -> None:
            self.built = True

    class NoShape(Two):
        def build(self, a_shape: Any, b: Any) -> None:
            self.built = True

    for cls, name in ((Other, "d_shape"), (NoShape, "b")):
        with pytest.raises(ArgumentError, match="by their names") as caught:
            cls()(X, Y)
        assert f"received: {name}" in str(caught.value)
    Two.build.__wrapped__(layer := Two(), (1, 1), (2, 2))  # type: ignore[attr-defined]
    assert layer.shapes == ((2, 2), (1, 1))


def test_numbers_and_switches_are_given_by_name() -> None:
    class Scaled(layers.Layer):
        def call(self, inputs: Any, by: Any = 1.0, training: Any = None) -> Any:
            return inputs * by

    with pytest.raises(ArgumentError, match=r"by=2\.0"):
        Scaled()(X, 2.0)
    with pytest.raises(ArgumentError, match="by place"):
        Scaled()(keras.Input((1,)), [True])
    assert Scaled()(X, by=2.0)[0, 0] == 2.0
    assert Scaled()(X, X, True)[0, 0] == 1.0


def test_state_is_made_before_call() -> None:
    class Late(layers.Layer):
        def __init__(self, make: Any) -> None:
            super().__init__()
            self.make = make

        def call(self, inputs: Any) -> Any:
            self.late = self.make(self)
            return inputs

    makers: tuple[Any, ...] = (
        lambda layer: layer.add_weight(shape=()),
        lambda layer: layers.Dense(1),
        lambda layer: [keras.Variable(1.0)],
    )
    for make in makers:
        for x in (X, keras.Input((1,))):
            with pytest.raises(ArgumentError, match="anew in every call"):
                Late(make)(x)
    fine = Late(lambda layer: 3)
    fine(X)
    fine.more = layers.Dense(1)
    assert fine.late == 3 and len(fine._layers) == 1


def test_layers_that_build_themselves_in_call_may() -> None:
    class Lazy(layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.scale = self.add_weight(shape=(), initializer="ones")

        def call(self, inputs: Any) -> Any:
            return inputs * self.scale

    class Outer(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Lazy()

        def call(self, inputs: Any) -> Any:
            self.inner.build(inputs.shape)
            return self.inner(inputs)

    assert len(Outer()(X)) == 4


def test_a_call_by_hand_may_give_nothing_and_a_net_needs_something() -> None:
    class Silent(layers.Layer):
        def call(self, inputs: Any) -> None:
            self.seen = inputs

    silent = Silent(activity_regularizer="l2")
    assert silent(X) is None and silent.seen is not None
    with pytest.raises(ArgumentError, match="returns nothing"):
        silent(keras.Input((1,)))


@pytest.mark.parametrize(("rows", "loss"), [(0, 0.0), (5, 0.2)])
def test_an_activity_penalty_is_per_row(rows: int, loss: float) -> None:
    layer = layers.Identity(activity_regularizer="l2")
    layer(np.full((rows, 5), 2.0, "float32"))
    np.testing.assert_allclose(layer.losses[0], loss, rtol=1e-6)


@pytest.mark.parametrize("backend", ["native", "reference"])
def test_rows_of_no_steps_are_rows(backend: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("PRONGHORN_BACKEND", backend)
    model = keras.Sequential([layers.LayerNormalization(), layers.Dense(3)])
    x = np.zeros((4, 0, 2), "float32")
    assert model.predict(x, verbose=0).shape == (4, 0, 3)
    model.compile("sgd", lambda y, p: ops.sum(p))
    assert model.fit(x, x[..., :1], verbose=0).history["loss"] == [0.0]
