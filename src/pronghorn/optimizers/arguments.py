"""Checks of what optimizers are given."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError
from pronghorn.ir import Variable

__all__ = ["no_others", "rate", "whole"]


def no_others(optimizer: str, arguments: dict[str, Any]) -> None:
    """Raises for arguments that no optimizer has.

    >>> no_others("SGD", {"rate": 0.1})
    Traceback (most recent call last):
    ...
    pronghorn.errors.ArgumentError: The optimizer has no such argument...
    """
    if not arguments:
        return
    raise ArgumentError(
        "The optimizer has no such argument.",
        where=f"optimizer {optimizer}",
        received=", ".join(f"{k}={v!r}" for k, v in arguments.items()),
        remedy="leave it out, or check its spelling",
    )


def rate(optimizer: str, value: Any) -> float:
    """A learning rate as a float.

    >>> rate("SGD", 1)
    1.0
    """
    number = isinstance(value, (int, float, np.number, np.ndarray, Variable))
    if number and not isinstance(value, bool) and np.ndim(value) == 0:
        found = float(np.asarray(value))
        if math.isfinite(found):
            return found
    raise ArgumentError(
        "A learning rate is a finite number.",
        where=f"argument learning_rate of {optimizer}",
        expected="a number, a LearningRateSchedule, or a function",
        received=repr(value),
        remedy="pass for instance learning_rate=0.001",
    )


def whole(value: Any) -> bool:
    """Whether a value is a whole number.

    >>> whole(3), whole(2.5), whole(True)
    (True, False, False)
    """
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)
