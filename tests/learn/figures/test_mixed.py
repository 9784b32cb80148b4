"""A mixed table's figures: what they show is what the model says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn import Input, Model, layers
from pronghorn.errors import ArgumentError
from pronghorn.learn.figures import mixed

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(400, 3)).astype(np.float32)
Y = (X[:, 0] + 0.3 * RANDOM.normal(size=400) > 0).astype(np.float32)
ROWS = (X[:250], Y[:250], X[250:], Y[250:])


def model() -> Any:
    """`age` scaled and `sex` looked up; a probability of both."""
    age = Input((1,), name="age")
    sex = Input((1,), dtype="string", name="sex")
    scaled = layers.Normalization(mean=30.0, variance=100.0, name="a")(age)
    words = layers.StringLookup(
        vocabulary=["male", "female"], output_mode="one_hot", name="s"
    )(sex)
    joined = layers.Concatenate()([scaled, words])
    hidden = layers.Dense(4, activation="relu", name="hidden")(joined)
    output = layers.Dense(1, activation="sigmoid")(hidden)
    return Model({"age": age, "sex": sex}, output)


def figure(net: Any) -> Any:
    return mixed.row(
        net,
        stages={"sex": "s", "age": "a"},
        numbers={"age": (0, 80, 40)},
        categories={"sex": ["male", "female", "a <b>", mixed.MISSING]},
        fill={"age": 25.0},
        hidden="hidden",
        outcome="survived",
    )


def said(figure: Any) -> float:
    bars = figure.scene["panels"][1]["marks"][0]
    assert sum(bars["y"]) == pytest.approx(1, abs=1e-4)
    return float(bars["y"][1])


@pytest.mark.parametrize("sex", ["male", "female", "a <b>"])
def test_the_row_says_what_the_model_says(sex: str) -> None:
    net = model()
    shown = figure(net)
    shown.set(sex=sex, age=61)
    row = {"age": np.array([61.0]), "sex": np.array([sex], dtype=object)}
    wanted = float(net.predict(row, verbose=0)[0, 0])
    assert said(shown) == pytest.approx(wanted, abs=1e-4)
    picture = shown.scene["panels"][0]["svg"]
    assert "3.10" in picture  # (61 - 30) / 10
    assert "<b>" not in picture


def test_an_empty_cell_is_filled() -> None:
    net = model()
    shown = figure(net)
    shown.set(**{"no age": True})
    assert "(missing) → 25" in shown.scene["panels"][0]["svg"]
    filled = said(shown)
    shown.set(**{"no age": False, "age": 25})
    assert said(shown) == filled
    shown.set(sex=mixed.MISSING)
    assert "(missing) → missing" in shown.scene["panels"][0]["svg"]


def test_only_numbers_are_filled() -> None:
    with pytest.raises(ArgumentError, match="numbers to fill"):
        mixed.row(
            model(),
            stages={},
            numbers={},
            categories={},
            fill={"age": 1.0},
            hidden="hidden",
            outcome="",
        )


def test_patience_ends_the_training() -> None:
    shown = mixed.stopping(*ROWS)
    ends = []
    for patience in (1, 4, 30):
        shown.set(patience=patience)
        dashed, _, train, valid, kept, stop = shown.scene["panels"][0]["marks"]
        assert dashed["dashed"] and len(dashed["x"]) == 60
        assert train["y"] == dashed["y"][: len(train["y"])]  # the same training
        assert kept["x"] == 1 + int(np.argmin(valid["y"]))
        assert stop["x"] == len(valid["y"])
        if stop["x"] < 60:
            assert stop["x"] - kept["x"] == patience
        ends.append(stop["x"])
    assert ends == sorted(ends) and ends[0] < 60


def test_the_column_that_counts_counts_most() -> None:
    columns = {"first": [0], "others": [1, 2]}
    shown = mixed.importance(*ROWS, columns=columns)
    for seed in (1, 2):
        shown.set(seed=seed)
        bars = shown.scene["panels"][0]["marks"][0]
        assert bars["names"] == ["first", "others"]
        assert bars["y"][0] > 25 and abs(bars["y"][1]) < 5
        assert bars["low"][0] <= bars["y"][0] <= bars["high"][0]


def test_a_leak_is_seen() -> None:
    x, y, x_valid, y_valid = ROWS
    poor = (x[:, 1:], y, x_valid[:, 1:], y_valid)  # nothing in it tells
    shown = mixed.importance(*poor, columns={"others": [0, 1]}, leak="given")
    before = float(shown.scene["say"].split("Right for ")[1].split("%")[0])
    shown.set(leak=True)
    after = float(shown.scene["say"].split("Right for ")[1].split("%")[0])
    assert before < 65 and after > 93
    assert shown.scene["panels"][0]["marks"][0]["names"][0] == "given"
