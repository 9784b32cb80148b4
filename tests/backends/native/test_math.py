"""The engine's elementary functions against float64 NumPy."""

from __future__ import annotations

from collections.abc import Callable
from math import erf, erfc
from typing import Any

import numpy as np
import pytest

from pronghorn import ops
from pronghorn.backends.native import NativeBackend
from tests.backends.native.graphs import graph_of, run_all

TINY = float(np.finfo(np.float32).tiny)


def spread(low: float, high: float) -> np.ndarray:
    """Evenly spaced numbers, and numbers of every magnitude near 0."""
    even = np.linspace(low, high, 40_001)
    small = np.geomspace(1e-30, min(abs(low) or 1, abs(high)), 4_001)
    both = np.concatenate([even, small, -small if low < 0 else small])
    return both.astype(np.float32)


def engine(function: Callable[[Any], Any], x: np.ndarray) -> np.ndarray:
    """A function of one column, computed by the engine."""
    rows = x.reshape(-1, 1)
    executable = NativeBackend().compile(graph_of(function, [rows]), len(rows))
    return run_all(executable, [rows], len(rows))[0].reshape(-1)


def worst(have: np.ndarray, want: np.ndarray, floor: float = TINY) -> float:
    """The largest error in units of the last place of the right answer."""
    units = np.spacing(np.maximum(np.abs(want), floor).astype(np.float32))
    return float(np.max(np.abs(have - want) / units.astype(np.float64)))


CASES: list[tuple[str, Any, tuple[float, float], float]] = [
    ("exp", np.exp, (-86.0, 88.5), 2.0),
    ("expm1", np.expm1, (-20.0, 80.0), 3.0),
    ("log", np.log, (1e-6, 100.0), 2.0),
    ("log1p", np.log1p, (-0.999, 50.0), 3.0),
    ("tanh", np.tanh, (-10.0, 10.0), 3.0),
    ("sigmoid", lambda x: 1 / (1 + np.exp(-x)), (-80.0, 40.0), 3.0),
    ("erf", np.vectorize(erf), (-5.0, 5.0), 4.0),
    ("sin", np.sin, (-50.0, 50.0), 2.0),
    ("cos", np.cos, (-50.0, 50.0), 2.0),
    ("sqrt", np.sqrt, (0.0, 1e6), 0.51),
]


@pytest.mark.parametrize(("name", "exact", "span", "bound"), CASES)
def test_accuracy(
    name: str, exact: Any, span: tuple[float, float], bound: float
) -> None:
    x = spread(*span)
    want = exact(x.astype(np.float64))
    assert worst(engine(getattr(ops, name), x), want) <= bound


def test_log_over_all_magnitudes() -> None:
    x = np.geomspace(1.2e-38, 3e38, 100_001).astype(np.float32)
    assert worst(engine(ops.log, x), np.log(x.astype(np.float64))) <= 2


def test_gelu_tail_of_erf_keeps_its_sign() -> None:
    x = np.linspace(1, 3.9, 1001).astype(np.float32)
    tail = 1 - engine(ops.erf, x).astype(np.float64)
    assert np.max(np.abs(tail - np.vectorize(erfc)(x))) < 1e-7


SPECIAL = np.array(
    [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 200.0, -200.0, 3e38, -3e38],
    np.float32,
)
UNARY = "exp expm1 log log1p tanh sigmoid erf sqrt abs sign floor round relu".split()


@pytest.mark.parametrize("name", UNARY)
def test_special_values(name: str) -> None:
    from pronghorn.ir.primitive import primitives

    have = engine(getattr(ops, name), SPECIAL)
    with np.errstate(all="ignore"):
        want = primitives()[name].value(SPECIAL)
    np.testing.assert_allclose(have, want, rtol=3e-7)


def test_square_roots_are_rounded_right() -> None:
    """On AVX-512 they are computed by steps, but next to zero."""
    mantissas = np.linspace(1, 4, 300_001)
    for exponent in (-126, -102, -100, -60, -2, 0, 2, 100, 126):
        x = (mantissas[:-1] * 2.0**exponent).astype(np.float32)
        x = x[np.isfinite(x)]
        assert np.array_equal(engine(ops.sqrt, x), np.sqrt(x)), exponent


@pytest.mark.parametrize("name", ["floor", "round"])
def test_rounding_is_exact(name: str) -> None:
    near = np.arange(-40, 40).astype(np.float32) / 4
    huge = np.array([2**22 + 0.5, 2**22 + 1.5, 2**23 - 0.5, 2**23 + 1, 1e20, -2.5e9])
    x = np.concatenate([near, huge, -huge]).astype(np.float32)
    exact = {"floor": np.floor, "round": np.rint}[name]
    assert np.array_equal(engine(getattr(ops, name), x), exact(x))
