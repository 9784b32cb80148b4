"""The layers' values and gradients beside the papers' own packages, recorded.

`record_layers.py` made the numbers.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import ops, tabular

RECORDED = json.loads(Path(__file__).with_name("recorded_layers.json").read_text())
X = np.array(RECORDED["x"], "float32")
ADAPTED = np.array(RECORDED["adapted"], "float32")
EDGES = np.stack([np.linspace(-2, 2, 6), np.linspace(0, 9, 6)], axis=1)


@pytest.fixture(params=["native", "reference"], autouse=True)
def backend(request, monkeypatch):
    monkeypatch.setenv("PRONGHORN_BACKEND", request.param)
    return request.param


def model_of(layer: Any, x: np.ndarray) -> Any:
    return keras.Sequential([keras.Input(x.shape[1:]), layer])


def predicted(layer: Any, x: np.ndarray) -> np.ndarray:
    if not layer.built and hasattr(layer, "adapt"):
        layer.adapt(ADAPTED)
    return model_of(layer, x).predict(x, verbose=0)


class Product(keras.losses.Loss):
    """The outputs times given numbers."""

    def call(self, cotangent, y):
        return ops.sum(cotangent * ops.reshape(y, ops.shape(cotangent)), axis=-1)


def check_gradients(layer: Any, found: dict[str, Any], x: np.ndarray, names: Any):
    """One step of SGD at rate 1 subtracts the gradients of sum(cotangent * y)."""
    model = model_of(layer, x)
    for ours, theirs in names.items():
        variable = getattr(layer, ours)
        given = np.array(found["parameters"][theirs], "float32")
        variable.assign(given.reshape(variable.shape))
    y = np.array(found["y"]).reshape(len(x), -1)
    np.testing.assert_allclose(
        model.predict(x, verbose=0).reshape(len(x), -1), y, rtol=1e-4, atol=2e-5
    )
    model.compile(keras.optimizers.SGD(1.0), loss=Product(reduction="sum"))
    before = {ours: getattr(layer, ours).numpy() for ours in names}
    cotangent = np.array(found["cotangent"], "float32").reshape(len(x), -1)
    model.fit(x, cotangent, batch_size=len(x), verbose=0)
    for ours, theirs in names.items():
        slope = before[ours] - getattr(layer, ours).numpy()
        wanted = np.array(found["gradients"][theirs]).reshape(slope.shape)
        np.testing.assert_allclose(slope, wanted, rtol=1e-3, atol=1e-4, err_msg=ours)


def test_robust_scaling_and_smooth_clipping() -> None:
    wanted = RECORDED["robust"]
    scaled = predicted(tabular.RobustScaling(bound=None), X)
    np.testing.assert_allclose(scaled, wanted["scaled"], rtol=1e-5, atol=1e-6)
    clipped = predicted(tabular.RobustScaling(), X)
    np.testing.assert_allclose(clipped, wanted["clipped"], rtol=1e-5, atol=1e-6)
    assert (np.abs(clipped) <= 3).all()


@pytest.mark.parametrize("output", ["uniform", "normal"])
def test_quantiles(output: str) -> None:
    found = predicted(tabular.QuantileTransform(20, output), X)
    wanted = np.array(RECORDED[f"quantile_{output}"])
    # Ends that many rows share have the middle of their ranks, as other values do.
    inner = (ADAPTED.min(axis=0) < X) & (ADAPTED.max(axis=0) > X)
    assert inner.sum() > 12 and not inner.all()
    np.testing.assert_allclose(found[inner], wanted[inner], atol=2e-4)


def test_piecewise_linear_encoding() -> None:
    found = predicted(tabular.PiecewiseLinearEncoding(8), X).reshape(len(X), 4, 8)
    bins = [len(edges) - 1 for edges in RECORDED["piecewise"]["bins"]]
    assert min(bins) < 8, "some columns have fewer bins, which the rest is 0 for"
    used = np.concatenate([found[:, i, :n] for i, n in enumerate(bins)], axis=1)
    wanted = np.array(RECORDED["piecewise"]["y"])
    np.testing.assert_allclose(used, wanted, rtol=1e-4, atol=1e-5)
    assert not any(found[:, i, n:].any() for i, n in enumerate(bins))


@pytest.mark.parametrize(
    ("version", "names"),
    [
        ("A", {"kernel": "linear.weight", "bias": "linear.bias"}),
        (
            "B",
            {
                "kernel": "linear.weight",
                "bias": "linear0.bias",
                "slope": "linear0.weight",
            },
        ),
    ],
)
def test_piecewise_linear_embedding(version: str, names: dict[str, str]) -> None:
    layer = tabular.PiecewiseLinearEmbedding(3, 5, "relu", version)
    layer.adapt(EDGES)
    check_gradients(layer, RECORDED[f"embedding_{version}"], X[:, :2], names)


@pytest.mark.parametrize("kind", ["PLR", "PL"])
def test_periodic_embedding(kind: str) -> None:
    layer = tabular.PeriodicEmbedding(3, 5, kind=kind)
    names = {
        "frequency": "periodic.weight",
        "kernel": "linear.weight",
        "bias": "linear.bias",
    }
    check_gradients(layer, RECORDED[f"periodic_{kind.lower()}"], X[:, :2], names)


def test_pbld_embedding() -> None:
    wanted = RECORDED["periodic_pbld"]
    layer = tabular.PeriodicEmbedding()
    model = model_of(layer, X[:, :2])
    for name in ("frequency", "phase", "kernel", "bias"):
        getattr(layer, name).assign(np.array(wanted[name], "float32"))
    found = model.predict(X[:, :2], verbose=0)
    y = np.array(wanted["y"]).reshape(len(X), -1)
    np.testing.assert_allclose(found, y, rtol=1e-4, atol=2e-5)


def test_ntk_dense() -> None:
    layer = tabular.NTKDense(3, use_bias=False)
    check_gradients(layer, RECORDED["ntk"], X, {"kernel": "weight"})


def test_parametric_activation() -> None:
    layer = tabular.ParametricActivation("mish")
    check_gradients(layer, RECORDED["parametric"], X, {"weight": "weight"})
