"""Steps that are a subclass's own code: traced into a graph, or run as Python.

The code sees a batch as Keras passes it. Its gradients, updates and results are
recorded like those of any step, so the engine runs it without Python in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn.backends.reference import batches
from pronghorn.errors import ShapeError, TraceError
from pronghorn.ir.graph import Graph
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import Trace
from pronghorn.layers.calling import signature
from pronghorn.layers.node import training_scope
from pronghorn.settings import goes_on_with_bad_data
from pronghorn.training.dataset import Dataset
from pronghorn.training.stepping import packed
from pronghorn.training.steps import Leaves, finish
from pronghorn.tree import flatten, map_structure, pack_sequence_as

__all__ = ["OwnProgram", "own_graph", "predict_eagerly"]


def own_graph(model: Any, mode: str, data: Dataset) -> Graph:
    """The graph of a model's own train_step, test_step or predict_step.

    Raises:
        TraceError: the code asks for values, which a trace does not have.
    """
    with Trace() as trace:
        leaves = Leaves(data)
        model._clear_losses()
        outputs: list[Any] = []
        try:
            if mode == "predict":
                results = predicted(model, leaves.x, data.in_tuple)
                model._own_outputs = map_structure(lambda _: None, results)
                outputs = [t.node for t in flatten(results)]
            else:
                groups = leaves.x, leaves.y, leaves.weights
                stepped(model, mode, *groups, data.in_tuple)
        except TraceError as error:
            raise _untraced(model, mode, error) from error
        model._clear_losses()
        stops = mode == "train" and not goes_on_with_bad_data()
        guard = _finite(trace) if stops else None
        graph = trace.graph(leaves.nodes, outputs, guard)
    if mode == "predict":  # a prediction leaves no state behind
        graph = Graph(graph.inputs, graph.state, graph.outputs, [])
    return finish(graph)


def _untraced(model: Any, mode: str, error: TraceError) -> TraceError:
    return TraceError(
        f"{error.message} It is asked for in the model's own {mode}_step, which is "
        "traced once and then runs without Python.",
        where=f"{type(model).__name__}, {mode} step",
        expected=error.expected,
        received=error.received,
        remedy="use ops.where, ops.maximum ...; or compile(run_eagerly=True), which "
        "runs the step as Python for each batch, and slowly",
    )


def _finite(trace: Trace) -> Any:
    """Whether all that was differentiated is finite; None if nothing was."""
    total = None
    for node in trace.differentiated:
        value = ops.sum(KerasTensor.of(node))
        total = value if total is None else total + value
    return None if total is None else ops.isfinite(total).node


def stepped(
    model: Any, mode: str, x: Any, y: Any, weights: Any, in_tuple: bool
) -> None:
    """Calls the step with one batch, and keeps what it returns.

    Args:
        model: whose step.
        mode: "train" or "test".
        x, y, weights: lists, one for each input or output; None where there is none.
        in_tuple: whether x alone comes in a tuple.
    """
    targets = _targets(model, y)
    x = model._pack_inputs(x)
    data = packed(x, targets, _targets(model, weights), in_tuple)
    if targets is not None:  # so that model.metrics has those of compile
        model._prepare_ahead(targets)
    step = model.train_step if mode == "train" else model.test_step
    with training_scope(mode == "train"):
        if _is_stateless(step):
            logs = _with_state(model, mode, step, data)
        else:
            logs = step(data)
    model._own_logs[mode].keep(logs, f"{type(model).__name__}.{mode}_step")


def _targets(model: Any, tensors: list[Any]) -> Any:
    """Targets or weights as the outputs have them: one, a list or a dict."""
    if not tensors or all(t is None for t in tensors):
        return None
    spec = model._own_targets
    return tensors[0] if spec is None else pack_sequence_as(spec, tensors)


def _is_stateless(step: Any) -> bool:
    return len(signature(step).positional) >= 2


def _with_state(model: Any, mode: str, step: Any, data: Any) -> Any:
    """A step with the parameters (state, data), as Keras has it on JAX."""
    groups = [model.trainable_variables, model.non_trainable_variables]
    if mode == "train":
        groups.append(model.optimizer.variables)
    groups.append(model.metrics_variables)
    state = tuple([_value(v) for v in group] for group in groups)
    logs, after = step(state, data)
    if len(after) != len(groups) or any(
        len(values) != len(group) for values, group in zip(after, groups)
    ):
        raise ShapeError(
            "A step with a state returns the state in the form that it came in.",
            where=f"{type(model).__name__}.{mode}_step(state, data)",
            expected=f"lists of {', '.join(str(len(g)) for g in groups)} values",
            received=f"lists of {', '.join(str(len(v)) for v in after)}",
            remedy="return logs, (trainable_variables, non_trainable_variables, ...)",
        )
    for group, values in zip(groups, after, strict=True):
        for variable, value in zip(group, values, strict=True):
            variable.assign(value)
    return logs


def _value(variable: Any) -> Any:
    value = variable.value
    return value.copy() if isinstance(value, np.ndarray) else value


def predicted(model: Any, x: list[Any], in_tuple: bool) -> Any:
    """Calls `predict_step` with one batch."""
    data = packed(model._pack_inputs(x), None, None, in_tuple)
    with training_scope(False):
        if not _is_stateless(model.predict_step):
            return model.predict_step(data)
        groups = (model.trainable_variables, model.non_trainable_variables)
        state = tuple([_value(v) for v in group] for group in groups)
        return model.predict_step(state, data)[0]


class OwnProgram:
    """A model's own step as Python, for `compile(run_eagerly=True)`.

    Args:
        model: whose step.
        mode: "train" or "test".
        form: a data set of the form that the steps will have.
    """

    def __init__(self, model: Any, mode: str, form: Dataset) -> None:
        self._model = model
        self._mode = mode
        self._form = [[a is None for a in g] for g in (form.x, form.y, form.weights)]
        self._in_tuple = form.in_tuple

    def executable(self, rows: int) -> OwnProgram:
        """Itself: any number of rows will do."""
        return self

    def run(
        self,
        data: Sequence[np.ndarray],
        order: np.ndarray | None,
        first: int,
        last: int,
        batch_size: int,
        seed: int = 0,
        step: int = 0,
        outputs: Sequence[np.ndarray | None] = (),
    ) -> int:
        """See `pronghorn.backends.base.Executable.run`."""
        done = 0
        for _, _, batch in batches(data, order, first, last, batch_size):
            given = iter(batch)
            x, y, w = ([None if n else next(given) for n in g] for g in self._form)
            stepped(self._model, self._mode, x, y, w, self._in_tuple)
            if not self._is_finite():
                break
            done += 1
        return done

    def _is_finite(self) -> bool:
        if self._mode == "test" or goes_on_with_bad_data():
            return True
        logs = self._model._own_logs[self._mode].results()
        return bool(np.isfinite(logs.get("loss", 0.0)).all())


def predict_eagerly(model: Any, data: Dataset, size: int) -> Any:
    """What the model's own `predict_step` gives as Python, batch by batch."""
    parts = []
    for start in range(0, data.rows, size):
        batch = data.part(start, min(start + size, data.rows))
        parts.append(predicted(model, list(batch.x), batch.in_tuple))
    return map_structure(lambda *p: np.concatenate([np.asarray(a) for a in p]), *parts)
