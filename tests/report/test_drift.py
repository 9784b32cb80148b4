"""Drift: the tests are SciPy's, what moved is told, and chance alone is not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pronghorn.data.schema import ColumnSchema
from pronghorn.report.drift import (
    chi_squared,
    drift_of,
    kolmogorov_smirnov,
    stability,
)

from .models import schema, table

SIZES = [(80, 50, 0.3), (400, 90, 0.1), (300, 300, 0.0), (50, 50, 1.5)]


@pytest.mark.parametrize(("a", "b", "shift"), SIZES)
def test_kolmogorov_and_smirnovs_is_scipys(a: int, b: int, shift: float) -> None:
    rng = np.random.default_rng(a)
    one, two = rng.normal(0, 1, a), rng.normal(shift, 1, b)
    wanted = stats.ks_2samp(one, two, method="exact")
    distance, chance = kolmogorov_smirnov(one, two)
    assert distance == pytest.approx(wanted.statistic)
    assert chance == pytest.approx(wanted.pvalue, rel=0.25, abs=1e-6)


@pytest.mark.parametrize("table_", [
    [[30, 20, 50], [25, 30, 45]],
    [[300, 200], [200, 300]],
    [[12, 15, 11, 19, 30], [22, 10, 15, 9, 30]],
])  # fmt: skip
def test_chi_squared_is_scipys(table_: list[list[int]]) -> None:
    wanted = stats.chi2_contingency(table_, correction=False).pvalue
    assert chi_squared(np.array(table_)) == pytest.approx(wanted, rel=0.05, abs=1e-4)


def test_rare_values_are_joined() -> None:
    many = np.array([[40, 1, 1, 2, 1, 1, 2, 1], [40, 2, 1, 1, 1, 2, 1, 1]])
    joined = np.array([[40, 9], [40, 9]])
    assert chi_squared(many) == chi_squared(joined) == 1.0
    assert chi_squared(np.array([[5], [5]])) == 1.0
    assert chi_squared(np.array([[0, 0], [3, 4]])) == 1.0


def test_stability_is_the_sum_that_it_is() -> None:
    p, q = np.array([0.2, 0.3, 0.5]), np.array([0.4, 0.3, 0.3])
    wanted = sum((b - a) * np.log(b / a) for a, b in zip(p, q, strict=True))
    assert stability(100 * p, 50 * q) == pytest.approx(wanted)
    assert np.isfinite(stability(np.array([10, 0]), np.array([0, 10])))


def made(rows: int, seed: int, **changes: object) -> dict[str, object]:
    """Columns of every kind."""
    rng = np.random.default_rng(seed)
    days = np.datetime64("2020-01-01") + rng.integers(0, 900, rows)
    columns: dict[str, object] = {
        "x": rng.normal(0, 1, rows),
        "count": rng.poisson(2, rows),
        "town": rng.choice([f"t{i}" for i in range(40)], rows).tolist(),
        "open": rng.choice(["no", "yes"], rows).tolist(),
        "day": days.astype(str).tolist(),
        "gaps": np.where(rng.random(rows) < 0.1, np.nan, rng.normal(0, 1, rows)),
        "y": rng.normal(0, 1, rows),
    }
    return columns | changes


KINDS = {"town": "categorical", "open": "boolean", "day": "date"}
SCHEMA = schema([
    ColumnSchema(n, KINDS.get(n, "numeric"), date_format="iso" if n == "day" else None)
    for n in ("x", "count", "town", "open", "day", "gaps")
])  # fmt: skip


def told(first: dict[str, object], second: dict[str, object]) -> list[str]:
    """The columns that are told to have moved."""
    parts = table(**first), table(**second)
    return [each.name for each in drift_of(SCHEMA, *parts) if each.told]


@pytest.mark.parametrize("rows", [60, 500, 4000])
def test_chance_is_not_told(rows: int) -> None:
    found = [told(made(3 * rows, i), made(rows, 100 + i)) for i in range(10)]
    assert sum(map(len, found)) == 0


@pytest.mark.parametrize("name", ["x", "count", "town", "open", "day", "gaps", "y"])
def test_what_moved_is_told_and_no_other(name: str) -> None:
    rng = np.random.default_rng(7)
    rows = 600
    days = np.datetime64("2022-01-01") + rng.integers(0, 900, rows)
    moved = {
        "x": rng.normal(0.8, 1, rows),
        "count": rng.poisson(3, rows),
        "town": rng.choice([f"t{i}" for i in range(8)], rows).tolist(),
        "open": rng.choice(["no", "yes"], rows, p=[0.2, 0.8]).tolist(),
        "day": days.astype(str).tolist(),
        "gaps": np.where(rng.random(rows) < 0.4, np.nan, rng.normal(0, 1, rows)),
        "y": rng.normal(-1, 1, rows),
    }
    first, second = made(2000, 1), made(rows, 2, **{name: moved[name]})
    assert told(first, second) == [name]


def test_missing_shares_are_kept() -> None:
    parts = [
        table(x=[1, np.nan, 3, 4], y=[1, 2, 3, 4]),
        table(x=[1, 2, 3, 4], y=[1, 2, 3, 4]),
    ]
    found = drift_of(schema(["x"]), parts[0], parts[1])
    assert [each.name for each in found] == ["x", "y"]
    assert found[0].missing == (0.25, 0.0) and not found[0].told


def test_a_column_without_a_value() -> None:
    empty = table(x=[np.nan] * 30, y=range(30))
    full = table(x=range(30), y=range(30))
    found = drift_of(schema(["x"]), empty, full)
    assert found[0].told and found[0].missing == (1.0, 0.0)
