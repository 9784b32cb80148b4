"""Nets over the noisy curve: what the figures of fitting show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn.learn.figure import Event
from pronghorn.learn.figures import fitting
from pronghorn.learn.figures.wave import GRID, Net, Wave, fit, truth


def marks(scene: dict[str, Any], panel: int, kind: str) -> list[dict[str, Any]]:
    return [each for each in scene["panels"][panel]["marks"] if each["kind"] == kind]


def error(say: str) -> float:
    """The validation error that the capacity figure tells of."""
    return float(say.split(" on validation")[0].split()[-1])


def test_as_it_comes_it_overfits_and_three_things_help() -> None:
    """What lesson 4 asks the learner to find."""
    figure = fitting.capacity()
    say = figure.scene["say"]
    assert say.startswith("Overfitting")
    for change in ({"width": 5.7}, {"l2": 0.001}, {"stop": True}, {"epochs": 60}):
        before = figure.values
        changed = figure.set(**change)["say"]
        assert changed.startswith("A good fit"), change
        assert error(changed) < 0.8 * error(say), change
        figure.set(**{name: before[name] for name in change})
    assert figure.set(depth=0)["say"].startswith("Underfitting")
    assert figure.set(depth=2, noise=0.0)["say"].startswith("A good fit")


def test_without_hidden_layers_it_is_a_line() -> None:
    found = fit(Net(depth=0, epochs=50), Wave().rows(0.2))
    assert found.parameters == 2
    np.testing.assert_allclose(np.diff(found.curve, n=2), 0, atol=1e-6)


def test_points_are_moved_added_and_taken_away() -> None:
    figure = fitting.capacity()
    data = marks(figure.scene, 0, "points")[-1]
    moved = figure.do(Event("move", "points", 3, 0.5, 2.0))
    points = marks(moved, 0, "points")[-1]
    assert (points["x"][3], points["y"][3]) == (0.5, 2)
    assert points["y"][4] == data["y"][4]
    noisier = marks(figure.set(noise=0.8), 0, "points")[-1]
    assert noisier["y"][3] == 2, "a point put by hand stays there"
    assert noisier["y"][4] != data["y"][4]
    added = marks(figure.do(Event("add", "points", -1, 0.1, -1.0)), 0, "points")[-1]
    assert (added["x"][-1], added["y"][-1]) == (0.1, -1)
    fewer = marks(figure.do(Event("remove", "points", 0)), 0, "points")[-1]
    assert len(fewer["x"]) == len(added["x"]) - 1


def test_early_stopping_keeps_the_best_epoch() -> None:
    rows = Wave().rows(0.4)
    stopped = fit(Net(epochs=300, patience=20), rows)
    assert len(stopped.valid) == stopped.best + 20
    assert stopped.used == pytest.approx(stopped.valid.min())
    said = np.interp(rows[2][:, 0], GRID[:, 0], stopped.curve)
    assert np.mean((said - rows[3][:, 0]) ** 2) == pytest.approx(stopped.used, rel=0.05)


def test_the_curves_have_no_penalty_in_them() -> None:
    """A penalty of 10 would put the loss far above; the error stays what it is."""
    rows = Wave().rows(0.4)
    found = fit(Net(epochs=5, l2=10.0, rate=1e-5), rows)
    plain = fit(Net(epochs=5, rate=1e-5), rows)
    assert found.train[0] == pytest.approx(plain.train[0], rel=1e-3)


def test_dropout_narrows_the_gap() -> None:
    figure = fitting.dropped()
    words = figure.scene["say"].split()
    assert float(words[4].rstrip(",")) < float(words[2])
    same = figure.set(rate=0.0)
    curves = [marks(same, panel, "line") for panel in (1, 2)]
    assert curves[0][1]["y"] == curves[1][1]["y"]


def test_the_mean_of_nets_errs_less_than_they_do() -> None:
    words = fitting.ensemble().scene["say"].split()
    one, mean = float(words[2]), float(words[9])
    assert 0 < mean < one


def test_the_truth_is_what_the_points_have_without_noise() -> None:
    x, y, x_valid, y_valid = Wave().rows(0.0)
    np.testing.assert_allclose(y, truth(x), atol=1e-6)
    np.testing.assert_allclose(y_valid, truth(x_valid), atol=1e-6)
