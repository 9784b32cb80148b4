"""Calibration and confusions, against scikit-learn and plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics
from sklearn.calibration import calibration_curve

from pronghorn.report.classes import calibration_of, confusion_of, wilson

from .models import classes, numbers, random_classes


def test_calibration_of_two_classes_is_scikit_learns() -> None:
    answers = random_classes(500, 2, seed=0, ties=False)
    found = calibration_of(answers)
    assert found is not None and answers.chances is not None
    said = answers.chances[:, 1]
    share, chance = calibration_curve(answers.truth, said, n_bins=10)
    np.testing.assert_allclose(found.share, share, atol=1e-12)
    np.testing.assert_allclose(found.chance, chance, atol=1e-12)
    assert found.of == "b" and found.rows.sum() == 500
    assert (found.low <= found.share).all() and (found.share <= found.high).all()


def test_calibration_of_several_classes_is_of_the_most_likely_one() -> None:
    answers = random_classes(400, 3, seed=1)
    found = calibration_of(answers)
    assert found is not None and answers.chances is not None
    said = answers.chances.max(axis=1)
    right = answers.chances.argmax(axis=1) == answers.truth
    error = 0.0
    for i in range(10):  # as Guo et al. define it
        inside = (said >= i / 10) & ((said < (i + 1) / 10) | (i == 9))
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - said[inside].mean())
    assert found.error == pytest.approx(error)


def test_perfect_and_hopeless_calibration() -> None:
    right = calibration_of(classes([[0, 1], [1, 0]], [1, 0]))
    wrong = calibration_of(classes([[0, 1], [1, 0]], [0, 1]))
    assert right is not None and wrong is not None
    assert (right.error, wrong.error) == (0, 1)


def test_wilsons_interval_is_a_root_of_its_equation() -> None:
    true, rows = np.array([0, 3, 10]), np.array([10, 10, 10])
    share = true / rows
    for bound in wilson(true, rows):
        inner = (bound > 1e-9) & (bound < 1 - 1e-9)
        z = (share - bound)[inner] / np.sqrt(bound * (1 - bound) / rows)[inner]
        np.testing.assert_allclose(np.abs(z), 1.959964, rtol=1e-5)


def test_confusions_are_scikit_learns() -> None:
    answers = random_classes(300, 5, seed=2)
    found = confusion_of(answers)
    assert found is not None
    wanted = metrics.confusion_matrix(answers.truth, answers.predicted)
    np.testing.assert_array_equal(found.counts, wanted)
    assert found.labels == answers.target.labels


def test_rare_classes_are_joined() -> None:
    rng = np.random.default_rng(0)
    truth = np.concatenate([np.repeat(np.arange(20), np.arange(20) + 1)])
    chances = rng.random((len(truth), 20))
    answers = classes(chances / chances.sum(axis=1, keepdims=True), truth.tolist())
    found = confusion_of(answers)
    assert found is not None
    assert found.labels == (*"ijklmnopqrst", "8 other classes")
    assert found.counts.sum() == len(truth)
    assert found.counts[-1].sum() == sum(range(1, 9))
    assert found.counts[0].sum() == 9 and found.counts[11].sum() == 20


def test_where_there_is_nothing_to_tell() -> None:
    line = numbers([1, 2], [1, 2])
    assert calibration_of(line) is confusion_of(line) is None
