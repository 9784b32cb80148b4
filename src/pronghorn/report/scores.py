"""Scores of the held-out rows, each with a confidence interval by the bootstrap.

A score is a function of weights of the rows. With weights of 1 it is the score itself;
with how often each row was drawn, it is the score of one resample. So the score and its
interval come from the same few lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from pronghorn.report.answers import Answers, losses

__all__ = [
    "LEVEL",
    "Baseline",
    "Interval",
    "Score",
    "baseline_of",
    "draw_count",
    "draws",
    "interval",
    "measures_of",
    "scores_of",
]

Measure = Callable[[np.ndarray], np.ndarray]
"""From weights (resamples, rows) to the score of each resample, (resamples,)."""

LEVEL = 0.95
MOST_DRAWS, FEWEST_DRAWS = 1000, 200
ROWS_IN_ALL = 15_000_000
"""Resamples times rows: beyond this there are fewer resamples, not a longer wait."""

AT_ONCE = 2_000_000
ROUNDING = 1e-12


@dataclass(frozen=True)
class Interval:
    """A value with the bounds of its 95 % confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Score:
    """One score of the model, beside that of always saying the same.

    Attributes:
        name: what it is called.
        model, baseline: with their intervals, from the same resamples.
        gain: by how much the model is better, resample by resample.
        better: "lower" or "higher".
        unit: "%" for shares, "target" for the target's unit, "" for plain numbers.
        meaning: one sentence.
    """

    name: str
    model: Interval
    baseline: Interval
    gain: Interval
    better: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class Baseline:
    """What says the same of each row.

    Attributes:
        told: a number, or the classes' probabilities (classes,).
        words: what that is.
    """

    told: np.ndarray
    words: str


def baseline_of(answers: Answers, training: np.ndarray | None) -> Baseline:
    """The mean, or the classes' shares, of the training rows.

    Args:
        answers: to the held-out rows; the baseline is made from these where there are
            no training rows.
        training: the target's values there, or numbers of classes.
    """
    known = answers.truth if training is None else training
    where = "held-out" if training is None else "training"
    if answers.chances is None:
        mean = np.asarray(known.mean())
        return Baseline(mean, f"the mean of the {where} rows")
    counts = np.bincount(known, minlength=answers.chances.shape[1])
    words = f"the most frequent class of the {where} rows"
    return Baseline(counts / counts.sum(), words)


def scores_of(answers: Answers, baseline: Baseline, seed: int) -> tuple[Score, ...]:
    """The scores that fit the task, the most telling first."""
    same = np.broadcast_to(baseline.told, (len(answers.truth), *baseline.told.shape))
    ours = measures_of(answers, answers.told)
    theirs = measures_of(answers, same)
    found: dict[str, list[np.ndarray]] = {name: [] for name in ours}
    for weights in draws(len(answers.truth), seed):
        for name in ours:
            found[name].append(np.stack([ours[name](weights), theirs[name](weights)]))
    ones = np.ones((1, len(answers.truth)))
    result = []
    for name, (better, unit, meaning) in _WORDS.items():
        if name in ours:
            at = float(ours[name](ones)[0]), float(theirs[name](ones)[0])
            drawn = np.concatenate(found[name], axis=1)
            sign = 1 if better == "higher" else -1
            score = Score(
                name,
                interval(at[0], drawn[0]),
                interval(at[1], drawn[1]),
                interval(sign * (at[0] - at[1]), sign * (drawn[0] - drawn[1])),
                better,
                unit,
                meaning,
            )
            result.append(score)
    return tuple(result)


_WORDS: Mapping[str, tuple[str, str, str]] = {
    "RMSE": ("lower", "target", "the root of the mean squared error"),
    "MAE": ("lower", "target", "the mean of the errors without their signs"),
    "R²": ("higher", "", "the share of the target's variance that is predicted"),
    "error": ("lower", "%", "the share of rows whose most likely class is wrong"),
    "balanced error": ("lower", "%", "the mean of the classes' shares of wrong rows"),
    "log loss": ("lower", "", "minus the mean logarithm of the true class's chance"),
    "Brier score": ("lower", "", "the squared distance of the chances to the truth"),
    "ROC AUC": (
        "higher",
        "",
        "how often a row of the second class is held for more likely to be of it than "
        "a row of the first",
    ),
}


