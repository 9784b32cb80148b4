"""The made cereals: their formula, their label, their seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn import datasets
from pronghorn.errors import ArgumentError


def test_calories_are_the_formula_and_noise() -> None:
    frame = datasets.make_cereal(rows=20000, seed=1)
    weight, bias = np.polyfit(frame.sugars, frame.calories, 1)
    assert weight == pytest.approx(2.5, abs=0.1) and bias == pytest.approx(90, abs=0.7)
    noise = frame.calories - 90 - 2.5 * frame.sugars
    assert noise.std() == pytest.approx(15, abs=0.3)
    others = frame.drop(columns=["name", "calories", "sugars"])
    assert others.corrwith(noise).abs().max() < 0.03


def test_it_says_that_it_is_made() -> None:
    frame = datasets.make_cereal()
    assert frame.attrs["made"] is True and len(frame) == 77
    assert frame.attrs["source"].startswith("made, not measured: calories = 90 + 2.5 x")
    assert frame.name.str.startswith("made ").all() and frame.name.is_unique


def test_a_seed_gives_the_same_rows() -> None:
    frame = datasets.make_cereal(rows=30, seed=4)
    assert frame.equals(datasets.make_cereal(rows=30, seed=4))
    assert not frame.equals(datasets.make_cereal(rows=30, seed=5))


@pytest.mark.parametrize("rows", [0, -1, 2.5, True, "77", None])
def test_rows_are_a_whole_number(rows: Any) -> None:
    with pytest.raises(ArgumentError, match="whole number from 1 up"):
        datasets.make_cereal(rows=rows)
