"""`keras.Function`: from symbolic inputs to symbolic outputs, without training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, ops
from pronghorn.errors import ArgumentError, ShapeError

X = np.float32([[1.0, 2.0], [3.0, 4.0]])


def test_lists_and_dicts_and_arrays_and_symbols() -> None:
    a, b = keras.KerasTensor((None, 2)), keras.KerasTensor((None, 2))
    total = ops.add(a, b)
    made = keras.Function([a, b], {"three": total * 3.0, "square": total**2}, "made")
    got = made([X, X])
    np.testing.assert_allclose(got["three"], 6 * X)
    np.testing.assert_allclose(got["square"], 4 * X**2)
    assert made.name == "made"
    symbols = made([keras.KerasTensor((4, 2)), keras.KerasTensor((4, 2))])
    assert symbols["square"].shape == (4, 2)
    assert made.compute_output_shape([(5, 2), (5, 2)])["three"] == (5, 2)
    named = keras.Function({"b": b, "a": a}, a - b)
    doubles = X.astype("float64")
    np.testing.assert_allclose(named({"a": doubles, "b": 3 * doubles}), -2 * X)


def test_a_function_is_an_operation_of_others() -> None:
    x = keras.Input((2,))
    double = keras.Function(x, x * 2.0)
    y = keras.Input((2,))
    net = keras.Model(y, layers.Dense(1, kernel_initializer="ones")(double(y)))
    np.testing.assert_allclose(net.predict(X, verbose=0), 2 * X.sum(1, keepdims=True))
    outer = keras.Function(y, double(y) + 1.0)
    np.testing.assert_allclose(outer(X), 2 * X + 1)


def test_inputs_may_lie_in_the_middle() -> None:
    x = keras.Input((2,))
    dense = layers.Dense(3, kernel_initializer="ones")
    hidden = dense(x) + 1.0
    made = keras.Function(hidden, hidden**2)
    assert dense not in made.operations and len(made.operations) == 1
    np.testing.assert_allclose(made(np.full((2, 3), 3.0, "float32")), 9.0)


@pytest.mark.parametrize(
    ("words", "given"),
    [
        ("structure", X),
        ("structure", [X]),
        ("structure", {"a": X, "b": X}),
        ("does not fit", [X[None], X]),
        ("does not fit", [X, X[:, :1]]),
    ],
)
def test_inputs_that_do_not_fit(words: str, given: Any) -> None:
    a, b = keras.KerasTensor((None, 2)), keras.KerasTensor((None, 2))
    made = keras.Function([a, b], a + b)
    if isinstance(given, dict):
        made = keras.Function({"a": a, "c": b}, a + b)
    with pytest.raises(ShapeError, match=words):
        made(given)


def test_what_makes_no_function() -> None:
    x, other = keras.Input((2,)), keras.KerasTensor((None, 2))
    for inputs, outputs in (([], x), (x, []), (X, x * 2.0)):
        with pytest.raises(ArgumentError, match="symbolic tensors"):
            keras.Function(inputs, outputs)
    for outputs in (keras.Input((2,)) * 2.0, x + other, other):
        with pytest.raises(ArgumentError, match="is no input"):
            keras.Function(x, outputs)
    with pytest.raises(ArgumentError, match="is not saved"):
        keras.Function(x, x * 2.0).get_config()
