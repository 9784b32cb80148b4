"""Charts: marks stand where their values are, and say themselves in words."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from pronghorn.report.chart import Chart, compact, ticks
from pronghorn.report.classes import calibration_of
from pronghorn.report.figures import (
    calibration_chart,
    chances_chart,
    curves_chart,
    errors_chart,
    importance_chart,
    predicted_chart,
    roc_chart,
)
from pronghorn.report.fitting import Curves
from pronghorn.report.importance import Importance
from pronghorn.report.residuals import residuals_of
from pronghorn.report.roc import Curve
from pronghorn.report.scores import Interval

from .models import classes, numbers


def made(**options: object) -> Chart:
    """A chart from 0 to 10 both ways."""
    words = {"x_label": "x", "y_label": "y", "title": "t", "description": "d"}
    return Chart((0, 10), (0, 10), **{**words, **options})  # type: ignore[arg-type]


def parsed(svg: str) -> ElementTree.Element:
    """The picture as a tree: it is well-formed."""
    return ElementTree.fromstring(svg)


def test_marks_stand_where_their_values_are() -> None:
    chart = made()
    chart.dot(0, 0, "model")
    chart.dot(10, 10, "model", "told")
    root = parsed(chart.svg())
    first, last = root.iter("circle")
    plot = next(child for child in root if child.tag == "svg")
    wide, high = float(plot.attrib["width"]), float(plot.attrib["height"])
    assert (float(first.attrib["cx"]), float(first.attrib["cy"])) == (0, high)
    assert (float(last.attrib["cx"]), float(last.attrib["cy"])) == (wide, 0)
    assert last[0].tag == "title" and last[0].text == "told"


def test_a_line_is_broken_where_a_value_is_missing() -> None:
    chart = made()
    chart.line([0, 1, 2, 3], [1, 2, float("nan"), 4], "train")
    [path] = [
        p for p in parsed(chart.svg()).iter("path") if p.get("class") == "line train"
    ]
    assert re.sub(r"[\d. ]", "", path.attrib["d"]) == "MLM"


def test_a_picture_says_itself() -> None:
    root = parsed(made(title="A <b>", description="5 & 6").svg())
    ids = root.attrib["aria-labelledby"].split()
    found = {each.attrib.get("id"): each.text for each in root if "id" in each.attrib}
    assert [found[i] for i in ids] == ["A <b>", "5 & 6"]
    assert root.attrib["role"] == "img" and "xmlns" not in root.attrib


@pytest.mark.parametrize(
    "ends", [(0, 1), (-3, 7e6), (1e-9, 3e-9), (-5, -4.9), (1, 200)]
)
def test_ticks_are_few_round_and_within(ends: tuple[float, float]) -> None:
    found = ticks(*ends)
    assert 2 <= len(found) <= 6
    assert all(ends[0] <= t <= ends[1] for t in found)
    steps = np.diff(found)
    np.testing.assert_allclose(steps, steps[0])


def test_numbers_of_axes_are_short() -> None:
    assert compact([0, 1.5e6, 3e6]) == ["0", "1.5M", "3M"]
    assert compact([-2e4, 0]) == ["-20k", "0"]
    assert compact([1990, 2000]) == ["1990", "2000"]


def test_one_value_alone_is_no_trouble() -> None:
    for value in (0.0, 5.0, -1e9):
        chart = Chart((value, value), (value, value), x_label="", y_label="", title="",
                      description="")  # fmt: skip
        chart.cloud(np.array([value]), np.array([value]), "model")
        assert "nan" not in chart.svg()


INTERVAL = Interval(1.0, 0.5, 1.5)
ANSWERS = classes([[0.9, 0.1], [0.2, 0.8]], [0, 1])
EDGES = {
    "curves": lambda: curves_chart(Curves("loss", np.array([1.0]), None, ())),
    "flat": lambda: curves_chart(Curves("loss", np.ones(5), np.ones(5), (1, 9))),
    "predicted": lambda: predicted_chart(residuals_of(numbers([1], [1]), 0), "y"),
    "errors": lambda: errors_chart(residuals_of(numbers([1], [1]), 0), "y"),
    "calibration": lambda: calibration_chart(calibration_of(ANSWERS)),
    "chances": lambda: chances_chart(calibration_of(ANSWERS)),
    "roc": lambda: roc_chart(
        Curve("b", np.array([0.0, 1]), np.array([0.0, 1])), INTERVAL
    ),
    "importance": lambda: importance_chart(
        Importance(("a", "b"), (Interval(0, 0, 0), Interval(0, 0, 0)), "RMSE", 1, 9, 5)
    ),
    "importance below zero": lambda: importance_chart(
        Importance(("a",), (Interval(-1, -2, -0.5),), "RMSE", 1, 9, 5)
    ),
}


@pytest.mark.parametrize("name", EDGES)
def test_figures_of_hardly_anything(name: str) -> None:
    drawn = EDGES[name]()
    root = parsed(drawn)
    assert root.tag == "figure" and root[0].tag == "figcaption"
    for number in re.findall(r'(?:cx|cy|x|y|width|d)="([^"]*)"', drawn):
        assert "nan" not in number and "inf" not in number


def test_bars_of_importance_are_as_long_as_their_values() -> None:
    rises = tuple(Interval(v, v, v) for v in (8.0, 4.0, 0.0))
    drawn = importance_chart(Importance(("a", "b", "c"), rises, "RMSE", 1, 9, 5))
    bars = [r for r in parsed(drawn).iter("rect") if r.get("class") == "bar model"]
    wide = [float(bar.attrib["width"]) for bar in bars]
    assert wide[0] == pytest.approx(2 * wide[1], abs=0.2) and wide[2] < 1


def test_many_columns_are_counted() -> None:
    names = tuple(f"column{i}" for i in range(30))
    drawn = importance_chart(Importance(names, (INTERVAL,) * 30, "RMSE", 1, 9, 5))
    assert "10 less important columns" in drawn and "column19" in drawn
    assert "column20" not in drawn
