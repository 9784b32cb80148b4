"""`grad` and `value_and_grad` with JAX's conventions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, ops
from pronghorn.errors import ArgumentError, DtypeError, ShapeError
from pronghorn.gradient import grad, value_and_grad

X = np.float32([[0.5, -1.5], [2.0, 0.25]])


def test_structures_and_variables_are_arguments() -> None:
    weights = {"w": keras.Variable(X), "b": [np.float32([1.0, 2.0])]}

    def total(p: Any, scale: Any) -> Any:
        return ops.sum(ops.square(p["w"]) * scale) + ops.sum(p["b"][0])

    value, slopes = value_and_grad(total)(weights, scale=3.0)
    np.testing.assert_allclose(value, 3 * np.sum(X * X) + 3.0, rtol=1e-6)
    np.testing.assert_allclose(slopes["w"], 6 * X, rtol=1e-6)
    np.testing.assert_array_equal(slopes["b"][0], [1.0, 1.0])
    assert type(slopes["w"]) is np.ndarray and slopes["w"].dtype == np.float32


def test_several_arguments_give_a_tuple() -> None:
    a, b = grad(lambda x, y: ops.sum(x * y), argnums=(1, 0))(X, 2 * X)
    np.testing.assert_array_equal(a, X)
    np.testing.assert_array_equal(b, 2 * X)
    last = grad(lambda x, y: ops.sum(x * y), argnums=-1)(X, 2 * X)
    np.testing.assert_array_equal(last, X)


def test_aux_is_what_the_function_says_besides() -> None:
    def both(x: Any) -> Any:
        y = x * x
        return ops.sum(y), {"y": y}

    (value, aux), slope = value_and_grad(both, has_aux=True)(X)
    slope_again, aux_again = grad(both, has_aux=True)(X)
    np.testing.assert_array_equal(slope, slope_again)
    np.testing.assert_array_equal(aux["y"], X * X)
    assert type(aux_again["y"]) is np.ndarray and value.shape == ()


def test_any_order() -> None:
    cubic = grad(grad(grad(lambda x: x**4)))
    assert float(cubic(2.0)) == pytest.approx(48.0)
    np.testing.assert_allclose(
        grad(lambda x: ops.sum(grad(lambda y: ops.sum(ops.sin(y)))(x)))(X),
        -np.sin(X),
        rtol=1e-6,
    )


def test_inner_and_outer_arguments_are_not_confused() -> None:
    """d/dx of x * d(x y)/dy is 2 x, though y is x: only the outer x counts."""
    found = grad(lambda x: x * grad(lambda y: x * y)(x))(3.0)
    assert float(found) == pytest.approx(6.0)


def test_python_may_look_at_values() -> None:
    def hinge(x: Any) -> Any:
        total = ops.sum(x)
        return total * 2.0 if total > 0 else -total

    assert (grad(hinge)(np.ones(3, "float32")) == 2.0).all()
    assert (grad(hinge)(-np.ones(3, "float32")) == -1.0).all()


def test_a_model_called_statelessly() -> None:
    model = keras.Sequential([layers.Dense(1, input_shape=[2])])
    values = [v.value for v in model.trainable_variables]

    def loss(weights: Any) -> Any:
        y, _ = model.stateless_call(weights, [], X)
        return ops.mean(ops.square(y))

    kernel, bias = grad(loss)(values)
    y = X @ values[0] + values[1]
    np.testing.assert_allclose(kernel, X.T @ y, rtol=1e-5)
    np.testing.assert_allclose(bias, y.sum(0), rtol=1e-5)


def test_whole_numbers_are_refused() -> None:
    with pytest.raises(DtypeError, match="argument 0"):
        grad(lambda x: ops.sum(x))(np.arange(3))


def test_a_place_that_is_not_there_is_named() -> None:
    with pytest.raises(ArgumentError, match="argnums=2"):
        grad(lambda x: x, argnums=2)(1.0)


def test_a_result_with_axes_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"ops\.mean"):
        grad(lambda x: x * 2.0)(X)


def test_the_function_keeps_its_name() -> None:
    def energy(x: Any) -> Any:
        return ops.sum(x)

    assert grad(energy).__name__ == value_and_grad(energy).__name__ == "energy"
