"""Permutation importance against a plain loop, and against what must hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn.report import importance
from pronghorn.report.answers import answers_of
from pronghorn.report.importance import importance_of

from .models import Fake, schema, table

RNG = np.random.default_rng(0)
ROWS = 400
COLUMNS: dict[str, Any] = {name: RNG.normal(0, 1, ROWS) for name in "abc"}
Y = 3 * COLUMNS["a"] + COLUMNS["b"] + RNG.normal(0, 0.5, ROWS)


def line(data: Any) -> np.ndarray:
    """The prediction; c is not looked at."""
    return np.asarray(3 * data.columns["a"].values + data.columns["b"].values)


def test_the_columns_that_matter_come_first() -> None:
    held = table(**COLUMNS, y=Y)
    model = Fake(schema("abc"), line)
    found = importance_of(model, held, answers_of(model, held), seed=0)
    assert found.names == ("a", "b", "c")
    assert (found.rows, found.repeats, found.loss) == (ROWS, 5, "RMSE")
    assert found.base == pytest.approx(0.5, abs=0.05)
    # Shuffled, 3a adds the variance 2 * 9, b adds 2.
    assert found.rises[0].value == pytest.approx((18.25) ** 0.5 - 0.5, rel=0.1)
    assert found.rises[1].value == pytest.approx((2.25) ** 0.5 - 0.5, rel=0.2)
    assert found.rises[2].value == pytest.approx(0, abs=1e-12)
    for rise in found.rises[:2]:
        assert 0 < rise.low < rise.value < rise.high


def test_it_is_what_a_loop_finds() -> None:
    held = table(**COLUMNS, y=Y)
    model = Fake(schema("abc"), line)
    found = importance_of(model, held, answers_of(model, held), seed=3)
    rng = np.random.default_rng(8)
    base = np.sqrt(np.mean((line(held) - Y) ** 2))
    for name, rise in zip(found.names, found.rises, strict=True):
        mean = 0.0
        for _ in range(100):
            shuffled = {**COLUMNS, name: rng.permutation(COLUMNS[name])}
            mean += np.mean((line(table(**shuffled, y=Y)) - Y) ** 2) / 100
        assert rise.value == pytest.approx(np.sqrt(mean) - base, rel=0.08, abs=1e-9)


def test_classes_are_measured_by_log_loss() -> None:
    truth = ["yes" if v > 0 else "no" for v in COLUMNS["a"]]

    def told(data: Any) -> np.ndarray:
        chance = 1 / (1 + np.exp(-4 * data.columns["a"].values))
        return np.stack([1 - chance, chance], axis=1)

    model = Fake(schema("ab", labels=("no", "yes")), told)
    held = table(a=COLUMNS["a"], b=COLUMNS["b"], y=truth)
    found = importance_of(model, held, answers_of(model, held), seed=0)
    assert found.loss == "log loss" and found.names == ("a", "b")
    assert found.rises[0].low > 0.5
    assert found.rises[1].value == pytest.approx(0, abs=1e-12)


def test_many_rows_are_drawn_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importance, "MOST_ROWS", 300)
    held = table(**COLUMNS, y=Y)
    model = Fake(schema("abc"), line)
    answers = answers_of(model, held)
    found = [importance_of(model, held, answers, seed=s) for s in (0, 0, 1)]
    assert found[0].rows == 300
    assert found[0] == found[1] != found[2]
