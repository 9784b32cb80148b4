"""How good predictions of a table are."""

from __future__ import annotations

import numpy as np

__all__ = ["area_under_curve", "classification_scores", "regression_scores"]


def classification_scores(truth: np.ndarray, odds: np.ndarray) -> dict[str, float]:
    """Accuracy, log loss, and for two classes the area under the ROC curve.

    Args:
        truth: numbers of the classes, (rows,).
        odds: probabilities, (rows, classes).

    Example:

    >>> classification_scores(np.array([0, 1]), np.array([[0.5, 0.5], [0.25, 0.75]]))
    {'accuracy': 1.0, 'log_loss': 0.4904146265, 'auc': 1.0}
    """
    right = odds[np.arange(len(truth)), truth].astype(np.float64)
    found = {
        "accuracy": float((odds.argmax(axis=1) == truth).mean()),
        "log_loss": float(-np.log(np.maximum(right, 1e-15)).mean()),
    }
    if odds.shape[1] == 2 and 0 < truth.sum() < len(truth):
        found["auc"] = area_under_curve(truth == 1, odds[:, 1])
    return {name: round(value, 10) for name, value in found.items()}


def area_under_curve(truth: np.ndarray, scores: np.ndarray) -> float:
    """The part of pairs of rows, one true and one false, that the scores put in order.

    Ties count half (Mann and Whitney, 1947).

    Args:
        truth: bool (rows,), with rows of both kinds.
        scores: (rows,).

    Example:

    >>> area_under_curve(np.array([True, False, True]), np.array([0.9, 0.4, 0.4]))
    0.75
    """
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    positive = int(truth.sum())
    total = ranks[places][truth].sum() - positive * (positive + 1) / 2
    return float(total / (positive * (len(truth) - positive)))


def regression_scores(truth: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """Root mean squared error, mean absolute error, and R squared.

    Example:

    >>> regression_scores(np.array([1.0, 3.0]), np.array([2.0, 3.0]))
    {'rmse': 0.7071067812, 'mae': 0.5, 'r2': 0.5}
    """
    errors = predicted - truth
    found = {
        "rmse": float(np.sqrt(np.square(errors).mean())),
        "mae": float(np.abs(errors).mean()),
    }
    spread = float(np.square(truth - truth.mean()).sum())
    if spread:
        found["r2"] = 1.0 - float(np.square(errors).sum()) / spread
    return {name: round(value, 10) for name, value in found.items()}
