"""Nodes, and graphs of them.

A `Graph` is one pure function of (state, batch): what a training step, an evaluation
step or a prediction computes, and which state it leaves behind.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from pronghorn.ir.primitive import CONSTANT, INPUT, STATE, Primitive
from pronghorn.ir.shapes import Shape, text
from pronghorn.ir.variable import Variable

__all__ = [
    "Graph",
    "Node",
    "OwnGradient",
    "ancestors",
    "apply",
    "constant",
    "input_leaf",
    "state_leaf",
    "tick",
]

_numbers = itertools.count()


def tick() -> int:
    """A number between those of the nodes made before and after."""
    return next(_numbers)


class Node:
    """One value of a graph.

    Attributes:
        primitive: what computes it; INPUT, STATE or CONSTANT for a leaf.
        inputs: the nodes that it is computed from.
        attrs: the primitive's static attributes, hashable.
        shape: dimensions, one of which may be the batch.
        dtype: "float32", "int32", "bool" (or "float64", reference backend only).
        payload: a leaf's own: the input's index, the Variable, the constant's array;
            of another node its `OwnGradient`, if it has one.
        number: nodes are numbered as they are made, so inputs come before users.
    """

    __slots__ = ("attrs", "dtype", "inputs", "number", "payload", "primitive", "shape")

    def __init__(
        self,
        primitive: Primitive,
        inputs: tuple[Node, ...],
        attrs: dict[str, Any],
        shape: Shape,
        dtype: str,
        payload: Any = None,
    ) -> None:
        self.primitive = primitive
        self.inputs = inputs
        self.attrs = attrs
        self.shape = shape
        self.dtype = dtype
        self.payload = payload
        self.number = next(_numbers)

    def __repr__(self) -> str:
        return f"%{self.number} {self.primitive.name} {self.dtype}{text(self.shape)}"


class OwnGradient:
    """A gradient that a user wrote for a node, in place of its primitive's.

    Args:
        inputs: the nodes that gradients go to, all older than the node.
        function: of the gradient of the result, to one tensor or None for each input.
    """

    __slots__ = ("function", "inputs")

    def __init__(
        self, inputs: tuple[Node, ...], function: Callable[[Any], Sequence[Any]]
    ) -> None:
        self.inputs = inputs
        self.function = function


def apply(primitive: Primitive, inputs: Sequence[Node], attrs: dict[str, Any]) -> Node:
    """The node that applies a primitive; its shape rule checks the inputs."""
    shape, dtype = primitive.shape(*inputs, **attrs)
    return Node(primitive, tuple(inputs), attrs, shape, dtype)


def constant(value: object, dtype: str) -> Node:
    """A leaf that holds an array."""
    array = np.asarray(value, dtype=dtype)
    return Node(CONSTANT, (), {}, array.shape, dtype, array)


def input_leaf(index: int, shape: Shape, dtype: str) -> Node:
    """A leaf for the batch's rows of the data array number `index`."""
    return Node(INPUT, (), {}, shape, dtype, index)


def state_leaf(variable: Variable) -> Node:
    """A leaf for a variable's value at the start of the step."""
    return Node(STATE, (), {}, variable.shape, variable.dtype, variable)


def ancestors(roots: Iterable[Node]) -> list[Node]:
    """The roots and all that they are computed from, inputs before users."""
    seen: dict[int, Node] = {}
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node.number not in seen:
            seen[node.number] = node
            stack.extend(node.inputs)
    return [seen[number] for number in sorted(seen)]


class Graph:
    """A pure function of (state, batch).

    Attributes:
        inputs: the INPUT leaves, by the index of their data array.
        state: the STATE leaves that are read or written, each with its Variable as
            payload.
        outputs: what is computed for the caller. An output whose first dimension is
            the batch has one row per row of the batch.
        updates: (position in `state`, node): the state after the step.
        guard: a bool scalar or None. Where it is false after a step, the step's updates
            are dropped and the run ends there: how a loss that is no longer finite
            stops training before it reaches the weights.
        nodes: every node, inputs before users.
    """

    __slots__ = ("guard", "inputs", "nodes", "outputs", "state", "updates")

    def __init__(
        self,
        inputs: Sequence[Node],
        state: Sequence[Node],
        outputs: Sequence[Node],
        updates: Sequence[tuple[int, Node]],
        guard: Node | None = None,
    ) -> None:
        self.inputs = tuple(inputs)
        self.state = tuple(state)
        self.outputs = tuple(outputs)
        self.updates = tuple(updates)
        self.guard = guard
        roots = [*inputs, *state, *outputs, *(node for _, node in updates)]
        if guard is not None:
            roots.append(guard)
        self.nodes = tuple(ancestors(roots))

    def __repr__(self) -> str:
        return (
            f"<Graph of {len(self.nodes)} nodes, {len(self.inputs)} inputs, "
            f"{len(self.state)} variables, {len(self.outputs)} outputs>"
        )
