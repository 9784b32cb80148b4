"""The learning curves: what the history of a training says, by epoch."""

from __future__ import annotations

from collections.abc import Sequence
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
        best: the epochs whose weights were kept, from 1; of the lowest validation loss
            where the model does not tell.
    """

    name: str
    training: np.ndarray | None
    validation: np.ndarray | None
    best: tuple[int, ...]


def curves_of(history: Any, best: Sequence[int] = ()) -> tuple[Curves, ...]:
    """The loss first, then what else was measured; settings such as rates are not.

    Args:
        history: lists by epoch by name, or what has them as its `history`.
        best: the epochs whose weights were kept, one for each member of an ensemble.

    >>> [curves] = curves_of({"loss": [3.0, 2.0, 1.0], "val_loss": [3.0, 1.0, 2.0]})
    >>> curves.name, curves.best
    ('loss', (2,))
    """
    logs = getattr(history, "history", history) or {}
    found = {name: _numbers(values) for name, values in logs.items()}
    known = {name: values for name, values in found.items() if values is not None}
    watched = known.get(f"{VALIDATION}loss")
    if not best and watched is not None and np.isfinite(watched).any():
        best = [int(np.nanargmin(watched)) + 1]
    kept = tuple(sorted(set(best)))
    names = [n.removeprefix(VALIDATION) for n in known]
    pairs = [
        n for n in dict.fromkeys(names) if n == "loss" or f"{VALIDATION}{n}" in known
    ]
    pairs.sort(key=lambda name: name != "loss")
    return tuple(
        Curves(name, known.get(name), known.get(f"{VALIDATION}{name}"), kept)
        for name in pairs
    )


def _numbers(values: Any) -> np.ndarray | None:
    """Float64, (epochs,); None for what is no list of numbers."""
    try:
        array = np.asarray(values, np.float64)
    except (TypeError, ValueError):
        return None
    return array if array.ndim == 1 and len(array) else None
