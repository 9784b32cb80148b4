"""Tracing a model's training, evaluation and prediction step into a graph."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn.compiler import gradients, simplify
from pronghorn.errors import DtypeError, StateError, UnsupportedError
from pronghorn.ir.graph import Graph, Node, ancestors, input_leaf
from pronghorn.ir.shapes import BATCH
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import Trace
from pronghorn.ir.verify import verify
from pronghorn.layers.node import training_scope
from pronghorn.settings import goes_on_with_bad_data
from pronghorn.training.dataset import Dataset
from pronghorn.training.parts import numbered
from pronghorn.tree import flatten

__all__ = ["Leaves", "finish", "predict_graph", "test_graph", "train_graph"]


class Leaves:
    """A batch as symbols: one input leaf per array of a data set."""

    def __init__(self, data: Dataset) -> None:
        self.nodes: list[Node] = []
        self.x = [self._leaf(a) for a in data.x]
        self.y = [self._leaf(a) for a in data.y]
        self.weights = [self._leaf(a) for a in data.weights]

    def _leaf(self, array: np.ndarray | None) -> KerasTensor | None:
        if array is None:
            return None
        if array.dtype.kind == "O":
            raise UnsupportedError(
                "The engine has no text, so a model's program gives none.",
                expected="numbers",
                received="text",
                remedy="call the layer that gives it on what the model predicts",
            )
        shape = (BATCH, *array.shape[1:])
        self.nodes.append(input_leaf(len(self.nodes), shape, array.dtype.name))
        return KerasTensor.of(self.nodes[-1])


def train_graph(model: Any, data: Dataset) -> Graph:
    """One step of training: forward, loss, gradients, update of weights and metrics."""
    objective, optimizer = model._objective, model.optimizer
    with Trace() as trace:
        leaves = Leaves(data)
        loss, y_pred = _forward(model, leaves, training=True)
        if loss is None:
            raise StateError(
                "There is nothing to minimise.",
                where=f"model {model.name!r}",
                expected="compile(loss=...), or a layer that calls add_loss",
                remedy="compile the model with a loss",
            )
        trace.share()
        objective.track(loss, y_pred)
        variables = model.trainable_variables
        if variables:
            scaled = _scalar(optimizer.scale_loss(loss))
            grads = gradients(scaled, [trace.leaf(v) for v in variables])
            _apply(optimizer, grads, variables)
        objective.update_metrics(leaves.y, y_pred, leaves.weights)
        guard = None if goes_on_with_bad_data() else ops.isfinite(loss).node
        graph = trace.graph(leaves.nodes, [], guard)
    return finish(graph)


def _apply(optimizer: Any, grads: list[Node | None], variables: list[Any]) -> None:
    pairs = [(KerasTensor.of(g), v) for g, v in zip(grads, variables) if g is not None]
    idle = [v.path for g, v in zip(grads, variables) if g is None]
    if not pairs:
        raise StateError(
            "The loss depends on no trainable weight.",
            expected="at least one trainable weight on the way to the loss",
            remedy="set trainable = True on a layer, or check the model's outputs",
        )
    if idle:
        warnings.warn(
            "The loss does not depend on these weights, so they stay as they are: "
            + ", ".join(idle),
            stacklevel=6,
        )
    optimizer.apply([g for g, _ in pairs], [v for _, v in pairs])


def _scalar(loss: Any) -> Node:
    if not isinstance(loss, KerasTensor):
        raise DtypeError(
            "The loss is a constant.",
            where="the loss given to compile",
            expected="a tensor that pronghorn.ops computed from the predictions",
            received=type(loss).__name__,
            remedy="write the loss with pronghorn.ops",
        )
    return loss.node


def test_graph(model: Any, data: Dataset) -> Graph:
    """One step of evaluation: forward, loss, update of metrics."""
    objective = model._objective
    with Trace() as trace:
        leaves = Leaves(data)
        loss, y_pred = _forward(model, leaves, training=False)
        trace.share()
        if loss is not None:
            objective.track(loss, y_pred)
        objective.update_metrics(leaves.y, y_pred, leaves.weights)
        graph = trace.graph(leaves.nodes, [])
    return finish(graph)


def predict_graph(model: Any, data: Dataset) -> Graph:
    """The outputs for a batch of rows."""
    with Trace() as trace:
        leaves = Leaves(data)
        outputs = _call(model, leaves.x, training=False)
        model._clear_losses()
        graph = trace.graph(leaves.nodes, [t.node for t in flatten(outputs)])
    # A prediction leaves no state behind.
    return finish(Graph(graph.inputs, graph.state, graph.outputs, []))


def _forward(model: Any, leaves: Leaves, training: bool) -> tuple[Any, list[Any]]:
    model._clear_losses()
    outputs = _call(model, leaves.x, training)
    y_pred = flatten(outputs)
    y_true = leaves.y or [None] * len(y_pred)
    names = model._output_names()
    measured = model._layer_metrics()
    model._objective.build(names, y_true, y_pred, measured, numbered(outputs))
    total = model._objective.total_loss(y_true, y_pred, leaves.weights)
    for term in model.losses:
        total = term if total is None else total + term
    model._clear_losses()
    return total, y_pred


def _call(model: Any, x: list[Any], training: bool) -> Any:
    with training_scope(training):
        return model(model._pack_inputs(x), training=training)


def finish(graph: Graph) -> Graph:
    """The graph, checked, without what nothing needs."""
    graph = verify(_pruned(graph))
    return verify(simplify(graph), checked=graph)


def _pruned(graph: Graph) -> Graph:
    """Without the variables that nothing reads or writes."""
    written = {position for position, _ in graph.updates}
    roots = [*graph.outputs, *(n for _, n in graph.updates)]
    if graph.guard is not None:
        roots.append(graph.guard)
    read = {n.number for n in ancestors(roots)}
    kept = [
        i for i, leaf in enumerate(graph.state) if i in written or leaf.number in read
    ]
    if len(kept) == len(graph.state):
        return graph
    place = {old: new for new, old in enumerate(kept)}
    return Graph(
        graph.inputs,
        [graph.state[i] for i in kept],
        graph.outputs,
        [(place[position], node) for position, node in graph.updates],
        graph.guard,
    )
