"""Scores against scikit-learn's, and the bootstrap against a plain loop."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from pronghorn.report import scores
from pronghorn.report.scores import (
    baseline_of,
    draws,
    interval,
    measures_of,
    scores_of,
)

from .models import classes, numbers, random_classes

ROWS = 300


def regression() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth far from zero, predictions, and weights with zeros."""
    rng = np.random.default_rng(0)
    truth = 1e6 + rng.normal(0, 3, ROWS)
    weights = rng.integers(0, 4, ROWS).astype(float)
    return truth, truth + rng.normal(0.5, 1, ROWS), weights


def test_scores_of_numbers_are_scikit_learns() -> None:
    truth, told, weights = regression()
    measures = measures_of(numbers(truth, told), told)
    for w in (np.ones(ROWS), weights):
        wanted = {
            "RMSE": metrics.root_mean_squared_error(truth, told, sample_weight=w),
            "MAE": metrics.mean_absolute_error(truth, told, sample_weight=w),
            "R²": metrics.r2_score(truth, told, sample_weight=w),
        }
        for name, value in wanted.items():
            assert measures[name](w[None])[0] == pytest.approx(value, rel=1e-7), name


@pytest.mark.parametrize("count", [2, 4])
def test_scores_of_classes_are_scikit_learns(count: int) -> None:
    answers = random_classes(ROWS, count, seed=1)
    assert answers.chances is not None
    truth, chances = answers.truth, answers.chances
    measures = measures_of(answers, chances)
    weights = np.random.default_rng(2).integers(0, 4, ROWS).astype(float)
    for w in (np.ones(ROWS), weights):
        said = chances.argmax(axis=1)
        wanted = {
            "error": 1 - metrics.accuracy_score(truth, said, sample_weight=w),
            "balanced error": 1
            - metrics.balanced_accuracy_score(truth, said, sample_weight=w),
            "log loss": metrics.log_loss(
                truth, np.clip(chances, 1e-7, 1), sample_weight=w, normalize=True
            )
            if (chances > 1e-7).all()
            else None,
        }
        if count == 2:
            wanted["ROC AUC"] = metrics.roc_auc_score(
                truth, chances[:, 1], sample_weight=w
            )
            wanted["Brier score"] = metrics.brier_score_loss(
                truth, chances[:, 1], sample_weight=w
            )
        assert len(np.unique(chances[:, 1])) < ROWS, "there are ties"
        for name, value in wanted.items():
            if value is not None:
                found = measures[name](w[None])[0]
                assert found == pytest.approx(value, rel=1e-6), name
    assert ("ROC AUC" in measures) == (count == 2)


def test_many_resamples_at_once_are_as_one_by_one() -> None:
    answers = random_classes(50, 2, seed=3)
    assert answers.chances is not None
    weights = next(iter(draws(50, seed=0)))
    for measure in measures_of(answers, answers.chances).values():
        one_by_one = [float(measure(each[None])[0]) for each in weights[:20]]
        np.testing.assert_allclose(measure(weights)[:20], one_by_one)


def test_draws_are_resamples_of_all_rows() -> None:
    weights = np.concatenate(list(draws(40, seed=0)))
    assert weights.shape == (scores.draw_count(40), 40)
    assert (weights.sum(axis=1) == 40).all() and weights.max() > 1
    np.testing.assert_array_equal(weights, np.concatenate(list(draws(40, seed=0))))
    assert (weights != np.concatenate(list(draws(40, seed=1)))).any()


def test_the_interval_is_that_of_a_plain_bootstrap() -> None:
    truth, told, _ = regression()
    answers = numbers(truth, told)
    found = scores_of(answers, baseline_of(answers, None), seed=0)[1]
    rng = np.random.default_rng(9)
    errors = np.abs(told - truth)
    drawn = [errors[rng.integers(0, ROWS, ROWS)].mean() for _ in range(4000)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert found.name == "MAE"
    assert found.model.value == pytest.approx(errors.mean())
    assert found.model.low == pytest.approx(low, rel=0.02)
    assert found.model.high == pytest.approx(high, rel=0.02)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(4)
    covered = 0
    for seed in range(100):
        truth = np.zeros(80)
        answers = numbers(truth, rng.normal(0, 1, 80))
        found = scores_of(answers, baseline_of(answers, None), seed)[0].model
        covered += found.low <= 1.0 <= found.high
    assert 84 <= covered <= 100


def test_baselines() -> None:
    answers = numbers([1, 2, 6], [1, 2, 6])
    assert baseline_of(answers, None).told == 3
    given = baseline_of(answers, np.array([5.0, 7.0]))
    assert given.told == 6 and "training" in given.words
    known = classes([[0.9, 0.1]] * 3, [0, 0, 1])
    np.testing.assert_allclose(baseline_of(known, None).told, [2 / 3, 1 / 3])
    shares = baseline_of(known, np.array([1, 1, 1, 0])).told
    np.testing.assert_allclose(shares, [0.25, 0.75])


def test_the_gain_is_positive_where_the_model_is_better() -> None:
    truth, told, _ = regression()
    answers = numbers(truth, told)
    for score in scores_of(answers, baseline_of(answers, None), seed=0):
        assert score.gain.low > 0, score.name
        sign = 1 if score.better == "higher" else -1
        wanted = sign * (score.model.value - score.baseline.value)
        assert score.gain.value == pytest.approx(wanted)
    worse = numbers(truth, np.full(ROWS, 2e6))
    for score in scores_of(worse, baseline_of(worse, None), seed=0):
        assert score.gain.high < 0, score.name


def test_a_class_that_a_resample_lacks_is_no_error() -> None:
    answers = classes([[0.9, 0.1]] * 30, [0] * 29 + [1])
    found = {s.name: s for s in scores_of(answers, baseline_of(answers, None), 0)}
    assert found["balanced error"].model.value == 0.5
    assert np.isfinite([found["ROC AUC"].model.low, found["ROC AUC"].model.high]).all()


def test_an_interval_of_nothing_is_unknown() -> None:
    found = interval(1.0, np.array([np.nan, np.inf]))
    assert np.isnan(found.low) and np.isnan(found.high)
