"""Operations: NumPy's shapes and values for all shapes, gradients that are linear."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pronghorn import ops, testing
from tests.properties.strategies import (
    SIDES,
    arrays,
    broadcastable,
    reductions,
    repeatable,
)

BACKENDS = st.sampled_from(["reference", "native"])
PAIRS = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "less": np.less,
    "equal": np.equal,
}
REDUCTIONS = {"sum": np.sum, "mean": np.mean, "max": np.max, "min": np.min}


def value(function: Any, given_arrays: Any, backend: str) -> np.ndarray:
    """What a backend computes."""
    run = testing.trace_and_run(function, given_arrays, backend, gradient=False)
    return run.values[0]


def slope(function: Any, array: np.ndarray, backend: str) -> np.ndarray:
    """The gradient of the sum that `testing` weighs."""
    found = testing.trace_and_run(function, [array], backend).gradients[0]
    return np.zeros_like(array) if found is None else found


@pytest.mark.parametrize("name", PAIRS)
@given(pair=broadcastable(), backend=BACKENDS)
@repeatable
def test_shapes_broadcast_as_numpys(name: str, pair: Any, backend: str) -> None:
    expected = PAIRS[name](*pair)
    got = value(getattr(ops, name), pair, backend)
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", REDUCTIONS)
@given(case=reductions(), backend=BACKENDS)
@repeatable
def test_reductions_reduce_as_numpys(name: str, case: Any, backend: str) -> None:
    array, axis, keep = case
    expected = REDUCTIONS[name](array.astype("float64"), axis=axis, keepdims=keep)

    def function(x: Any) -> Any:
        return getattr(ops, name)(x, axis=axis, keepdims=keep)

    got = value(function, [array], backend)
    assert got.shape == expected.shape
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)


@given(data=st.data(), n=SIDES, m=SIDES, k=SIDES, backend=BACKENDS)
@repeatable
def test_products_are_numpys(data: Any, n: int, m: int, k: int, backend: str) -> None:
    pair = data.draw(arrays((n, m))), data.draw(arrays((m, k)))
    got = value(ops.matmul, pair, backend)
    np.testing.assert_allclose(got, pair[0] @ pair[1], rtol=1e-5, atol=1e-4)


@given(data=st.data(), n=st.integers(1, 40), m=SIDES, k=st.integers(1, 20))
@repeatable
def test_a_batch_has_the_values_of_its_rows(data: Any, n: int, m: int, k: int) -> None:
    x, w = data.draw(arrays((n, m))), data.draw(arrays((m, k)))

    def function(rows: Any, weights: Any) -> Any:
        return ops.softmax(ops.tanh(ops.matmul(rows, weights)))

    batch = testing.trace_and_run(function, [x, w], "native", rows=(0,), gradient=False)
    one_by_one = [value(function, [row[None], w], "reference")[0] for row in x]
    np.testing.assert_allclose(batch.values[0], one_by_one, rtol=1e-5, atol=1e-6)


@given(
    array=arrays(hnp.array_shapes(max_dims=2, max_side=5)),
    a=st.floats(-2, 2, width=32),
    b=st.floats(-2, 2, width=32),
    backend=BACKENDS,
)
@repeatable
def test_gradients_are_linear(array: Any, a: float, b: float, backend: str) -> None:
    def sum_of_both(x: Any) -> Any:
        return a * ops.tanh(x) + b * ops.sigmoid(x * x)

    expected = a * slope(ops.tanh, array, backend) + b * slope(
        lambda x: ops.sigmoid(x * x), array, backend
    )
    got = slope(sum_of_both, array, backend)
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


@given(array=arrays(hnp.array_shapes(max_dims=2, max_side=5)), backend=BACKENDS)
@repeatable
def test_gradients_follow_the_chain_rule(array: np.ndarray, backend: str) -> None:
    inner = np.tanh(array)
    through = slope(lambda x: ops.exp(ops.tanh(x)), array, backend)
    by_hand = slope(ops.exp, inner, backend) * (1 - inner**2)
    np.testing.assert_allclose(through, by_hand, rtol=1e-4, atol=1e-5)


@given(array=arrays(hnp.array_shapes(max_dims=3, max_side=4)))
@repeatable
def test_both_backends_give_the_same_gradients(array: np.ndarray) -> None:
    def function(x: Any) -> Any:
        return ops.softplus(ops.mean(x, axis=-1, keepdims=True) * x) - ops.sqrt(
            x * x + 1
        )

    ours, oracle = (slope(function, array, b) for b in ("native", "reference"))
    np.testing.assert_allclose(ours, oracle, rtol=1e-5, atol=1e-5)
