"""Constraints: what a weight is replaced by after each step, to stay within bounds.

Each is a callable that takes a tensor and returns one of the same shape; a function of
your own serves as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pronghorn import config as configs
from pronghorn import ops
from pronghorn.lookup import from_config, interpret, names_of
from pronghorn.registry import keras_class
from pronghorn.settings import EPSILON

__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "deserialize",
    "get",
    "max_norm",
    "min_max_norm",
    "non_neg",
    "serialize",
    "unit_norm",
]

Axis = int | Sequence[int]
Config = dict[str, Any]

_known = keras_class("keras.constraints")
_EXAMPLE = "pronghorn.constraints.NonNeg()"


@_known
class Constraint:
    """Base of all constraints.

    Example:

    >>> class AtMostOne(Constraint):
    ...     def __call__(self, w):
    ...         return ops.minimum(w, 1.0)
    """

    def __call__(self, w: Any) -> Any:
        """The weight's new value. The weight itself here."""
        return w

    def get_config(self) -> Config:
        """The constructor's arguments."""
        return {}

    @classmethod
    def from_config(cls, config: Config) -> Constraint:
        """A constraint from what `get_config` returned."""
        return cls(**config)


@_known
class MaxNorm(Constraint):
    """Scales vectors that are longer than `max_value` down to it.

    Args:
        max_value: the largest 2-norm. Default 2.
        axis: the axis of a vector. Default 0: of a dense kernel, the weights that
            come into one unit.

    Example:

    >>> import numpy as np
    >>> MaxNorm(1.0)(np.array([[3.0], [4.0]])).round(3).tolist()
    [[0.6], [0.8]]
    """

    def __init__(self, max_value: float = 2, axis: Axis = 0) -> None:
        self.max_value = max_value
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        norms = ops.norm(w, axis=self.axis, keepdims=True)
        return w * (ops.clip(norms, 0.0, self.max_value) / (EPSILON + norms))

    def get_config(self) -> Config:
        return {"max_value": self.max_value, "axis": self.axis}


@_known
class NonNeg(Constraint):
    """Replaces negative weights by 0.

    >>> import numpy as np
    >>> NonNeg()(np.array([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    def __call__(self, w: Any) -> Any:
        return ops.maximum(w, 0.0)


@_known
class UnitNorm(Constraint):
    """Scales vectors to length 1.

    Args:
        axis: the axis of a vector. Default 0.

    Example:

    >>> import numpy as np
    >>> UnitNorm()(np.array([[3.0], [4.0]])).round(3).tolist()
    [[0.6], [0.8]]
    """

    def __init__(self, axis: Axis = 0) -> None:
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        return w / (EPSILON + ops.norm(w, axis=self.axis, keepdims=True))

    def get_config(self) -> Config:
        return {"axis": self.axis}


@_known
class MinMaxNorm(Constraint):
    """Scales vectors so that their length comes between two bounds.

    Args:
        min_value: the smallest 2-norm. Default 0.
        max_value: the largest 2-norm. Default 1.
        rate: how far towards the bound a step goes: 1 (default) all the way.
        axis: the axis of a vector. Default 0.

    Example:

    >>> import numpy as np
    >>> MinMaxNorm(2.0, 5.0)(np.array([[0.6], [0.8]])).round(3).tolist()
    [[1.2], [1.6]]
    """

    def __init__(
        self,
        min_value: float = 0.0,
        max_value: float = 1.0,
        rate: float = 1.0,
        axis: Axis = 0,
    ) -> None:
        self.min_value = min_value
        self.max_value = max_value
        self.rate = rate
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        norms = ops.norm(w, axis=self.axis, keepdims=True)
        bounded = self.rate * ops.clip(norms, self.min_value, self.max_value)
        desired = bounded + (1.0 - self.rate) * norms
        return w * (desired / (EPSILON + norms))

    def get_config(self) -> Config:
        own = ("min_value", "max_value", "rate", "axis")
        return {k: getattr(self, k) for k in own}


max_norm = MaxNorm
min_max_norm = MinMaxNorm
non_neg = NonNeg
unit_norm = UnitNorm

_NAMES = names_of((MaxNorm, MinMaxNorm, NonNeg, UnitNorm))


def get(identifier: Any) -> Callable[[Any], Any] | None:
    """The constraint that a name, a config, a class or an object stands for.

    Args:
        identifier: `"non_neg"`, `MaxNorm(3)`, a function, a config, or None (which
            stays None).

    Raises:
        UnknownNameError: no constraint has that name.

    Example:

    >>> type(get("non_neg")).__name__
    'NonNeg'
    """
    found: Callable[[Any], Any] | None = interpret(
        "constraint", identifier, _NAMES, _EXAMPLE
    )
    return found


def serialize(constraint: Any) -> Any:
    """What a file says for a constraint."""
    return configs.serialize(constraint)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The constraint that `serialize` described.

    >>> deserialize({"class_name": "MaxNorm", "config": {"max_value": 3}}).max_value
    3
    """
    found = from_config("constraint", config, _NAMES, _EXAMPLE, custom_objects)
    return found() if isinstance(found, type) else found
