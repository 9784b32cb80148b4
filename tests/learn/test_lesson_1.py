"""Lesson 1 with a table of one's own: each dead end has a sign."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.learn.running import NOTEBOOKS, as_learner


def shown(path: str, target: str) -> str:
    """What the page says, with this path and target."""
    notebook = NOTEBOOKS / "lesson_1.py"
    spec = importlib.util.spec_from_file_location("own_lesson_1", notebook)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with as_learner():
        outputs, _ = module.app.run(defs={"path": path, "target": target})
    pages = [getattr(each, "text", "") for each in outputs]
    return " ".join(re.sub("<[^>]+>", "", "\n".join(pages)).split())


@pytest.fixture
def homes(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    area = rng.normal(80, 20, 60).round(1)
    frame = pd.DataFrame({"city": "Bonn", "area": area, "price": 3000 * area})
    frame.loc[:6, "area"] = np.nan
    frame.to_csv(tmp_path / "homes.csv", index=False)
    return tmp_path / "homes.csv"


def test_a_table_with_text_and_holes_is_trained(homes: Path) -> None:
    said = shown(str(homes), "price")
    assert "53 of 60 rows, 1 inputs: area." in said
    assert "no columns of numbers: city" in said
    off, median = re.findall(r"off by ([\d.e+]+\d)", said)[-2:]
    assert float(off) < float(median) / 10


def test_a_wrong_path_and_a_wrong_target(homes: Path) -> None:
    assert "There is no file" in shown(str(homes.with_name("gone.csv")), "price")
    said = shown(str(homes), "Price")
    assert "There is no column" in said and "city, area, price" in said
