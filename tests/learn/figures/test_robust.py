"""Three losses: their curves, and what one far row does."""

from __future__ import annotations

import numpy as np
import pytest

from pronghorn.learn.figure import Event, Figure
from pronghorn.learn.figures import robust


def slopes(figure: Figure) -> dict[str, float]:
    words = figure.scene["say"].removeprefix("Slopes: ").split(", ")
    return {each.split()[0]: float(each.split()[1]) for each in words}


def test_a_far_row_draws_the_squares_most() -> None:
    x = np.arange(12.0)
    figure = robust.lines(x, 2 * x)
    assert all(each == pytest.approx(2, abs=0.05) for each in slopes(figure).values())
    figure.do(Event("move", "rows", 11, 11.0, -20.0))
    found = slopes(figure)
    assert found["MSE"] < 1.0
    assert found["MAE"] == pytest.approx(2, abs=0.1)
    assert found["MSE"] < found["Huber"] < found["MAE"] + 0.05


def test_the_curves_are_the_losses() -> None:
    figure = robust.lines(np.arange(5), np.arange(5))
    figure.set(delta=1.0)
    marks = figure.scene["panels"][0]["marks"]
    error = np.array(marks[0]["x"])
    mse, mae, huber = (np.array(each["y"]) for each in marks)
    np.testing.assert_allclose(mse, error**2, atol=1e-3)
    np.testing.assert_allclose(mae, np.abs(error), atol=1e-3)
    inside = np.abs(error) <= 1
    np.testing.assert_allclose(huber[inside], error[inside] ** 2 / 2, atol=1e-3)
    np.testing.assert_allclose(huber[~inside], np.abs(error[~inside]) - 0.5, atol=1e-3)


def test_a_large_delta_is_the_squares_line() -> None:
    x = np.arange(12.0)
    figure = robust.lines(x, np.where(x == 11, 0, 2 * x))
    figure.set(delta=3.0)
    found = slopes(figure)
    assert found["Huber"] == pytest.approx(found["MSE"], abs=0.15)


def test_rows_are_added_and_taken_away() -> None:
    figure = robust.lines([0, 1, 2], [0, 1, 2])
    count = lambda: len(figure.scene["panels"][1]["marks"][0]["x"])  # noqa: E731
    figure.do(Event("add", "rows", x=1.5, y=1.0))
    assert count() == 4
    for _ in range(3):
        figure.do(Event("remove", "rows", 0))
    assert count() == 2
