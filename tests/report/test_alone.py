"""Columns that tell the target by themselves are found, and no others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn.data.schema import ColumnSchema
from pronghorn.report.alone import alone

from .models import schema, table

RNG = np.random.default_rng(0)


def skills(columns: Any, y: Any, *, labels: Any = (), kinds: Any = None,
           cut: float = 0.7, given: bool = True) -> dict[str, float]:  # fmt: skip
    """The skills of a table whose first part is for training."""
    whole = table(**columns, y=y)
    at = int(cut * whole.rows)
    parts = [
        whole.take(np.arange(at)),
        whole.take(np.arange(at, whole.rows)),
    ]
    made = [ColumnSchema(n, (kinds or {}).get(n, "numeric"), 10) for n in columns]
    known = parts[0] if given else None
    found = alone(schema(made, labels=labels), known, parts[1], seed=0)
    return {one.name: one.skill for one in found}


@pytest.mark.parametrize("rows", [120, 4000])
@pytest.mark.parametrize("given", [True, False])
def test_a_formula_of_the_target_is_found(rows: int, given: bool) -> None:
    rng = np.random.default_rng(1)
    y = rng.lognormal(0, 1, 4 * rows)
    columns = {
        "line": 3 * y + 2,
        "log": -np.log(y),
        "noisy": y + rng.normal(0, 3, len(y)),
        "noise": rng.normal(0, 1, len(y)),
    }
    found = skills(columns, y, given=given)
    assert found["line"] > 0.98
    assert found["log"] > (0.98 if rows > 1000 else 0.9)
    assert found["noisy"] < 0.9 and found["noise"] < 0.05


def test_a_category_that_is_the_class() -> None:
    rng = np.random.default_rng(2)
    y = rng.choice(["no", "yes"], 600, p=[0.8, 0.2])
    columns = {
        "status": [f"{value}!" if value == "yes" else None for value in y],
        "town": rng.choice([f"t{i}" for i in range(9)], 600).tolist(),
        "bound": np.where(y == "yes", 5, 1) + rng.random(600),
        "one_in_five": [v if rng.random() < 0.8 else "no" for v in y],
    }
    kinds = {"status": "categorical", "town": "categorical", "one_in_five": "boolean"}
    found = skills(columns, y.tolist(), labels=("no", "yes"), kinds=kinds)
    assert found["status"] > 0.98 and found["bound"] > 0.98
    assert found["town"] < 0.1
    assert 0.6 < found["one_in_five"] < 0.9


def test_a_gap_that_tells_all() -> None:
    rng = np.random.default_rng(3)
    y = rng.integers(0, 2, 2000)
    gaps = np.where(y == 1, np.nan, rng.normal(0, 1, 2000))
    texts = ["no" if v == 0 else "yes" for v in y]
    found = skills({"x": gaps}, texts, labels=("no", "yes"))
    assert found["x"] > 0.98


def test_a_date_that_is_the_target() -> None:
    days = np.arange("2020-01-01", "2022-01-01", dtype="datetime64[D]")
    order = np.random.default_rng(4).permutation(len(days))
    columns = {"day": days[order].astype(str).tolist()}
    schema_ = {"day": "date"}
    found = skills(columns, order.astype(float), kinds=schema_)
    assert found["day"] > 0.99


def test_a_name_of_each_row_tells_nothing_of_new_rows() -> None:
    rng = np.random.default_rng(5)
    names = [f"n{i}" for i in range(900)]
    y = rng.choice(["a", "b"], 900).tolist()
    found = skills({"name": names}, y, labels="ab", kinds={"name": "categorical"})
    assert found["name"] < 0.1


def test_few_rows_prove_nothing() -> None:
    y = np.arange(40.0)
    assert skills({"x": y}, y) == {}
    texts = ["a"] * 20 + ["b"] * 3 + ["a"] * 60
    same = [1.0 if t == "b" else 0.0 for t in texts]
    found = skills({"x": same}, texts, labels="ab")
    assert found["x"] < 0.98, "three rows are told apart, which is no proof"


def test_a_column_that_a_part_lacks_is_left_out() -> None:
    y = np.arange(100.0)
    held, learned = table(a=y, y=y), table(a=y, b=y, y=y)
    found = alone(schema(["a", "b"]), learned, held, seed=0)
    assert [one.name for one in found] == ["a"]
