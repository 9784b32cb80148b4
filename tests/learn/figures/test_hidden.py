"""A net's fit: parts that add up, and rows that a hand moves."""

from __future__ import annotations

import numpy as np
import pytest

from pronghorn.learn.figure import Event
from pronghorn.learn.figures import hidden
from pronghorn.learn.scene import Panel, Scene


def y_of(panel: Panel, name: str) -> np.ndarray:
    [line] = [each for each in panel["marks"] if each.get("name") == name]
    return np.array(line["y"], dtype=float)


def off(scene: Scene) -> float:
    return float(scene["say"].split("off by ")[1].split()[0])


@pytest.mark.parametrize("depth", [1, 3])
def test_what_the_units_add_is_what_the_net_says(depth: int) -> None:
    left, right = hidden.fit().set(depth=depth, activation="tanh")["panels"]
    units = [mark for mark in right["marks"] if mark["role"].startswith("class")]
    [bias] = [mark["y"] for mark in right["marks"] if mark["kind"] == "rule"]
    total = sum(np.array(unit["y"], dtype=float) for unit in units) + bias
    assert len(units) == 6
    np.testing.assert_allclose(total, y_of(left, "the net")[::2], atol=2e-3)


def test_width_fits_the_curve_and_a_linear_stack_never_does() -> None:
    figure = hidden.fit()
    narrow, wide = off(figure.set(noise=0.0, width=2)), off(figure.set(width=32))
    assert wide < narrow / 3
    linear = figure.set(activation="linear", depth=4)
    assert off(linear) > 0.3
    said = y_of(linear["panels"][0], "the net")
    assert np.abs(np.diff(said, 2)).max() < 1e-3


def test_the_net_follows_rows_that_are_moved() -> None:
    figure = hidden.fit()
    before = figure.scene["panels"][0]
    at = 20
    x, y = y_of(before, "rows")[at], 1.4
    x = before["marks"][1]["x"][at]
    for index in (at - 1, at, at + 1):
        place = before["marks"][1]["x"][index]
        after = figure.do(Event("move", "rows", index, place, y))["panels"][0]
    assert y_of(after, "rows")[at] == pytest.approx(y)
    grid = np.array(after["marks"][2]["x"])
    near = int(np.abs(grid - x).argmin())
    assert y_of(after, "the net")[near] > y_of(before, "the net")[near] + 0.2
    # A moved row stays where it is when the noise of the others changes.
    assert y_of(figure.set(noise=0.5)["panels"][0], "rows")[at] == pytest.approx(y)


def test_rows_are_added_and_taken_away() -> None:
    figure = hidden.fit(rows=3)
    count = lambda scene: len(y_of(scene["panels"][0], "rows"))  # noqa: E731
    added = figure.do(Event("add", "rows", x=0.5, y=1.25))
    assert count(added) == 4
    assert y_of(added["panels"][0], "rows")[-1] == pytest.approx(1.25)
    for _ in range(4):
        rest = figure.do(Event("remove", "rows", 0))
    assert count(rest) == 2  # two are kept


def test_the_same_values_give_the_same_net() -> None:
    figure = hidden.fit()
    first = figure.scene["panels"]
    assert figure.set(width=9)["panels"] != first
    assert figure.set(width=6)["panels"] == first
    assert figure.press("again")["panels"] != first


def test_the_film_ends_where_the_net_rests() -> None:
    scene = hidden.fit().press("film")
    assert len(scene["frames"]) > 10
    assert scene["frames"][-1] == scene["panels"]
    assert scene["frames"][0] != scene["panels"]
