"""The path over the loss surface: steps as the formulas have them, on the real loss."""

from __future__ import annotations

import numpy as np
import pytest

from pronghorn import losses, optimizers
from pronghorn.learn.figure import Event, Figure
from pronghorn.learn.figures import descent

X = np.linspace(1, 8, 90).astype(np.float32)
Y = (50 - 4.5 * X + np.random.default_rng(0).normal(0, 3, 90)).astype(np.float32)


def mark(figure: Figure, panel: int, name: str) -> dict:
    marks = figure.scene["panels"][panel]["marks"]
    [found] = [each for each in marks if each.get("name", "") == name]
    return found


def test_steps_are_those_of_the_formula() -> None:
    x, y = (X - X.mean()) / X.std(), (Y - Y.mean()) / Y.std()
    path = descent.path_of(
        x,
        y,
        start=(-2.0, 1.0),
        steps=20,
        batch_size=len(x),
        optimizer=optimizers.SGD(0.05, momentum=0.9),
    )
    at, velocity = np.array([-2.0, 1.0]), np.zeros(2)
    for step in range(21):
        np.testing.assert_allclose(path[step], at, atol=1e-4)
        miss = at[0] * x + at[1] - y
        slope = np.array([2 * np.mean(miss * x), 2 * np.mean(miss)])
        velocity = 0.9 * velocity - 0.05 * slope
        at = at + velocity


def test_each_epoch_sees_each_row_once() -> None:
    """With one row a step and no slope of the others, the bias tells the rows' sum."""
    x, y = np.zeros(8, np.float32), np.arange(8, dtype=np.float32)
    path = descent.path_of(
        x, y, start=(0, 0), steps=16, batch_size=1, optimizer=optimizers.SGD(1e-3)
    )
    seen = (np.diff(path[:, 1]) / 2e-3 + path[:-1, 1]).round().astype(int).tolist()
    assert sorted(seen[:8]) == sorted(seen[8:]) == list(range(8))
    assert seen[:8] != seen[8:]


@pytest.mark.parametrize("name", ["mse", "mae", "huber"])
@pytest.mark.parametrize("flat", [True, False])
def test_the_ground_is_the_loss(name: str, flat: bool) -> None:
    figure = descent.surface(X, Y)
    figure.set(loss=name, standardized=flat)
    ground = figure.scene["panels"][0]["marks"][1]
    x, y = (X, Y) if not flat else ((X - X.mean()) / X.std(), (Y - Y.mean()) / Y.std())
    grid = np.array(ground["values"]).reshape(ground["rows"], ground["columns"])
    function = losses.get(name)
    for row, column in ((0, 0), (22, 22), (44, 10)):
        w = np.linspace(*ground["x"], ground["columns"])[column]
        b = np.linspace(*ground["y"], ground["rows"])[row]
        said = (w * x + b).astype(np.float32)
        expected = float(np.mean(np.asarray(function(y[:, None], said[:, None]))))
        assert grid[row, column] == pytest.approx(expected, rel=2e-3)
    least = mark(figure, 0, "least loss")
    line = mark(figure, 1, "least loss")["y"]
    assert line <= grid.min() * 1.001
    assert ground["x"][0] < least["x"][0] < ground["x"][1]


def test_standardized_columns_are_quick_and_raw_ones_crawl() -> None:
    figure = descent.surface(X, Y)
    ends = {}
    for flat, rate in ((True, 0.1), (False, 0.01)):
        figure.set(standardized=flat, rate=rate)
        along = mark(figure, 1, "all rows")["y"]
        ends[flat] = along[-1] / mark(figure, 1, "least loss")["y"]
    assert ends[True] < 1.1
    assert ends[False] > 2


def test_the_start_is_moved_and_each_table_has_its_own() -> None:
    figure = descent.surface(X, Y)
    scene = figure.do(Event("move", "start", 0, 0.5, -0.5))
    start = mark(figure, 0, "start (move it)")
    assert (start["x"], start["y"]) == ([0.5], [-0.5])
    path = mark(figure, 0, "path")
    assert (path["x"][0], path["y"][0]) == (0.5, -0.5)
    assert "after 100 steps" in scene["say"]
    figure.set(standardized=False)
    assert mark(figure, 0, "start (move it)")["x"] == [0]
    figure.set(standardized=True)
    assert mark(figure, 0, "start (move it)")["x"] == [0.5]


def test_steps_that_are_too_large_run_away() -> None:
    figure = descent.surface(X, Y)
    scene = figure.set(standardized=False, rate=0.2)
    assert "ran away" in scene["say"]
    assert "error" not in scene
    # The drawn path ends on the straight way to its first far point.
    path = np.column_stack([mark(figure, 0, "path")[axis] for axis in "xy"])
    real = descent.path_of(
        X, Y, start=(0, 0), steps=2, batch_size=32, optimizer=optimizers.SGD(0.2)
    )
    assert len(path) == 2
    (x, y), (far_x, far_y) = path[1], real[1]
    assert x / far_x == pytest.approx(y / far_y, rel=1e-3)
    assert 0 < x / far_x <= 1


@pytest.mark.parametrize("name", descent.OPTIMIZERS)
def test_each_optimizer_goes_down(name: str) -> None:
    figure = descent.surface(X, Y)
    along = figure.set(optimizer=name, momentum=0.5)["panels"][1]["marks"][0]["y"]
    assert along[-1] < along[0]
    idle = "has no such momentum" in figure.scene["say"]
    assert idle == (name in ("adam", "adagrad"))


def test_a_batch_larger_than_the_table_is_the_table() -> None:
    said = descent.surface(X, Y).set(batch=1024.0)["say"]
    assert "100 steps of 90 rows, 100 epochs" in said
