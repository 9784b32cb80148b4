"""The checker of graphs: what every graph must be, before and after every pass."""

from __future__ import annotations

from pronghorn.errors import GraphError, PronghornError
from pronghorn.ir.graph import Graph, Node
from pronghorn.ir.primitive import CONSTANT, INPUT, STATE, Kind
from pronghorn.ir.shapes import Batch, text

__all__ = ["verify"]


def verify(graph: Graph, checked: Graph | None = None) -> Graph:
    """Checks a graph and returns it.

    Args:
        graph: any.
        checked: one that was checked before; what they share is not looked at again.

    Raises:
        GraphError: naming the node and the rule that it breaks.
    """
    known = set(checked.nodes) if checked is not None else ()
    seen: set[int] = set()
    for node in graph.nodes:
        for source in node.inputs:
            if source.number not in seen:
                raise GraphError(f"{node} uses {source}, which comes after it.")
        seen.add(node.number)
        if node in known:
            continue
        if node.primitive.kind is Kind.LEAF:
            _check_leaf(node)
        else:
            _check_rule(node)
    _check_state(graph)
    return graph


def _check_leaf(node: Node) -> None:
    _check_dtype(node)
    if node.inputs:
        raise GraphError(f"The leaf {node} has inputs.")
    if node.primitive is CONSTANT:
        held = node.payload
        if (held.shape, held.dtype.name) != (node.shape, node.dtype):
            raise GraphError(f"{node} holds an array of {held.dtype}{held.shape}.")
    if node.primitive is STATE and any(isinstance(d, Batch) for d in node.shape):
        raise GraphError(f"The variable {node} depends on the batch.")


def _check_dtype(node: Node) -> None:
    if node.dtype not in ("float32", "float64", "int32", "bool"):
        raise GraphError(f"{node} has a dtype that no engine holds.")


def _check_rule(node: Node) -> None:
    _check_dtype(node)
    try:
        shape, dtype = node.primitive.shape(*node.inputs, **node.attrs)
    except PronghornError as error:
        raise GraphError(f"{node} breaks its own shape rule: {error}") from error
    if (shape, dtype) != (node.shape, node.dtype):
        raise GraphError(f"{node} should be {dtype}{text(shape)}.")


def _check_state(graph: Graph) -> None:
    for leaf in graph.state:
        if leaf.primitive is not STATE:
            raise GraphError(f"{leaf} is no STATE leaf.")
    for leaf in graph.inputs:
        if leaf.primitive is not INPUT:
            raise GraphError(f"{leaf} is no INPUT leaf.")
    if len({id(leaf.payload) for leaf in graph.state}) != len(graph.state):
        raise GraphError("A variable has two STATE leaves.")
    listed = {leaf.number for leaf in (*graph.state, *graph.inputs)}
    for node in graph.nodes:
        if node.primitive in (STATE, INPUT) and node.number not in listed:
            raise GraphError(f"The leaf {node} is not listed by its graph.")
    guard = graph.guard
    if guard is not None and (guard.shape, guard.dtype) != ((), "bool"):
        raise GraphError(f"The guard {guard} is no bool scalar.")
    positions = [position for position, _ in graph.updates]
    if len(set(positions)) != len(positions):
        raise GraphError("A variable is updated twice.")
    if not all(0 <= position < len(graph.state) for position in positions):
        raise GraphError(f"There are {len(graph.state)} variables, not {positions}.")
    if len({leaf.payload for leaf in graph.inputs}) != len(graph.inputs):
        raise GraphError("A data array has two INPUT leaves.")
    for position, node in graph.updates:
        leaf = graph.state[position]
        if (leaf.shape, leaf.dtype) != (node.shape, node.dtype):
            raise GraphError(f"The update {node} does not fit {leaf}.")
