"""How layers are called: arguments, the training flag, building, errors."""

from __future__ import annotations

import threading
from functools import wraps
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, ops
from pronghorn.errors import (
    ArgumentError,
    DtypeError,
    ShapeError,
    StateError,
    UnsupportedError,
)
from pronghorn.layers.node import training_scope

X = np.float32([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


class Flagged(layers.Layer):
    """Gives back the flag that it was called with."""

    seen: Any = "nothing"

    def call(self, inputs: Any, training: Any = None) -> Any:
        self.seen = training
        return inputs


class Default(layers.Layer):
    def call(self, inputs: Any, training: bool = True) -> Any:
        return inputs * 2.0 if training else inputs


class Outer(layers.Layer):
    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner

    def call(self, inputs: Any) -> Any:
        return self.inner(inputs)


@pytest.mark.parametrize("flag", [True, False, None])
def test_the_flag_reaches_inner_layers(flag: Any) -> None:
    flagged = Flagged()
    Outer(flagged)(X, training=flag)
    assert flagged.seen is flag
    keras.Sequential([flagged])(X, training=flag)
    assert flagged.seen is flag


def test_what_the_caller_says_wins() -> None:
    class Against(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Flagged()

        def call(self, inputs: Any, training: Any = None) -> Any:
            return self.inner(inputs, training=not training)

    layer = Against()
    layer(X, training=True)
    assert layer.inner.seen is False


def test_the_default_of_call_counts_last() -> None:
    layer = Default()
    assert layer(X)[0, 0] == 2.0
    assert layer(X, training=False)[0, 0] == 1.0
    assert layer(X, False)[0, 0] == 1.0
    with training_scope(False):
        assert layer(X)[0, 0] == 1.0


def test_the_flag_is_of_one_thread_and_ends_with_an_error() -> None:
    seen: list[Any] = []
    with training_scope(True):
        thread = threading.Thread(target=lambda: seen.append(training_scope.current()))
        thread.start()
        thread.join()
        with pytest.raises(ZeroDivisionError), training_scope(False):
            raise ZeroDivisionError
        assert training_scope.current() is True
    assert seen == [None] and training_scope.current() is None
    assert training_scope.is_outermost()


def test_inputs_by_name() -> None:
    dense = layers.Dense(2, kernel_initializer="ones")
    np.testing.assert_array_equal(dense(inputs=X), dense(X))
    tensor = keras.Input((3,))
    assert layers.Dense(2)(inputs=tensor).shape == (None, 2)


def test_arguments_by_keyword_only() -> None:
    class Keyword(layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.scale = self.add_weight(shape=input_shape[1:], initializer="ones")

        def call(self, *, inputs: Any, by: float = 2.0) -> Any:
            return inputs * self.scale * by

    layer = Keyword()
    np.testing.assert_array_equal(layer(inputs=X, by=3.0), 3.0 * X)
    assert layer.scale.shape == (3,)


def test_several_arguments_build_by_their_names() -> None:
    class Two(layers.Layer):
        def build(self, b_shape: Any, a_shape: Any) -> None:
            self.shapes = (a_shape, b_shape)

        def call(self, a: Any, b: Any, training: Any = None) -> Any:
            return ops.concatenate([a, b], axis=-1)

    layer = Two()
    assert layer(X, b=X[:, :1]).shape == (2, 4)
    assert layer.shapes == ((2, 3), (2, 1))
    config = layer.get_build_config()
    assert config == {"shapes_dict": {"a_shape": (None, 3), "b_shape": (None, 1)}}
    again = Two()
    again.build_from_config(
        {"shapes_dict": {"a_shape": [None, 3], "b_shape": [None, 1]}}
    )
    assert again.built and again.shapes == ((None, 3), (None, 1))
    a, b = keras.Input((3,)), keras.Input((1,))
    model = keras.Model([a, b], Two()(a, b))
    assert model.predict([X, X[:, :1]], verbose=0).shape == (2, 4)


def test_decorated_calls_keep_their_parameters() -> None:
    def twice(call: Any) -> Any:
        @wraps(call)
        def both(*args: Any, **kwargs: Any) -> Any:
            return call(*args, **kwargs) * 2.0

        return both

    class Decorated(layers.Layer):
        @twice
        def call(self, inputs: Any, training: Any = None) -> Any:
            return inputs if training else inputs * 10.0

    assert Decorated()(X, training=True)[0, 0] == 2.0
    assert Decorated()(inputs=X)[0, 0] == 20.0


def test_wrong_arguments_are_pythons_own_errors() -> None:
    with pytest.raises(TypeError):
        layers.Dense(1)(X, False, X)
    with pytest.raises(TypeError, match="unknown"):
        layers.Dense(1)(X, unknown=3)


def test_doubles_become_floats_and_ints_stay() -> None:
    class Kind(layers.Layer):
        def call(self, inputs: Any) -> Any:
            self.kind = inputs.dtype
            return inputs

    layer = Kind()
    layer(X.astype("float64"))
    assert layer.kind == np.float32
    layer(X.astype("int32"))
    assert layer.kind == np.int32


def test_build_is_recorded_however_it_is_called() -> None:
    for build in (
        lambda d: d.build((None, 3)),
        lambda d: d.build(input_shape=(None, 3)),
        lambda d: d(X),
        lambda d: d(keras.Input((3,))),
        lambda d: d.build_from_config({"input_shape": [None, 3]}),
    ):
        dense = layers.Dense(2)
        assert dense.get_build_config() is None and not dense.built
        build(dense)
        assert dense.built and dense.get_build_config() == {"input_shape": (None, 3)}
        assert [w.shape for w in dense.weights] == [(3, 2), (2,)]


def test_errors_name_the_layer() -> None:
    dense = layers.Dense(2, name="narrow")
    dense.build((None, 3))
    model = keras.Sequential([keras.Input((3,)), layers.Dense(4), layers.Dense(2)])
    for call in (lambda: dense(X[:, :2]), lambda: dense(keras.Input((2,)))):
        with pytest.raises(ShapeError) as caught:
            call()
        assert "layer 'narrow' (Dense)" in str(caught.value)
        assert "3 features along axis -1" in str(caught.value)
    with pytest.raises(ShapeError, match="at least 2 axes"):
        dense(X[0])
    with pytest.raises(ShapeError, match=model.layers[0].name):
        model(X[:, :1])


def test_the_innermost_layer_is_named() -> None:
    class Wrong(layers.Layer):
        def call(self, inputs: Any) -> Any:
            return ops.reshape(inputs, (-1, 7))

    outer = Outer(Wrong(name="culprit"))
    with pytest.raises(ShapeError, match="layer 'culprit'"):
        outer(keras.Input((3,)))


def test_what_every_layer_needs() -> None:
    class NoCall(layers.Layer):
        pass

    class NoSuper(layers.Layer):
        def __init__(self) -> None:
            self.scale = 2.0

    with pytest.raises(UnsupportedError, match=r"define call\(self, inputs\)"):
        NoCall()(X)
    with pytest.raises(StateError, match="super"):
        NoSuper()(X)
    with pytest.raises(ArgumentError, match="unit"):
        layers.Dense(2, unit=3)
    with pytest.raises(ArgumentError, match="name is text"):
        layers.Dense(2, name=3)
    with pytest.raises(ArgumentError, match="whole numbers"):
        layers.Dense(2, input_shape=["3"])
    with pytest.raises(ArgumentError, match="known size"):
        layers.Dense(2)(keras.Input((None,)))


def test_half_precision_is_told() -> None:
    with pytest.warns(UserWarning, match="computed in float32"):
        dense = layers.Dense(1, dtype="mixed_float16")
    assert dense.dtype_policy.name == "mixed_float16", "a file keeps it"
    assert (dense.dtype, dense.compute_dtype) == ("float32", "float32")
    with pytest.warns(UserWarning, match=f"Layer '{dense.name}'"):
        dense.dtype_policy = "bfloat16"
    assert dense.get_config()["dtype"]["config"] == {"name": "bfloat16"}
    dense.dtype_policy = keras.DTypePolicy("float32")
    assert layers.Layer(dtype="int").compute_dtype == "int32"
    with pytest.raises(UnsupportedError, match="float64"):
        layers.Dense(1, dtype="complex64")


SPECS: list[tuple[dict[str, Any], tuple[Any, ...], str | None]] = [
    ({"ndim": 2}, (None, 3), None),
    ({"ndim": 2}, (None, 3, 1), "2 axes"),
    ({"min_ndim": 2}, (None,), "at least 2"),
    ({"max_ndim": 2}, (None, 3, 1), "at most 2"),
    ({"axes": {-1: 4}}, (None, 4), None),
    ({"axes": {-1: 4}}, (None, 3), "4 features along axis -1"),
    ({"axes": {-1: 4}}, (None, None), None),
    ({"axes": {2: 4}}, (None, 3), "4 features along axis 2"),
    ({"shape": (None, 3)}, (8, 3), None),
    ({"shape": (None, 3)}, (8, 2), "3 features along axis 1"),
    ({"shape": (None, 3)}, (8,), "2 axes"),
]


@pytest.mark.parametrize(("arguments", "shape", "problem"), SPECS)
def test_input_spec(arguments: Any, shape: Any, problem: str | None) -> None:
    spec = layers.InputSpec(**arguments)
    if problem is None:
        spec.check(shape, "here")
        return
    with pytest.raises(ShapeError) as caught:
        spec.check(shape, "here")
    assert problem in str(caught.value) and "where: here" in str(caught.value)


def test_specs_of_several_inputs() -> None:
    class Both(layers.Layer):
        def __init__(self, *specs: Any) -> None:
            super().__init__(name="both")
            self.input_spec = list(specs)

        def call(self, inputs: Any) -> Any:
            return next(iter(inputs.values())) if isinstance(inputs, dict) else inputs

    two = Both(layers.InputSpec(ndim=2, name="a"), layers.InputSpec(ndim=1, name="b"))
    x, y = np.ones((4, 3)), np.ones(4)
    two({"b": y, "a": x})  # by their names, whatever their order
    with pytest.raises(ArgumentError, match="'b' is missing"):
        two({"a": x})
    with pytest.raises(ShapeError, match="another number of inputs"):
        two([x])
    with pytest.raises(ShapeError, match="expected: 1 axes"):
        two([x, x])
    with pytest.raises(ArgumentError, match="a tensor for 'b'"):
        two([x, None])
    Both(layers.InputSpec(ndim=2), layers.InputSpec(ndim=1, optional=True))([x, None])
    whole = Both(layers.InputSpec(dtype="int32"), None)
    whole([x.astype(int), y])
    with pytest.raises(DtypeError, match=r"ops\.cast"):
        whole([x, y])


def test_what_makes_no_spec() -> None:
    with pytest.raises(ArgumentError, match="beyond"):
        layers.InputSpec(ndim=2, axes={2: 3})
    with pytest.raises(DtypeError, match="whole numbers"):
        layers.InputSpec(axes={"last": 3})  # type: ignore[dict-item]
    spec = layers.InputSpec(shape=(None, 2, 1), allow_last_axis_squeeze=True)
    for fitting in ((5, 2), (5, 2, 1)):
        spec.check(fitting, "here")
    for wrong in ((5, 2, 2), (5,), (5, 3, 1)):
        with pytest.raises(ShapeError):
            spec.check(wrong, "here")


def test_output_shapes_without_a_call() -> None:
    dense = layers.Dense(5)
    assert dense.compute_output_shape((None, 3)) == (None, 5)
    assert dense.compute_output_shape(input_shape=(None, 3)) == (None, 5)
    assert layers.Concatenate().compute_output_shape([(None, 2), (None, 3)]) == (
        None,
        5,
    )
    assert not dense._inbound_nodes
    with pytest.raises(StateError, match="never called"):
        _ = dense.output


def test_input_and_output_are_those_of_the_first_call() -> None:
    a, b = keras.Input((3,)), keras.Input((3,))
    dense = layers.Dense(2)
    first = dense(a)
    dense(b)
    assert dense.input is a and dense.output is first


def test_other_arguments_are_handed_down_where_they_are_registered() -> None:
    class Inner(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self._register_call_context_args("mode")

        def call(self, inputs: Any, mode: Any = False) -> Any:
            return inputs + (1.0 if mode else 0.0)

    class Plain(layers.Layer):
        def call(self, inputs: Any, mode: Any = False) -> Any:
            return inputs + (10.0 if mode else 0.0)

    for inner, up in ((Inner(), 1.0), (Plain(), 0.0)):
        outer = Outer(Outer(inner))
        outer._register_call_context_args("mode")
        np.testing.assert_array_equal(outer(X, mode=True), X + up)
        np.testing.assert_array_equal(outer(X), X)
    with pytest.raises(StateError, match="first call"):
        outer._register_call_context_args("more")
    model = keras.Sequential([keras.Input((3,)), Outer(Inner())])
    model._register_call_context_args("mode")
    assert model._call_context_args == {"training", "mode"}
    np.testing.assert_array_equal(model(X, mode=True), X + 1.0)
    np.testing.assert_array_equal(model.predict(X, verbose=0), X)
