"""What is planted is told; a clean table is told nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pronghorn.data.schema import ColumnSchema, Schema
from pronghorn.data.tables import raw_table
from pronghorn.report.alone import alone
from pronghorn.report.answers import answers_of
from pronghorn.report.drift import drift_of
from pronghorn.report.findings import Finding, findings_of
from pronghorn.report.scores import baseline_of, scores_of
from pronghorn.report.twins import twins_of

from .models import Fake, schema

LABELS = ("no", "yes")


def clean(rows: int = 900, seed: int = 0) -> pd.DataFrame:
    """Two columns that tell a little of the class."""
    rng = np.random.default_rng(seed)
    x, town = rng.normal(0, 1, rows), rng.choice(["u", "v", "w"], rows)
    yes = x + (town == "u") + rng.normal(0, 1, rows) > 0.3
    return pd.DataFrame({"x": x, "town": town, "y": np.where(yes, "yes", "no")})


def made(frame: pd.DataFrame, **more: Any) -> Schema:
    """A schema of a frame with further columns."""
    kinds = {"town": "categorical", **more}
    columns = [
        ColumnSchema(
            name,
            kinds.get(name, "numeric"),
            present=len(frame),
            categories=("u", "v", "w") if name == "town" else (),
            reason="of no use"
            if kinds.get(name) in ("identifier", "constant")
            else None,
        )
        for name in frame.columns
        if name != "y"
    ]
    return schema(columns, labels=LABELS)


def told(frame: pd.DataFrame, cut: int = 600, held: pd.DataFrame | None = None,
         **more: Any) -> list[Finding]:  # fmt: skip
    """All findings of a table, its last rows held out."""
    what = made(frame, **more)
    learned = raw_table(frame[:cut])
    rest = raw_table(frame[cut:] if held is None else held)

    def chances(data: Any) -> np.ndarray:
        chance = 1 / (1 + np.exp(-data.columns["x"].values))
        return np.stack([1 - chance, chance], axis=1)

    answers = answers_of(Fake(what, chances), rest)
    return list(
        findings_of(
            what,
            learned,
            rest,
            answers,
            scores_of(answers, baseline_of(answers, None), 0),
            alone(what, learned, rest, 0),
            twins_of(what, learned, rest),
            drift_of(what, learned, rest),
        )
    )


def kinds(findings: list[Finding]) -> list[tuple[str, str, bool]]:
    """Of each finding its kind, subject and weight."""
    return [(f.kind, f.subject, f.grave) for f in findings]


def test_a_clean_table_has_none() -> None:
    for seed in range(5):
        assert told(clean(seed=seed)) == []


def test_a_leak() -> None:
    frame = clean()
    frame["after"] = np.where(frame["y"] == "yes", 1.0, 0.0) + 0.1 * frame["x"] ** 2
    found = told(frame)
    assert kinds(found) == [("leak", "after", True)]
    assert "leave it out" in found[0].remedy


def test_a_column_that_tells_nearly_all() -> None:
    frame = clean()
    right = np.random.default_rng(1).random(len(frame)) < 0.965
    frame["near"] = np.where((frame["y"] == "yes") == right, 1.0, 0.0)
    assert kinds(told(frame)) == [("leak", "near", False)]


def test_several_columns_that_tell_all_together() -> None:
    frame = clean()
    frame["x"] = np.where(frame["y"] == "yes", 1.0, -1.0)
    found = told(frame[["town", "y", "x"]])
    assert ("leak", "x", True) in kinds(found)
    rng = np.random.default_rng(0)
    part = rng.normal(0, 1, len(frame))
    halves = frame.assign(part=part, x=frame["x"] * 1.0)
    what = made(halves)
    rest = raw_table(halves[600:])

    def chances(data: Any) -> np.ndarray:
        yes = (data.columns["x"].values > 0).astype(float)
        return np.stack([1 - yes, yes], axis=1)

    answers = answers_of(Fake(what, chances), rest)
    scores = scores_of(answers, baseline_of(answers, None), 0)
    twins = twins_of(what, None, rest)
    found = list(findings_of(what, None, rest, answers, scores, (), twins, ()))
    assert ("leak", "y", False) in kinds(found)


def test_rows_that_are_shared() -> None:
    frame = clean()
    held = pd.concat([frame[600:], frame[:50]])
    found = told(frame, held=held)
    assert kinds(found) == [("duplicates", "Held-out rows", True)]
    assert "50 of 350 (14.3%)" in found[0].message


def test_duplicates_within_a_part() -> None:
    frame = clean()
    doubled = pd.concat([frame[:300], frame[:300], frame[600:]])
    found = told(doubled)
    assert kinds(found) == [("duplicates", "Training rows", False)]
    assert "300 of 600 (50.0%)" in found[0].message


def test_rows_of_which_few_are_possible() -> None:
    frame = clean()[["town", "y"]].assign(x=1.0)
    found = kinds(told(frame))
    assert ("duplicates", "Held-out rows", False) in found
    assert not any(grave for _, _, grave in found)


def test_drift() -> None:
    frame = clean()
    held = frame[600:].assign(town="w")
    found = told(frame, held=held)
    assert kinds(found) == [("drift", "town", True)]


def test_a_class_with_few_rows() -> None:
    frame = clean()
    frame["y"] = np.where(np.arange(len(frame)) % 12 == 0, "yes", "no")
    assert ("imbalance", "y", False) in kinds(told(frame))


def test_a_class_that_training_did_not_have() -> None:
    frame = clean()
    frame.loc[frame.index[-3:], "y"] = "maybe"
    found = told(frame)
    assert ("unseen", "y", True) in kinds(found)
    assert "3 rows" in found[0].message


def test_a_category_that_training_did_not_have() -> None:
    frame = clean()
    frame.loc[frame.index[-2:], "town"] = "z"
    found = told(frame)
    assert kinds(found) == [("unseen", "town", False)]
    assert "'z'" in found[0].message and "2 rows" in found[0].message


def test_columns_that_are_of_no_use() -> None:
    frame = clean().assign(number=range(900), seven=7, eight=8)
    found = told(frame, number="identifier", seven="constant", eight="constant")
    assert kinds(found) == [
        ("identifier", "number", False),
        ("constant", "seven, eight", False),
    ]


def test_few_rows_and_many_gaps() -> None:
    frame = clean(680)
    what = made(frame)
    gaps = ColumnSchema("x", "numeric", present=10, missing=90)
    what = what.with_columns([gaps])
    rest = raw_table(frame[600:])
    half = lambda data: np.full((data.rows, 2), 0.5)  # noqa: E731
    answers = answers_of(Fake(what, half), rest)
    scores = scores_of(answers, baseline_of(answers, None), 0)
    twins = twins_of(what, None, rest)
    found = list(findings_of(what, None, rest, answers, scores, (), twins, ()))
    assert kinds(found) == [("rows", "The holdout", False), ("missing", "x", False)]
    assert "90%" in found[1].message


def test_a_number_that_stands_for_missing() -> None:
    frame = clean()
    frame["age"] = np.random.default_rng(0).integers(18, 80, len(frame)).astype(float)
    frame.loc[::50, "age"] = -1
    assert kinds(told(frame)) == [("missing", "age", False)]


def test_a_column_alone_in_its_table_is_no_news() -> None:
    frame = clean()
    right = np.random.default_rng(1).random(len(frame)) < 0.965
    frame["x"] = np.where((frame["y"] == "yes") == right, 1.0, -1.0)
    frame["x"] += np.random.default_rng(2).normal(0, 0.1, len(frame))
    assert kinds(told(frame[["x", "y"]])) == []
    assert kinds(told(frame)) == [("leak", "x", False)]
