"""Sets and splits: nothing in them gives the answer away, and all get the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks.measure import ROOT
from benchmarks.quality.sets import MOST, SETS, digest, left_out, split, task

from pronghorn import datasets


@pytest.mark.parametrize("rows", [303, 4_177, 92_962])
def test_parts_are_disjoint_and_of_their_sizes(rows: int) -> None:
    parts = split("heart", 0, rows)
    drawn = np.concatenate(list(parts.values()))
    assert len(np.unique(drawn)) == len(drawn) == min(rows, MOST)
    assert drawn.min() >= 0 and drawn.max() < rows
    shares = [len(part) / len(drawn) for part in parts.values()]
    assert shares == pytest.approx([0.6, 0.2, 0.2], abs=0.005)


def test_parts_depend_on_name_and_seed_alone() -> None:
    def first(name: str, seed: int) -> list[int]:
        return split(name, seed, 1_000)["test"].tolist()

    assert first("heart", 0) == first("heart", 0)
    assert first("heart", 0) != first("heart", 1)
    assert first("heart", 0) != first("mpg", 0)


def test_groups_stay_whole() -> None:
    draws = np.random.default_rng(0)
    groups = draws.integers(3_000, size=30_000).astype(str)
    parts = split("spotify", 0, 30_000, groups)
    held = [set(groups[rows]) for rows in parts.values()]
    assert not held[0] & held[1] and not held[0] & held[2] and not held[1] & held[2]
    drawn = np.concatenate(list(parts.values()))
    assert len(np.unique(drawn)) == len(drawn) <= MOST
    assert len(parts["train"]) == pytest.approx(12_000, abs=30)
    assert len(parts["test"]) == pytest.approx(4_000, abs=30)


def test_other_parts_and_other_targets_have_another_digest() -> None:
    y = np.arange(100.0)
    known = digest(split("heart", 0, 100), y)
    assert known == digest(split("heart", 0, 100), y)
    assert known != digest(split("heart", 1, 100), y)
    assert known != digest(split("heart", 0, 100), y + 1)


def test_the_halves_are_as_large_in_sets_and_in_kinds() -> None:
    kinds = [
        (each.half, datasets.describe(name).task == "regression")
        for name, each in SETS.items()
    ]
    assert len(kinds) >= 20 and {half for half, _ in kinds} == {"dev", "held"}
    for regression in (True, False):
        assert kinds.count(("dev", regression)) == kinds.count(("held", regression))
    assert [s.half for s in SETS.values() if s.slow].count("dev") == 5


def test_rows_that_are_there_twice_are_dropped_and_classes_count_from_0() -> None:
    frame = datasets.load("sklearn/breast_cancer")
    twice = frame.iloc[[0, 0, 1, 19]]
    found = task("sklearn/breast_cancer", twice)
    assert found.x.shape == (3, 30) and found.groups is None
    assert found.classes == 2 and found.y.dtype == np.int64
    numbers = task("sklearn/diabetes")
    assert numbers.classes == 0 and numbers.y.dtype == np.float64


@pytest.mark.parametrize("name", list(SETS))
def test_no_column_gives_the_answer_away(name: str, data_dir: Path) -> None:
    about, asked = datasets.describe(name), task(name)
    refused = {*about.identifiers, *about.giveaways, *about.groups, about.target}
    assert refused == set(left_out(name)) - set(SETS[name].without)
    assert not refused & set(asked.x.columns)
    assert len(asked.x.columns) == about.columns - len(left_out(name))
    for column in asked.x.columns:
        values = asked.x[column]
        assert values.nunique() < len(asked.y) or values.dtype.kind == "f", column
    if about.groups:
        assert asked.groups is not None and len(asked.groups) == len(asked.y)
    for seed in (0, 1, 2):
        parts = split(name, seed, len(asked.y), asked.groups)
        if asked.classes:
            assert len(np.unique(asked.y[parts["train"]])) == asked.classes


def test_what_is_known_only_later_is_left_out() -> None:
    assert {"reservation_status", "reservation_status_date"} <= set(left_out("hotel"))
    assert {"casual", "registered"} <= set(left_out("bike"))
    assert "duration" in left_out("bank") and "ID" in left_out("credit-default")


def test_the_page_names_every_set_in_its_half() -> None:
    page = (ROOT / "docs" / "quality.md").read_text()
    for name, each in SETS.items():
        line = next(ln for ln in page.splitlines() if ln.startswith(f"| {name} |"))
        cells = [cell.strip() for cell in line.split("|")]
        assert cells[2] == each.half, name
        assert (cells[3] == "yes") == each.slow, name
        for column in each.without:
            assert f"`{column}`" in line
