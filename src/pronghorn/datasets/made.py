"""Tables like real ones, made from a formula, for where those cannot be had."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, MissingDependencyError

__all__ = ["make_cereal", "make_penguins", "make_titanic"]

BIAS, WEIGHT, NOISE = 90.0, 2.5, 15.0  # the real rows: 89.2, 2.54, and about 16

# Bill length, bill depth, flipper length (mm) and body mass (g): the middle of each.
SPECIES = {
    "Adelie": (39, 18, 190, 3700),
    "Chinstrap": (49, 18, 196, 3700),
    "Gentoo": (47, 15, 217, 5100),
}
SPREAD = (3, 1, 6.5, 400)


def make_cereal(rows: int = 77, seed: int = 0) -> Any:
    """A made table of cereals, where calories = 90 + 2.5 x sugars + noise.

    The other columns are drawn by themselves, from the ranges of the real ones, so
    calories depend on sugars alone. Nothing in it was measured: a page that shows it
    says so, and `attrs["source"]` has the words.

    Args:
        rows: how many. Default 77, as many as there are real ones.
        seed: of the numbers drawn. Default 0.

    Returns:
        A `pandas.DataFrame` with columns that the real table has too: name, calories,
        protein, fat, sodium, fiber, carbo, sugars, potass; all but name are numbers.
        `attrs["made"]` is True.

    Raises:
        ArgumentError: `rows` is below 1, or no whole number.
        MissingDependencyError: pandas is not installed.

    Example:

    >>> frame = make_cereal(rows=5)
    >>> frame.attrs["made"], frame.name[0], len(frame)
    (True, 'made 1', 5)
    >>> frame.attrs["source"]
    'made, not measured: calories = 90 + 2.5 x sugars + noise of deviation 15'
    """
    pandas = _pandas("make_cereal", rows)
    random = np.random.default_rng(seed)
    sugars = random.integers(0, 16, rows)
    noise = NOISE * random.standard_normal(rows)
    found = pandas.DataFrame(
        {
            "name": [f"made {i}" for i in range(1, rows + 1)],
            "calories": np.round(BIAS + WEIGHT * sugars + noise, 1),
            "protein": random.integers(1, 7, rows),
            "fat": random.integers(0, 4, rows),
            "sodium": 10 * random.integers(0, 33, rows),
            "fiber": random.integers(0, 15, rows) / 2,
            "carbo": random.integers(10, 47, rows) / 2,
            "sugars": sugars,
            "potass": 5 * random.integers(3, 67, rows),
        }
    )
    found.attrs.update(
        name="cereal",
        source=f"made, not measured: calories = {BIAS:g} + {WEIGHT:g} x sugars + noise "
        f"of deviation {NOISE:g}",
        made=True,
    )
    return found


def make_titanic(rows: int = 891, seed: int = 0) -> Any:
    """A made table of passengers, where sex, class and age decide who survives.

    The log-odds of survival are 2.6 for women - 0.9 x (class - 2) - 0.03 x (age - 30)
    - 1. The other columns are drawn by themselves, but for a fare that goes with the
    class. A fifth of the ages, most cabins and some ports are missing. Nothing in it
    was recorded: a page that shows it says so.

    Args:
        rows: how many. Default 891, as many as the real table has.
        seed: of the numbers drawn. Default 0.

    Returns:
        A `pandas.DataFrame` with the real columns. `attrs["made"]` is True.

    Raises:
        ArgumentError: `rows` is below 1, or no whole number.
        MissingDependencyError: pandas is not installed.

    Example:

    >>> frame = make_titanic(rows=5)
    >>> list(frame.columns[:4]), frame.attrs["made"]
    (['PassengerId', 'Survived', 'Pclass', 'Name'], True)
    """
    pandas = _pandas("make_titanic", rows)
    random = np.random.default_rng(seed)
    pclass = random.choice([1, 2, 3], rows, p=[0.25, 0.2, 0.55])
    woman = random.random(rows) < 0.35
    age = np.clip(random.normal(30, 14, rows), 0.5, 80).round()
    odds = 2.6 * woman - 0.9 * (pclass - 2) - 0.03 * (age - 30) - 1
    ports = random.choice(["S", "C", "Q"], rows, p=[0.72, 0.19, 0.09]).astype(object)
    cabins = np.array([f"made {place % 150}" for place in range(rows)], dtype=object)
    fare = np.exp(random.normal(4.6 - 0.7 * pclass, 0.5)).round(2)
    survived = random.random(rows) < 1 / (1 + np.exp(-odds))
    found = pandas.DataFrame(
        {
            "PassengerId": np.arange(1, rows + 1),
            "Survived": survived.astype(np.int64),
            "Pclass": pclass,
            "Name": [f"made {place}" for place in range(1, rows + 1)],
            "Sex": np.where(woman, "female", "male"),
            "Age": np.where(random.random(rows) < 0.2, np.nan, age),
            "SibSp": random.choice([0, 1, 2], rows, p=[0.7, 0.2, 0.1]),
            "Parch": random.choice([0, 1, 2], rows, p=[0.75, 0.15, 0.1]),
            "Ticket": [f"made {place // 2}" for place in range(rows)],
            "Fare": fare,
            "Cabin": _holes(random, cabins, 0.77),
            "Embarked": _holes(random, ports, 0.005),
        }
    )
    found.attrs.update(
        name="titanic",
        source="made, not recorded: log-odds of survival = 2.6 for women "
        "- 0.9 x (class - 2) - 0.03 x (age - 30) - 1",
        made=True,
    )
    return found


def make_penguins(rows: int = 344, seed: int = 0) -> Any:
    """A made table of penguins: four normal measures around the middle of a species.

    Chinstraps live on Dream, gentoos on Biscoe, adelies on all three islands. The rows
    are sorted by species, as the real ones are. About eleven of 344 sexes and a few
    measures are missing. Nothing in it was measured: a page that shows it says so.

    Args:
        rows: how many. Default 344, as many as the real table has.
        seed: of the numbers drawn. Default 0.

    Returns:
        A `pandas.DataFrame` with the real columns. `attrs["made"]` is True.

    Raises:
        ArgumentError: `rows` is below 1, or no whole number.
        MissingDependencyError: pandas is not installed.

    Example:

    >>> frame = make_penguins(rows=5)
    >>> list(frame.columns[:3]), frame.attrs["made"]
    (['species', 'island', 'bill_length_mm'], True)
    """
    pandas = _pandas("make_penguins", rows)
    random = np.random.default_rng(seed)
    species = np.sort(random.choice(list(SPECIES), rows, p=[0.44, 0.2, 0.36]))
    island = random.choice(["Torgersen", "Biscoe", "Dream"], rows)
    island = np.where(species == "Chinstrap", "Dream", island)
    island = np.where(species == "Gentoo", "Biscoe", island)
    male = random.random(rows) < 0.5
    middle = np.array([SPECIES[each] for each in species], dtype=np.float64)
    larger = np.where(male, 0.5, -0.5)[:, None]
    measures = middle + np.array(SPREAD) * (random.normal(0, 0.7, (rows, 4)) + larger)
    measures = measures.round(1)
    measures[random.random(rows) < 2 / 344] = np.nan
    sex = np.where(male, "MALE", "FEMALE").astype(object)
    found = pandas.DataFrame(
        {
            "species": species,
            "island": island,
            "bill_length_mm": measures[:, 0],
            "bill_depth_mm": measures[:, 1],
            "flipper_length_mm": measures[:, 2],
            "body_mass_g": measures[:, 3],
            "sex": _holes(random, sex, 11 / 344),
        }
    )
    found.attrs.update(
        name="penguins",
        source="made, not measured: normal measures around the middle of each species",
        made=True,
    )
    return found


def _holes(random: np.random.Generator, words: np.ndarray, part: float) -> np.ndarray:
    """The words with this part of them missing, by chance."""
    left = words.copy()
    left[random.random(len(left)) < part] = None
    return left


def _pandas(maker: str, rows: Any) -> Any:
    """pandas, after a look at how many rows are asked for."""
    if isinstance(rows, bool) or not isinstance(rows, int | np.integer) or rows < 1:
        raise ArgumentError(
            "The number of rows is a whole number from 1 up.",
            where=f"datasets.{maker}(rows=)",
            received=repr(rows),
            remedy="leave it out for as many as the real table has",
        )
    try:
        return importlib.import_module("pandas")
    except ImportError as error:
        raise MissingDependencyError(
            "Tables are data frames of pandas, which is not installed.",
            where=f"datasets.{maker}",
            remedy="pip install pandas",
        ) from error
