"""Pieces of graph between the layers of a functional model.

What a model computes between its layers with operations that Keras names is recorded by
name (`layers.operation`); the rest, such as `random.normal(ops.shape(x))` or a loss's
function, becomes one of these.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn.backends.reference import evaluate
from pronghorn.errors import UnsupportedError
from pronghorn.ir.dtypes import standard
from pronghorn.ir.graph import Node, ancestors, apply, input_leaf
from pronghorn.ir.primitive import CONSTANT, INPUT, Kind
from pronghorn.ir.shapes import BATCH, Batch, Shape
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import Trace, as_node, is_symbolic, next_stream
from pronghorn.layers.node import CallNode
from pronghorn.layers.operation import Operation
from pronghorn.random import draw_seed

__all__ = ["TensorOps", "adopt"]


class TensorOps(Operation):
    """A piece of graph from some tensors to one."""

    def __init__(self, node: Node, sources: list[KerasTensor]) -> None:
        super().__init__()
        self._node = node
        self._sources = [t.node.number for t in sources]
        self._shapes = [t.node.shape for t in sources]

    def call(self, inputs: list[Any]) -> Any:
        """The tensors that the piece starts from, to its result."""
        if not is_symbolic(*inputs):
            return self._computed(inputs)
        values: dict[int, Any] = dict(zip(self._sources, inputs, strict=True))
        for node in ancestors([self._node]):
            if node.number not in values:
                arguments = [as_node(values[i.number]) for i in node.inputs]
                values[node.number] = self._again(node, arguments)
        return values[self._node.number]

    def _again(self, node: Node, arguments: list[Node]) -> Any:
        if node.primitive is CONSTANT:
            return KerasTensor.of(node)
        attrs = dict(node.attrs)
        if node.primitive.kind is Kind.RANDOM:
            attrs["stream"] = next_stream()
        return KerasTensor.of(apply(node.primitive, arguments, attrs))

    def _computed(self, inputs: list[Any]) -> Any:
        with Trace() as trace:
            leaves = [
                input_leaf(i, self._symbolic(i, np.shape(x)), standard(x.dtype))
                for i, x in enumerate(inputs)
            ]
            result = self.call([KerasTensor.of(leaf) for leaf in leaves])
            graph = trace.graph(leaves, [result.node])
        rows = self._rows(inputs)
        return evaluate(graph, inputs, rows, draw_seed())[result.node.number]

    def _symbolic(self, source: int, shape: tuple[int, ...]) -> Shape:
        """The shape of an array, with the batch where the piece was made with it."""
        traced = self._shapes[source]
        if len(traced) != len(shape):
            return shape
        pairs = zip(traced, shape, strict=True)
        return tuple(dim if isinstance(dim, Batch) else size for dim, size in pairs)

    def _rows(self, inputs: list[Any]) -> int:
        for traced, array in zip(self._shapes, inputs, strict=True):
            if BATCH in traced:
                return np.shape(array)[traced.index(BATCH)]
        return len(inputs[0])

    def get_config(self) -> dict[str, Any]:
        """Refused: a file names layers and operations of Keras, and this is none.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError(
            "What is computed between these layers cannot be saved.",
            where=f"operation {self.name!r} ({self._node.primitive.name})",
            expected="operations of Keras, such as x * 2 or ops.relu(x)",
            remedy="put them into the call() of a Layer of your own, and register it",
        )


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
    piece = TensorOps(tensor.node, sources)
    CallNode(piece, (sources,), {}, tensor)
