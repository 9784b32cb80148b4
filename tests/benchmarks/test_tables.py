"""The report of raw rows to predictions: every source, beside what it must meet."""

from __future__ import annotations

import pytest
from benchmarks.tables import bounds, report, report_rows, report_tables, timed


def test_calls_take_turns() -> None:
    seen: list[str] = []
    calls = {name: lambda name=name: seen.append(name) for name in "ab"}
    times = timed(calls, 0.0)
    assert seen == ["a", "b", "a", "b"]
    assert {name: len(found) for name, found in times.items()} == {"a": 1, "b": 1}


@pytest.mark.parametrize(("kind", "most"), [("numeric", 100.0), ("mixed", 148.0)])
def test_bounds(kind: str, most: float) -> None:
    times = {"frame.iloc[0]": [40.0], "dict": [1.0], "pandas frame": [9.0]}
    found = bounds(times, kind)
    assert found == {"dict": 100.0, "pandas frame": most}
    assert "| dict | 1.0 | 1.0 | 100 |" in report_rows(times, found)


def test_ratios_are_of_the_same_round() -> None:
    times = {"net alone": [10.0, 20.0, 10.0], "pandas": [20.0, 40.0, 50.0]}
    assert "| pandas | 20 | 40 | 2.00 | 2.5 |" in report_tables(times, 100, 2.5)


def test_the_whole_report() -> None:
    found = report("fast", 0.0, rows=300)
    for name in ("dict", "NumPy", "polars", "Arrow", "pandas, Arrow-backed"):
        assert f"| {name} |" in found
    assert found.count("| net alone |") == 4
