"""`Function`: a piece of graph that is called like a layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import Function, KerasTensor, ops
from pronghorn.errors import ArgumentError, ShapeError

A = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
B = np.random.default_rng(1).normal(size=(4, 3)).astype("float32")


def test_it_computes_on_arrays_and_on_symbols() -> None:
    a, b = KerasTensor((None, 3)), KerasTensor((None, 3))
    both = Function([a, b], [a * 3.0 + b, ops.sum(a * b, axis=-1)], name="both")
    first, second = both([A, B])
    np.testing.assert_allclose(first, A * 3 + B, rtol=1e-6)
    np.testing.assert_allclose(second, (A * B).sum(-1), rtol=1e-5)
    assert both.inputs == [a, b] and len(both.outputs) == 2
    other = [KerasTensor((4, 3)), KerasTensor((4, 3))]
    symbols = both(other)
    assert [s.shape for s in symbols] == [(4, 3), (4,)]
    again = Function(other, symbols)
    np.testing.assert_allclose(again([A, B])[0], first, rtol=1e-6)
    assert both.compute_output_shape([(2, 3), (2, 3)]) == [(2, 3), (2,)]


def test_structures() -> None:
    a, b = KerasTensor((None, 3)), KerasTensor((None, 3))
    named = Function({"a": a, "b": b}, {"sum": a + b})
    np.testing.assert_allclose(named({"a": A, "b": B})["sum"], A + B, rtol=1e-6)
    with pytest.raises(ArgumentError, match="invalid input structure"):
        named([A, B])


def test_it_may_begin_in_the_middle_of_a_model() -> None:
    inputs = keras.Input((3,))
    middle = keras.layers.Dense(2)(inputs)
    rest = Function(middle, ops.exp(middle))
    assert [op.name.split("_")[0] for op in rest.operations] == ["exp"]
    np.testing.assert_allclose(rest(A[:, :2]), np.exp(A[:, :2]), rtol=1e-6)


def test_within_a_model_it_is_trained_through() -> None:
    x = KerasTensor((None, 2))
    scale = Function(x, ops.tanh(x) * 2.0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    outputs = scale(model.output)
    whole = keras.Model(model.input, outputs)
    expected = np.tanh(np.asarray(model(A))) * 2
    np.testing.assert_allclose(whole.predict(A), expected, rtol=1e-5)
    whole.compile("sgd", "mse")
    before = whole.evaluate(A, B[:, :2], verbose=0)
    whole.fit(A, B[:, :2], epochs=5, verbose=0)
    assert whole.evaluate(A, B[:, :2], verbose=0) < before


def test_what_does_not_fit() -> None:
    a, b = KerasTensor((2, 3)), KerasTensor((2, 3))
    function = Function([a, b], a + b)
    for wrong in (np.ones((2, 3, 3)), np.ones((4, 3))):
        with pytest.raises(ShapeError, match="incompatible inputs"):
            function([wrong, np.ones((2, 3))])
    empty: Any
    for empty in ({"inputs": [], "outputs": a}, {"inputs": a, "outputs": []}):
        with pytest.raises(ArgumentError, match="cannot be empty"):
            Function(**empty)
    with pytest.raises(ArgumentError, match="symbolic"):
        Function(A, B)
    with pytest.raises(ArgumentError, match="not given"):
        Function(a, a + keras.Input((3,)))
