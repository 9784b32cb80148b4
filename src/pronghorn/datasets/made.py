"""Rows like those of the 80 cereals, for where the real ones cannot be had."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, MissingDependencyError

__all__ = ["make_cereal"]

BIAS, WEIGHT, NOISE = 90.0, 2.5, 15.0  # the real rows: 89.2, 2.54, and about 16


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
    if isinstance(rows, bool) or not isinstance(rows, int | np.integer) or rows < 1:
        raise ArgumentError(
            "The number of rows is a whole number from 1 up.",
            where="datasets.make_cereal(rows=)",
            received=repr(rows),
            remedy="leave it out for 77",
        )
    try:
        pandas = importlib.import_module("pandas")
    except ImportError as error:
        raise MissingDependencyError(
            "Tables are data frames of pandas, which is not installed.",
            where="datasets.make_cereal",
            remedy="pip install pandas",
        ) from error
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
