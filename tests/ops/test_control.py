"""Choices and loops, on arrays and inside a trace."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import Variable, grad, ops
from pronghorn.errors import ArgumentError, UnsupportedError
from pronghorn.ir import KerasTensor
from pronghorn.ir.tracer import Trace
from pronghorn.testing import trace_and_run
from tests.stepping import BACKENDS, run_steps

X = np.array([1.0, -2.0, 4.0], np.float32)


def test_one_branch_runs_on_arrays() -> None:
    def never() -> Any:
        raise AssertionError("the other branch")

    assert ops.cond(True, lambda: 1, never) == 1
    assert ops.cond(np.array(0), never, lambda: 2) == 2
    assert ops.switch(9, [never, lambda x: x + 1], 1) == 2


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_results_of_any_structure(backend: str, sign: float) -> None:
    def function(x: Any) -> Any:
        found = ops.cond(
            ops.sum(x) > 0,
            lambda: {"a": x + 1.0, "b": (ops.sum(x), None)},
            lambda: {"a": -x, "b": (ops.max(x), None)},
        )
        assert found["b"][1] is None
        return found["a"], found["b"][0]

    x = sign * X
    a, b = trace_and_run(function, [x], backend).values
    np.testing.assert_allclose(a, x + 1 if sign > 0 else -x)
    assert b == pytest.approx(3.0 if sign > 0 else 2.0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_variables_are_assigned_in_the_branch_that_holds(backend: str) -> None:
    both, first, second = Variable(0.0), Variable(0.0), Variable(0.0)

    def step(x: Any) -> None:
        def yes() -> Any:
            both.assign_add(1.0)
            first.assign_add(ops.sum(x))
            return x

        def no() -> Any:
            both.assign_add(10.0)
            second.assign_sub(ops.sum(x))
            return x

        ops.cond(ops.sum(x) > 0, yes, no)

    data = np.array([[1.0], [2.0], [-5.0], [4.0]], np.float32)
    run_steps(step, [data], 1, backend)
    assert both.numpy() == 13.0
    assert (first.numpy(), second.numpy()) == (7.0, 5.0)


def test_a_loop_of_unknown_length_is_refused() -> None:
    x = KerasTensor((3,))
    with Trace(), pytest.raises(UnsupportedError, match="known length") as caught:
        ops.while_loop(lambda v: ops.sum(v) < 9, lambda v: v * 2, x)
    assert "maximum_iterations" in str(caught.value)
    with Trace(), pytest.raises(UnsupportedError, match="fori_loop"):
        ops.fori_loop(0, ops.sum(x), lambda i, v: v, 0.0)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("limit", [3, 6])
def test_a_loop_with_a_limit_is_written_out(backend: str, limit: int) -> None:
    def steps(x: Any) -> Any:
        return ops.while_loop(
            lambda i, v: ops.sum(v) < 30.0,
            lambda i, v: (i + 1, v * 2.0),
            (0, x),
            maximum_iterations=limit,
        )

    expected = steps(X)
    assert int(expected[0]) == min(limit, 4)
    run = trace_and_run(lambda x: steps(x)[1] + 0.0, [X], backend, gradient=False)
    np.testing.assert_allclose(run.values[0], expected[1], rtol=1e-6)
    run = trace_and_run(
        lambda x: ops.cast(steps(x)[0], "float32"), [X], backend, gradient=False
    )
    assert float(run.values[0]) == float(expected[0])


def test_a_loop_looks_at_values_on_a_tape() -> None:
    x = Variable([1.0, 2.0])
    with keras.GradientTape() as tape:
        found = ops.while_loop(lambda v: ops.sum(v) < 20.0, lambda v: v * 2.0, x * 1.0)
        total = ops.sum(found)
    np.testing.assert_allclose(tape.gradient(total, x), [8.0, 8.0])


def test_loops_stop() -> None:
    found = ops.while_loop(lambda i: True, lambda i: i + 1, 0, maximum_iterations=7)
    assert found == 7
    assert ops.while_loop(lambda i, j: i < j, lambda i, j: [i + 1, j], [0, 3]) == (3, 3)
    assert ops.fori_loop(3, 3, lambda i, v: v + 1, 5) == 5


def test_scan_without_parts_and_backwards() -> None:
    last, seen = ops.scan(lambda s, _: (s * 2.0, s), 1.0, length=4)
    assert (last, seen.tolist()) == (16.0, [1.0, 2.0, 4.0, 8.0])
    pair = {"a": X, "b": 2 * X}
    last, seen = ops.scan(
        lambda s, p: (s + p["a"], (s, p["b"])), 0.0, pair, reverse=True
    )
    assert float(last) == 3.0
    assert seen[0].tolist() == [2.0, 4.0, 0.0] and seen[1].tolist() == (2 * X).tolist()


def test_map_of_structures() -> None:
    found = ops.map(lambda p: {"sum": p[0] + p[1]}, (X, X))
    assert found["sum"].tolist() == (2 * X).tolist()
    whole = ops.vectorize(lambda v: v.sum(), signature="(n)->()")
    assert whole(np.ones((3, 2))).tolist() == [2.0, 2.0, 2.0]


def own(gradient: Any) -> Any:
    """Squares, with this gradient."""
    return ops.custom_gradient(lambda x: (x * x, gradient))


def test_a_gradient_of_ones_own_is_taken() -> None:
    slope = grad(lambda x: ops.sum(3.0 * own(lambda g: g * 7.0)(x)))(X)
    assert slope.tolist() == [21.0] * 3
    assert own(lambda g: g)(X).tolist() == (X * X).tolist(), "arrays have values only"
    none = grad(lambda x: ops.sum(own(lambda g: None)(x)) + ops.sum(x))(X)
    assert none.tolist() == [1.0] * 3
    constant = grad(lambda x: ops.sum(own(lambda g: 5.0)(x)))(X)
    assert constant.tolist() == [5.0] * 3


def test_a_gradient_of_ones_own_trains() -> None:
    layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")

    class Backwards(keras.layers.Layer):
        def call(self, inputs: Any) -> Any:
            turned = ops.custom_gradient(
                lambda x: (1.0 * x, lambda upstream: -upstream)
            )
            return turned(inputs)

    model = keras.Sequential([keras.layers.Input((2,)), layer, Backwards()])
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
    x = np.array([[1.0, 2.0], [1.0, 2.0]], np.float32)
    model.fit(x, np.array([[1.0], [-1.0]]), epochs=1, verbose=0)
    # The output is 3, the slope of the loss 6, turned around -6.
    np.testing.assert_allclose(layer.kernel.numpy(), [[1.6], [2.2]], rtol=1e-6)


def test_gradients_that_do_not_fit_are_refused() -> None:
    for gradient in (lambda g: (g, g), lambda g: ops.ones((2,))):
        with pytest.raises(ArgumentError, match="one gradient for each"):
            grad(lambda x, f=gradient: ops.sum(own(f)(x)))(X)  # type: ignore[misc]
    several = ops.custom_gradient(lambda x: ((x, x), lambda g: g))
    with pytest.raises(UnsupportedError, match="one result"):
        several(KerasTensor((3,)))
    hidden = Variable(2.0, name="hidden")
    closure = ops.custom_gradient(lambda x: (x * hidden, lambda g: g))
    with pytest.raises(UnsupportedError, match="no gradient") as caught:
        trace_and_run(closure, [X])
    assert "hidden" in str(caught.value)
