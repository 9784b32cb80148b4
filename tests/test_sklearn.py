"""The estimators: frames, parameters, labels, weights, eval sets, files."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from pronghorn.sklearn import TabularClassifier, TabularRegressor

RNG = np.random.default_rng(0)


def mixed(rows: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "size": rng.normal(size=rows),
            "color": rng.choice(["red", "green", "blue"], size=rows),
            "when": pd.date_range("2024-01-01", periods=rows).astype(str),
        }
    )
    frame.loc[::7, "size"] = np.nan
    return frame


def target(frame: pd.DataFrame) -> pd.Series[Any]:
    return frame["size"].fillna(0) + 2 * (frame["color"] == "red")


def test_a_mixed_frame_needs_no_preparation() -> None:
    X = mixed()
    number = TabularRegressor("fast", epochs=60).fit(X, target(X))
    assert number.score(X, target(X)) > 0.8
    y = np.where(target(X) > 1, "dear", "cheap")
    label = TabularClassifier("fast", epochs=40).fit(X, y)
    assert label.score(X, y) > 0.9
    assert label.classes_.tolist() == ["cheap", "dear"]
    assert label.predict_proba(X).shape == (200, 2)
    assert label.feature_names_in_.tolist() == ["size", "color", "when"]


def test_parameters_replace_what_the_preset_says() -> None:
    X = RNG.normal(size=(60, 3))
    found = TabularRegressor("fast", members=2, hidden=(5,), epochs=3)
    found.fit(X, X[:, 0])
    assert len(found.history_["loss"]) == 3
    assert found.model_.net.get_layer("hidden_0").kernel.shape[::2] == (2, 5)


def test_an_eval_set_chooses_the_weights() -> None:
    X = RNG.normal(size=(60, 3))
    found = TabularClassifier("fast", epochs=3)
    found.fit(X, X[:, 0] > 0, sample_weight=np.ones(60), eval_set=(X, X[:, 0] > 0))
    assert len(found.model_.validated[0]) == 60
    with pytest.raises(ValueError, match=r"one table and its target"):
        found.fit(X, X[:, 0] > 0, eval_set=X)


def test_the_same_random_state_gives_the_same_model() -> None:
    X = RNG.normal(size=(60, 3))

    def predicted(random_state: Any) -> list[float]:
        found = TabularRegressor("fast", epochs=3, random_state=random_state)
        return found.fit(X, X[:, 0]).predict(X).tolist()

    assert predicted(1) == predicted(1) != predicted(2)
    made = np.random.RandomState
    assert predicted(made(1)) == predicted(made(1)) != predicted(None)
