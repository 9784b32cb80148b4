"""Norms of vectors and of matrices, beside NumPy's."""

from __future__ import annotations

import numpy as np
import pytest

from pronghorn import ops
from pronghorn.errors import ArgumentError, UnsupportedError
from pronghorn.testing import trace_and_run

X = np.random.default_rng(0).standard_normal((3, 4, 5)).astype(np.float32)
OF_VECTORS = [None, 1, 2, np.inf, -np.inf, 0, 3]
OF_MATRICES = [None, "fro", "nuc", 1, 2, np.inf, -1, -2, -np.inf]


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [0, -1, (1,)])
@pytest.mark.parametrize("ord", OF_VECTORS)
def test_of_vectors(ord, axis, keepdims) -> None:
    expected = np.linalg.norm(X, ord, axis, keepdims)
    np.testing.assert_allclose(ops.norm(X, ord, axis, keepdims), expected, rtol=1e-5)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [(0, 1), (2, 0), (-1, -2)])
@pytest.mark.parametrize("ord", OF_MATRICES)
def test_of_matrices(ord, axis, keepdims) -> None:
    expected = np.linalg.norm(X, ord, axis, keepdims)
    np.testing.assert_allclose(ops.norm(X, ord, axis, keepdims), expected, rtol=1e-5)


@pytest.mark.parametrize("ord", OF_MATRICES)
def test_a_matrix_without_axes_has_the_norm_of_a_matrix(ord) -> None:
    expected = np.linalg.norm(X[0], ord)
    np.testing.assert_allclose(ops.norm(X[0], ord), expected, rtol=1e-5)


@pytest.mark.parametrize("backend", ["reference", "native"])
@pytest.mark.parametrize(
    ("ord", "axis"), [(1, 1), (np.inf, 1), (1, (1, 0)), (np.inf, None), ("fro", None)]
)
def test_in_a_graph(ord, axis, backend) -> None:
    run = trace_and_run(
        lambda x: ops.norm(x, ord, axis), [X[0]], backend, gradient=False
    )
    np.testing.assert_allclose(
        run.values[0], np.linalg.norm(X[0], ord, axis), rtol=1e-5
    )


@pytest.mark.parametrize(
    ("ord", "axis"), [("fro", 0), ("nuc", -1), (1, None), (2, (0, 1, 2))]
)
def test_what_is_no_norm_is_refused(ord, axis) -> None:
    with pytest.raises(ArgumentError, match="There is no such norm"):
        ops.norm(X, ord, axis)


def test_singular_values_need_arrays() -> None:
    with pytest.raises(UnsupportedError, match="norm with ord=2"):
        trace_and_run(lambda x: ops.norm(x, 2), [X[0]])
