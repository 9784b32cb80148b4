"""Permutation importance: how much worse the model gets where a column is shuffled.

The values of one column of the raw table are put into another order, and the model
predicts again (Breiman, 2001; Fisher, Rudin and Dominici, 2019, arXiv:1801.01489).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pronghorn.data.raw import RawTable
from pronghorn.report.answers import Answers, Reportable, losses, told_of
from pronghorn.report.scores import Interval, draws, interval
from pronghorn.report.tables import with_order

__all__ = ["Importance", "importance_of"]

REPEATS = 5
MOST_ROWS, FEWEST_ROWS = 2000, 200
PREDICTIONS = 400_000
"""About how many predictions are made in all: the more columns, the fewer rows."""


@dataclass(frozen=True)
class Importance:
    """How much each column matters.

    Attributes:
        names: of the used columns, the most important one first.
        rises: by how much the loss rises, with its interval over resamples of the rows.
        loss: "RMSE", in the target's units, or "log loss".
        base: of the same rows as they are.
        rows: how many rows were predicted.
        repeats: how many orders of each column were tried.
    """

    names: tuple[str, ...]
    rises: tuple[Interval, ...]
    loss: str
    base: float
    rows: int
    repeats: int


def importance_of(
    model: Reportable, holdout: RawTable, answers: Answers, seed: int
) -> Importance:
    """Shuffles each used column in turn.

    Args:
        model: what predicts.
        holdout: all held-out rows.
        answers: to these.
        seed: which rows are taken, and their orders.
    """
    rng = np.random.default_rng(seed)
    used = [c.name for c in model.schema.used if c.name in holdout.columns]
    most = PREDICTIONS // (REPEATS * max(1, len(used)))
    most = int(np.clip(most, FEWEST_ROWS, MOST_ROWS))
    taken = np.arange(len(answers.rows))
    if len(taken) > most:
        taken = np.sort(rng.choice(taken, most, replace=False))
    count = len(taken)
    # All orders of a column are predicted in one call.
    several = holdout.take(np.tile(answers.rows[taken], REPEATS))
    truth = answers.truth[taken]
    base = losses(truth, answers.told[taken])
    worse = np.empty((len(used), count))
    for place, name in enumerate(used):
        orders = [rng.permutation(count) + i * count for i in range(REPEATS)]
        told = told_of(model, with_order(several, name, np.concatenate(orders)))
        each = losses(np.tile(truth, REPEATS), told)
        worse[place] = each.reshape(REPEATS, count).mean(axis=0)
    root = answers.chances is None
    rises = _rises(base, worse, root, seed)
    order = sorted(range(len(used)), key=lambda i: -rises[i].value)
    return Importance(
        tuple(used[i] for i in order),
        tuple(rises[i] for i in order),
        "RMSE" if root else "log loss",
        float(np.sqrt(base.mean()) if root else base.mean()),
        count,
        REPEATS,
    )


def _rises(
    base: np.ndarray, worse: np.ndarray, root: bool, seed: int
) -> list[Interval]:
    """The rise of the mean loss, or of its root, by column."""

    def rise(weights: np.ndarray) -> np.ndarray:
        total = weights.sum(axis=1, keepdims=True)
        after, before = weights @ worse.T / total, weights @ base[:, None] / total
        return np.sqrt(after) - np.sqrt(before) if root else after - before

    drawn = np.concatenate([rise(weights) for weights in draws(len(base), seed)])
    at = rise(np.ones((1, len(base))))[0]
    return [interval(float(v), drawn[:, i]) for i, v in enumerate(at)]
