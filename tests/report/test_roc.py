"""ROC curves and areas, against scikit-learn and plain resamples."""

from __future__ import annotations

import re

import numpy as np
import pytest
from sklearn import metrics

from pronghorn.report import make_report
from pronghorn.report.answers import Answers
from pronghorn.report.roc import DRAWN, Curve, roc_of

from .models import classes, numbers, random_classes
from .test_page import classification, read


def sure(answers: Answers) -> np.ndarray:
    """The chances, which a classifier has."""
    assert answers.chances is not None
    return answers.chances


def is_scikit_learns(curve: Curve, answers: Answers, one: int) -> None:
    """The curve of a class against the rest."""
    false, true, _ = metrics.roc_curve(
        answers.truth == one, sure(answers)[:, one], drop_intermediate=False
    )
    assert curve.label == answers.target.labels[one]
    np.testing.assert_allclose(curve.false, false)
    np.testing.assert_allclose(curve.true, true)


def test_the_curve_of_two_classes_is_the_second_ones() -> None:
    answers = random_classes(300, 2, seed=3)
    found = roc_of(answers)
    assert found is not None and len(found.curves) == 1
    assert (found.areas, found.mean, found.average) == ((), None, None)
    is_scikit_learns(found.curves[0], answers, 1)


def test_each_of_several_classes_has_its_curve_and_area() -> None:
    answers = random_classes(400, 5, seed=4)
    found = roc_of(answers)
    assert found is not None and found.mean is not None and found.average is None
    for one, curve in enumerate(found.curves):
        is_scikit_learns(curve, answers, one)
    values = [each.area.value for each in found.areas]
    assert values == sorted(values) and len(values) == 5
    for each in found.areas:
        one = answers.target.labels.index(each.label)
        wanted = metrics.roc_auc_score(answers.truth == one, sure(answers)[:, one])
        assert each.area.value == pytest.approx(wanted)
        assert each.rows == (answers.truth == one).sum()
    mean = metrics.roc_auc_score(answers.truth, sure(answers), multi_class="ovr")
    assert found.mean.value == pytest.approx(mean)


def test_intervals_are_those_of_resamples() -> None:
    answers = random_classes(500, 4, seed=5)
    found = roc_of(answers)
    assert found is not None and found.mean is not None
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(400):
        rows = rng.integers(0, 500, 500)
        truth, said = answers.truth[rows], sure(answers)[rows]
        drawn.append([metrics.roc_auc_score(truth == k, said[:, k]) for k in range(4)])
    each = np.array(drawn)
    for one in found.areas:
        told = each[:, answers.target.labels.index(one.label)]
        wanted = np.quantile(told, [0.025, 0.975])
        width = wanted[1] - wanted[0]
        assert [one.area.low, one.area.high] == pytest.approx(wanted, abs=0.15 * width)
    wanted = np.quantile(each.mean(axis=1), [0.025, 0.975])
    width = wanted[1] - wanted[0]
    assert [found.mean.low, found.mean.high] == pytest.approx(wanted, abs=0.15 * width)
    single = found.areas[0].area
    assert found.mean.high - found.mean.low < single.high - single.low


def test_of_many_classes_the_mean_is_drawn_and_the_worst() -> None:
    answers = random_classes(900, 12, seed=6)
    found = roc_of(answers)
    assert found is not None and found.average is not None and found.mean is not None
    assert len(found.areas) == 12 > DRAWN
    worst = [each.label for each in found.areas[:3]]
    assert [curve.label for curve in found.curves] == worst
    for curve in found.curves:
        is_scikit_learns(curve, answers, answers.target.labels.index(curve.label))
    mean = found.average
    assert mean.label == "mean of 12 classes"
    assert (mean.false[0], mean.true[0]) == (0, 0)
    assert (mean.false[-1], mean.true[-1]) == (1, 1)
    area = metrics.auc(mean.false, mean.true)
    assert area == pytest.approx(found.mean.value, abs=0.005)


def test_classes_of_no_row_and_of_one() -> None:
    chances = np.full((9, 4), 0.1)
    truth = [0, 0, 0, 0, 1, 1, 1, 1, 2]
    chances[np.arange(9), truth] += 0.6
    chances[:, 0] += 0.01 * np.arange(9)
    found = roc_of(classes(chances, truth))
    assert found is not None and found.mean is not None
    assert [curve.label for curve in found.curves] == ["a", "b", "c"]
    areas = {each.label: each for each in found.areas}
    assert (areas["c"].rows, areas["c"].area.value) == (1, 1)
    assert (areas["a"].area.low, areas["a"].area.high) == (1, 1)
    for one in (areas["c"].area, found.mean):
        assert np.isnan([one.low, one.high]).all(), "of a single row nothing is known"


def test_where_there_is_nothing_to_tell() -> None:
    assert roc_of(numbers([1, 2], [1, 2])) is None
    assert roc_of(classes([[0.2, 0.8]] * 3, [1, 1, 1])) is None
    assert roc_of(classes([[0.2, 0.5, 0.3]] * 3, [2, 2, 2])) is None


@pytest.mark.parametrize(("count", "lines"), [(3, 3), (8, 8), (9, 4), (20, 4)])
def test_the_page_draws_them_and_lists_the_areas(count: int, lines: int) -> None:
    made = make_report(*classification(count, 60 * count))
    roc = made.values.roc
    assert roc is not None and roc.mean is not None
    html = made.html()
    reader = read(html)
    chart = html[html.index(">ROC curves, one class against the rest</title>") :]
    chart = chart[: chart.index("</figure>")]
    kinds = re.findall('class="(line [^"]*)"', chart)
    assert len(kinds) == len(set(kinds)) == lines, "no two look the same"
    words = " ".join(" ".join(reader.text).split())
    assert "Areas under the ROC curves" in words
    assert f"{roc.mean.value:.3f}, 95 % interval {roc.mean.low:.3f}" in words
    assert ("more classes have larger areas" in words) == (count > 12)
    listed = html[html.index("Areas under the ROC curves</caption>") :]
    listed = listed[: listed.index("</table>")]
    assert listed.count("<tr>") == 2 + min(count, 12)
    assert "DeLong" in words


def test_the_page_says_what_is_unknown() -> None:
    model, holdout, training = classification(3, 150)
    rare = holdout.take(
        np.concatenate(
            [
                np.flatnonzero(np.array(holdout.columns["y"].text()) != "class c"),
                np.flatnonzero(np.array(holdout.columns["y"].text()) == "class c")[:1],
            ]
        )
    )
    made = make_report(model, rare, training)
    roc = made.values.roc
    assert roc is not None
    assert {each.label: each.rows for each in roc.areas}["class c"] == 1
    words = read(made.html()).text
    assert words.count("unknown") == 2, "its interval, and the mean's"
    assert not any("nan" in word for word in words)
