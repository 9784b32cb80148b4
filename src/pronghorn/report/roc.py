"""ROC curves of classes, each against the rest, and the areas below them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from pronghorn.report.answers import Answers
from pronghorn.report.classes import Z
from pronghorn.report.scores import Interval

__all__ = ["DRAWN", "Area", "Curve", "Roc", "roc_of"]

DRAWN = 8
"""Curves of so many classes can be told apart; of more, the mean is drawn, and the
worst."""

WORST = 3
STEPS = 200


@dataclass(frozen=True)
class Curve:
    """The ROC curve of a class.

    Attributes:
        label: of that class.
        false: the share of the other classes' rows that are taken for it, rising.
        true: the share of its own rows that are.
    """

    label: str
    false: np.ndarray
    true: np.ndarray


@dataclass(frozen=True)
class Area:
    """The area under a class's curve.

    Attributes:
        label: of that class.
        rows: how many held-out rows are of it.
        area: with its interval; NaN where the class, or the rest, has a single row.
    """

    label: str
    rows: int
    area: Interval


@dataclass(frozen=True)
class Roc:
    """The curves that are drawn, and the areas under all.

    Attributes:
        curves: of two classes that of the second one; of up to eight classes one for
            each; of more those with the smallest areas.
        areas: of each class against the rest, the smallest first; empty where there are
            two classes, whose area is a score.
        mean: of these areas, its interval known if all of theirs are; None where there
            are none.
        average: the mean of all classes' curves at each false share, of more than eight
            classes; else None.
    """

    curves: tuple[Curve, ...]
    areas: tuple[Area, ...] = ()
    mean: Interval | None = None
    average: Curve | None = None


def roc_of(answers: Answers) -> Roc | None:
    """The curves through all thresholds; None unless two classes are met.

    A class that no held-out row has is left out.
    """
    if answers.chances is None:
        return None
    counts = np.bincount(answers.truth, minlength=answers.chances.shape[1])
    met = np.flatnonzero(counts)
    if len(met) < 2:
        return None
    if len(counts) == 2:
        return Roc((_curve(answers, 1),))
    values, moves = [], np.zeros(len(answers.truth))
    for one in met.tolist():
        area, move = _area(answers, one)
        values.append((one, _interval(area, float(move @ move))))
        moves += move / len(met)
    values.sort(key=lambda pair: pair[1].value)
    labels = answers.target.labels
    areas = tuple(Area(labels[k], int(counts[k]), area) for k, area in values)
    mean = float(np.mean([each.area.value for each in areas]))
    told = _interval(mean, float(moves @ moves))
    if len(met) <= DRAWN:
        return Roc(tuple(_curve(answers, k) for k in met.tolist()), areas, told)
    worst = tuple(_curve(answers, k) for k, _ in values[:WORST])
    return Roc(worst, areas, told, _average(answers, met))


def _curve(answers: Answers, one: int) -> Curve:
    assert answers.chances is not None
    positive, said = answers.truth == one, answers.chances[:, one]
    order = np.argsort(-said, kind="stable")
    ends = np.flatnonzero(np.diff(said[order], append=-np.inf))
    true = np.cumsum(positive[order])[ends] / positive.sum()
    false = np.cumsum(~positive[order])[ends] / (~positive).sum()
    start = np.zeros(1)
    return Curve(
        answers.target.labels[one],
        np.concatenate([start, false]),
        np.concatenate([start, true]),
    )


def _average(answers: Answers, met: np.ndarray) -> Curve:
    """The mean of the true shares at each false share (Fawcett, 2006, section 8.1)."""
    false = np.linspace(0, 1, STEPS + 1)
    total = np.zeros(len(false))
    for one in met.tolist():
        curve = _curve(answers, one)
        total += np.interp(false, curve.false, curve.true)
    start = np.zeros(1)
    true = np.concatenate([start, total / len(met)])
    return Curve(f"mean of {len(met)} classes", np.concatenate([start, false]), true)


def _area(answers: Answers, one: int) -> tuple[float, np.ndarray]:
    """The area, and by how much each row moves it.

    The squares of these moves add up to the area's variance, as DeLong, DeLong and
    Clarke-Pearson (1988) estimate it; moves of several areas may be added row by row.

    Returns:
        The area, and float64 (rows,).
    """
    assert answers.chances is not None
    positive, said = answers.truth == one, answers.chances[:, one]
    ours, theirs = said[positive], said[~positive]
    above = _share_below(ours, theirs)
    below = 1 - _share_below(theirs, ours)
    area = float(above.mean())
    moves = np.empty(len(said))
    moves[positive] = _moves(above - area)
    moves[~positive] = _moves(below - area)
    return area, moves


def _share_below(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The share of the others that is smaller than each value; a tie counts half."""
    ordered = np.sort(others)
    left = np.searchsorted(ordered, values, "left")
    right = np.searchsorted(ordered, values, "right")
    return np.asarray((left + right) / (2 * len(others)))


def _moves(apart: np.ndarray) -> np.ndarray:
    """NaN of a single row: how far such rows lie apart is not known."""
    rows = len(apart)
    return apart / math.sqrt(rows * (rows - 1)) if rows > 1 else np.full(1, np.nan)


def _interval(area: float, variance: float) -> Interval:
    """The 95 % interval, symmetric in the logit, so that it stays within 0 and 1."""
    if math.isnan(variance):
        return Interval(area, math.nan, math.nan)
    if not 0 < area < 1:
        return Interval(area, area, area)
    middle = math.log(area / (1 - area))
    half = Z * math.sqrt(variance) / (area * (1 - area))
    low, high = (1 / (1 + math.exp(-x)) for x in (middle - half, middle + half))
    return Interval(area, low, high)
