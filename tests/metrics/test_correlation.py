"""Correlations against NumPy, eagerly and traced."""

from __future__ import annotations

import numpy as np
import pytest

from pronghorn import metrics
from tests.stepping import BACKENDS, run_steps

DRAW = np.random.default_rng(2)
T = DRAW.normal(size=(13, 5)).astype(np.float32)
P = (0.6 * T + 0.3 + DRAW.normal(size=(13, 5))).astype(np.float32)


def pearson(t: np.ndarray, p: np.ndarray) -> float:
    return float(np.corrcoef(t, p)[0, 1])


def concordance(t: np.ndarray, p: np.ndarray) -> float:
    """Lin, 1989."""
    apart = t.var() + p.var() + (t.mean() - p.mean()) ** 2
    return float(2 * np.mean((t - t.mean()) * (p - p.mean())) / apart)


NAMES = {
    "PearsonCorrelation": (metrics.pearson_correlation, pearson),
    "ConcordanceCorrelation": (metrics.concordance_correlation, concordance),
}


@pytest.mark.parametrize("name", NAMES)
def test_values(name: str) -> None:
    function, definition = NAMES[name]
    rows = [definition(t, p) for t, p in zip(T, P)]
    np.testing.assert_allclose(function(T, P), rows, rtol=1e-5, atol=1e-6)
    columns = [definition(t, p) for t, p in zip(T.T, P.T)]
    np.testing.assert_allclose(function(T, P, axis=0), columns, rtol=1e-5, atol=1e-6)
    metric = getattr(metrics, name)()
    assert float(metric(T, P)) == pytest.approx(np.mean(rows), rel=1e-5)
    metric = getattr(metrics, name)(axis=0)
    assert metric.axis == 0 and metric.get_config()["axis"] == 0
    assert float(metric(T, P)) == pytest.approx(np.mean(columns), rel=1e-5)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", NAMES)
def test_traced_it_is_the_same(name: str, backend: str) -> None:
    metric = getattr(metrics, name)()
    run_steps(metric.update_state, [T, P], 4, backend)
    wanted = np.mean([NAMES[name][1](t, p) for t, p in zip(T, P)])
    assert float(metric.result()) == pytest.approx(wanted, rel=1e-4)


def test_only_concordance_minds_the_scale() -> None:
    assert metrics.pearson_correlation(T, 3 * T + 1) == pytest.approx(1, abs=1e-5)
    assert (metrics.concordance_correlation(T, 3 * T + 1) < 0.9).all()
