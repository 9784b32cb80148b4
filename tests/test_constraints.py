"""Constraints: what they hold, names, configs and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn import constraints
from pronghorn.errors import UnknownNameError
from pronghorn.testing import trace_and_run

W = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
NORMS = np.linalg.norm(W, axis=0)

TABLE: list[tuple[Any, np.ndarray]] = [
    (constraints.MaxNorm(1.0), W * np.minimum(1, 1 / NORMS)),
    (constraints.MaxNorm(), W * np.minimum(1, 2 / NORMS)),
    (
        constraints.MaxNorm(0.5, axis=1),
        W * np.minimum(1, 0.5 / np.linalg.norm(W, axis=1, keepdims=True)),
    ),
    (constraints.NonNeg(), np.maximum(W, 0)),
    (constraints.UnitNorm(), W / NORMS),
    (constraints.UnitNorm(axis=[0, 1]), W / np.linalg.norm(W)),
    (constraints.MinMaxNorm(1.9, 2.1), W * np.clip(NORMS, 1.9, 2.1) / NORMS),
    (
        constraints.MinMaxNorm(1.9, 2.1, rate=0.25),
        W * (0.25 * np.clip(NORMS, 1.9, 2.1) + 0.75 * NORMS) / NORMS,
    ),
]
IDS = [f"{i}-{type(c).__name__}" for i, (c, _) in enumerate(TABLE)]


@pytest.mark.parametrize(("constraint", "wanted"), TABLE, ids=IDS)
def test_values(constraint: Any, wanted: np.ndarray) -> None:
    assert constraint(W) == pytest.approx(wanted, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("backend", ["reference", "native"])
@pytest.mark.parametrize(("constraint", "wanted"), TABLE, ids=IDS)
def test_traced_values(constraint: Any, wanted: np.ndarray, backend: str) -> None:
    found = trace_and_run(constraint, [W], backend, gradient=False).values[0]
    assert found == pytest.approx(wanted, rel=1e-5, abs=1e-7)


def test_a_weight_of_zeros_stays() -> None:
    for constraint in (constraints.MaxNorm(), constraints.UnitNorm()):
        assert (constraint(np.zeros((2, 2), np.float32)) == 0).all()


@pytest.mark.parametrize(("constraint", "wanted"), TABLE, ids=IDS)
def test_config_round_trip(constraint: Any, wanted: np.ndarray) -> None:
    data = constraints.serialize(constraint)
    assert data["module"] == "keras.constraints"
    again = constraints.deserialize(data)
    assert type(again) is type(constraint)
    assert again.get_config() == constraint.get_config()


def test_get() -> None:
    assert constraints.get(None) is None
    assert isinstance(constraints.get("non_neg"), constraints.NonNeg)
    assert isinstance(constraints.get("MaxNorm"), constraints.MaxNorm)
    assert constraints.get(abs) is abs
    with pytest.raises(UnknownNameError, match="max_norm"):
        constraints.get("maxnorm_")
