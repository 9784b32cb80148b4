"""How good configurations are: by answers for rows that a net did not learn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pronghorn.tabular.targets import Target

__all__ = ["Judge", "calibrate", "softmax"]

_ROUNDS = 12  # of Newton's method for the temperatures
_COLDEST, _HOTTEST = 0.05, 20.0


@dataclass(frozen=True)
class Judge:
    """What answers are measured by.

    For classes it is the mean log loss at the temperature that suits a configuration
    best (one number for all its folds): a model is calibrated so in the end, and a net
    that learned from smoothed labels would look worse than it is. For numbers it is the
    root mean squared error, in the target's units.

    Attributes:
        goal: the target.
        truth: of all rows: int32 numbers of the classes, or float64 values.
        weight: how much rows count, (rows,), or None.
    """

    goal: Target
    truth: np.ndarray
    weight: np.ndarray | None

    @property
    def metric(self) -> str:
        """What it measures."""
        return "log_loss" if self.goal.classes else "rmse"

    def scores(self, outputs: np.ndarray) -> np.ndarray:
        """A number for each configuration, the smaller the better.

        Args:
            outputs: of the nets, float32 (rows, configurations, outputs).

        Returns:
            float64 (configurations,).
        """
        share = self._shares()
        if self.goal.classes:
            return calibrate(outputs, self.truth, share)[1]
        answers = [self.goal.decode(outputs[:, k]) for k in range(outputs.shape[1])]
        errors = np.stack(answers, axis=1) - self.truth[:, None]
        return np.asarray(np.sqrt(share @ np.square(errors)))

    def answers(self, outputs: np.ndarray) -> tuple[float, np.ndarray]:
        """One configuration's temperature, and its answers at it.

        Args:
            outputs: of its nets, float32 (rows, outputs).

        Returns:
            The temperature (1 for numbers), and float32 (rows, classes), or float64
            (rows,) in the target's units.
        """
        if not self.goal.classes:
            return 1.0, self.goal.decode(outputs)
        cold, _ = calibrate(outputs[:, None], self.truth, self._shares())
        odds = softmax(outputs.astype(np.float64) * cold[0])
        return float(1.0 / cold[0]), odds.astype(np.float32)

    def _shares(self) -> np.ndarray:
        rows = len(self.truth)
        if self.weight is None:
            return np.full(rows, 1.0 / rows)
        weight = self.weight.astype(np.float64)
        return np.asarray(weight / weight.sum())


def calibrate(
    logits: np.ndarray, truth: np.ndarray, share: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The inverse temperatures at which probabilities explain the classes best.

    The log loss is convex in the inverse temperature: Newton's method, its steps kept
    to a factor of two (Guo et al., arXiv 1706.04599, for temperature scaling).

    Args:
        logits: (rows, configurations, classes).
        truth: numbers of the classes, (rows,).
        share: how much each row counts, (rows,), a sum of 1.

    Returns:
        They, from 1/20 to 20, and the log losses there: float64 (configurations,).

    Example:

    >>> sure = np.log([[[0.9, 0.1]], [[0.9, 0.1]]])
    >>> cold, loss = calibrate(sure, np.array([0, 1]), np.full(2, 0.5))
    >>> cold.round(2), loss.round(3)  # right half of the time: no more than a guess
    (array([0.05]), array([0.695]))
    """
    z = logits.astype(np.float64)
    z -= z.max(axis=-1, keepdims=True)
    right = np.take_along_axis(z, truth.astype(np.int64)[:, None, None], axis=-1)[
        ..., 0
    ]
    cold = np.ones(z.shape[1])
    for _ in range(_ROUNDS):
        odds = softmax(z * cold[:, None])
        mean = (odds * z).sum(axis=-1)
        slope = share @ (mean - right)
        curve = share @ ((odds * np.square(z)).sum(axis=-1) - np.square(mean))
        step = cold - slope / np.maximum(curve, 1e-12)
        step = np.clip(step, cold / 2, cold * 2)
        cold = np.clip(step, _COLDEST, _HOTTEST)
    spread = np.log(np.exp(z * cold[:, None]).sum(axis=-1))
    return cold, np.asarray(share @ (spread - right * cold))


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities of log-odds, over the last axis."""
    odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=-1, keepdims=True))
