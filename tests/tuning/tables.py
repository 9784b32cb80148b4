"""Small tables for the search's tests."""

from __future__ import annotations

import numpy as np

from pronghorn.tabular.presets import Preset
from pronghorn.tabular.targets import fit_target
from pronghorn.tabular.training import Rows
from pronghorn.tuning.judging import Judge
from pronghorn.tuning.program import Setting

SMALL = Preset(hidden=(8, 8), epochs=6, batch_size=32, dropout=0.1)


def numbers(rows: int = 90, classes: bool = False, seed: int = 0) -> Rows:
    """Two numbers, one of them missing at times, a category, and a target of them."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 2)).astype(np.float32)
    ids = rng.integers(2, 5, size=(rows, 1)).astype(np.int32)
    y = x[:, 0] + 0.5 * (ids[:, 0] == 3) + 0.3 * rng.normal(size=rows)
    x[::7, 1] = np.nan
    target = (y > 0.2).astype(np.int32) if classes else y.astype(np.float32)
    return Rows(x, ids, target)


def setting(rows: Rows, folds: int = 3, seed: int = 0) -> Setting:
    """What the rows' configurations have in common."""
    goal = fit_target(rows.target, "y")
    target = goal.encode(rows.target)
    truth = target if goal.classes else rows.target.astype(np.float64)
    made = Rows(rows.numbers, rows.ids, target, rows.weight)
    judge = Judge(goal, truth, rows.weight)
    return Setting(made, (3,) * rows.ids.shape[1], judge, folds, seed)


def frame(
    rows: int = 90, classes: bool = False, seed: int = 0
) -> dict[str, np.ndarray]:
    """The same as a dict of columns, with the target "y"."""
    made = numbers(rows, classes, seed)
    colors = np.array(["red", "green", "blue"], object)[made.ids[:, 0] - 2]
    return {
        "a": made.numbers[:, 0].astype(np.float64),
        "b": made.numbers[:, 1].astype(np.float64),
        "color": colors,
        "y": np.where(made.target, "yes", "no") if classes else made.target,
    }
