"""Shapes of symbols outside of traces: several unknown sizes, arrays only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import ops
from pronghorn.errors import ShapeError, UnsupportedError
from pronghorn.ir import EagerTensor, KerasTensor
from pronghorn.ir.tracer import Trace
from pronghorn.ops.by_example import by_example

X = np.random.default_rng(1).normal(size=(5, 3)).astype("float32")


def t(*shape: int | None, dtype: str = "float32") -> KerasTensor:
    return KerasTensor(shape, dtype)


SHAPES: dict[str, tuple[Callable[[], Any], list[tuple[int | None, ...]]]] = {
    "two unknown sizes": (lambda: t(None, 3) * t(2, None), [(2, 3)]),
    "one that may be 1": (lambda: t(None, 3) + t(1, None), [(None, 3)]),
    "one that another decides": (lambda: ops.inner(t(5, None), t(4, 3)), [(5, 4)]),
    "one that a number decides": (
        lambda: ops.unstack(t(2, None, None), num=3, axis=1),
        [(2, None)] * 3,
    ),
    "one that depends on values": (lambda: ops.nonzero(t(None, 3)), [(None,)] * 2),
    "sorted along the batch": (lambda: ops.sort(t(None, 3), axis=0), [(None, 3)]),
    "along one of two": (lambda: ops.median(t(None, None, 3), axis=1), [(None, 3)]),
    "all of them": (lambda: ops.size(t(None, None)), [()]),
    "arrays only": (
        lambda: ops.svd(t(None, 4, 2), False),
        [(None, 4, 2), (None, 2), (None, 2, 2)],
    ),
    "a diagonal": (lambda: ops.einsum("ii", t(None, 3)), [()]),
    "a shape of symbols": (
        lambda: ops.reshape(t(None, 6), t(2, dtype="int32")),
        [(None, None)],
    ),
    "one size a symbol": (
        lambda: ops.reshape(t(None, 6), (3, t(dtype="int32"))),
        [(3, None)],
    ),
    "a loop": (
        lambda: ops.while_loop(lambda x: True, lambda x: x, t(None, 2)),
        [(None, 2)],
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes(name: str) -> None:
    call, expected = SHAPES[name]
    found = keras.tree.flatten(call())
    assert all(type(tensor) is KerasTensor for tensor in found)
    assert [tensor.shape for tensor in found] == expected


def test_dtypes() -> None:
    assert ops.argsort(t(None, 3), axis=0).dtype == "int32"
    assert (t(None, 3) > t(2, None)).dtype == "bool"
    assert ops.median(t(None, 3, dtype="int32"), axis=0).dtype == "float32"


def test_what_never_works_keeps_its_own_error() -> None:
    with pytest.raises(ShapeError, match="do not go together"):
        t(None, 3) + t(None, 4)
    with pytest.raises(ShapeError, match="multiplied"):
        ops.matmul(t(None, 3), t(4, None))
    assert by_example(np.matmul, (t(None, 3), t(4, None)), {}) is None
    assert by_example(np.fft.fft, (t(4),), {}) is None, "complex"
    assert by_example(np.sort, (X,), {}) is None, "no symbol"
    assert by_example(np.sort, (EagerTensor(X),), {}) is None, "it has its value"
    assert by_example(lambda x: [x] * len(x), (t(None),), {}) is None, "how many?"
    assert by_example(lambda x: np.ones((1,) * len(x)), (t(None),), {}) is None
    assert by_example(np.sort, (t(None, 1 << 22),), {}) is None, "too large to try"


def test_what_is_for_arrays_says_which_shapes_do_not_fit() -> None:
    with pytest.raises(ShapeError, match="for arrays") as caught:
        ops.gcd(t(2, 3), t(2, 3))
    assert "float32(2, 3) and float32(2, 3)" in str(caught.value)
    with pytest.raises(ShapeError, match="do not fit an operation"):
        ops.trace(t(None, 3, None), axis1=1, axis2=1)
    with pytest.raises(UnsupportedError, match=r"ops\.eig"):
        ops.eig(t(3, 3))  # its results are complex


def test_matrices_have_known_sizes_where_they_must() -> None:
    assert ops.det(t(None, 4, 4)).shape == (None,)
    assert ops.solve(t(None, 4, 4), t(None, 4, 2)).shape == (None, 4, 2)
    for wrong in (
        lambda: ops.det(t(None, None, 4)),
        lambda: ops.inv(keras.Input((4, 3))),
        lambda: ops.qr(t(None, 4)),
        lambda: ops.solve_triangular(t(None, 4, 4), t(None, None, 2)),
        lambda: ops.matrix_rank(t(None)),
    ):
        with pytest.raises(ShapeError, match="of matrices"):
            wrong()


def test_where_the_graph_decides() -> None:
    with pytest.raises(ShapeError):
        ops.squeeze(t(None, 1), axis=0)
    with pytest.raises(ShapeError):
        ops.squeeze(keras.Input((1,)), axis=0)
    with pytest.raises(ShapeError):
        ops.cond(t(dtype="bool"), lambda: ops.ones((3,)), lambda: ops.ones((4,)))


def test_a_trace_still_says_what_it_cannot_hold() -> None:
    with Trace(), pytest.raises(UnsupportedError, match=r"ops\.sort"):
        ops.sort(t(None, 3), axis=0)
    with Trace(), pytest.raises(ShapeError):
        t(None, 3) * t(2, None)


@pytest.mark.parametrize("name", ["median", "nanmedian"])
def test_a_model_is_built_and_says_on_running_what_it_cannot_run(name: str) -> None:
    inputs = keras.Input((3,))
    outputs = getattr(ops, name)(inputs, axis=0, keepdims=True) + inputs
    assert outputs.shape == (None, 3)
    model = keras.Model(inputs, outputs)
    np.testing.assert_allclose(model(X), np.median(X, 0, keepdims=True) + X, rtol=1e-6)
    with pytest.raises(UnsupportedError, match="ops") as caught:
        model.predict(X)
    assert f"operation '{name}" in str(caught.value)


def test_an_operation_without_a_name_in_files_is_not_saved() -> None:
    inputs = keras.Input((3,))
    model = keras.Model(inputs, ops.nanmedian(inputs, axis=0))
    with pytest.raises(UnsupportedError, match="cannot be saved"):
        model.get_config()


def test_a_loop_between_layers_runs_on_arrays() -> None:
    inputs = keras.Input((3,))
    (outputs,) = ops.while_loop(
        lambda x: ops.max(x) < 10.0, lambda x: (x + 4.0,), (inputs,)
    )
    model = keras.Model(inputs, outputs)
    assert float(np.max(model(X * 0.0))) == 12.0
    with pytest.raises(UnsupportedError, match="known length"):
        model.predict(X)


def test_several_unknown_sizes_are_none() -> None:
    assert ops.shape(t(None, 3, None)) == (None, 3, None)
    with Trace():
        assert None not in ops.shape(t(None, 3, None))
