"""What is told of predicted numbers: predicted against actual, and the errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pronghorn.report.answers import Answers

__all__ = ["Residuals", "residuals_of"]

MOST_POINTS = 1500
BINS = 30
OUTER = 0.005
"""The share of errors at either end that is counted into the outermost bins."""


@dataclass(frozen=True)
class Residuals:
    """Predictions beside the truth, and how the errors are spread.

    Attributes:
        truth, predicted: of the rows to draw, in the target's units, (points,).
        rows: how many rows there are; fewer may be drawn.
        edges: of the histogram's bins, in the target's units, (bins + 1,).
        counts: errors (predicted minus true) in each; what lies beyond is in the
            outermost, (bins,).
        mean: of the errors: above 0 the model says too much.
        low, high: the bounds between which 90 % of the errors lie.
    """

    truth: np.ndarray
    predicted: np.ndarray
    rows: int
    edges: np.ndarray
    counts: np.ndarray
    mean: float
    low: float
    high: float


def residuals_of(answers: Answers, seed: int) -> Residuals | None:
    """None for classes."""
    if answers.chances is not None:
        return None
    rows = len(answers.truth)
    drawn = np.arange(rows)
    if rows > MOST_POINTS:
        rng = np.random.default_rng(seed)
        drawn = np.sort(rng.choice(rows, MOST_POINTS, replace=False))
    errors = answers.predicted - answers.truth
    low, high = np.quantile(errors, [OUTER, 1 - OUTER])
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, BINS + 1)
    counts = np.histogram(np.clip(errors, low, high), edges)[0]
    inner = np.quantile(errors, [0.05, 0.95])
    return Residuals(
        answers.truth[drawn],
        answers.predicted[drawn],
        rows,
        edges,
        counts,
        float(errors.mean()),
        float(inner[0]),
        float(inner[1]),
    )
