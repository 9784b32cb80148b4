"""Scores of predictions, beside scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from pronghorn.tabular.scores import (
    area_under_curve,
    classification_scores,
    regression_scores,
)

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("classes", [2, 5])
def test_scores_of_classes_are_those_of_scikit_learn(classes: int) -> None:
    truth = RNG.integers(0, classes, 300)
    odds = RNG.dirichlet(np.ones(classes), 300).astype(np.float32)
    found = classification_scores(truth, odds)
    assert found["accuracy"] == pytest.approx(
        metrics.accuracy_score(truth, odds.argmax(axis=1))
    )
    expected = metrics.log_loss(truth, odds, labels=range(classes))
    assert found["log_loss"] == pytest.approx(expected, rel=1e-6)
    assert ("auc" in found) == (classes == 2)


def test_an_odd_of_zero_costs_a_finite_loss() -> None:
    found = classification_scores(np.array([0]), np.array([[0.0, 1.0]]))
    assert found == {"accuracy": 0.0, "log_loss": pytest.approx(-np.log(1e-15))}


def test_ties_count_half() -> None:
    truth = RNG.random(500) < 0.3
    scores = RNG.integers(0, 10, 500) / 10 + truth * 0.2
    expected = metrics.roc_auc_score(truth, scores)
    assert area_under_curve(truth, scores) == pytest.approx(expected)
    assert area_under_curve(truth, np.zeros(500)) == 0.5


def test_scores_of_numbers_are_those_of_scikit_learn() -> None:
    truth = RNG.normal(size=100) * 50
    predicted = truth + RNG.normal(size=100)
    found = regression_scores(truth, predicted)
    assert found["rmse"] == pytest.approx(
        metrics.root_mean_squared_error(truth, predicted)
    )
    assert found["mae"] == pytest.approx(metrics.mean_absolute_error(truth, predicted))
    assert found["r2"] == pytest.approx(metrics.r2_score(truth, predicted))


def test_a_constant_truth_has_no_r2() -> None:
    assert set(regression_scores(np.ones(3), np.zeros(3))) == {"rmse", "mae"}
