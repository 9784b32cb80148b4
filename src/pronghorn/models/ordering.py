"""The order of a functional model's layers: Keras's, exactly.

The order decides which weights lie where in a file and in `get_weights()`, so another
order, though as good, would silently mix up layers of equal shapes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pronghorn.ir.tensor import KerasTensor

__all__ = ["keras_order"]


def keras_order(
    inputs: Sequence[KerasTensor], outputs: Sequence[KerasTensor]
) -> list[Any]:
    """The layers between inputs and outputs, those far from the outputs first.

    Layers at the same distance come in the order in which a walk from the outputs
    towards the inputs, depth first, meets them. An input that leads to no output is at
    distance 0, before the others there.

    Args:
        inputs: symbolic tensors.
        outputs: symbolic tensors, computed from them.
    """
    nodes, met = _walk(inputs, outputs)
    distance = _distances(nodes)
    layers = {id(node.operation): node.operation for node in nodes}
    for tensor in inputs:
        node = _node_of(tensor)
        if node.is_input and id(node.operation) not in layers:
            layers[id(node.operation)] = node.operation
            met[id(node.operation)], distance[id(node.operation)] = -1, 0
    return sorted(layers.values(), key=lambda op: (-distance[id(op)], met[id(op)]))


def _walk(
    inputs: Sequence[KerasTensor], outputs: Sequence[KerasTensor]
) -> tuple[list[Any], dict[int, int]]:
    """The calls, each after those that feed it; when each layer was first met."""
    stops = {id(t) for t in inputs}
    finished: set[int] = set()
    met: dict[int, int] = {}
    nodes: list[Any] = []
    # By hand, not by recursion: a model may have thousands of layers in a row.
    stack: list[tuple[Any, Any]] = [(None, iter(outputs))]
    while stack:
        node, tensors = stack[-1]
        source = _next_source(tensors, finished, stops)
        if source is not None:
            met.setdefault(id(source.operation), len(met))
            stack.append((source, iter(source.input_tensors)))
            continue
        stack.pop()
        if node is not None and id(node) not in finished:
            finished.add(id(node))
            nodes.append(node)
    return nodes, met


def _next_source(tensors: Any, finished: set[int], stops: set[int]) -> Any:
    for tensor in tensors:
        node = _node_of(tensor)
        if id(node) in finished or (not node.is_input and id(tensor) in stops):
            continue
        return node
    return None


def _distances(nodes: Sequence[Any]) -> dict[int, int]:
    """Each layer's largest distance from the outputs, over all its calls."""
    own = {id(node) for node in nodes}
    of_node: dict[int, int] = {}
    of_layer: dict[int, int] = {}
    for node in reversed(nodes):
        layer = id(node.operation)
        # A call of a shared layer counts as being as far away as the layer.
        depth = max(of_node.get(id(node), 0), of_layer.get(layer, 0))
        of_node[id(node)] = of_layer[layer] = depth
        for tensor in node.input_tensors:
            parent = id(_node_of(tensor))
            if parent in own:
                of_node[parent] = max(depth + 1, of_node.get(parent, 0))
    return of_layer


def _node_of(tensor: KerasTensor) -> Any:
    operation, index, _ = tensor._keras_history
    return operation._inbound_nodes[index]
