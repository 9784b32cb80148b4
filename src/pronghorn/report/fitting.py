"""The learning curves: what the history of a training says, by epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Curves", "curves_of"]

VALIDATION = "val_"


@dataclass(frozen=True)
class Curves:
    """One figure: a quantity of the training rows and of the validation rows.

    Attributes:
        name: "loss", "accuracy", ...
        training, validation: by epoch, from epoch 1; None where it was not measured.
        best: the epoch of the lowest validation loss, from 1; None without one.
    """

    name: str
    training: np.ndarray | None
    validation: np.ndarray | None
    best: int | None


def curves_of(history: Any) -> tuple[Curves, ...]:
    """The loss first, then what else was measured; settings such as rates are not.

    Args:
        history: lists by epoch by name, or what has them as its `history`.

    >>> [curves] = curves_of({"loss": [3.0, 2.0, 1.0], "val_loss": [3.0, 1.0, 2.0]})
    >>> curves.name, curves.best
    ('loss', 2)
    """
    logs = getattr(history, "history", history) or {}
    found = {name: _numbers(values) for name, values in logs.items()}
    known = {name: values for name, values in found.items() if values is not None}
    watched = known.get(f"{VALIDATION}loss")
    best = None
    if watched is not None and np.isfinite(watched).any():
        best = int(np.nanargmin(watched)) + 1
    names = [n.removeprefix(VALIDATION) for n in known]
    pairs = [
        n for n in dict.fromkeys(names) if n == "loss" or f"{VALIDATION}{n}" in known
    ]
    pairs.sort(key=lambda name: name != "loss")
    return tuple(
        Curves(name, known.get(name), known.get(f"{VALIDATION}{name}"), best)
        for name in pairs
    )


def _numbers(values: Any) -> np.ndarray | None:
    """Float64, (epochs,); None for what is no list of numbers."""
    try:
        array = np.asarray(values, np.float64)
    except (TypeError, ValueError):
        return None
    return array if array.ndim == 1 and len(array) else None
