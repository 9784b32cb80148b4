"""Metrics as pure functions of a state: `stateless_update_state` and its like."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn import metrics
from pronghorn.errors import ArgumentError
from pronghorn.testing import trace_and_run

T = np.array([[1.0], [2.0], [4.0]], np.float32)
P = np.array([[1.5], [2.0], [3.0]], np.float32)


def test_the_own_state_stays() -> None:
    metric = metrics.MeanSquaredError()
    metric.update_state(T, P)
    own = [v.numpy().tolist() for v in metric.variables]
    state = metric.stateless_reset_state()
    assert [np.asarray(v).tolist() for v in state] == [0.0, 0.0]
    state = metric.stateless_update_state(state, T, 2 * P)
    after = metric.stateless_update_state(state, T, 2 * P, sample_weight=[1, 1, 0])
    assert float(metric.stateless_result(state)) == pytest.approx(
        float(np.mean((T - 2 * P) ** 2))
    )
    assert float(after[1]) == 5.0 and float(state[1]) == 3.0, "states are copies"
    assert [v.numpy().tolist() for v in metric.variables] == own


def test_the_state_comes_back_after_an_error() -> None:
    metric = metrics.MeanSquaredError()
    metric.update_state(T, P)
    own = [v.numpy().tolist() for v in metric.variables]
    with pytest.raises(ValueError, match="same shape"):
        metric.stateless_update_state([0.0, 0.0], T, P[:2])
    assert [v.numpy().tolist() for v in metric.variables] == own


def test_another_number_of_values_is_refused() -> None:
    metric = metrics.MeanSquaredError()
    for call in (metric.stateless_update_state, metric.stateless_result):
        with pytest.raises(ArgumentError, match="one value for each"):
            call([0.0])


@pytest.mark.parametrize("backend", ["reference", "native"])
def test_inside_a_trace(backend: str) -> None:
    metric = metrics.MeanAbsoluteError()

    def both(total: Any, count: Any, t: Any, p: Any) -> Any:
        state = metric.stateless_update_state([total, count], t, p)
        return [*state, metric.stateless_result(state)]

    arrays = [np.float32(3.0), np.float32(2.0), T, P]
    run = trace_and_run(both, arrays, backend, rows=(2, 3), gradient=False)
    assert [float(v) for v in run.values] == pytest.approx([4.5, 5.0, 0.9])
    assert [float(v.numpy()) for v in metric.variables] == [0.0, 0.0]
