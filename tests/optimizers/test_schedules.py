"""Learning rate schedules against their formulas, eagerly and traced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pronghorn import optimizers
from pronghorn.ir import Variable
from pronghorn.optimizers import schedules
from tests.stepping import BACKENDS, run_steps

STEPS = 24


def cycled(s: int) -> float:
    steps = 9 * max(1, np.ceil(s / 9))
    return (0.1 - 0.01) * (1 - s / steps) ** 2 + 0.01


def warmed(s: int) -> float:
    if s < 5:
        return 0.01 + (0.1 - 0.01) * s / 5
    share = min(s - 5, 9) / 9
    return 0.1 * (0.8 * 0.5 * (1 + np.cos(np.pi * share)) + 0.2)


def restarted(s: int) -> float:
    length, height, first = 4.0, 1.0, 0.0
    while s >= first + length:
        first, length, height = first + length, 2 * length, 0.5 * height
    return 0.1 * height * 0.5 * (1 + np.cos(np.pi * (s - first) / length))


TABLE: list[tuple[schedules.LearningRateSchedule, Callable[[int], float]]] = [
    (schedules.ExponentialDecay(0.1, 7, 0.5), lambda s: 0.1 * 0.5 ** (s / 7)),
    (schedules.ExponentialDecay(0.1, 7, 2, True), lambda s: 0.1 * 2 ** (s // 7)),
    (schedules.InverseTimeDecay(0.1, 5, 0.7), lambda s: 0.1 / (1 + 0.7 * s / 5)),
    (schedules.InverseTimeDecay(1, 5, 3, True), lambda s: 1 / (1 + 3 * (s // 5))),
    (
        schedules.PiecewiseConstantDecay([3, 11], [0.1, 0.05, 0.01]),
        lambda s: 0.1 if s <= 3 else 0.05 if s <= 11 else 0.01,
    ),
    (
        schedules.PolynomialDecay(0.1, 9),
        lambda s: (0.1 - 1e-4) * (1 - min(s, 9) / 9) + 1e-4,
    ),
    (schedules.PolynomialDecay(0.1, 9, 0.01, 2.0, True), cycled),
    (
        schedules.CosineDecay(0.1, 9),
        lambda s: 0.05 * (1 + np.cos(np.pi * min(s, 9) / 9)),
    ),
    (schedules.CosineDecay(0.01, 9, 0.2, warmup_target=0.1, warmup_steps=5), warmed),
    (schedules.CosineDecayRestarts(0.1, 4, m_mul=0.5), restarted),
    (
        schedules.CosineDecayRestarts(0.1, 4, t_mul=1.0),
        lambda s: 0.05 * (1 + np.cos(np.pi * (s % 4) / 4)),
    ),
]
IDS = [f"{i}-{type(s).__name__}" for i, (s, _) in enumerate(TABLE)]


@pytest.mark.parametrize(("schedule", "formula"), TABLE, ids=IDS)
def test_rates_follow_the_formula(schedule: Any, formula: Any) -> None:
    found = [float(schedule(np.int32(s))) for s in range(STEPS)]
    assert found == pytest.approx([formula(s) for s in range(STEPS)], rel=1e-5)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("schedule", "formula"), TABLE, ids=IDS)
def test_a_traced_rate_follows_the_steps(
    schedule: Any, formula: Any, backend: str
) -> None:
    weight = Variable(np.zeros(STEPS, np.float32), name="w")
    optimizer = optimizers.SGD(schedule)
    optimizer.build([weight])
    # row s of the identity: step s moves element s by its rate
    rows = -np.eye(STEPS, dtype=np.float32)
    run_steps(lambda x: optimizer.apply([x[0]], [weight]), [rows], 1, backend)
    wanted = [formula(s) for s in range(STEPS)]
    assert weight.numpy() == pytest.approx(np.array(wanted), rel=1e-4, abs=1e-9)


@pytest.mark.parametrize(("schedule", "formula"), TABLE, ids=IDS)
def test_config_round_trip(schedule: Any, formula: Any) -> None:
    data = schedules.serialize(schedule)
    assert data["module"] == "keras.optimizers.schedules"
    again = schedules.deserialize(data)
    assert type(again) is type(schedule)
    assert again.get_config() == schedule.get_config()
    assert float(again(5)) == float(schedule(5))
