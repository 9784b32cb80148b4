"""Regularizers against their formulas, names, configs and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn import regularizers
from pronghorn.errors import ArgumentError, ShapeError, UnknownNameError
from pronghorn.testing import check_gradient

W = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)


def cosines(matrix: np.ndarray) -> float:
    unit = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    upper = np.triu_indices(len(unit), 1)
    return float(np.abs((unit @ unit.T)[upper]).mean())


TABLE: list[tuple[Any, float]] = [
    (regularizers.L1(), 0.01 * np.abs(W).sum()),
    (regularizers.L1(0.5), 0.5 * np.abs(W).sum()),
    (regularizers.L2(), 0.01 * (W**2).sum()),
    (regularizers.L2(0.25), 0.25 * (W**2).sum()),
    (regularizers.L1L2(0.1, 0.2), 0.1 * np.abs(W).sum() + 0.2 * (W**2).sum()),
    (regularizers.L1L2(), 0.0),
    (regularizers.OrthogonalRegularizer(), 0.01 * cosines(W)),
    (regularizers.OrthogonalRegularizer(0.5, "columns"), 0.5 * cosines(W.T)),
]
IDS = [f"{i}-{type(r).__name__}" for i, (r, _) in enumerate(TABLE)]


@pytest.mark.parametrize(("regularizer", "wanted"), TABLE, ids=IDS)
def test_penalties(regularizer: Any, wanted: float) -> None:
    assert float(regularizer(W)) == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize(
    "regularizer",
    [r for r, w in TABLE if w],
    ids=[i for i, t in zip(IDS, TABLE, strict=True) if t[1]],
)
@pytest.mark.parametrize("backend", ["reference", "native"])
def test_gradients(regularizer: Any, backend: str) -> None:
    check_gradient(regularizer, [W], backend)


@pytest.mark.parametrize(("regularizer", "wanted"), TABLE, ids=IDS)
def test_config_round_trip(regularizer: Any, wanted: float) -> None:
    data = regularizers.serialize(regularizer)
    assert data["module"] == "keras.regularizers"
    again = regularizers.deserialize(data)
    assert type(again) is type(regularizer)
    assert float(again(W)) == float(regularizer(W))


def test_get() -> None:
    assert regularizers.get(None) is None
    for name in ("l1", "L1"):
        assert isinstance(regularizers.get(name), regularizers.L1)
    for name in ("l1l2", "l1_l2"):
        assert isinstance(regularizers.get(name), regularizers.L1L2)
    assert isinstance(regularizers.get(regularizers.L2), regularizers.L2)
    assert regularizers.get(abs) is abs
    with pytest.raises(UnknownNameError, match="orthogonal_regularizer"):
        regularizers.get("orthogonal_regulariser")


@pytest.mark.parametrize("factor", [-0.1, float("nan"), float("inf"), "a", True])
def test_factors_that_do_not_fit(factor: Any) -> None:
    for make in (
        lambda: regularizers.L1(factor),
        lambda: regularizers.L2(factor),
        lambda: regularizers.L1L2(l2=factor),
        lambda: regularizers.OrthogonalRegularizer(factor),
    ):
        with pytest.raises(ArgumentError, match=f"={factor!r}"):
            make()


def test_orthogonal_refuses_other_modes_and_ranks() -> None:
    with pytest.raises(ArgumentError, match="mode='diagonal'"):
        regularizers.OrthogonalRegularizer(mode="diagonal")
    with pytest.raises(ShapeError, match=r"\(3,\)"):
        regularizers.OrthogonalRegularizer()(W[0])
