"""The made tables: their formulas, their labels, their seeds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn import datasets
from pronghorn.errors import ArgumentError

MADE = [datasets.make_cereal, datasets.make_titanic, datasets.make_penguins]


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


@pytest.mark.parametrize("make", MADE)
@pytest.mark.parametrize("rows", [0, -1, 2.5, True, "77", None])
def test_rows_are_a_whole_number(make: Any, rows: Any) -> None:
    with pytest.raises(ArgumentError, match="whole number from 1 up") as caught:
        make(rows=rows)
    assert make.__name__ in str(caught.value)


@pytest.mark.parametrize("make", MADE)
def test_all_say_it_and_have_seeds(make: Any) -> None:
    frame = make(rows=40, seed=4)
    assert frame.attrs["made"] is True and frame.attrs["source"].startswith("made, not")
    assert len(frame) == 40 and frame.equals(make(rows=40, seed=4))
    assert not frame.equals(make(rows=40, seed=5))


def test_passengers_survive_by_the_formula() -> None:
    """In each group, as many as the log-odds say; ages near 30, so that they add 0."""
    frame = datasets.make_titanic(rows=60000, seed=1)
    near = frame[(frame.Age - 30).abs() < 2]
    for sex, woman in (("male", 0), ("female", 1)):
        for pclass in (1, 2, 3):
            group = near[(near.Sex == sex) & (near.Pclass == pclass)]
            wanted = 1 / (1 + np.exp(-(2.6 * woman - 0.9 * (pclass - 2) - 1)))
            assert group.Survived.mean() == pytest.approx(wanted, abs=0.06)
    missing = frame.isna().mean()
    assert missing.Age == pytest.approx(0.2, abs=0.01)
    assert missing.Cabin == pytest.approx(0.77, abs=0.01)
    assert 0 < missing.Embarked < 0.01


def test_penguins_lie_around_their_species() -> None:
    frame = datasets.make_penguins(rows=20000, seed=1)
    middle = frame.groupby("species")[["bill_length_mm", "body_mass_g"]].mean()
    assert middle.loc["Gentoo", "body_mass_g"] == pytest.approx(5100, abs=20)
    assert middle.loc["Adelie", "bill_length_mm"] == pytest.approx(39, abs=0.2)
    assert set(frame.island[frame.species == "Gentoo"]) == {"Biscoe"}
    assert frame.species.is_monotonic_increasing
    assert frame.sex.isna().mean() == pytest.approx(11 / 344, abs=0.01)


def test_the_columns_are_the_real_ones() -> None:
    passengers = "PassengerId Survived Pclass Name Sex Age SibSp Parch Ticket Fare"
    assert [*passengers.split(), "Cabin", "Embarked"] == list(
        datasets.make_titanic().columns
    )
    assert list(datasets.make_penguins().columns) == [
        "species",
        "island",
        "bill_length_mm",
        "bill_depth_mm",
        "flipper_length_mm",
        "body_mass_g",
        "sex",
    ]
