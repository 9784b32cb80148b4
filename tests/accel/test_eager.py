"""Results of operations have `.numpy()`, and behave as arrays."""

from __future__ import annotations

import importlib
import json
from typing import Any

import numpy as np
import pytest

import pronghorn
from pronghorn import ops
from pronghorn.accel.eager import Tensor, followed, shown, tensor
from pronghorn.ir import KerasTensor, Variable
from pronghorn.ir.graph import ancestors
from pronghorn.ir.tracer import array_hooks


@pytest.mark.parametrize(
    ("value", "dtype", "name"),
    [
        (1, None, "int32"),
        (1.0, None, "float32"),
        (True, None, "bool"),
        (np.arange(3.0), None, "float32"),
        (np.arange(3), None, "int32"),
        ([1, 2], "float32", "float32"),
        ([1.0], np.dtype("float64"), "float64"),
        (Variable([1.0]), None, "float32"),
    ],
)
def test_dtypes_of_tensors(value: Any, dtype: Any, name: str) -> None:
    made = tensor(value, dtype)
    assert type(made) is Tensor and made.dtype == name
    assert np.array_equal(made.numpy(), np.asarray(value))


def test_numbers_and_arrays_come_out_plain() -> None:
    x = tensor([[1.0, 2.0], [3.0, 4.0]])
    assert type(x.numpy()) is np.ndarray
    assert type(tensor(2.0).numpy()) is np.float32
    assert type(x[0, 1]) is Tensor and x[0, 1].shape == ()
    assert [type(row) for row in x] == [Tensor, Tensor]
    assert float(x[1, 1]) == 4.0 and int(tensor(3)) == 3 and bool(tensor(1) == 1)


@pytest.mark.parametrize(
    ("compute", "dtype"),
    [
        (lambda x: x + 1, "float32"),
        (lambda x: 1 - x, "float32"),
        (lambda x: x * np.float64(0.5), "float32"),
        (lambda x: np.ones(2) / x, "float32"),
        (lambda x: x @ x, "float32"),
        (lambda x: -x, "float32"),
        (lambda x: x**2, "float32"),
        (lambda x: x > 1, "bool"),
        (lambda x: np.exp(x), "float32"),
        (lambda x: np.mean(x), "float32"),
        (lambda x: x.sum(axis=0), "float32"),
        (lambda x: tensor([1, 2]) + 1, "int32"),
        (lambda x: tensor([1, 2]).sum(), "int32"),
        (lambda x: tensor(x, "float64") * 2.0, "float64"),
    ],
)
def test_operators_keep_the_class_and_the_width(compute: Any, dtype: str) -> None:
    x = tensor([1.0, 2.0])
    found = compute(x)
    assert type(found) is Tensor and found.dtype == dtype
    plain = compute(x.numpy())
    assert np.allclose(found.numpy(), plain)


def test_in_place() -> None:
    x = tensor([1.0, 2.0])
    x += 1.0
    x *= x
    assert type(x) is Tensor and x.numpy().tolist() == [4.0, 9.0]


def test_how_they_print() -> None:
    assert repr(tensor(1.5)) == "<tf.Tensor: shape=(), dtype=float32, numpy=1.5>"
    assert str(tensor([1, 2])) == "tf.Tensor([1 2], shape=(2,), dtype=int32)"
    assert f"{tensor(1.25):.1f}" == "1.2" and f"{tensor(1)}".startswith("tf.Tensor(1")
    assert f"{tensor(0.5):.2f} {tensor(2):d}" == "0.50 2"
    assert json.dumps(tensor([1.0]).tolist()) == "[1.0]"


def test_they_meet_symbols_and_variables() -> None:
    symbol = KerasTensor((None, 2))
    for found in (symbol * tensor([1.0, 2.0]), tensor([1.0, 2.0]) * symbol):
        assert isinstance(found, KerasTensor) and found.shape == (None, 2)
    assert np.allclose(tensor([1.0]) + Variable([2.0]), 3.0)


def test_texts_stay_texts() -> None:
    tf: Any = importlib.import_module("pronghorn.accel.views").view("tensorflow")
    made = tf.constant(["a", "bc"], dtype=tf.string)
    assert made.numpy().tolist() == ["a", "bc"] and tensor("a").numpy() == "a"


def test_lists_and_other_things_are_left() -> None:
    assert shown("text") == "text" and shown(None) is None
    pair = shown((np.zeros(2), [np.float32(1.0)]))
    assert type(pair) is tuple and type(pair[1][0]) is Tensor
    assert tensor(pair[0]) is not pair[0] or type(pair[0]) is Tensor


@pytest.mark.usefixtures("installed")
def test_what_keras_computes_has_numpy() -> None:
    keras: Any = importlib.import_module("keras")
    x = np.ones((4, 3), "float32")
    model = keras.Sequential([keras.layers.Dense(2, input_shape=[3])])
    found = {
        "a model's call": model(x),
        "a layer's call": keras.layers.Dense(2)(x),
        "an operation": keras.ops.sum(x),
        "made of nothing": keras.ops.zeros((2, 2)),
        "a random draw": keras.random.normal((2,)),
        "a loss": keras.losses.MeanSquaredError()(x, x + 1),
        "a loss function": keras.losses.mean_squared_error(x, x + 1),
        "an activation": keras.activations.relu(x),
        "a metric": keras.metrics.MeanAbsoluteError()(x, x + 1),
        "a lookup": keras.layers.StringLookup(vocabulary=["a"])(["a", "b"]),
        "a variable's arithmetic": model.weights[0] * 2.0,
    }
    assert [name for name, value in found.items() if type(value) is not Tensor] == []
    assert found["a loss"].numpy() == 1.0
    assert type(model.predict(x, verbose=0)) is np.ndarray
    assert type(model.get_weights()[0]) is np.ndarray


def test_without_accel_results_are_plain() -> None:
    assert array_hooks.apply is None
    assert type(ops.add(np.ones(2), 1.0)) is np.ndarray


@pytest.mark.usefixtures("installed")
def test_a_function_of_a_room_is_the_rooms_own() -> None:
    keras: Any = importlib.import_module("keras")
    assert keras.ops.relu is pronghorn.ops.relu
    assert keras.activations.relu is pronghorn.activations.relu
    assert keras.ops.zeros is keras.ops.zeros


@pytest.mark.usefixtures("installed")
def test_a_watched_tensor_is_followed() -> None:
    x = tensor([1.0, 2.0])
    x.watched = KerasTensor((2,))  # as a tape's recorder knows it
    computed = (x * 2.0, 2.0 - x, x[0], x * x, -x, ops.exp(x), ops.sum(x))
    assert all(isinstance(found, KerasTensor) for found in computed)
    other = KerasTensor((2,))
    for found in (x * other, other * x, ops.add(other, x), Variable([1.0, 2.0]) * x):
        assert x.watched.node in ancestors([found.node])
    assert followed(x) is x.watched and followed([x])[0] is x.watched
    assert tensor(x) is x and x.numpy().tolist() == [1.0, 2.0]
