"""How good predictions are, in the target's own units."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pronghorn.data.schema import TargetSchema

__all__ = ["Score", "class_scores", "number_scores", "scores"]

Score = Mapping[str, float]


def scores(target: TargetSchema, truth: np.ndarray, predicted: np.ndarray) -> Score:
    """The scores that fit the target's task, by name."""
    if target.task == "classification":
        return class_scores(truth, predicted)
    return number_scores(truth, predicted)


def number_scores(truth: np.ndarray, predicted: np.ndarray) -> Score:
    """Root mean squared error, mean absolute error, and R squared.

    >>> number_scores(np.array([1.0, 3.0]), np.array([2.0, 2.0]))
    {'RMSE': 1.0, 'MAE': 1.0, 'R2': 0.0}
    """
    errors = predicted - truth
    spread = float(((truth - truth.mean()) ** 2).mean())
    squared = float((errors**2).mean())
    found = {"RMSE": squared**0.5, "MAE": float(np.abs(errors).mean())}
    return {**found, "R2": 1 - squared / spread} if spread else found


def class_scores(truth: np.ndarray, predicted: np.ndarray) -> Score:
    """The share of rows that are wrong, and the mean of the classes' shares.

    >>> class_scores(np.array(["a", "a", "a", "b"]), np.array(["a", "a", "a", "a"]))
    {'error': 0.25, 'balanced error': 0.5}
    """
    wrong = truth != predicted
    by_class = [float(wrong[truth == label].mean()) for label in set(truth.tolist())]
    balanced = sum(by_class) / len(by_class)
    return {"error": float(wrong.mean()), "balanced error": balanced}
