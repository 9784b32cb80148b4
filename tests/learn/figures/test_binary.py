"""Two classes: the numbers of the figures are those of the formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pronghorn import metrics
from pronghorn.learn.figures import binary

RNG = np.random.default_rng(0)
TRUTH = (RNG.uniform(size=200) < 0.3).astype(float)
SCORES = np.clip(0.3 * TRUTH + RNG.uniform(size=200) * 0.7, 0, 1).round(2)  # with ties


def test_a_row_costs_the_logarithm_of_its_class_probability() -> None:
    figure = binary.sigmoid()
    for truth, sign in (("1 (blue)", 1), ("0 (orange)", -1)):
        figure.set(z=-1.5, truth=truth)
        loss = figure.scene["panels"][1]["marks"][2]["y"][0]
        assert loss == pytest.approx(math.log1p(math.exp(1.5 * sign)), rel=1e-4)


def test_errors_are_a_staircase_and_cross_entropy_is_not() -> None:
    x = RNG.normal(size=80)
    y = (x + 0.5 * RNG.normal(size=80) > 0).astype(float)
    figure = binary.staircase(x, y)
    wrong, loss = (np.array(figure.scene["panels"][1]["marks"][i]["y"]) for i in (0, 1))
    assert np.mean(np.diff(wrong) == 0) > 0.4
    assert np.mean(np.diff(loss) == 0) < 0.05


def test_training_goes_down_to_the_valley() -> None:
    x = RNG.normal(size=80)
    y = (x + 0.8 * RNG.normal(size=80) > 0.3).astype(float)
    figure = binary.staircase(x, y)
    found = figure.press("train")
    assert len(found["frames"]) >= 20
    loss = np.array(found["panels"][1]["marks"][1]["y"], dtype=float)
    assert figure.values.w > 0 > figure.values.b
    at = np.argmin(np.abs(np.linspace(-6, 6, len(loss)) - figure.values.w))
    assert loss[at] < loss.min() + 0.002


def test_decision() -> None:
    found = binary.Decision.of([1, 1, 1, 0, 0], [0.9, 0.6, 0.2, 0.6, 0.1], 0.6)
    assert (found.hits, found.alarms, found.misses, found.rest) == (2, 1, 1, 1)
    assert found.precision == found.recall == pytest.approx(2 / 3)
    assert found.alarm_rate == 0.5
    assert found.accuracy == 0.6
    none = binary.Decision.of([1, 0], [0.1, 0.1], 0.5)
    assert none.precision == none.recall == 0


def test_the_area_is_the_chance_of_the_right_order() -> None:
    pairs = SCORES[TRUTH == 1][:, None] - SCORES[TRUTH == 0]
    chance = np.mean((pairs > 0) + 0.5 * (pairs == 0))
    _, _, area = binary.roc(TRUTH, SCORES)
    assert area == pytest.approx(chance)
    metric = metrics.AUC(num_thresholds=2000)
    metric.update_state(TRUTH, SCORES)
    assert area == pytest.approx(float(metric.result()), abs=2e-3)


def test_the_threshold_is_a_point_of_the_curve() -> None:
    figure = binary.threshold(TRUTH, SCORES)
    for at in (0.11, 0.5, 0.83):
        figure.set(threshold=at)
        curve = figure.scene["panels"][3]["marks"]
        line = np.column_stack([curve[1]["x"], curve[1]["y"]]).astype(float)
        point = np.array([curve[2]["x"][0], curve[2]["y"][0]])
        assert np.abs(line - point).max(1).min() < 1e-4
        cells = figure.scene["panels"][2]["marks"]
        counts = [
            int(each["text"].split()[0])
            for each in cells
            if each["kind"] == "label" and each["text"][0].isdigit()
        ]
        assert sum(counts) == len(TRUTH)


def test_accuracy_hides_a_rare_class_and_weights_find_it() -> None:
    figure = binary.imbalance()
    found = {}
    for weighted in (False, True):
        figure.set(share=4, weights=weighted)
        bars = figure.scene["panels"][1]["marks"][0]
        found[weighted] = dict(zip(bars["names"], bars["y"]))
    assert found[False]["always 0"] == 0.96
    assert found[False]["accuracy"] > 0.94
    assert found[False]["recall"] < 0.3
    assert found[True]["recall"] > 0.7
    assert found[True]["accuracy"] < found[False]["accuracy"]
