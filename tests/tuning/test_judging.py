"""Scores of configurations, out of fold."""

from __future__ import annotations

import numpy as np
import pytest

from pronghorn.tabular.targets import fit_target
from pronghorn.tabular.training import temperature
from pronghorn.tuning.judging import Judge, calibrate

RNG = np.random.default_rng(0)
TRUTH = RNG.integers(3, size=400)
LOGITS = (RNG.normal(size=(400, 2, 3)) + 1.5 * np.eye(3)[TRUTH][:, None]) * np.array(
    [0.5, 6.0]
)[:, None]
SHARE = np.full(400, 1 / 400)


def loss(cold: float, logits: np.ndarray) -> float:
    z = cold * logits
    right = z[np.arange(400), TRUTH]
    return float((np.log(np.exp(z).sum(axis=1)) - right).mean())


def test_the_temperature_is_the_best_one() -> None:
    cold, found = calibrate(LOGITS, TRUTH, SHARE)
    for k in range(2):
        scale, _ = temperature(LOGITS[:, k : k + 1], TRUTH, np.ones((400, 1)))
        # What `temperature` knows beforehand moves it little, with 400 rows.
        assert 1 / cold[k] == pytest.approx(scale, rel=0.05)
        assert found[k] == pytest.approx(loss(cold[k], LOGITS[:, k]))
        for near in (0.98, 1.02):
            assert found[k] < loss(near * cold[k], LOGITS[:, k])


def test_how_sure_a_net_is_does_not_count() -> None:
    _, found = calibrate(LOGITS, TRUTH, SHARE)
    _, scaled = calibrate(3.0 * LOGITS, TRUTH, SHARE)
    np.testing.assert_allclose(found, scaled, rtol=1e-6)


def test_rows_count_by_their_weight() -> None:
    share = np.where(TRUTH == 0, 3.0, 1.0)
    _, found = calibrate(LOGITS, TRUTH, share / share.sum())
    times = np.where(TRUTH == 0, 3, 1)
    again = np.repeat(LOGITS, times, axis=0)
    even = np.full(len(again), 1 / len(again))
    _, repeated = calibrate(again, np.repeat(TRUTH, times), even)
    np.testing.assert_allclose(found, repeated)


@pytest.mark.parametrize("weighted", [False, True])
def test_numbers_are_measured_in_their_units(weighted: bool) -> None:
    values = np.array([100.0, 300.0, 200.0, 900.0])
    goal = fit_target(values, "y", "regression")
    weight = np.array([1, 1, 2, 0], np.float32) if weighted else None
    judge = Judge(goal, values, weight)
    moved = np.array([50.0, 0, 0, -100])
    off = np.stack([goal.encode(values), goal.encode(values + moved)], 1)
    scores = judge.scores(off[..., None])
    expected = np.sqrt(np.average(np.square(moved), weights=weight))
    np.testing.assert_allclose(scores, [0, expected], atol=1e-3)
    assert judge.metric == "rmse"


def test_answers_are_at_the_temperature_of_the_score() -> None:
    labels = np.array(["a", "b", "c"], object)[TRUTH]
    goal = fit_target(labels, "y")
    judge = Judge(goal, goal.encode(labels), None)
    outputs = LOGITS.astype(np.float32)
    scale, odds = judge.answers(outputs[:, 1])
    assert scale > 1 and odds.shape == (400, 3) and odds.dtype == np.float32
    right = odds[np.arange(400), TRUTH]
    assert judge.scores(outputs)[1] == pytest.approx(-np.log(right).mean(), rel=1e-5)
    assert judge.metric == "log_loss"
