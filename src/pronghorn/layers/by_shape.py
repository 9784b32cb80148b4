"""Layers whose output's shape follows from the input's alone."""

from __future__ import annotations

from typing import Any

from pronghorn.ir.tensor import KerasTensor
from pronghorn.layers.layer import Layer

__all__ = ["ByShape"]


class ByShape(Layer):
    """Base: `compute_output_shape` tells all, also where a size is open.

    Symbols get their shape without a trace; a step is traced with the sizes of its
    data, all of which are known but the number of rows.
    """

    def compute_output_spec(self, inputs: Any) -> Any:
        """A symbol of the output's shape and dtype."""
        shape = self.compute_output_shape(inputs.shape)
        dtype = self._output_dtype(inputs)
        return KerasTensor(shape, dtype, name=f"{self.name}_output")

    def _output_dtype(self, inputs: Any) -> str:
        return str(inputs.dtype)
