"""The part of a functional model that runs on the host, before the engine's program.

Layers that read text (`layers/host.py`) stand at a model's inputs. The model is cut
behind them: what they compute is computed once for a data set, or for each batch of a
stream, and those arrays are the program's inputs. Nested models are taken apart, so
that a model of lookups within another is cut like layers of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from pronghorn.data.frames import to_target
from pronghorn.ir.tensor import KerasTensor
from pronghorn.layers.calling import signature
from pronghorn.layers.host import HostLayer
from pronghorn.layers.layer import Layer
from pronghorn.layers.node import training_scope
from pronghorn.models.inputs import arranged, standardized
from pronghorn.models.replay import replay
from pronghorn.tree import flatten, map_structure

__all__ = ["HostStage", "host_stage", "specs"]


class Step(NamedTuple):
    """A call between the inputs and the outputs.

    Attributes:
        operation: what is called.
        args, kwargs: with symbols for what earlier steps give.
        outputs: the symbols of its outputs.
        training: the flag that a nested model around it was called with, or None.
    """

    operation: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    outputs: list[KerasTensor]
    training: bool | None


def host_stage(model: Any) -> HostStage | None:
    """How a functional model is cut; None where nothing of it runs on the host."""
    if not any(isinstance(layer, HostLayer) for layer in model._flatten_layers()):
        return None
    walk = _Walk()
    outputs = model._rerun(model.inputs, call=walk.call)
    stage = HostStage(model.name, model.inputs, walk.steps, outputs)
    return stage if stage.host else None


def specs(model: Any, inputs: Any) -> Any:
    """The outputs' symbols of a functional model, each layer asked for its own."""
    walk = _Walk()
    return model._rerun(inputs, call=walk.call)


class _Walk:
    """Notes the calls of a model, and of those nested in it, in their order."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._training: bool | None = None

    def call(self, operation: Any, *args: Any, **kwargs: Any) -> Any:
        """Notes one call; gives symbols for its outputs."""
        inner = operation._cut_graph() if hasattr(operation, "_cut_graph") else None
        if inner is None:
            outputs = operation.compute_output_spec(*args, **kwargs)
            step = Step(operation, args, kwargs, flatten(outputs), self._training)
            self.steps.append(step)
            return outputs
        outer, training = self._training, kwargs.get("training")
        inputs = args[0] if args else kwargs["inputs"]
        if training is not None:
            self._training = training
        try:
            flat = standardized(inner, arranged(inner, inputs))
            return inner._rerun(flat, call=self.call, training=training)
        finally:
            self._training = outer


class HostStage:
    """A functional model in two parts: what the host computes, and what the program.

    Args:
        name: of the model.
        inputs: its symbolic inputs.
        steps: its calls in order.
        outputs: the structure of its outputs' symbols.

    Attributes:
        host: the steps that run on the host: layers that read text, and fixed ones,
            such as `Discretization`, whose outputs these read.
        traced: all others.
        cut: the symbols that the second part begins with, inputs of the model or
            outputs of host steps.
        names: one for each of them.
    """

    def __init__(
        self,
        name: str,
        inputs: Sequence[KerasTensor],
        steps: Sequence[Step],
        outputs: Any,
    ) -> None:
        self._name = name
        self._inputs = list(inputs)
        self._outputs = outputs
        self.host: list[Step] = []
        self.traced: list[Step] = []
        known = {id(tensor) for tensor in inputs}
        before = _leading_to_the_host(steps)
        for step in steps:
            ready = all(id(t) in known for t in _symbols((step.args, step.kwargs)))
            if ready and (_reads_text(step) or id(step) in before):
                self.host.append(step)
                known.update(map(id, step.outputs))
            else:
                self.traced.append(step)
        asked = [t for step in self.traced for t in _symbols((step.args, step.kwargs))]
        asked += _symbols(outputs)
        self.cut = list({id(t): t for t in asked if id(t) in known}.values())
        self._made = {id(t): step for step in self.host for t in step.outputs}
        self.names = [f"{i}:{self._label(t)}" for i, t in enumerate(self.cut)]

    def _label(self, tensor: KerasTensor) -> str:
        step = self._made.get(id(tensor))
        return tensor.name if step is None else str(step.operation.name)

    def reads(self, tensor: KerasTensor) -> bool:
        """Whether a host layer reads this input of the model."""
        readers = [s for s in self.host if _reads_text(s)]
        return any(tensor is t for s in readers for t in _symbols((s.args, s.kwargs)))

    def holds(self, inputs: Any) -> bool:
        """Whether these are what the second part begins with, as `packed` gives it."""
        return isinstance(inputs, dict) and sorted(inputs) == sorted(self.names)

    def packed(self, values: Sequence[Any]) -> dict[str, Any]:
        """What `run` gave, as the model's `call` takes it."""
        return dict(zip(self.names, values, strict=True))

    def run(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The first part: from the model's inputs to the arrays at the cut."""
        values: dict[int, Any] = dict(zip(map(id, self._inputs), arrays, strict=True))
        for step in self.host:
            call = partial(_computed, step.operation)
            replay(call, step.args, step.kwargs, step.outputs, values)
        return [self._fitting(tensor, values[id(tensor)]) for tensor in self.cut]

    def _fitting(self, tensor: KerasTensor, array: Any) -> Any:
        if array is None:  # an optional input's
            return None
        if tensor.dtype == "string" or array.dtype == tensor.dtype:
            return np.require(array, requirements=("C", "A"))
        what = f"{self._label(tensor)!r} of model {self._name!r}"
        return to_target(array, what=what, dtype=tensor.dtype)

    def finish(self, inputs: dict[str, Any], training: bool | None) -> Any:
        """The second part: from what `packed` gave to the model's outputs."""
        values = {id(t): inputs[name] for t, name in zip(self.cut, self.names)}
        for step in self.traced:
            flag = training if step.training is None else step.training
            with training_scope(step.training):
                call, args, kwargs, outputs, _ = step
                replay(call, args, kwargs, outputs, values, flag)
        return map_structure(lambda t: values[id(t)], self._outputs)


def _leading_to_the_host(steps: Sequence[Step]) -> set[int]:
    """The ids of steps that host layers read, such as bins that are crossed with text.

    They can run on the host where training changes nothing about them: layers without
    variables that know no `training`.
    """
    found: set[int] = set()
    read: set[int] = set()
    for step in reversed(steps):
        wanted = any(id(tensor) in read for tensor in step.outputs)
        if wanted and _is_fixed(step.operation):
            found.add(id(step))
        if id(step) in found or _reads_text(step):
            read.update(map(id, _symbols((step.args, step.kwargs))))
    return found


def _reads_text(step: Step) -> bool:
    """A layer that does, or an operation that takes columns of text apart."""
    if isinstance(step.operation, HostLayer):
        return True
    given = _symbols((step.args, step.kwargs))
    return any(tensor.dtype == "string" for tensor in given)


def _is_fixed(operation: Any) -> bool:
    plain = isinstance(operation, Layer) and not operation.variables
    return plain and "training" not in signature(operation.call).names


def _symbols(structure: Any) -> list[KerasTensor]:
    return [leaf for leaf in flatten(structure) if isinstance(leaf, KerasTensor)]


def _computed(operation: Any, *args: Any, **kwargs: Any) -> Any:
    """What a step gives on the host, as arrays of its own types."""
    if isinstance(operation, HostLayer):
        return operation.on_host(args[0] if args else kwargs["inputs"])
    if any(isinstance(x, np.ndarray) and x.dtype.kind == "O" for x in args):
        return operation.on_text(*args)
    return map_structure(np.asarray, operation(*args, **kwargs))
