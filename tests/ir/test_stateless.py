"""Variables with values of the caller's choice."""

from __future__ import annotations

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import Variable, ops
from pronghorn.errors import ArgumentError
from pronghorn.ir import KerasTensor, StatelessScope, Trace


def test_reads_and_writes_stay_inside() -> None:
    v, w = Variable([1.0, 2.0]), Variable(3)
    with keras.StatelessScope([(v, [5.0, 6.0])]) as scope:
        np.testing.assert_array_equal(v.value, [5.0, 6.0])
        w.assign(v[0] + w)
        v.assign_add([1.0, 1.0])
    np.testing.assert_array_equal(scope.get_current_value(v), [6.0, 7.0])
    assert scope.get_current_value(w) == 8 and scope.get_current_value(w).dtype == "i4"
    assert v.numpy().tolist() == [1.0, 2.0] and int(w) == 3
    assert scope.get_current_value(Variable(1.0)) is None


def test_scopes_nest() -> None:
    v, w = Variable(1.0), Variable(2.0)
    with StatelessScope([(v, 10.0), (w, 20.0)]) as outer:
        with StatelessScope([(v, 100.0)]) as inner:
            assert float(v.value) == 100.0 and float(w.value) == 20.0
            v.assign(101.0)
        assert float(v.value) == 10.0
    assert float(inner.get_current_value(v)) == 101.0
    assert float(outer.get_current_value(v)) == 10.0


def test_a_trace_inside_has_its_own_symbols() -> None:
    v = Variable(1.0)
    with StatelessScope([(v, 5.0)]), Trace():
        assert isinstance(v.value, KerasTensor)
    with Trace() as trace:
        symbol = KerasTensor(())
        with StatelessScope([(v, symbol)]):
            assert v.value is symbol
            v.assign(ops.exp(v))
        assert trace.updates() == []


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(ArgumentError, match="in the order"):
        StatelessScope([(Variable([1.0, 2.0], name="w"), 1.0)])
    with pytest.raises(ArgumentError, match="ndarray"):
        StatelessScope([(np.ones(2), 1.0)])  # type: ignore[list-item]
