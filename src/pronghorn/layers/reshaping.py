"""Layers that change shapes."""

from __future__ import annotations

from math import prod
from typing import Any

from pronghorn import ops
from pronghorn.errors import UnsupportedError
from pronghorn.layers.core import known_size
from pronghorn.layers.input_spec import InputSpec
from pronghorn.layers.layer import Layer
from pronghorn.registry import keras_class

__all__ = ["Flatten"]


@keras_class("keras.layers")
class Flatten(Layer):
    """Each row as one vector.

    Args:
        data_format: only "channels_last".

    Shapes: (rows, a, b, ...) to (rows, a * b * ...); (rows,) to (rows, 1).
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if data_format not in (None, "channels_last"):
            raise UnsupportedError(
                "Flatten takes channels last.",
                where=f"layer {self.name!r}",
                expected="channels_last",
                received=repr(data_format),
            )
        self.data_format = "channels_last"
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Any:
        """(rows, a, b, ...) to (rows, a * b * ...)."""
        shape = ops.shape(inputs)
        for axis in range(1, len(shape)):
            known_size(inputs.shape, axis, self)
        return ops.reshape(inputs, (shape[0], prod(shape[1:])))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "data_format": self.data_format}