def draw_count(rows: int) -> int:
    """How many resamples are drawn of so many rows.

    >>> draw_count(1000), draw_count(50_000), draw_count(10_000_000)
    (1000, 300, 200)
    """
    return int(np.clip(ROWS_IN_ALL // max(rows, 1), FEWEST_DRAWS, MOST_DRAWS))


def draws(rows: int, seed: int) -> Iterator[np.ndarray]:
    """How often each resample draws each row: float64, (some resamples, rows)."""
    rng = np.random.default_rng(seed)
    left, most = draw_count(rows), max(1, AT_ONCE // max(rows, 1))
    while left:
        count = min(left, most)
        picked = rng.integers(0, rows, (count, rows), dtype=np.int32)
        yield np.stack([np.bincount(p, minlength=rows) for p in picked]).astype(float)
        left -= count


def interval(value: float, drawn: np.ndarray) -> Interval:
    """The percentile interval (Efron and Tibshirani, 1993, chapter 13).

    >>> found = interval(50.0, np.arange(101.0))
    >>> round(found.low, 6), round(found.high, 6)
    (2.5, 97.5)
    """
    there = drawn[np.isfinite(drawn)]
    if not len(there):
        return Interval(value, np.nan, np.nan)
    low, high = np.quantile(there, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(value, float(low), float(high))


def measures_of(answers: Answers, told: np.ndarray) -> dict[str, Measure]:
    """The task's scores of these predictions or probabilities, by name."""
    truth = answers.truth
    if answers.chances is None:
        return _of_numbers(truth, told)
    classes = told.shape[1]
    wrong = (told.argmax(axis=1) != truth).astype(np.float64)
    present = np.eye(classes)[truth]
    brier = ((told - present) ** 2).sum(axis=1)
    found = {
        "error": _mean(wrong),
        "balanced error": _balanced(wrong, present),
        "log loss": _mean(losses(truth, told)),
        # With two classes as is usual there: of the second class's chance alone.
        "Brier score": _mean(brier / 2 if classes == 2 else brier),
    }
    if classes == 2:
        found["ROC AUC"] = _auc(told[:, 1], truth == 1)
    return found


def _mean(values: np.ndarray) -> Measure:
    return lambda weights: weights @ values / weights.sum(axis=1)


def _of_numbers(truth: np.ndarray, told: np.ndarray) -> dict[str, Measure]:
    squared = _mean((told - truth) ** 2)
    # Distances from the mean: numbers of the errors' size, which keeps their digits.
    apart = truth - truth.mean()
    first, second = _mean(apart), _mean(apart**2)

    def explained(weights: np.ndarray) -> np.ndarray:
        around = second(weights)
        spread = around - first(weights) ** 2
        # Resamples of one value have no variance to predict.
        spread = np.where(spread > ROUNDING * around, spread, np.nan)
        return 1 - squared(weights) / spread

    return {
        "RMSE": lambda weights: np.sqrt(squared(weights)),
        "MAE": _mean(np.abs(told - truth)),
        "R²": explained,
    }


def _balanced(wrong: np.ndarray, present: np.ndarray) -> Measure:
    """The mean over the classes that a resample has."""

    def measure(weights: np.ndarray) -> np.ndarray:
        rows = weights @ present
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.nanmean((weights * wrong) @ present / rows, axis=1)

    return measure


def _auc(chance: np.ndarray, positive: np.ndarray) -> Measure:
    """Pairs in the right order; a tie counts half (Hanley and McNeil, 1982)."""
    order = np.argsort(chance, kind="stable")
    starts = np.flatnonzero(np.diff(chance[order], prepend=-np.inf))
    yes = positive[order].astype(np.float64)

    def measure(weights: np.ndarray) -> np.ndarray:
        drawn = weights[:, order]
        ups = np.add.reduceat(drawn * yes, starts, axis=1)
        downs = np.add.reduceat(drawn * (1 - yes), starts, axis=1)
        below = np.cumsum(downs, axis=1) - downs / 2
        pairs = ups.sum(axis=1) * downs.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return (ups * below).sum(axis=1) / pairs

    return measure
