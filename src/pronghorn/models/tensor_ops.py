"""Operations on symbolic tensors outside of any layer, as a layer.

`x = inputs * 2.0 + 1.0` between two layers of a functional model becomes one of these.
"""

from __future__ import annotations

from typing import Any

from pronghorn.errors import UnsupportedError
from pronghorn.ir.graph import Node, ancestors
from pronghorn.ir.primitive import CONSTANT, INPUT
from pronghorn.ir.shapes import Batch, at
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import bind, is_symbolic
from pronghorn.layers.layer import Layer
from pronghorn.layers.node import CallNode

__all__ = ["TensorOps", "adopt"]


class TensorOps(Layer):
    """A piece of graph from some tensors to one."""

    def __init__(self, node: Node, sources: list[KerasTensor], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._node = node
        self._sources = [t.node.number for t in sources]
        self.built = True

    def call(self, inputs: list[Any]) -> Any:
        """The tensors that the piece starts from, to its result."""
        values: dict[int, Any] = dict(zip(self._sources, inputs, strict=True))
        for node in ancestors([self._node]):
            if node.number not in values:
                values[node.number] = self._value(node, values, inputs)
        return values[self._node.number]

    def _value(self, node: Node, values: dict[int, Any], inputs: list[Any]) -> Any:
        if node.primitive is CONSTANT:
            return node.payload
        attrs = node.attrs
        if not is_symbolic(*inputs):
            rows = len(inputs[0])
            attrs = {key: _at(value, rows) for key, value in attrs.items()}
        return bind(node.primitive, *(values[i.number] for i in node.inputs), **attrs)

    def get_config(self) -> dict[str, Any]:
        """Refused: a file names layers, and this is none.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError(
            "Operations between layers cannot be saved.",
            where=f"layer {self.name!r} ({self._node.primitive.name})",
            remedy="put them into the call() of a Layer of your own, and register it",
        )


def _at(value: Any, rows: int) -> Any:
    if isinstance(value, Batch):
        return value.at(rows)
    return at(value, rows) if isinstance(value, tuple) else value


def adopt(tensor: KerasTensor) -> None:
    """Gives a tensor that operations computed a layer as its history."""
    leaves = [n for n in ancestors([tensor.node]) if n.primitive is INPUT]
    sources = [n.payload for n in leaves if isinstance(n.payload, KerasTensor)]
    if len(sources) != len(leaves) or not sources:
        raise UnsupportedError(
            "This tensor does not come from the model's inputs.",
            where=repr(tensor),
            expected="a tensor computed from Input(...)",
        )
    layer = TensorOps(tensor.node, sources, name=None)
    CallNode(layer, (sources,), {}, tensor)
