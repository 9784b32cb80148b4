"""Operations of functional models: what is recorded, and what is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, ops
from pronghorn.errors import ArgumentError, ShapeError, StateError, UnsupportedError
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import Trace
from pronghorn.layers.operation import Operation, operation_class
from pronghorn.ops.recording import RECORDED
from pronghorn.registry import find_class

X = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")


def test_an_operation_on_a_models_tensor_is_recorded() -> None:
    x = keras.Input((3,))
    y = ops.mean(x, axis=-1, keepdims=True)
    operation, call, place = y._keras_history
    assert type(operation).__name__ == "Mean" and (call, place) == (0, 0)
    config = operation.get_config()
    assert config == {"name": operation.name, "axis": -1, "keepdims": True}
    assert operation.input is x and operation.output is y
    again = type(operation).from_config(config)
    np.testing.assert_array_equal(again(X), X.mean(-1, keepdims=True))
    assert again(X).tolist() == operation(X).tolist()


def test_arrays_traces_and_tensors_of_no_model_record_nothing() -> None:
    assert isinstance(ops.relu(X), np.ndarray)
    assert ops.relu(KerasTensor((None, 3)))._keras_history is None
    x = keras.Input((3,))
    with Trace():
        assert (x * 2)._keras_history is None
    before = len(x._keras_history.operation._outbound_nodes)
    layers.Activation("relu")(x)  # its own operations are the layer's business
    assert len(x._keras_history.operation._outbound_nodes) == before + 1


def test_operations_count_as_no_layers() -> None:
    x = keras.Input((3,), name="x")
    model = keras.Model(x, layers.Dense(2, name="d")(x / 2.0)[:, 0])
    assert [layer.name for layer in model.layers] == ["x", "d"]
    kinds = [type(operation).__name__ for operation in model.operations]
    assert kinds == ["InputLayer", "TrueDivide", "Dense", "GetItem"]
    assert len(model.weights) == 2


def test_a_model_starts_and_ends_at_operations() -> None:
    x = keras.Input((3,))
    doubled = x * 2.0
    model = keras.Model(doubled, doubled + 1.0)
    np.testing.assert_array_equal(model(X), X + 1.0)
    again = keras.Model.from_config(model.get_config())
    np.testing.assert_array_equal(again(X), X + 1.0)


def test_a_tensor_as_what_is_an_argument_elsewhere_is_no_operation_of_keras() -> None:
    x = keras.Input((3,))
    limit = ops.max(x, axis=1, keepdims=True)
    model = keras.Model(x, ops.clip(x, -1.0, limit * 0.5))
    expected = np.clip(X, -1.0, X.max(1, keepdims=True) * 0.5)
    np.testing.assert_allclose(model(X), expected)
    with pytest.raises(UnsupportedError, match="between these layers"):
        model.get_config()


def test_the_batch_in_a_new_shape_is_written_as_minus_one() -> None:
    x = keras.Input((4,))
    y = ops.reshape(x, (ops.shape(x)[0], 2, 2))
    assert y._keras_history.operation.get_config()["newshape"] == (-1, 2, 2)


def test_errors_name_the_operation() -> None:
    x = keras.Input((3,))
    with pytest.raises(ShapeError, match=r"'matmul.*Matmul"):
        x @ np.zeros((4, 2), "float32")
    with pytest.raises(TypeError):
        ops.relu(x, 1, 2, 3)
    with pytest.raises(TypeError):
        ops.mean(x, axes=1)


@pytest.mark.parametrize("name", sorted(set(RECORDED) & set(ops.__all__)))
def test_each_class_is_found_by_the_name_that_files_give_it(name: str) -> None:
    row = RECORDED[name]
    cls = find_class(row.module, row.class_name)
    assert cls is operation_class(name) and cls.__name__ == row.class_name
    assert cls.function.__name__ in RECORDED


def test_classes_are_found_by_these_names_only() -> None:
    assert find_class("keras.src.ops.numpy", "Relu") is None
    assert find_class("keras.src.ops.numpy", "__class__") is None
    with pytest.raises(ArgumentError, match="does not take"):
        operation_class("relu")(depth=3)
    most = operation_class("max")(initial=float(X.max()) + 3.0)(X)
    np.testing.assert_array_equal(most, X.max() + 3.0)
    np.testing.assert_array_equal(operation_class("max")(initial=None)(X), X.max())


def test_an_operation_of_ones_own() -> None:
    class Twice(Operation):
        def call(self, x: Any) -> Any:
            return x * 2.0

    twice = Twice(name="two")
    with pytest.raises(StateError, match="called on one"):
        _ = twice.output
    x = keras.Input((3,))
    model = keras.Model(x, layers.Dense(1)(twice(x)))
    assert model.predict(X, verbose=0).shape == (5, 1)
    assert [o.name for o in model.operations][1] == "two"
    for wrong in ("a/b", 3):
        with pytest.raises(ArgumentError, match="slash"):
            Twice(name=wrong)  # type: ignore[arg-type]
    with pytest.raises(UnsupportedError, match="call"):
        Operation()(X)


class Affine(Operation):
    """With arguments of every kind that a config can hold."""

    def __init__(
        self, scale: Any, *, shift: float = 1.0, name: str | None = None
    ) -> None:
        super().__init__(name=name)
        self.scale, self.shift = scale, shift

    def call(self, x: Any) -> Any:
        return x * self.scale + self.shift


class WithOthers(Operation):
    def __init__(self, alpha: float, beta: float = 2.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)


class Nameless(Operation):
    def __init__(self, alpha: float = 3.0) -> None:
        super().__init__()


class Variadic(Operation):
    def __init__(self, alpha: float, *more: float, name: str | None = None) -> None:
        super().__init__(name=name)


class WithItsOwn(Affine):
    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": self.scale}


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (Affine(2.0, name="a"), {"scale": 2.0, "shift": 1.0, "name": "a"}),
        (Affine([1, "x", None], shift=0.0, name="a"),
         {"scale": [1, "x", None], "shift": 0.0, "name": "a"}),
        (WithOthers(1.0, name="b"), {"alpha": 1.0, "beta": 2.0, "name": "b"}),
        (Nameless(), {"alpha": 3.0}),
        (WithItsOwn(4.0, name="c"), {"scale": 4.0, "name": "c"}),
        (keras.Operation("plain"), {"name": "plain"}),
    ],
)  # fmt: skip
def test_a_config_of_what_init_was_given(
    operation: Any, expected: dict[str, Any]
) -> None:
    assert operation.get_config() == expected
    again = type(operation).from_config(expected)
    assert again.get_config() == expected


@pytest.mark.parametrize("operation", [Affine(object()), Variadic(1.0, 2.0)])
def test_arguments_that_no_config_holds(operation: Any) -> None:
    with pytest.raises(UnsupportedError, match="get_config") as caught:
        operation.get_config()
    assert isinstance(caught.value, NotImplementedError)


def test_an_own_operation_within_a_model() -> None:
    inputs = keras.Input((3,))
    outputs = layers.Dense(2)(Affine(2.0, name="affine")(inputs))
    model = keras.Model(inputs, outputs)
    again = keras.Model.from_config(
        model.get_config(), custom_objects={"Affine": Affine}
    )
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert [type(op).__name__ for op in again.operations][1] == "Affine"


def test_several_outputs_are_a_list() -> None:
    class Both(Operation):
        def call(self, x: Any) -> Any:
            return (x, x + 1.0)

    both = Both()
    outputs = both(KerasTensor((2, 3)))
    assert isinstance(outputs, tuple) and both.output == list(outputs)
