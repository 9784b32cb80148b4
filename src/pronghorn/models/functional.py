"""Functional models: from symbolic inputs to symbolic outputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError
from pronghorn.ir.masks import with_masks
from pronghorn.ir.tensor import KerasTensor
from pronghorn.layers.layer import Layer
from pronghorn.layers.node import CallNode
from pronghorn.models.functional_config import functional_config
from pronghorn.models.host_stage import HostStage, host_stage, specs
from pronghorn.models.inputs import (
    arranged,
    is_optional,
    keys_of,
    standardized,
    table_for,
)
from pronghorn.models.model import FUNCTIONAL, Model
from pronghorn.models.ordering import keras_order
from pronghorn.models.replay import replay
from pronghorn.models.tensor_ops import adopt
from pronghorn.models.text_outputs import TextOutputs, text_outputs
from pronghorn.registry import keras_class
from pronghorn.training.dataset import Dataset, InputInfo
from pronghorn.tree import flatten, map_structure, pack_sequence_as

__all__ = ["Functional"]


@keras_class("keras.src.models.functional")
class Functional(Model):
    """A model made of the calls between its inputs and its outputs.

    Args:
        inputs: a tensor of `Input`, or a structure of lists, tuples and dicts of them.
        outputs: a tensor computed from them, or such a structure.
        name: default "functional".

    Example:

    >>> from pronghorn.layers import Dense, Input
    >>> x = Input(shape=(3,))
    >>> Model(x, Dense(2)(x)).output_shape
    (None, 2)
    """

    _operations: list[Any]
    _takes_text = True

    def __init__(
        self, inputs: Any, outputs: Any, name: str | None = None, **kwargs: Any
    ) -> None:
        trainable = kwargs.pop("trainable", True)
        super().__init__(name=name, **kwargs)
        _check_tensors(inputs, "inputs")
        _check_tensors(outputs, "outputs")
        self._inputs_struct = inputs
        self._outputs_struct = outputs
        self._outputs_spec = _alone(outputs)
        self.inputs: list[KerasTensor] = flatten(inputs)
        self.outputs: list[KerasTensor] = flatten(outputs)
        for tensor in self.outputs:
            if tensor._keras_history is None:
                adopt(tensor)
        self._calls = _ordered_calls(self.inputs, self.outputs)
        # Past the tracking of attributes: only layers count as the model's own.
        self.__dict__["_operations"] = keras_order(self.inputs, self.outputs)
        self._layers[:] = [x for x in self._operations if isinstance(x, Layer)]
        _check_names(self._layers, self.name)
        self.built = True
        self._set_path()
        self._build_shapes = None
        self.__dict__["_stage"] = host_stage(self)
        if not trainable:
            self.trainable = False

    @property
    def operations(self) -> list[Any]:
        """The layers, and operations between them; those near the inputs first."""
        return list(self._operations)

    @property
    def input_shape(self) -> Any:
        """The shape of the input, or of each."""
        return map_structure(lambda t: t.shape, _alone(self._inputs_struct))

    @property
    def output_shape(self) -> Any:
        """The shape of the output, or of each."""
        return map_structure(lambda t: t.shape, self._outputs_spec)

    @property
    def input(self) -> Any:
        """The symbolic inputs."""
        return self._inputs_struct

    @property
    def output(self) -> Any:
        """The symbolic outputs."""
        return self._outputs_struct

    @property
    def input_names(self) -> list[str]:
        """The inputs' names."""
        return [t._keras_history.operation.name for t in self.inputs]

    @property
    def output_names(self) -> list[str]:
        """The names of the layers that give the outputs."""
        return _unique([t._keras_history.operation.name for t in self.outputs])

    def build(self, input_shape: Any) -> None:
        """Nothing to do: the layers were built as they were called."""
        self.built = True

    def get_build_config(self) -> dict[str, Any] | None:
        """Keras writes none for a functional model."""
        return None

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Runs the layers in order on the inputs' values, which may have masks."""
        stage = self._host_stage()
        if stage is not None and stage.holds(inputs):
            return stage.finish(inputs, training)
        given = standardized(self, arranged(self, inputs))
        if any(part is not None for part in flatten(mask)):
            given = with_masks(given, arranged(self, mask))
        return _alone(self._rerun(given, training=training))

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic outputs for symbolic inputs, without recording the call."""
        if self._cut_graph() is None and self._text_outputs() is None:
            # As in Keras: symbols come as in `output`, a single value alone.
            found = super().compute_output_spec(*args, **kwargs)
            listed = _alone(self._outputs_struct) is not self._outputs_struct
            return type(self._outputs_struct)([found]) if listed else found
        inputs = args[0] if args else kwargs["inputs"]
        return map_structure(
            self._fresh, specs(self, standardized(self, arranged(self, inputs)))
        )

    def _host_stage(self) -> HostStage | None:
        stage: HostStage | None = self.__dict__["_stage"]
        return stage

    def _text_outputs(self, x: Any = None) -> TextOutputs | None:
        own = type(self).call is not Functional.call or self._has_own("predict")
        if own or all(tensor.dtype != "string" for tensor in self.outputs):
            return None
        if "_text" not in self.__dict__:
            self.__dict__["_text"] = text_outputs(self, Functional)
        found: TextOutputs | None = self.__dict__["_text"]
        return found

    def _cut_graph(self) -> Functional | None:
        """The model itself, where a model around it may take it apart."""
        own = type(self).call is not Functional.call
        return None if own or self._host_stage() is None else self

    def _rerun(
        self,
        inputs: Any,
        call: Callable[..., Any] | None = None,
        training: bool | None = None,
    ) -> Any:
        """The outputs for other inputs; `call` takes an operation and its arguments."""
        values = dict(zip(map(id, self.inputs), flatten(inputs)))
        for node in self._calls:
            if id(node.output_tensors[0]) in values or node.is_input:
                continue
            made = partial(call, node.operation) if call else node.operation
            args, kwargs = node.arguments.args, node.arguments.kwargs
            replay(made, args, kwargs, node.output_tensors, values, training)
        return map_structure(lambda t: values[id(t)], self._outputs_struct)

    # --- what training asks

    def _input_infos(self, fitting: bool, x: Any) -> list[InputInfo]:
        columns: Sequence[Any] = [None] * len(self.inputs)
        if not fitting and self._known_columns():
            columns = self._known_columns()
        names = keys_of(self._inputs_struct) or self.input_names
        stage, aware = self._host_stage(), self._missing_known()
        return [
            InputInfo(
                name,
                tensor.shape[1:],
                tensor.dtype,
                column,
                optional=is_optional(tensor),
                host=stage is not None and stage.reads(tensor),
                missing=id(tensor) in aware,
            )
            for name, tensor, column in zip(names, self.inputs, columns)
        ]

    def _missing_known(self) -> set[int]:
        """The ids of inputs all of whose readers know missing values; found once."""
        known: set[int] | None = self.__dict__.get("_aware")
        if known is None:
            aware: set[int] = set()
            others = set(map(id, self.outputs))
            for node in self._calls:
                knows = getattr(node.operation, "_takes_missing", False)
                readers = aware if knows else others
                readers.update(map(id, node.arguments.keras_tensors))
            self.__dict__["_aware"] = known = aware - others
        return known

    def _table_for(self, x: Any) -> Any:
        return table_for(self, x)

    def _output_names(self) -> list[str]:
        # Losses and targets go by the keys, where there are some.
        return keys_of(self._outputs_struct) or self.output_names

    def _output_symbols(self, data: Dataset) -> list[Any]:
        return self.outputs

    def _pack_inputs(self, x: list[Any]) -> Any:
        stage = self._host_stage()
        if stage is not None:
            return stage.packed(x)
        return pack_sequence_as(self._inputs_struct, x)

    def _pack_outputs(self, arrays: list[np.ndarray]) -> Any:
        return pack_sequence_as(self._outputs_spec, arrays)

    # --- config

    def get_config(self) -> dict[str, Any]:
        """The layers and which call feeds which."""
        return functional_config(self)


FUNCTIONAL.append(Functional)


def _check_tensors(structure: Any, what: str) -> None:
    leaves = flatten(structure)
    if not leaves or not all(isinstance(leaf, KerasTensor) for leaf in leaves):
        raise ArgumentError(
            f"A functional model's {what} are symbolic tensors.",
            where=f"Model({what}=)",
            expected="what Input(...) or a layer called on it returned",
            received=", ".join(type(leaf).__name__ for leaf in leaves) or "nothing",
            remedy="write x = Input((3,)), y = layers.Dense(1)(x), Model(x, y); data "
            "goes to fit",
        )


def _alone(structure: Any) -> Any:
    """What a list or tuple of one holds; all else as it is."""
    single = isinstance(structure, list | tuple) and len(structure) == 1
    return structure[0] if single else structure


def _check_names(layers: Sequence[Layer], model: str) -> None:
    first: dict[str, Layer] = {}
    for layer in layers:
        if first.setdefault(layer.name, layer) is not layer:
            raise ArgumentError(
                "Layers of one model have different names.",
                where=f"model {model!r}",
                expected="a name of its own for each layer",
                received=f"{layer.name!r} twice: {type(first[layer.name]).__name__} "
                f"and {type(layer).__name__}",
                remedy="give one of them another name=",
            )


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    result = []
    for name in names:
        count = seen.get(name, 0)
        seen[name] = count + 1
        result.append(f"{name}_{count}" if count else name)
    return result


def _node_of(tensor: KerasTensor) -> CallNode:
    if tensor._keras_history is None:
        adopt(tensor)
    operation, index, _ = tensor._keras_history
    node: CallNode = operation._inbound_nodes[index]
    return node


def _ordered_calls(
    inputs: Sequence[KerasTensor], outputs: Sequence[KerasTensor]
) -> list[CallNode]:
    """The calls on the way from inputs to outputs, each after those that feed it."""
    stops = {id(t) for t in inputs}
    order: list[CallNode] = []
    done: set[int] = set()
    stack: list[tuple[CallNode, bool]] = [
        (_node_of(t), False) for t in reversed(outputs)
    ]
    for tensor in inputs:
        order.append(_node_of(tensor))
        done.add(id(order[-1]))
    while stack:
        call, ready = stack.pop()
        if id(call) in done:
            continue
        if ready:
            done.add(id(call))
            order.append(call)
            continue
        if call.is_input:
            raise ArgumentError(
                "The outputs depend on an input that the model was not given.",
                where=f"input {call.operation.name!r}",
                expected="every input that the outputs depend on",
                received=", ".join(t._keras_history.operation.name for t in inputs),
                remedy="add it to Model(inputs=...)",
            )
        stack.append((call, True))
        sources = [t for t in call.input_tensors if id(t) not in stops]
        stack.extend((_node_of(t), False) for t in reversed(sources))
    return order
