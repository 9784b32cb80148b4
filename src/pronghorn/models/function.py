"""`Function`: a computation between symbolic tensors, to be done again on others."""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.ir.tensor import KerasTensor
from pronghorn.layers.node import CallNode
from pronghorn.layers.operation import Operation
from pronghorn.layers.shapes import symbols
from pronghorn.models.functional import Functional
from pronghorn.registry import keras_class
from pronghorn.tree import assert_same_structure, flatten, map_structure

__all__ = ["Function"]


@keras_class("keras")
class Function(Operation):
    """What leads from some symbolic tensors to others, as one operation.

    It is like a functional model, but neither a layer nor trained, and it may begin
    with any tensors: of `Input`, of `KerasTensor`, or from the middle of a model.

    Args:
        inputs: a symbolic tensor, or a structure of them.
        outputs: a tensor computed from them, or a structure.
        name: default "function".

    Raises:
        ArgumentError: there are no inputs or outputs, or the outputs need more.

    Example:

    >>> a, b = KerasTensor((None, 2)), KerasTensor((None, 2))
    >>> total = Function([a, b], a + 2.0 * b)
    >>> total([np.ones((1, 2), "float32"), np.ones((1, 2), "float32")])
    array([[3., 3.]], dtype=float32)
    """

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None) -> None:
        super().__init__(name)
        for what, structure in (("inputs", inputs), ("outputs", outputs)):
            if not flatten(structure):
                raise ArgumentError(
                    f"The `{what}` argument cannot be empty.",
                    where=f"Function({what}=)",
                    expected="a symbolic tensor, or a structure of them",
                    received=repr(structure),
                )
        for tensor in flatten(inputs):
            if isinstance(tensor, KerasTensor) and tensor._keras_history is None:
                CallNode(_Given(), (), {}, tensor)
        self._graph = Functional(inputs, outputs, name=f"{self.name}_graph")
        self._inputs_struct, self._outputs_struct = inputs, outputs

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic inputs, in one list."""
        return self._graph.inputs

    @property
    def outputs(self) -> list[KerasTensor]:
        """The symbolic outputs, in one list."""
        return self._graph.outputs

    @property
    def operations(self) -> list[Any]:
        """The operations and layers on the way from the inputs to the outputs."""
        return self._graph.operations

    def call(self, inputs: Any) -> Any:
        """The outputs for other inputs, arrays or tensors of the same structure.

        Raises:
            ArgumentError: another structure.
            ShapeError: an input of another shape.
        """
        try:
            assert_same_structure(inputs, self._inputs_struct)
        except (TypeError, ValueError):
            raise ArgumentError(
                "A function was called with an invalid input structure.",
                where=f"function {self.name!r}",
                expected=repr(self._inputs_struct),
                received=repr(inputs),
            ) from None
        for x, own in zip(flatten(inputs), self.inputs):
            fits = len(x.shape) == len(own.shape) and all(
                size is None or wanted is None or size == wanted
                for size, wanted in zip(x.shape, own.shape)
            )
            if not fits:
                raise ShapeError(
                    "A function was called with incompatible inputs.",
                    where=f"function {self.name!r}, input {own.name!r}",
                    expected=own.shape,
                    received=tuple(x.shape),
                )
        values = [
            np.asarray(x, own.dtype) if isinstance(x, np.ndarray) else x
            for x, own in zip(flatten(inputs), self.inputs)
        ]
        return self._graph._rerun(values)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the outputs for inputs of a shape, or of each."""
        outputs = self.compute_output_spec(symbols(input_shape))
        return map_structure(lambda tensor: tensor.shape, outputs)


class _Given(Operation):
    """What a symbolic tensor comes from that no layer made."""
