"""Activations: slopes are derivatives, and a stack without them is a line."""

from __future__ import annotations

import numpy as np
import pytest

from pronghorn.learn.figure import Figure
from pronghorn.learn.figures import activation


def drawn(figure: Figure, panel: int, mark: int = 0) -> tuple[np.ndarray, np.ndarray]:
    line = figure.scene["panels"][panel]["marks"][mark]
    return np.array(line["x"]), np.array(line["y"], dtype=float)


@pytest.mark.parametrize("name", activation.ACTIVATIONS)
def test_the_slope_is_the_derivative(name: str) -> None:
    figure = activation.curves()
    figure.set(name=name)
    z, out = drawn(figure, 0)
    _, slope = drawn(figure, 1)
    by_hand = (out[2:] - out[:-2]) / (z[2:] - z[:-2])
    smooth = np.abs(z[1:-1]) > 0.06  # several have a corner at 0
    np.testing.assert_allclose(slope[1:-1][smooth], by_hand[smooth], atol=2e-3)


def test_the_tangent_touches_the_curve() -> None:
    figure = activation.curves()
    figure.set(name="sigmoid", z=0.0)
    x, y = drawn(figure, 0, 1)
    assert np.interp(0.0, x, y) == pytest.approx(0.5, abs=1e-4)
    assert (y[1] - y[0]) / (x[1] - x[0]) == pytest.approx(0.25, abs=1e-3)


@pytest.mark.parametrize("depth", [1, 3, 8])
def test_a_stack_is_a_line_without_activations_only(depth: int) -> None:
    figure = activation.stack()
    for name, straight in (("linear", True), ("relu", False), ("tanh", False)):
        figure.set(name=name, depth=depth)
        _, y = drawn(figure, 0)
        bend = np.abs(np.diff(y, 2)).max() / np.ptp(y)
        assert (bend < 1e-3) == straight, (name, bend)


def test_more_layers_have_more_bends() -> None:
    figure = activation.stack()

    def bends(depth: int) -> int:
        said = figure.set(name="relu", depth=depth)["say"]
        return int(said.split(" bends")[0].split()[-1])

    assert 1 <= bends(1) <= 8  # a bend for each unit at most
    assert bends(5) > bends(1)


def test_the_button_draws_other_weights() -> None:
    figure = activation.stack()
    before = figure.scene["say"]
    assert figure.press("again")["say"] != before
    assert before.startswith("3 layers of 8 units without an activation are a line")
    assert figure.set(depth=1, width=1)["say"].startswith("1 layer of 1 unit without")
