"""Smaller graphs of the same value.

One walk in order: fold what is constant, apply local rules, keep one of equal nodes.
No rule changes a bit of any result, but for the sign of a zero.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from pronghorn.ir.graph import Graph, Node, constant
from pronghorn.ir.primitive import CONSTANT, Kind, Primitive
from pronghorn.ir.shapes import Batch, broadcast
from pronghorn.ops import convert, elementwise, linalg, structure

__all__ = ["simplify"]

_FOLD_LIMIT = 4096  # elements; larger constants would only be stored


def simplify(graph: Graph) -> Graph:
    """The graph without repetition, constant work and operations that do nothing."""
    return _Rewriter().graph(graph)


class _Rewriter:
    def __init__(self) -> None:
        self._new: dict[int, Node] = {}
        self._known: dict[Any, Node] = {}

    def graph(self, graph: Graph) -> Graph:
        for node in graph.nodes:
            leaf = node.primitive.kind is Kind.LEAF
            self._new[node.number] = self._unique(node if leaf else self._rewrite(node))
        look = self._look
        return Graph(
            [look(n) for n in graph.inputs],
            [look(n) for n in graph.state],
            [look(n) for n in graph.outputs],
            [(position, look(n)) for position, n in graph.updates],
            None if graph.guard is None else look(graph.guard),
        )

    def _look(self, node: Node) -> Node:
        return self._new[node.number]

    def _rewrite(self, node: Node) -> Node:
        new, primitive = self._new, node.primitive
        inputs = tuple([new[i.number] for i in node.inputs])
        if primitive.kind is Kind.ELEMENTWISE:
            inputs = _without_broadcasts(node, inputs)
        folded = _fold(node, inputs)
        if folded is not None:
            return folded
        rule = _RULES.get(primitive)
        if rule is not None:
            found = rule(node, inputs)
            if found is not None:
                return found
        if inputs == node.inputs:
            return node
        return Node(primitive, inputs, node.attrs, node.shape, node.dtype)

    def _unique(self, node: Node) -> Node:
        key = _key(node)
        return node if key is None else self._known.setdefault(key, node)


def _key(node: Node) -> Any:
    primitive = node.primitive
    if primitive.kind is not Kind.LEAF:
        attrs = tuple(sorted(node.attrs.items())) if node.attrs else ()
        return (primitive, attrs, *[i.number for i in node.inputs])
    if primitive is not CONSTANT or node.payload.size > _FOLD_LIMIT:
        return None
    return ("constant", node.dtype, node.shape, node.payload.tobytes())


def _fold(node: Node, inputs: tuple[Node, ...]) -> Node | None:
    for source in inputs:
        if source.primitive is not CONSTANT:
            return None
    if not inputs:
        return None
    # Not by the size alone: where a dimension is 0 it is known, whatever the batch is.
    known = [d for d in node.shape if not isinstance(d, Batch)]
    if len(known) < len(node.shape) or prod(known) > _FOLD_LIMIT:
        return None
    value = node.primitive.value(*(i.payload for i in inputs), **node.attrs)
    return constant(value, node.dtype)


def _without_broadcasts(node: Node, inputs: tuple[Node, ...]) -> tuple[Node, ...]:
    """Elementwise nodes broadcast by themselves."""
    for i, source in enumerate(inputs):
        if source.primitive is structure.broadcast_to_p:
            inner = source.inputs[0]
            result = (*inputs[:i], inner, *inputs[i + 1 :])
            if broadcast(*[n.shape for n in result]) == node.shape:
                inputs = result
    return inputs


def _is(node: Node, value: float) -> bool:
    if node.primitive is not CONSTANT:
        return False
    held = node.payload
    return held.item() == value if held.size == 1 else bool((held == value).all())


def _same(node: Node, kept: Node) -> Node | None:
    return kept if (kept.shape, kept.dtype) == (node.shape, node.dtype) else None


def _either(neutral: float) -> Callable[[Node, tuple[Node, ...]], Node | None]:
    def rule(node: Node, inputs: tuple[Node, ...]) -> Node | None:
        x, y = inputs
        if _is(y, neutral):
            return _same(node, x)
        return _same(node, y) if _is(x, neutral) else None

    return rule


def _right(neutral: float) -> Callable[[Node, tuple[Node, ...]], Node | None]:
    def rule(node: Node, inputs: tuple[Node, ...]) -> Node | None:
        return _same(node, inputs[0]) if _is(inputs[1], neutral) else None

    return rule


def _through(node: Node, inputs: tuple[Node, ...]) -> Node | None:
    return inputs[0]


def _twice_neg(node: Node, inputs: tuple[Node, ...]) -> Node | None:
    source = inputs[0]
    return source.inputs[0] if source.primitive is elementwise.neg_p else None


def _reshape(node: Node, inputs: tuple[Node, ...]) -> Node | None:
    source = inputs[0]
    while source.primitive is structure.reshape_p:
        source = source.inputs[0]
    if source.shape == node.shape:
        return source
    if source is inputs[0]:
        return None
    attrs = {"shape": node.shape}
    return Node(node.primitive, (source,), attrs, node.shape, node.dtype)


def _transpose(node: Node, inputs: tuple[Node, ...]) -> Node | None:
    source = inputs[0]
    if source.primitive is not structure.transpose_p:
        return None
    first = source.attrs["perm"]
    perm = tuple(first[i] for i in node.attrs["perm"])
    if perm == tuple(range(len(perm))):
        return source.inputs[0]
    attrs = {"perm": perm}
    return Node(node.primitive, source.inputs, attrs, node.shape, node.dtype)


def _matmul(node: Node, inputs: tuple[Node, ...]) -> Node | None:
    """A sum of one product is that product, and can be part of what reads it."""
    x, y = inputs
    if x.shape[-1] != 1 or node.dtype != "float32":
        return None
    return Node(elementwise.mul_p, (x, y), {}, node.shape, node.dtype)


_RULES: dict[Primitive, Callable[[Node, tuple[Node, ...]], Node | None]] = {
    elementwise.add_p: _either(0.0),
    elementwise.mul_p: _either(1.0),
    elementwise.sub_p: _right(0.0),
    elementwise.div_p: _right(1.0),
    elementwise.neg_p: _twice_neg,
    elementwise.stop_gradient_p: _through,
    convert.cast_p: lambda node, inputs: _same(node, inputs[0]),
    structure.broadcast_to_p: lambda node, inputs: _same(node, inputs[0]),
    structure.reshape_p: _reshape,
    structure.transpose_p: _transpose,
    linalg.matmul_p: _matmul,
}
