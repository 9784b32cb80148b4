"""What all initializers have in common."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn.registry import keras_class

__all__ = ["Config", "Initializer", "compute_fans", "known"]

Config = dict[str, Any]

#: Makes a class known to files under Keras's module name.
known = keras_class("keras.initializers")


@known
class Initializer:
    """Base of all initializers: a callable `(shape, dtype)` that returns an array.

    Example:

    >>> class Ramp(Initializer):
    ...     def __call__(self, shape, dtype=None):
    ...         return np.arange(math.prod(shape), dtype=dtype).reshape(shape)
    >>> Ramp()((2, 2), "float32").tolist()
    [[0.0, 1.0], [2.0, 3.0]]
    """

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> np.ndarray:
        """An array of that shape and dtype (default float32)."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__")

    def get_config(self) -> Config:
        """The constructor's arguments."""
        return {}

    @classmethod
    def from_config(cls, config: Config) -> Initializer:
        """An initializer from what `get_config` returned."""
        return cls(**config)

    def clone(self) -> Initializer:
        """A new one with the same arguments."""
        return type(self).from_config(self.get_config())


def compute_fans(
    shape: Sequence[int],
    input_axes: Sequence[int] | None = None,
    output_axes: Sequence[int] | None = None,
) -> tuple[int, int]:
    """How many inputs and outputs a weight connects.

    Args:
        shape: the weight's shape.
        input_axes: which axes are inputs, if not the last but one.
        output_axes: which axes are outputs, if not the last.

    >>> compute_fans((3, 5)), compute_fans((7,)), compute_fans((2, 3, 5))
    ((3, 5), (7, 7), (6, 10))
    """
    if input_axes is not None and output_axes is not None:
        fan_in = math.prod(shape[a] for a in input_axes)
        return fan_in, math.prod(shape[a] for a in output_axes)
    if len(shape) < 2:
        fan = math.prod(shape)
        return fan, fan
    field = math.prod(shape[:-2])
    return shape[-2] * field, shape[-1] * field
