"""Operators that come from Python's syntax, for variables and symbols."""

from __future__ import annotations

import numpy as np
import pytest

from pronghorn import Variable, ops
from pronghorn.testing import trace_and_run

YES_NO = np.array([True, False])
BOTH = np.array([[True, True], [False, False]])


@pytest.mark.parametrize(
    ("apply", "expected"),
    [
        (lambda v: v ^ BOTH, YES_NO ^ BOTH),
        (lambda v: BOTH ^ v, BOTH ^ YES_NO),
        (lambda v: v.__rxor__(BOTH), BOTH ^ YES_NO),
        (lambda v: v.__rand__(BOTH), BOTH & YES_NO),
        (lambda v: v.__ror__(BOTH), BOTH | YES_NO),
        (lambda v: True & v, YES_NO),
        (lambda v: True | v, [True, True]),
        (lambda v: True ^ v, ~YES_NO),
    ],
)
def test_logic_of_variables_from_either_side(apply, expected) -> None:
    found = apply(Variable(YES_NO, dtype="bool"))
    np.testing.assert_array_equal(np.asarray(found), expected)


def test_a_variable_keeps_its_value_under_plus_and_is_rounded() -> None:
    v = Variable(np.array([-1.26, 2.5], np.float32))
    np.testing.assert_array_equal(+v, v.numpy())
    np.testing.assert_array_equal(round(v), [-1.0, 2.0])
    np.testing.assert_allclose(round(v, 1), [-1.3, 2.5], rtol=1e-6)


@pytest.mark.parametrize("backend", ["reference", "native"])
def test_they_are_recorded_in_a_graph(backend: str) -> None:
    def function(x, y):
        inside = (x > 0.0) ^ (y > 0.0)
        return ops.where(inside, +x, round(y))

    x, y = (
        np.array([1.5, -1.5, 2.0], np.float32),
        np.array([2.4, 3.6, -1.2], np.float32),
    )
    found = trace_and_run(function, [x, y], backend, gradient=False).values[0]
    np.testing.assert_array_equal(found, [2.0, -1.5, 2.0])
