"""Regularizers: penalties on weights or outputs, added to the loss.

Each is a callable that takes a tensor and returns a scalar; a function of your own
serves as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from pronghorn import config as configs
from pronghorn import ops
from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.lookup import from_config, interpret, names_of
from pronghorn.registry import keras_class

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "OrthogonalRegularizer",
    "Regularizer",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l2",
    "orthogonal_regularizer",
    "serialize",
]

Config = dict[str, Any]

_known = keras_class("keras.regularizers")
_EXAMPLE = "pronghorn.regularizers.L2(0.01)"


@_known
class Regularizer:
    """Base of all regularizers.

    Example:

    >>> class Largest(Regularizer):
    ...     def __call__(self, x):
    ...         return 0.1 * ops.max(ops.abs(x))
    """

    def __call__(self, x: Any) -> Any:
        """The penalty of a tensor: a scalar. 0 here."""
        return 0.0

    def get_config(self) -> Config:
        """The constructor's arguments; needed only to save a model."""
        raise NotImplementedError(f"{type(self).__name__} must define get_config")

    @classmethod
    def from_config(cls, config: Config) -> Regularizer:
        """A regularizer from what `get_config` returned."""
        return cls(**config)


@_known
class L1L2(Regularizer):
    """`l1 * sum(|x|) + l2 * sum(x²)`.

    Args:
        l1: factor of the absolute values, at least 0. Default 0.
        l2: factor of the squares, at least 0. Default 0.

    Raises:
        ArgumentError: a factor that is negative or not a finite number.

    Example:

    >>> import numpy as np
    >>> float(L1L2(l1=1.0, l2=2.0)(np.array([1.0, -2.0])))
    13.0
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = _factor("l1", 0.0 if l1 is None else l1)
        self.l2 = _factor("l2", 0.0 if l2 is None else l2)

    def __call__(self, x: Any) -> Any:
        penalty: Any = 0.0
        if self.l1:
            penalty = penalty + self.l1 * ops.sum(ops.abs(x))
        if self.l2:
            penalty = penalty + self.l2 * ops.sum(ops.square(x))
        return penalty

    def get_config(self) -> Config:
        return {"l1": self.l1, "l2": self.l2}


@_known
class L1(Regularizer):
    """`l1 * sum(|x|)`: drives weights to exactly 0.

    Args:
        l1: the factor, at least 0. Default 0.01.

    Raises:
        ArgumentError: a factor that is negative or not a finite number.

    Example:

    >>> import numpy as np
    >>> float(L1(0.5)(np.array([1.0, -2.0])))
    1.5
    """

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = _factor("l1", 0.01 if l1 is None else l1)

    def __call__(self, x: Any) -> Any:
        return self.l1 * ops.sum(ops.abs(x))

    def get_config(self) -> Config:
        return {"l1": self.l1}


@_known
class L2(Regularizer):
    """`l2 * sum(x²)`: keeps weights small.

    Args:
        l2: the factor, at least 0. Default 0.01.

    Raises:
        ArgumentError: a factor that is negative or not a finite number.

    Example:

    >>> import numpy as np
    >>> float(L2(0.5)(np.array([1.0, -2.0])))
    2.5
    """

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = _factor("l2", 0.01 if l2 is None else l2)

    def __call__(self, x: Any) -> Any:
        return self.l2 * ops.sum(ops.square(x))

    def get_config(self) -> Config:
        return {"l2": self.l2}


@_known
class OrthogonalRegularizer(Regularizer):
    """Pushes the rows, or the columns, of a matrix towards being orthogonal.

    The penalty is `factor` times the mean absolute cosine between two of them.

    Args:
        factor: at least 0. Default 0.01.
        mode: "rows" (default) or "columns".

    Raises:
        ArgumentError: another mode, or a factor that is negative or not finite.
        ShapeError: a tensor that is no matrix, when called.

    Example:

    >>> import numpy as np
    >>> round(float(OrthogonalRegularizer(0.01)(np.ones((4, 3)))), 6)
    0.01
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        if mode not in ("rows", "columns"):
            raise ArgumentError(
                "There is no such mode.",
                where="OrthogonalRegularizer",
                expected="'rows' or 'columns'",
                received=f"mode={mode!r}",
            )
        self.factor = _factor("factor", factor)
        self.mode = mode

    def __call__(self, inputs: Any) -> Any:
        if len(inputs.shape) != 2:
            raise ShapeError(
                "Only a matrix has orthogonal rows or columns.",
                where="OrthogonalRegularizer",
                expected="a tensor of two dimensions",
                received=tuple(inputs.shape),
                remedy="use another regularizer for this weight",
            )
        matrix = inputs if self.mode == "rows" else ops.transpose(inputs)
        unit = ops.normalize(matrix, axis=1)
        size = matrix.shape[0]
        others = ops.matmul(unit, ops.transpose(unit)) * (1.0 - ops.eye(size))
        pairs = size * (size - 1.0) / 2.0
        return self.factor * 0.5 * ops.sum(ops.abs(others)) / pairs

    def get_config(self) -> Config:
        return {"factor": self.factor, "mode": self.mode}


def _factor(name: str, value: Any) -> float:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or value < 0:
        raise ArgumentError(
            "A regularizer's factor is a number that is not negative.",
            where=f"argument {name} of a regularizer",
            expected="a finite number, 0 or more",
            received=f"{name}={value!r}",
            remedy=f"pass for instance {name}=0.01",
        )
    return float(value)


l1 = L1
l2 = L2
l1_l2 = L1L2
orthogonal_regularizer = OrthogonalRegularizer

_NAMES = names_of((L1, L2, L1L2, OrthogonalRegularizer), l1_l2=L1L2)


def get(identifier: Any) -> Callable[[Any], Any] | None:
    """The regularizer that a name, a config, a class or an object stands for.

    Args:
        identifier: `"l2"`, `L2(0.1)`, a function, a config, or None (which stays None).

    Raises:
        UnknownNameError: no regularizer has that name.

    Example:

    >>> get("l2").get_config()
    {'l2': 0.01}
    """
    found: Callable[[Any], Any] | None = interpret(
        "regularizer", identifier, _NAMES, _EXAMPLE
    )
    return found


def serialize(regularizer: Any) -> Any:
    """What a file says for a regularizer."""
    return configs.serialize(regularizer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The regularizer that `serialize` described.

    >>> deserialize({"class_name": "L1", "config": {"l1": 0.5}}).l1
    0.5
    """
    found = from_config("regularizer", config, _NAMES, _EXAMPLE, custom_objects)
    return found() if isinstance(found, type) else found
