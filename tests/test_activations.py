"""Activations against their formulas, names and configs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import pronghorn
from pronghorn import activations, config
from pronghorn.errors import ArgumentError, UnknownNameError
from pronghorn.ir import KerasTensor
from pronghorn.registry import custom_object_scope
from pronghorn.testing import trace_and_run

X = np.linspace(-4, 4, 33).astype(np.float32).reshape(3, 11)
erf = np.vectorize(math.erf)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def elu(x: np.ndarray, a: float = 1.0) -> np.ndarray:
    return np.where(x > 0, x, a * (np.exp(x) - 1))


def softmax(x: np.ndarray) -> np.ndarray:
    return np.exp(x) / np.exp(x).sum(-1, keepdims=True)


def sparsemax(x: np.ndarray) -> np.ndarray:
    """By sorting, as in the paper's algorithm 1."""
    z = -np.sort(-x, -1)
    k, total = np.arange(1, x.shape[-1] + 1), np.cumsum(z, -1)
    size = (1 + k * z > total).sum(-1, keepdims=True)
    edge = (np.take_along_axis(total, size - 1, -1) - 1) / size
    return np.maximum(x - edge, 0)


TABLE: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "relu6": lambda x: np.clip(x, 0, 6),
    "softmax": softmax,
    "log_softmax": lambda x: np.log(softmax(x)),
    "sparsemax": sparsemax,
    "sigmoid": sigmoid,
    "log_sigmoid": lambda x: np.log(sigmoid(x)),
    "hard_sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "sparse_sigmoid": lambda x: np.clip(x / 2 + 0.5, 0, 1),
    "tanh": np.tanh,
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "tanh_shrink": lambda x: x - np.tanh(x),
    "elu": elu,
    "selu": lambda x: 1.0507009873554805 * elu(x, 1.6732632423543772),
    "celu": elu,
    "gelu": lambda x: x * (1 + erf(x / np.sqrt(2))) / 2,
    "silu": lambda x: x * sigmoid(x),
    "hard_silu": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "mish": lambda x: x * np.tanh(np.log1p(np.exp(x))),
    "softplus": lambda x: np.log1p(np.exp(x)),
    "sparse_plus": lambda x: np.where(
        x <= -1, 0, np.where(x >= 1, x, (x + 1) ** 2 / 4)
    ),
    "squareplus": lambda x: (x + np.sqrt(x**2 + 4)) / 2,
    "softsign": lambda x: x / (1 + np.abs(x)),
    "soft_shrink": lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0),
    "hard_shrink": lambda x: np.where(np.abs(x) > 0.5, x, 0),
    "exponential": np.exp,
    "linear": lambda x: x,
    "swish": lambda x: x * sigmoid(x),
    "hard_swish": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
}


@pytest.mark.parametrize("name", TABLE)
def test_values_follow_the_formula(name: str) -> None:
    found = activations.get(name)(X)
    wanted = TABLE[name](X.astype(float))
    assert found == pytest.approx(wanted, rel=2e-6, abs=1e-6)
    assert found != pytest.approx(wanted * 1.001, rel=2e-6, abs=1e-6)


@pytest.mark.parametrize("backend", ["reference", "native"])
def test_traced_values_are_the_same(backend: str) -> None:
    names = [n for n in TABLE if n != "linear"]
    found = trace_and_run(
        lambda x: [activations.get(n)(x) for n in names],
        [X],
        backend,
        rows=(0,),
        gradient=False,
    )
    for name, values in zip(names, found.values, strict=True):
        assert values == pytest.approx(TABLE[name](X.astype(float)), abs=1e-5), name


@pytest.mark.parametrize("negative_slope", [0.0, 0.3])
@pytest.mark.parametrize("max_value", [None, 1.5, 6.0])
@pytest.mark.parametrize("threshold", [0.0, 0.7, -1.0])
def test_relu_with_all_arguments(
    negative_slope: float, max_value: float | None, threshold: float
) -> None:
    found = activations.relu(X, negative_slope, max_value, threshold)
    x = X.astype(float)
    top = np.inf if max_value is None else max_value
    above = np.clip(x, 0 if max_value is not None else None, top)
    wanted = np.where(x > threshold, above, negative_slope * (x - threshold))
    assert found == pytest.approx(wanted, abs=1e-6)


def test_glu_and_threshold() -> None:
    x = X[:, :10].astype(float)
    assert activations.glu(x) == pytest.approx(x[:, :5] * sigmoid(x[:, 5:]))
    assert activations.threshold(x, 1.0, -2.0) == pytest.approx(
        np.where(x > 1, x, -2.0)
    )


@pytest.mark.parametrize("name", TABLE)
def test_names_travel(name: str) -> None:
    function = activations.get(name)
    assert activations.deserialize(activations.serialize(function)) is function


def test_own_functions_travel_as_custom_objects() -> None:
    def cube(x: Any) -> Any:
        return x * x * x

    assert activations.get(cube) is cube
    data = activations.serialize(cube)
    with custom_object_scope({"cube": cube}):
        assert activations.get("cube") is cube
        assert config.deserialize(data) is cube


def test_get() -> None:
    assert activations.get(None) is activations.linear
    assert activations.get(activations.relu) is activations.relu
    with pytest.raises(UnknownNameError) as caught:
        activations.get("rellu")
    for word in ("'rellu'", "relu", "pronghorn.activations.relu", "register"):
        assert word in str(caught.value)
    with pytest.raises(ArgumentError, match="not an activation"):
        activations.get(5)


def test_softmax_of_one_element_warns() -> None:
    with pytest.warns(UserWarning, match="sigmoid"):
        assert activations.softmax(np.zeros((3, 1), "float32")).tolist() == [[1.0]] * 3
    layer = pronghorn.layers.Dense(1, activation="softmax")
    with pytest.warns(UserWarning, match="one element"):
        layer(KerasTensor((None, 2)))
