"""Boundaries: what nets with and without layers can separate, and rows under hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn.learn.figure import Event, Figure
from pronghorn.learn.figures import regions


def rows(figure: Figure) -> dict[str, Any]:
    marks = figure.scene["panels"][0]["marks"]
    [found] = [each for each in marks if each["kind"] == "points"]
    return found


def share(figure: Figure) -> float:
    """Of the rows that are seen, how many are on the right side."""
    return float(figure.scene["say"].split("%")[0])


@pytest.mark.parametrize("shape", ["rings", "corners"])
def test_one_unit_has_a_straight_boundary(shape: str) -> None:
    figure = regions.two()
    figure.set(shape=shape, noise=0.0, depth=0)
    straight = share(figure)
    figure.set(depth=2, width=16)
    assert straight < 75
    assert share(figure) > 95


def test_rows_are_on_their_own_side_of_the_line() -> None:
    """The net's probability, as the ground shows it, and the share that is said."""
    figure = regions.two(rows=40)
    figure.set(shape="clouds", noise=0.0, depth=0)
    assert share(figure) == 100
    assert [each["kind"] for each in figure.scene["panels"][0]["marks"]] == [
        "field",
        "contours",
        "points",
    ]


def test_points_are_added_to_the_chosen_class_and_stay_where_they_are_put() -> None:
    figure = regions.two(rows=30)
    figure.set(add="blue (1)")
    figure.do(Event("add", "rows", x=-1.5, y=1.25))
    figure.do(Event("move", "rows", index=0, x=0.5, y=0.75))
    figure.set(noise=0.5)
    now = rows(figure)
    assert (now["x"][30], now["y"][30], now["role"][30]) == (-1.5, 1.25, "class1")
    assert (now["x"][0], now["y"][0]) == (0.5, 0.75)
    figure.do(Event("remove", "rows", index=0))
    assert len(rows(figure)["x"]) == 30
    assert rows(figure)["x"][29] == -1.5


def test_noise_moves_the_other_rows() -> None:
    figure = regions.two(rows=30)
    figure.set(noise=0.0)
    before = np.array(rows(figure)["x"])
    figure.set(noise=0.4)
    assert np.abs(np.array(rows(figure)["x"]) - before).mean() > 0.1


def test_dropout_holds_training_back() -> None:
    figure = regions.two()
    last = []
    for rate in (0.0, 0.6):
        figure.set(shape="moons", noise=0.35, depth=2, width=32, dropout=rate)
        curve = figure.scene["panels"][1]["marks"][0]
        assert curve["name"] == "these rows"
        last.append(curve["y"][-1])
    assert last[0] < 0.6 * last[1]


def test_many_classes() -> None:
    rng = np.random.default_rng(0)
    label = np.arange(90) % 3
    centres = np.array([[0, 0], [5, 0], [0, 50]])
    x = centres[label] + rng.normal(size=(90, 2)) * [1, 5]
    figure = regions.many(x, label, ["ash", "birch", "cedar"])
    assert share(figure) > 95
    assert figure.scene["panels"][0]["marks"][0]["palette"] == "labels"
    figure.set(add="cedar")
    figure.do(Event("add", "rows", x=0.0, y=0.0))
    assert rows(figure)["role"][90] == "class2"
    assert rows(figure)["hollow"][90] == 1  # it lies among another class
    assert rows(figure)["labels"][90] == "cedar"


def test_a_grid_begins_below() -> None:
    found = regions.grid((0, 4), (10, 12), (2, 4))
    assert found.tolist()[0] == [0.5, 10.5]
    assert found.tolist()[-1] == [3.5, 11.5]
    assert found.shape == (8, 2)
