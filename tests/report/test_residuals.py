"""Errors, learning curves and worst rows."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from pronghorn.report import residuals
from pronghorn.report.fitting import curves_of
from pronghorn.report.residuals import residuals_of
from pronghorn.report.worst import worst_of

from .models import classes, numbers, table


def test_the_histogram_counts_every_row() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(0, 1, 5000)
    told = truth + rng.normal(0.5, 2, 5000)
    found = residuals_of(numbers(truth, told), seed=0)
    assert found is not None
    assert found.counts.sum() == found.rows == 5000
    inner = (told - truth >= found.edges[10]) & (told - truth < found.edges[11])
    assert found.counts[10] == inner.sum()
    assert found.mean == pytest.approx(0.5, abs=0.1)
    wanted = 0.5 - 1.645 * 2, 0.5 + 1.645 * 2
    assert (found.low, found.high) == pytest.approx(wanted, abs=0.2)
    assert len(found.truth) == residuals.MOST_POINTS


def test_few_rows_are_all_drawn_and_no_error_is_no_trouble() -> None:
    found = residuals_of(numbers([1, 2, 3], [1, 2, 3]), seed=0)
    assert found is not None and found.truth.tolist() == [1, 2, 3]
    assert found.counts.sum() == 3 and found.mean == 0
    assert residuals_of(classes([[1, 0]], [0]), seed=0) is None


def test_curves_of_any_history() -> None:
    logs = {
        "learning_rate": [0.1, 0.1],
        "val_accuracy": [0.5, 0.6],
        "accuracy": [0.4, 0.7],
        "loss": [1.0, 0.5],
        "val_loss": [1.0, 1.1],
        "words": ["a", "b"],
    }
    for history in (logs, SimpleNamespace(history=logs)):
        found = curves_of(history)
        assert [c.name for c in found] == ["loss", "accuracy"]
        assert {c.best for c in found} == {(1,)}
    assert curves_of({}) == curves_of(None) == ()


def test_an_epoch_without_a_number_is_never_the_best() -> None:
    [found] = curves_of({"loss": [3, 2], "val_loss": [float("nan"), 2]})
    assert found.best == (2,)
    [found] = curves_of({"loss": [3, 2]})
    assert found.best == () and found.validation is None
    [found] = curves_of({"loss": [3, 2, 1], "val_error": [1, 2, 3]}, (3, 1, 3))[:1]
    assert found.best == (1, 3), "as the members tell"


def test_the_worst_rows_of_numbers() -> None:
    rows = table(a=range(30), b=["u"] * 30, y=range(30))
    told = np.arange(30.0)
    told[[4, 9]] += [7, -9]
    found = worst_of(rows, numbers(range(30), told), ["b"])
    assert len(found.rows) == 10 and found.rows[:2] == (9, 4)
    assert found.names == ("b", "a"), "the target has a column of its own"
    assert found.values[0] == ("u", "9")
    assert (found.truth[0], found.predicted[0]) == ("9", "0")
    assert found.loss[:3] == (-9, 7, 0)


def test_the_worst_rows_of_classes() -> None:
    rows = table(a=[1, 2, 3], y=["no", "yes", "no"])
    answers = classes([[0.9, 0.1], [0.8, 0.2], [0.4, 0.6]], [0, 1, 0], ["no", "yes"])
    found = worst_of(rows, answers, ["a"])
    assert found.rows == (1, 2, 0)
    assert found.truth == ("yes", "no", "no")
    assert found.predicted[0] == "no (80.0%)"
    assert found.loss == pytest.approx((-np.log(0.2), -np.log(0.4), -np.log(0.9)))
