"""Learning-rate schedules."""

from __future__ import annotations

import pytest

from pronghorn.learn.figures import schedules


@pytest.mark.parametrize("kind", schedules._KINDS)
def test_each_ends_with_short_steps(kind: str) -> None:
    schedule = schedules.schedule(kind, 0.1, 30)
    last = 30 * schedules._STEPS - 1
    highest = max(float(schedule(step)) for step in range(last))
    assert highest == pytest.approx(0.1, rel=1e-3)
    assert float(schedule(last)) < 0.0011


def test_a_warm_up_begins_low() -> None:
    schedule = schedules.schedule("warm-up, then cosine", 0.1, 30)
    assert float(schedule(0)) == pytest.approx(0.001)
    assert float(schedule(30 * schedules._STEPS // 5)) == pytest.approx(0.1)


def test_a_schedule_ends_with_less_noise() -> None:
    figure = schedules.schedules()
    for kind in schedules._KINDS:
        words = figure.set(kind=kind)["say"].split()
        assert float(words[12]) < float(words[7]), kind
