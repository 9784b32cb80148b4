"""Learning curves of histories, and the gains that were measured."""

from __future__ import annotations

import pytest

from pronghorn.learn.figures import measured
from pronghorn.learn.measured.gains import SPLITS, TRIALS


def test_curves_mark_the_best_epoch() -> None:
    figure = measured.learning_curves(
        {
            "one": {"loss": [3.0, 2.0, 1.0], "val_loss": [3.0, 2.5, 2.8]},
            "two": {"loss": [3.0], "val_loss": [float("nan")] * 0 + [3.1]},
        }
    )
    first, second = figure.scene["panels"]
    rules = [each for each in first["marks"] if each["kind"] == "rule"]
    assert rules[0]["x"] == 2
    assert first["x"]["range"] == second["x"]["range"] == [0, 3]
    assert first["y"]["range"] == second["y"]["range"]


def test_every_trial_was_measured() -> None:
    found = measured.trials()
    assert len(found) == len(TRIALS)
    for trial, row in zip(TRIALS, found):
        assert row["table"] == trial.table
        assert row["widths"] == list(trial.widths)
        assert (row["scaled"], row["stop"]) == (trial.scaled, trial.stop)


def test_what_the_lesson_says_of_the_gains() -> None:
    """Its words: dropout helps higgs and harms concrete; normalization helps raw."""

    def one(**wanted: object) -> dict:
        (found,) = measured.trials(**wanted)
        return found

    assert one(layer="dropout", table="higgs", stop=True)["low"] > 0
    assert 0 < one(layer="dropout", table="spotify", stop=True)["low"] < 0.01
    harm = one(layer="dropout", table="concrete", stop=True)
    assert harm["high"] < 0
    assert harm["better"] == 0
    adam = {"layer": "batchnorm", "table": "concrete", "optimizer": "adam"}
    assert one(**adam, scaled=False)["low"] > 5
    assert one(**adam, scaled=True)["high"] < 0
    astray = one(layer="batchnorm", table="concrete", optimizer="sgd")
    assert astray["low"] < 0 < astray["high"]
    assert astray["better"] == SPLITS
    assert astray["without"] > 3 * astray["without_median"]


@pytest.mark.parametrize("view", measured._VIEWS)
def test_each_view_is_drawn(view: str) -> None:
    scene = measured.gains().set(view=view)
    assert "error" not in scene
    assert len(scene["panels"][0]["marks"][0]["y"]) >= 4
