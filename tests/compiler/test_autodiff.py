"""The walk from a loss back to what it depends on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn
from pronghorn import Variable, ops
from pronghorn.backends.reference import evaluate
from pronghorn.compiler import gradients
from pronghorn.errors import DtypeError, ShapeError, UnsupportedError
from pronghorn.ir import BATCH, Kind, Primitive, Trace, bind, primitive, verify
from pronghorn.ir.graph import input_leaf
from pronghorn.ir.tensor import KerasTensor
from pronghorn.testing import check_gradient

X = np.float32([[0.5, -1.5], [2.0, 0.25], [-0.75, 1.0]])


def test_a_value_used_twice_gets_both_gradients() -> None:
    found = pronghorn.grad(lambda x: ops.sum(x * x + 3.0 * x))(X)
    np.testing.assert_allclose(found, 2 * X + 3, rtol=1e-6)


def test_what_the_loss_does_not_depend_on_has_none() -> None:
    used, idle, whole = Variable([1.0, 2.0]), Variable(3.0), Variable([4, 5])
    with Trace() as trace:
        loss = ops.sum(used * ops.cast(whole, "float32"))
        leaves = [trace.leaf(v) for v in (used, idle, whole)]
        slopes = gradients(loss.node, leaves)
    assert [s is None for s in slopes] == [False, True, True]
    assert slopes[0] is not None and slopes[0].shape == (2,)


def test_the_loss_itself_has_slope_one() -> None:
    with Trace() as trace:
        leaf = trace.leaf(Variable(2.0))
        (slope,) = gradients(leaf, [leaf])
    assert slope is not None and slope.payload == 1.0


def test_gradients_of_a_batch_have_the_variables_shapes() -> None:
    w, b = Variable(np.ones((2, 4), np.float32)), Variable(np.zeros(4, np.float32))
    x = input_leaf(0, (BATCH, 2), "float32")
    with Trace() as trace:
        y = ops.matmul(KerasTensor.of(x), w) + b
        leaves = [trace.leaf(w), trace.leaf(b), x]
        slopes = gradients(ops.mean(ops.square(y)).node, leaves)
        graph = trace.graph([x], [s for s in slopes if s is not None])
    assert [n.shape for n in verify(graph).outputs] == [(2, 4), (4,), (BATCH, 2)]


def test_gradients_can_be_differentiated() -> None:
    x = input_leaf(0, X.shape, "float32")
    with Trace() as trace:
        cube = KerasTensor.of(x) ** 3
        (slope,) = gradients(ops.sum(cube).node, [x])
        assert slope is not None
        (second,) = gradients(ops.sum(KerasTensor.of(slope)).node, [x])
        assert second is not None
        graph = trace.graph([x], [second])
    found = evaluate(graph, [X], 0)[second.number]
    np.testing.assert_allclose(found, 6 * X, rtol=1e-6)


def test_value_and_grad_of_a_later_argument() -> None:
    both = pronghorn.value_and_grad(lambda a, b: ops.sum(a * b * b), argnums=1)
    value, slope = both(X, 2.0 * X)
    np.testing.assert_allclose(value, np.sum(4 * X**3), rtol=1e-6)
    np.testing.assert_allclose(slope, 4 * X * X, rtol=1e-6)
    assert slope.dtype == np.float32


def test_grad_of_what_does_not_depend_is_zero() -> None:
    found = pronghorn.grad(lambda a, b: ops.sum(b))(X, X)
    assert found.shape == X.shape and not found.any()


def test_grad_of_a_constant_says_so() -> None:
    with pytest.raises(DtypeError, match="does not depend"):
        pronghorn.grad(lambda x: 3.0)(X)


def test_only_a_scalar_is_differentiated() -> None:
    with pytest.raises(ShapeError) as caught:
        pronghorn.grad(lambda x: x * 2.0)(X)
    assert "(3, 2)" in str(caught.value) and "ops.mean" in str(caught.value)


def test_no_gradient_flows_where_it_is_stopped() -> None:
    found = pronghorn.grad(lambda x: ops.sum(x * ops.stop_gradient(x)))(X)
    np.testing.assert_array_equal(found, X)


def test_a_primitive_without_gradient_is_named(monkeypatch: Any) -> None:
    monkeypatch.setattr(primitive, "_ALL", dict(primitive._ALL))
    hard = Primitive(
        "hard_one", Kind.ELEMENTWISE, np.square, lambda x: (x.shape, x.dtype)
    )
    with pytest.raises(UnsupportedError, match="hard_one"):
        pronghorn.grad(lambda x: ops.sum(bind(hard, x)))(X)


def test_a_wrong_shape_of_a_vjp_is_not_summed_away(monkeypatch: Any) -> None:
    """What only forgets a broadcast is summed back; another shape is an error."""
    monkeypatch.setattr(primitive, "_ALL", dict(primitive._ALL))
    transposed = Primitive(
        "bad_transpose",
        Kind.STRUCTURE,
        lambda x: np.asarray(x).T,
        lambda x: (x.shape[::-1], x.dtype),
        lambda g, y, x: (g,),
    )
    with pytest.raises(ShapeError):
        check_gradient(lambda x: bind(transposed, x), [X])


@pytest.mark.parametrize("backend", ["reference", "native"])
def test_broadcast_operands(backend: str) -> None:
    column, row = X[:, :1], X[0]
    check_gradient(lambda a, b: a * b + b, [column, row], backend)
    check_gradient(lambda x, b: x / (2.0 + b * b), [X, row], backend, rows=[0])
