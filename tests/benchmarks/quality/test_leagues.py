"""The report's arithmetic, on rows whose answers are known."""

from __future__ import annotations

import math

import pytest
from benchmarks.quality.leagues import Figures

from benchmarks.quality import leagues

from .made import row


def three() -> Figures:
    """Two sets, three learners; a third set that one of them lacks."""
    return Figures(
        [
            row("mpg", "xgboost", 0, rmse=2.0),
            row("mpg", "xgboost", 1, rmse=4.0),
            row("mpg", "lightgbm", 0, rmse=3.0),
            row("mpg", "lightgbm", 1, rmse=3.0),
            row("mpg", "catboost", 0, rmse=1.0),
            row("heart", "xgboost", error=0.2, log_loss=0.3),
            row("heart", "lightgbm", error=0.1, log_loss=0.4),
            row("heart", "catboost", error=0.0, log_loss=0.5),
            row("concrete", "xgboost"),
            row("concrete", "lightgbm", failed="no"),
        ]
    )


def test_means_are_over_the_seeds_that_all_have() -> None:
    found = three()
    assert found.errors(["mpg"], ["xgboost", "lightgbm"]) == {
        "mpg": {"xgboost": 3.0, "lightgbm": 3.0}
    }
    assert found.errors(["mpg"], ["xgboost", "lightgbm", "catboost"]) == {
        "mpg": {"xgboost": 2.0, "lightgbm": 3.0, "catboost": 1.0}
    }


def test_no_error_counts_as_half_a_row_and_log_loss_can_stand_in() -> None:
    known = ["xgboost", "catboost"]
    assert three().errors(["heart"], known) == {
        "heart": {"xgboost": 0.2, "catboost": 0.0025}
    }
    assert three().errors(["heart", "mpg"], known, "log_loss") == {
        "heart": {"xgboost": 0.3, "catboost": 0.5},
        "mpg": {"xgboost": 2.0, "catboost": 1.0},
    }


def test_equal_errors_share_their_places() -> None:
    means = {"a": {"x": 1.0, "y": 1.0, "z": 0.5}, "b": {"x": 1.0, "y": 2.0, "z": 3.0}}
    assert leagues.ranks(means) == {
        "a": {"x": 2.5, "y": 2.5, "z": 1.0},
        "b": {"x": 1.0, "y": 2.0, "z": 3.0},
    }


def test_distances_and_ratios() -> None:
    means = {"a": {"x": 1.0, "y": 1.5}, "b": {"x": 4.0, "y": 2.0}}
    assert leagues.distances(means) == {
        "a": {"x": 0.0, "y": 0.5},
        "b": {"x": 1.0, "y": 0.0},
    }
    beyond = leagues.percent(leagues.over_sets(leagues.logs(means, "x"), "y"))
    assert beyond.mean == pytest.approx(100 * (math.sqrt(0.75) - 1))
    assert beyond.low == pytest.approx(-50) and beyond.high == pytest.approx(50)
    assert leagues.ratio(means, "y", "x") == 1.0


def test_an_interval_holds_the_mean_and_narrows_with_more_sets() -> None:
    few = leagues.interval([0.0, 1.0] * 4)
    many = leagues.interval([0.0, 1.0] * 400)
    for each in (few, many):
        assert each.low < each.mean == 0.5 < each.high
    assert many.high - many.low < (few.high - few.low) / 5
    same = leagues.interval([2.0, 2.0])
    assert (same.low, same.high) == (2.0, 2.0)
    assert leagues.interval([0.0, 3.0, 1.0]) == leagues.interval([0.0, 3.0, 1.0])


def test_only_who_has_all_sets_is_compared() -> None:
    known = ["xgboost", "lightgbm", "catboost", "tabm-d"]
    sets = ["mpg", "heart"]
    assert leagues.field(three(), sets, known) == (known[:3], [])
    inside, left = leagues.field(three(), [*sets, "concrete"], known)
    assert inside == ["xgboost"] and left == ["lightgbm", "catboost"]


def test_rows_of_other_splits_are_refused() -> None:
    rows = [row("mpg", "xgboost"), row("mpg", "lightgbm", split="another")]
    with pytest.raises(ValueError, match="lightgbm had another split of mpg, seed 0"):
        Figures(rows)
