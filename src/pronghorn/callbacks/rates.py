"""The learning rates of a model: one, or one for each part of a `MultiOptimizer`."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["learning_rates", "of_each_rate", "rate_of"]


def of_each_rate(model: Any) -> list[tuple[Any, str]]:
    """What has a learning rate: each optimizer, and its name if there are several."""
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    parts = getattr(optimizer, "optimizers", None)
    if parts is None:
        return [(optimizer, "")]
    return [(part, part.name) for part in parts]


def rate_of(optimizer: Any) -> float:
    """An optimizer's learning rate now."""
    return float(np.asarray(optimizer.learning_rate))


def learning_rates(model: Any) -> dict[str, float]:
    """The rates as a history names them: "learning_rate", or with a part's name."""
    return {
        f"learning_rate_{name}" if name else "learning_rate": rate_of(optimizer)
        for optimizer, name in of_each_rate(model)
    }
