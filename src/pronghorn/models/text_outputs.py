"""Text that a model gives: computed on the host, from what its program predicts.

The engine has no text. Where a functional model ends in calls that give some, such as
`StringLookup(invert=True)` of the best class, it is cut before them: another model of
the same layers predicts the numbers, and these calls follow on its arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pronghorn.ir.tensor import KerasTensor
from pronghorn.layers.node import CallNode
from pronghorn.tree import flatten, map_structure, pack_sequence_as

__all__ = ["TextOutputs", "text_outputs"]


class TextOutputs:
    """A functional model in two parts: up to its last numbers, and the text of them.

    Args:
        model: the functional model.
        calls: those that give text, in their order.
        numbers: the symbols that they begin with, and outputs that are no text.
        front: the model of these.
    """

    def __init__(
        self,
        model: Any,
        calls: list[CallNode],
        numbers: list[KerasTensor],
        front: Any,
    ) -> None:
        self._outputs, self._calls = model._outputs_spec, calls
        self._numbers, self.front = numbers, front

    def finish(self, predicted: Any) -> Any:
        """The model's outputs, from what `front` predicted."""
        values = dict(zip(map(id, self._numbers), flatten(predicted), strict=True))

        def filled(leaf: Any) -> Any:
            return values[id(leaf)] if isinstance(leaf, KerasTensor) else leaf

        for call in self._calls:
            args, kwargs = map_structure(
                filled, (call.arguments.args, call.arguments.kwargs)
            )
            made = flatten(call.operation(*args, **kwargs))
            values |= zip(map(id, call.output_tensors), made, strict=True)
        given = [values[id(tensor)] for tensor in flatten(self._outputs)]
        return pack_sequence_as(self._outputs, given)


def text_outputs(model: Any, made: Callable[..., Any]) -> TextOutputs | None:
    """How a functional model that gives text is cut.

    Args:
        model: the model.
        made: makes a functional model of inputs, outputs and a name.

    Returns:
        None where it gives none, or where what it gives is a text that it was
        given.
    """
    if all(tensor.dtype != "string" for tensor in model.outputs):
        return None
    calls: dict[int, CallNode] = {}
    numbers: dict[int, KerasTensor] = {}
    inputs = {id(tensor) for tensor in model.inputs}

    def collect(tensor: KerasTensor) -> bool:
        """Goes back to numbers; whether there were some."""
        if tensor.dtype != "string":
            numbers[id(tensor)] = tensor
            return True
        history = tensor._keras_history
        if id(tensor) in inputs or history is None:
            return False
        call = history.operation._inbound_nodes[history.node_index]
        if not all(collect(given) for given in call.input_tensors):
            return False
        calls[id(call)] = call
        return True

    if not all(collect(tensor) for tensor in model.outputs):
        return None
    front = made(model._inputs_struct, [*numbers.values()], name=model.name)
    return TextOutputs(model, [*calls.values()], [*numbers.values()], front)
