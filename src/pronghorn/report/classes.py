"""What is told of predicted classes: calibration and confusions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pronghorn.report.answers import Answers

__all__ = [
    "Calibration",
    "Confusion",
    "calibration_of",
    "confusion_of",
    "wilson",
]

BINS = 10
MOST_CLASSES = 12
"""Confusions of more classes are told of the most frequent ones, and of the others."""

Z = 1.959964
"""The normal distribution's 97.5 % quantile."""


@dataclass(frozen=True)
class Calibration:
    """How often what is said with some chance comes true.

    Attributes:
        of: what the chances are of, in words.
        chance: the mean chance of each bin that has rows, (bins,).
        share: how often it came true there, (bins,).
        low, high: Wilson's 95 % interval of the share, (bins,).
        rows: how many rows are in the bin, int64, (bins,).
        error: the expected calibration error, from 0 to 1.
    """

    of: str
    chance: np.ndarray
    share: np.ndarray
    low: np.ndarray
    high: np.ndarray
    rows: np.ndarray
    error: float


@dataclass(frozen=True)
class Confusion:
    """How many rows of a class were taken for which.

    Attributes:
        labels: of the classes shown; the last may stand for all others.
        counts: int64, (true classes, predicted classes).
    """

    labels: tuple[str, ...]
    counts: np.ndarray


def calibration_of(answers: Answers) -> Calibration | None:
    """Chances in ten bins of equal width (Guo et al., 2017, arXiv:1706.04599).

    With two classes the chances are those of the second one; with more, of the class
    that is the most likely. None for a regression.
    """
    chances, labels = answers.chances, answers.target.labels
    if chances is None:
        return None
    if len(labels) == 2:
        of, said, came = labels[1], chances[:, 1], answers.truth == 1
    else:
        of = "the most likely class"
        said, came = chances.max(axis=1), answers.predicted == answers.truth
    return _in_bins(of, said, came.astype(np.float64))


def _in_bins(of: str, said: np.ndarray, came: np.ndarray) -> Calibration:
    places = np.minimum((said * BINS).astype(int), BINS - 1)
    rows = np.bincount(places, minlength=BINS)
    there = np.flatnonzero(rows)
    sums = np.bincount(places, said, BINS)[there]
    true = np.bincount(places, came, BINS)[there]
    rows = rows[there]
    low, high = wilson(true, rows)
    error = float(np.abs(true - sums).sum() / rows.sum())
    return Calibration(of, sums / rows, true / rows, low, high, rows, error)


def wilson(true: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's 95 % interval of shares (1927): it stays within 0 and 1.

    >>> [round(float(bound[0]), 3) for bound in wilson(np.array([5]), np.array([10]))]
    [0.237, 0.763]
    """
    share = true / rows
    middle = (share + Z**2 / (2 * rows)) / (1 + Z**2 / rows)
    inner = share * (1 - share) / rows + Z**2 / (4 * rows**2)
    half = Z * np.sqrt(inner) / (1 + Z**2 / rows)
    # Where all or none came true, rounding must not leave the share outside.
    low = np.minimum(np.maximum(middle - half, 0.0), share)
    return low, np.maximum(np.minimum(middle + half, 1.0), share)


def confusion_of(answers: Answers) -> Confusion | None:
    """The confusion matrix; None for a regression."""
    if answers.chances is None:
        return None
    labels: Sequence[str] = answers.target.labels
    count = len(labels)
    pairs = answers.truth * count + answers.predicted
    counts = np.bincount(pairs, minlength=count**2).reshape(count, count)
    if count > MOST_CLASSES:
        most = np.sort(np.argsort(-counts.sum(axis=1), kind="stable")[:MOST_CLASSES])
        places = np.full(count, MOST_CLASSES)
        places[most] = np.arange(MOST_CLASSES)
        joined = np.zeros((MOST_CLASSES + 1, MOST_CLASSES + 1), counts.dtype)
        np.add.at(joined, (places[:, None], places[None, :]), counts)
        others = f"{count - MOST_CLASSES} other classes"
        labels, counts = [*(labels[i] for i in most), others], joined
    return Confusion(tuple(labels), counts)
