"""Duplicates, against pandas's."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pronghorn.data.schema import ColumnSchema
from pronghorn.data.tables import raw_table
from pronghorn.report.twins import Twins, twins_of

from .models import schema

USED = schema([ColumnSchema("a", "numeric"), ColumnSchema("b", "categorical")])


def frame(rows: int, seed: int) -> pd.DataFrame:
    """Rows of few values, some of them missing."""
    rng = np.random.default_rng(seed)
    a = rng.choice([0.0, 1.5, np.nan, 7.0], rows)
    b = pd.Series(rng.choice(["x", "y", ""], rows)).replace("", None)
    return pd.DataFrame({"a": a, "b": b, "y": rng.integers(0, 3, rows)})


def test_counts_are_those_of_pandas() -> None:
    learned, held = frame(40, 0), frame(15, 1)
    found = twins_of(USED, raw_table(learned), raw_table(held))
    keys = {tuple(map(str, row)) for row in learned.itertuples(index=False)}
    fed = {key[:2] for key in keys}
    rows = [tuple(map(str, row)) for row in held.itertuples(index=False)]
    shared = sum(row in keys for row in rows)
    assert found == Twins(
        int(learned.duplicated().sum()),
        int(held.duplicated().sum()),
        shared,
        shared,
        sum(row[:2] in fed and row not in keys for row in rows),
    )
    assert found.conflicting and shared


def test_a_column_that_is_not_used_tells_rows_apart() -> None:
    learned, held = frame(40, 0), frame(15, 1)
    learned["name"] = [f"l{i}" for i in range(40)]
    held["name"] = [f"h{i}" for i in range(15)]
    found = twins_of(USED, raw_table(learned), raw_table(held))
    assert (found.training, found.holdout, found.shared) == (0, 0, 0)
    assert found.alike, "to the model they are the same"


def test_numbers_of_rows_do_not() -> None:
    held = frame(15, 1)
    held["row"] = range(15)
    numbered = schema([*USED.columns, ColumnSchema("row", "identifier")])
    learned = held.assign(row=held["row"] + 100)
    found = twins_of(numbered, raw_table(learned), raw_table(held))
    assert found.shared == 15


def test_without_training_rows() -> None:
    held = frame(15, 1)
    found = twins_of(USED, None, raw_table(held))
    assert found == Twins(None, int(held.duplicated().sum()))


def test_no_duplicates_where_there_are_none() -> None:
    rows = pd.DataFrame({"a": np.arange(30.0), "b": ["x"] * 30, "y": [0] * 30})
    parts = raw_table(rows[:20]), raw_table(rows[20:])
    assert twins_of(USED, *parts) == Twins(0, 0, 0, 0, 0)
