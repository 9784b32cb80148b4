"""A graph as text, one node a line."""

from __future__ import annotations

from pronghorn.ir.graph import Graph, Node
from pronghorn.ir.primitive import CONSTANT, INPUT, STATE
from pronghorn.ir.shapes import text

__all__ = ["show"]


def show(graph: Graph) -> str:
    """The graph, readable: `%4 = mul(%1, %3)   float32(n, 3)`."""
    names = {node.number: f"%{i}" for i, node in enumerate(graph.nodes)}
    lines = [f"{names[n.number]} = {_right(n, names)}" for n in graph.nodes]
    lines += [f"output {names[n.number]}" for n in graph.outputs]
    for position, node in graph.updates:
        lines.append(f"{graph.state[position].payload.path} <- {names[node.number]}")
    if graph.guard is not None:
        lines.append(f"guard {names[graph.guard.number]}")
    return "\n".join(lines)


def _right(node: Node, names: dict[int, str]) -> str:
    shape = f"{node.dtype}{text(node.shape)}"
    if node.primitive is INPUT:
        return f"input {node.payload}   {shape}"
    if node.primitive is STATE:
        return f"state {node.payload.path}   {shape}"
    if node.primitive is CONSTANT:
        value = str(node.payload) if node.payload.size == 1 else "..."
        return f"constant {value}   {shape}"
    arguments = [names[i.number] for i in node.inputs]
    arguments += [f"{key}={value}" for key, value in node.attrs.items()]
    return f"{node.primitive.name}({', '.join(arguments)})   {shape}"
