"""Batch normalization on raw columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn.learn.figures import normalizing


@pytest.fixture(scope="module")
def table() -> tuple[np.ndarray, np.ndarray]:
    """Columns in hundreds, and a target that follows from them."""
    draw = np.random.default_rng(0)
    x = draw.normal(300, 80, (400, 5))
    y = np.sin(x[:, 0] / 80) + x[:, 1] / 100 + 0.1 * draw.normal(size=400)
    return x, y


def test_raw_columns_train_with_it_and_not_without(table: Any) -> None:
    say = normalizing.raw(*table).scene["say"]
    without = float(say.split("epochs: ")[1].split(" without")[0])
    treated = float(say.split(", ")[1].split(" with")[0])
    level = float(say.split("median: ")[1])
    assert treated < 0.8 * level
    assert without > 0.95 * level


def test_standardized_columns_train_without(table: Any) -> None:
    say = normalizing.raw(*table).set(scaled=True, optimizer="adam")["say"]
    without = float(say.split("epochs: ")[1].split(" without")[0])
    assert without < 0.5 * float(say.split("median: ")[1])


def test_a_training_that_diverges_is_drawn(table: Any) -> None:
    x, y = table
    scene = normalizing.raw(x * 1e12, y).set(rate=0.1)
    assert "error" not in scene
    assert "not finite without" in scene["say"]


def test_after_it_a_unit_stays_around_zero(table: Any) -> None:
    figure = normalizing.inside(*table)
    before, after = (
        [line["y"] for line in panel["marks"]] for panel in figure.scene["panels"]
    )
    assert abs(before[1][0]) > 20, "raw columns give large numbers"
    assert after[1][0] == pytest.approx(0, abs=0.3)
    assert 2 < after[2][0] - after[0][0] < 4.5, "nine of ten within some 1.6 deviations"
    assert all(abs(each) < 4 for line in after for each in line)


def test_looking_does_not_change_the_training(table: Any) -> None:
    """The running means that a look would move are put back."""
    found = [
        normalizing._watch(normalizing._table(*table), 0.01, epochs, 32, 0)
        for epochs in (3, 3)
    ]
    np.testing.assert_array_equal(found[0][0], found[1][0])
    assert len(found[0][0]) == 4
