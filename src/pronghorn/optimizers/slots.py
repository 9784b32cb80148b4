"""Slots: what an optimizer keeps for each of a model's variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn.ir import Variable
from pronghorn.ir.memory import side_by_side

__all__ = ["slot_name", "snapshot", "without", "zeros_for"]


def slot_name(variable: Variable, name: str) -> str:
    """The name of a variable's slot.

    >>> slot_name(Variable(0.0, name="kernel"), "momentum")
    'kernel_momentum'
    """
    return f"{variable.path.replace('/', '_')}_{name}"


def zeros_for(
    variables: Sequence[Variable], initializer: Any
) -> list[np.ndarray] | None:
    """Room for all the slots of one name; None if they do not start as float32 zeros.

    Side by side they need not be moved together later, and they cost no memory until
    the first step writes to them.
    """
    floats = all(v.dtype == "float32" for v in variables)
    zeros = isinstance(initializer, str) and initializer == "zeros"
    return side_by_side([v.shape for v in variables]) if zeros and floats else None


def without(variables: Sequence[Any], *others: Any) -> list[Variable]:
    """The variables but for some, told apart by identity.

    >>> a, b = Variable(0.0), Variable(0.0)
    >>> without([a, b], a) == [b]
    True
    """
    left_out = {id(v) for v in others}
    return [v for v in variables if id(v) not in left_out]


def snapshot(variable: Variable) -> Any:
    """What a variable holds now, kept from later changes.

    >>> v = Variable(1.0)
    >>> before = snapshot(v)
    >>> _ = v.assign(2.0)
    >>> float(before)
    1.0
    """
    value = variable.value
    return value.copy() if isinstance(value, np.ndarray) else value
