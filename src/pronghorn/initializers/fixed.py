"""Initializers that draw nothing: zeros, ones, constants, the identity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pronghorn import config as configs
from pronghorn.errors import ShapeError
from pronghorn.initializers.base import Config, Initializer, known

__all__ = ["Constant", "Identity", "Ones", "Zeros", "fixed"]


@known
class Zeros(Initializer):
    """All zeros.

    >>> Zeros()((2,)).tolist()
    [0.0, 0.0]
    """

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        return np.zeros(tuple(shape), dtype or "float32")


@known
class Ones(Initializer):
    """All ones.

    >>> Ones()((2,)).tolist()
    [1.0, 1.0]
    """

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        return np.ones(tuple(shape), dtype or "float32")


@known
class Constant(Initializer):
    """One value everywhere, or an array that broadcasts to the shape.

    Args:
        value: a number or an array. Default 0.

    Example:

    >>> Constant(3)((2,)).tolist()
    [3.0, 3.0]
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        value = np.asarray(self.value, dtype or "float32")
        return value * np.ones(tuple(shape), value.dtype)

    def get_config(self) -> Config:
        return {"value": configs.serialize(self.value)}

    @classmethod
    def from_config(cls, config: Config) -> Constant:
        return cls(configs.deserialize(config["value"]))


@known
class Identity(Initializer):
    """The identity matrix; for shapes of two dimensions.

    Args:
        gain: the value on the diagonal. Default 1.

    Raises:
        ShapeError: for another number of dimensions, when called.

    Example:

    >>> Identity(2.0)((2, 2)).tolist()
    [[2.0, 0.0], [0.0, 2.0]]
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        if len(shape) != 2:
            raise ShapeError(
                "Only a matrix can start as the identity.",
                where="initializer Identity",
                expected="a shape of two dimensions",
                received=tuple(shape),
                remedy="use another initializer for this weight",
            )
        rows, columns = shape
        gain = np.asarray(self.gain, dtype or "float32")
        return np.asarray(gain * np.eye(rows, columns, dtype=gain.dtype))

    def get_config(self) -> Config:
        return {"gain": self.gain}


def fixed(value: np.ndarray) -> Callable[..., np.ndarray]:
    """The initializer that hands out one array, to a weight of its shape.

    >>> fixed(np.ones(2))((2,), "int32").tolist()
    [1, 1]
    """

    def initialize(shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        if tuple(shape) != value.shape:
            raise ShapeError(
                "The array given as an initializer does not fit the weight.",
                where="initializer",
                expected=f"an array of shape {tuple(shape)}",
                received=value.shape,
            )
        return value.astype(dtype or "float32")

    return initialize
