"""What a picture of a model shows: boxes, what feeds what, and models within models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pronghorn import tree
from pronghorn.layers.input_layer import InputLayer
from pronghorn.models import Functional, Sequential
from pronghorn.utils.plot.boxes import Box
from pronghorn.utils.plot.layout import Edge

__all__ = ["Graph", "Shown", "boxes_of", "flow_of", "graph_of"]

NESTED = (Functional, Sequential)


@dataclass(frozen=True)
class Shown:
    """What of each layer is told in its box; see `plot_model`."""

    shapes: bool = False
    dtype: bool = False
    names: bool = False
    activations: bool = False
    trainable: bool = False


@dataclass
class Graph:
    """A model, or one within another.

    Attributes:
        name: of the model.
        boxes: layer and lines of text, the first of them the box's head.
        inner: the models within it that are taken apart.
        edges: pairs of layers; those of the inner models too.
    """

    name: str
    boxes: list[tuple[Any, list[str]]] = field(default_factory=list)
    inner: list[Graph] = field(default_factory=list)
    edges: list[tuple[Any, Any]] = field(default_factory=list)
    order: list[Any] = field(default_factory=list)

    def all_boxes(self) -> list[tuple[Any, list[str]]]:
        """The boxes of this model and of those within, each once, in their order."""
        found: dict[int, tuple[Any, list[str]]] = {}
        for part in self.order:
            boxes = part.all_boxes() if isinstance(part, Graph) else [part]
            for box in boxes:
                found.setdefault(id(box[0]), box)
        return list(found.values())

    def numbered(self) -> list[tuple[int, int]]:
        """The edges as places among `all_boxes`, each once and none backwards."""
        place = {id(layer): i for i, (layer, _) in enumerate(self.all_boxes())}
        pairs = [(place.get(id(a)), place.get(id(b))) for a, b in self.edges]
        known = [(a, b) for a, b in pairs if a is not None and b is not None]
        # A shared layer may feed what feeds it: such an edge back is not drawn twice.
        return [pair for pair in dict.fromkeys(known) if pair[0] < pair[1]]


def graph_of(model: Any, shown: Shown, expand: bool = False) -> Graph:
    """The graph of a built model.

    Args:
        model: one that is neither functional nor a `Sequential` is a single box.
        shown: what is told of each layer.
        expand: whether models within it are taken apart.
    """
    graph = Graph(model.name)
    if not isinstance(model, NESTED):
        parts: list[Any] = [model]
    else:
        sequential = isinstance(model, Sequential)
        parts = model.layers if sequential else model.operations
        graph.edges = list(_edges(model, expand))
    for part in parts:
        if expand and part is not model and isinstance(part, NESTED):
            within = graph_of(part, shown, expand)
            graph.inner.append(within)
            graph.edges += within.edges
            graph.order.append(within)
        else:
            box = (part, list(_lines(part, shown)))
            graph.boxes.append(box)
            graph.order.append(box)
    return graph


def flow_of(model: Any) -> tuple[list[Any], list[Edge]]:
    """What is drawn as boxes, and which box feeds which."""
    if isinstance(model, Sequential):
        layers = model.layers
        return layers, [(i, i + 1) for i in range(len(layers) - 1)]
    if not isinstance(model, Functional):
        return [model], []
    operations = model.operations
    number = {id(x): i for i, x in enumerate(operations)}
    pairs = [
        (number[id(parent.operation)], number[id(call.operation)])
        for call in model._calls
        for parent in call.parent_nodes
        if id(parent.operation) in number and not _begins(model, call)
    ]
    # A shared layer may feed what feeds it: such an edge back is not drawn twice.
    return operations, [p for p in dict.fromkeys(pairs) if p[0] < p[1]]


def boxes_of(model: Any, shown: Shown, expand: bool) -> tuple[list[Box], list[Edge]]:
    """The boxes of a model's layers, models in it as frames, and which feeds which."""
    operations, edges = flow_of(model)
    boxes = []
    for operation in operations:
        nested = operation is not model and isinstance(operation, NESTED)
        inside = boxes_of(operation, shown, True) if expand and nested else None
        boxes.append(Box(list(_lines(operation, shown)), inside))
    return boxes, edges


def _edges(model: Any, expand: bool) -> Iterator[tuple[Any, Any]]:
    if isinstance(model, Sequential):
        for before, after in zip(model.layers, model.layers[1:]):
            yield _last(before, 0, expand), _first(after, 0, expand)
        return
    for call in model._calls:
        if _begins(model, call):
            continue
        for i, tensor in enumerate(call.input_tensors):
            if tensor._keras_history is not None:
                source, _, output = tensor._keras_history
                yield _last(source, output, expand), _first(call.operation, i, expand)


def _begins(model: Functional, call: Any) -> bool:
    """Whether the model starts at what this call gives, in the middle of another."""
    inputs = {id(tensor) for tensor in model.inputs}
    return any(id(tensor) in inputs for tensor in call.output_tensors)


def _last(operation: Any, output: int, expand: bool) -> Any:
    """What gives an output, within the model that it is of."""
    while expand and isinstance(operation, NESTED):
        operation, _, output = operation.outputs[output]._keras_history
    return operation


def _first(operation: Any, place: int, expand: bool) -> Any:
    """What takes an input, within the model that it is given to."""
    while expand and isinstance(operation, NESTED):
        if isinstance(operation, Sequential):
            operation = operation.layers[0]
        else:
            operation, _, place = operation.inputs[place]._keras_history
    return operation


def _lines(operation: Any, shown: Shown) -> Iterator[str]:
    kind = type(operation).__name__
    yield f"{operation.name} ({kind})" if shown.names else kind
    activation = getattr(operation, "activation", None)
    if shown.activations and activation is not None:
        yield f"Activation: {getattr(activation, '__name__', activation)}"
    calls = getattr(operation, "_inbound_nodes", ())
    if shown.shapes:
        if calls and calls[0].input_tensors:
            yield f"Input shape: {_shapes(calls[0].input_tensors)}"
        if calls or not isinstance(operation, InputLayer):
            yield f"Output shape: {_shapes(calls[0].output_tensors) if calls else '?'}"
    if shown.dtype:
        outputs = calls[0].output_tensors if calls else []
        yield f"Output dtype: {', '.join(t.dtype for t in outputs) or '?'}"
    if shown.trainable and getattr(operation, "weights", None):
        yield f"Trainable: {operation.trainable}"


def _shapes(tensors: list[Any]) -> str:
    return ", ".join(str(tuple(t.shape)) for t in tree.flatten(tensors))
