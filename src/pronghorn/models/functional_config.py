"""The config of a functional model: its layers and which call feeds which.

Each call of a layer is a node, numbered within its layer. A file names a tensor by
(layer name, number of the call, number of the output), where calls that belong to other
models are not counted. The format is Keras 3.15's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pronghorn.config import TensorReference, deserialize, serialize
from pronghorn.errors import ConfigTypeError, FileFormatError, PronghornError
from pronghorn.ir.tensor import KerasTensor
from pronghorn.layers.operation import Operation, check_sizes
from pronghorn.models.old_config import new_form, nodes_in_new_form
from pronghorn.registry import find_class
from pronghorn.tree import flatten, map_structure

__all__ = ["functional_config", "functional_from_config"]

FUNCTIONAL = ("keras.src.models.functional", "Functional")
SEQUENTIAL = ("keras", "Sequential")
NodeKey = tuple[int, int]  # id of the operation, index of the call


def functional_config(model: Any) -> dict[str, Any]:
    """What `get_config` of a functional model returns.

    Args:
        model: has `name`, `trainable`, `inputs` and `outputs` (structures of symbolic
            tensors) and `operations` (its layers, inputs first).

    Returns:
        name, trainable, layers with their calls, input_layers and output_layers.
    """
    inputs = getattr(model, "_inputs_struct", model.inputs)
    outputs = getattr(model, "_outputs_struct", model.outputs)
    starts = _Starts(flatten(inputs))
    own = _own_nodes(outputs, inputs, starts)
    operations = list(getattr(model, "operations", None) or model.layers)
    numbers = _number_calls(operations, own)
    layers = [_operation_config(op, numbers, starts) for op in operations]
    return {
        "name": model.name,
        "trainable": model.trainable,
        "layers": [*starts.configs(), *layers],
        "input_layers": map_structure(lambda t: _end(t, numbers, starts), inputs),
        "output_layers": map_structure(lambda t: _end(t, numbers, starts), outputs),
    }


class _Starts:
    """The inputs of a model that begins in the middle of another.

    They are outputs of layers that are not the model's; in its file each becomes an
    input layer.
    """

    def __init__(self, inputs: list[Any]) -> None:
        self._tensors = {id(t): t for t in inputs if not _node_of(t).is_input}

    def __contains__(self, tensor: Any) -> bool:
        return id(tensor) in self._tensors

    def name(self, tensor: Any) -> str:
        """The name of the input layer that stands for a tensor."""
        operation, call, output = tensor._keras_history
        return f"{operation.name}_{call}_{output}_input"

    def configs(self) -> list[dict[str, Any]]:
        """The configs of those input layers."""
        return [self._config(t) for t in self._tensors.values()]

    def _config(self, tensor: Any) -> dict[str, Any]:
        name = self.name(tensor)
        config = {
            "batch_shape": tuple(tensor.shape),
            "dtype": tensor.dtype,
            "sparse": False,
            "ragged": False,
            "name": name,
            "optional": False,
        }
        return {
            "module": "keras.layers",
            "class_name": "InputLayer",
            "config": config,
            "registered_name": None,
            "name": name,
            "inbound_nodes": [],
        }


def _node_of(tensor: Any) -> Any:
    operation, call, _ = tensor._keras_history
    return operation._inbound_nodes[call]


def _own_nodes(outputs: Any, inputs: Any, starts: _Starts) -> set[NodeKey]:
    """The calls between a model's outputs and its inputs."""
    found: set[NodeKey] = set()
    pending = [*flatten(outputs), *flatten(inputs)]
    while pending:
        tensor = pending.pop()
        operation, call, _ = tensor._keras_history
        if (id(operation), call) in found or tensor in starts:
            continue
        found.add((id(operation), call))
        pending.extend(_input_tensors(_node_of(tensor)))
    return found


def _input_tensors(node: Any) -> list[Any]:
    args, kwargs = node.arguments.args, node.arguments.kwargs
    leaves = [*flatten(args), *flatten(kwargs)]
    return [leaf for leaf in leaves if isinstance(leaf, KerasTensor)]


def _number_calls(operations: Iterable[Any], own: set[NodeKey]) -> dict[NodeKey, int]:
    """The number of each own call within its operation, others not counted."""
    numbers: dict[NodeKey, int] = {}
    for operation in operations:
        calls = range(len(operation._inbound_nodes))
        mine = [i for i in calls if (id(operation), i) in own]
        for number, call in enumerate(mine):
            numbers[id(operation), call] = number
    return numbers


def _operation_config(
    operation: Any, numbers: Mapping[NodeKey, int], starts: _Starts
) -> dict[str, Any]:
    nodes = [
        _node_config(node, numbers, starts)
        for call, node in enumerate(operation._inbound_nodes)
        if (id(operation), call) in numbers and _input_tensors(node)
    ]
    config: dict[str, Any] = serialize(operation)
    config["name"] = operation.name
    config["inbound_nodes"] = nodes
    return config


def _node_config(
    node: Any, numbers: Mapping[NodeKey, int], starts: _Starts
) -> dict[str, Any]:
    def refer(leaf: Any) -> Any:
        if not isinstance(leaf, KerasTensor):
            return leaf
        operation, call, output = leaf._keras_history
        if leaf in starts:
            history = (starts.name(leaf), 0, 0)
        else:
            history = (operation.name, numbers[id(operation), call], output)
        return TensorReference(tuple(leaf.shape), leaf.dtype, history)

    return {
        "args": serialize(map_structure(refer, node.arguments.args)),
        "kwargs": serialize(map_structure(refer, node.arguments.kwargs)),
    }


def _end(tensor: Any, numbers: Mapping[NodeKey, int], starts: _Starts) -> list[Any]:
    if tensor in starts:
        return [starts.name(tensor), 0, 0]
    operation, call, output = tensor._keras_history
    offset = 1 if _is_functional(operation) else 0
    return [operation.name, numbers[id(operation), call] + offset, output]


def _is_functional(operation: Any) -> bool:
    # Keras counts the calls of a nested functional model from 1, but only where a
    # model's inputs and outputs are listed.
    return _is_a(FUNCTIONAL, operation)


def _is_a(address: tuple[str, str], operation: Any) -> bool:
    cls = find_class(*address)
    return cls is not None and isinstance(operation, cls)


def functional_from_config(
    cls: type,
    config: Mapping[str, Any],
    custom_objects: Mapping[str, Any] | None = None,
) -> Any:
    """The model of which `functional_config` made that config.

    Args:
        cls: the model's class; called with inputs, outputs, name, trainable, and what
            else the config holds.
        config: as `functional_config` or Keras's `get_config` returns it.
        custom_objects: name to your own class or function.

    Raises:
        FileFormatError: layers or calls that are missing, circular, or malformed.
    """
    rest = dict(config)
    graph = _Graph(custom_objects)
    layers = rest.pop("layers", None)
    if not isinstance(layers, list):
        raise _bad("layers", "a list of layers", type(layers).__name__)
    for data in layers:
        graph.add(data)
    graph.connect()
    return cls(
        inputs=graph.ends(rest.pop("input_layers", None), "input_layers"),
        outputs=graph.ends(rest.pop("output_layers", None), "output_layers"),
        name=rest.pop("name", None),
        trainable=rest.pop("trainable", True),
        **rest,
    )


class _NotYetError(Exception):
    """A call's input is the output of a call that has not been made yet."""


class _Graph:
    """Layers by name, the calls still to be made, and the outputs of those made."""

    _old = False  # whether Keras 2 wrote the calls

    def __init__(self, custom_objects: Mapping[str, Any] | None) -> None:
        self._custom_objects = custom_objects
        self._layers: dict[str, Any] = {}
        self._waiting: dict[str, list[tuple[Any, Any]]] = {}
        # Counted here and not in the layer: it may be called in other models too.
        self._made: dict[str, list[list[Any]]] = {}

    def add(self, data: Any) -> None:
        """Make one layer, and note its calls."""
        if not isinstance(data, dict) or not isinstance(data.get("name"), str):
            raise _bad("a layer", "a dict with a name", repr(data)[:80])
        name, written = data["name"], data.get("inbound_nodes")
        nodes = nodes_in_new_form(written)
        self._old = self._old or nodes != written
        if name in self._layers:
            raise _bad(f"layer {name!r}", "one layer of that name", "two")
        if not isinstance(nodes, list) or not all(map(_is_node, nodes)):
            raise _bad(
                f"inbound_nodes of layer {name!r}",
                "a list of calls, each with args and kwargs",
                repr(nodes)[:80],
            )
        layer = deserialize(new_form(data), self._custom_objects)
        if not hasattr(layer, "_inbound_nodes"):
            raise _bad(f"layer {name!r}", "a layer", type(layer).__name__)
        self._layers[name] = layer
        self._made[name] = []
        self._waiting[name] = [
            (deserialize(n["args"]), deserialize(n["kwargs"])) for n in nodes
        ]
        if not nodes and layer._inbound_nodes:  # an input layer
            self._note(name)

    def connect(self) -> None:
        """Make all calls, each as soon as its inputs exist."""
        while any(self._waiting.values()):
            before = sum(map(len, self._waiting.values()))
            for name in self._layers:
                self._call_ready(name)
            if before == sum(map(len, self._waiting.values())):
                stuck = [name for name, calls in self._waiting.items() if calls]
                raise _bad(
                    f"layer {stuck[0]!r}",
                    "a graph without loops, each call fed by calls before it",
                    f"calls that can never be made: {', '.join(stuck[:5])}",
                )

    def ends(self, data: Any, where: str) -> Any:
        """The tensors of input_layers or output_layers."""
        if self._old and isinstance(data, list) and len(data) == 1:
            return self.ends(data[0], where)
        if _is_end(data):
            name, call, output = data
            layer = self._layers.get(name)
            call -= _is_functional(layer) or self._counts_from_one(layer)
            try:
                return self._tensor(name, call, output)
            except _NotYetError:
                raise _bad(where, "calls of this model", repr(data)) from None
        if isinstance(data, dict):
            return {k: self.ends(v, where) for k, v in data.items()}
        if isinstance(data, (list, tuple)):
            ends = [self.ends(item, where) for item in data]
            return tuple(ends) if isinstance(data, tuple) else ends
        raise _bad(where, "[layer name, call, output]", repr(data)[:80])

    def _call_ready(self, name: str) -> None:
        waiting = self._waiting[name]
        while waiting:
            try:
                args, kwargs = map_structure(self._revive, waiting[0])
            except _NotYetError:
                return
            if not isinstance(args, list) or not isinstance(kwargs, dict):
                raise _bad(f"a call of layer {name!r}", "args, kwargs", "other types")
            if isinstance(self._layers[name], Operation):
                check_sizes(self._layers[name], args, kwargs)
            try:
                self._layers[name](*args, **kwargs)
            except PronghornError:
                raise
            except (TypeError, ValueError, IndexError) as error:
                received = f"{type(error).__name__}: {str(error)[:200]}"
                where = f"a call of layer {name!r}"
                if isinstance(error, TypeError):
                    raise _undone(where, received) from error
                raise _bad(where, "its inputs", received) from error
            self._note(name)
            del waiting[0]

    def _note(self, name: str) -> None:
        node = self._layers[name]._inbound_nodes[-1]
        self._made[name].append(flatten(node.output_tensors))

    def _revive(self, leaf: Any) -> Any:
        if not isinstance(leaf, TensorReference):
            return leaf
        if leaf.history is None:
            raise _bad("a tensor of a call", "the call that makes it", "none")
        name, call, output = leaf.history
        call -= self._counts_from_one(self._layers.get(name))
        return self._tensor(name, call, output)

    def _counts_from_one(self, layer: Any) -> bool:
        # Keras 2 counted the calls of every model inside of another one from 1.
        return self._old and (_is_functional(layer) or _is_a(SEQUENTIAL, layer))

    def _tensor(self, name: str, call: int, output: int) -> Any:
        if name not in self._layers:
            raise _bad("a call", f"a layer {name!r} in this model", "no such layer")
        made = self._made[name]
        if not 0 <= call < len(made):
            raise _NotYetError
        if not 0 <= output < len(made[call]):
            received = f"output {output} of {len(made[call])}"
            raise _bad(f"a call of layer {name!r}", "an output that it has", received)
        return made[call][output]


def _undone(where: str, received: str) -> ConfigTypeError:
    return ConfigTypeError(
        "A layer cannot be called on its inputs.",
        where=where,
        expected="a layer whose parts are objects again",
        received=received,
        remedy="layers and functions that get_config() gives are explicitly "
        "deserialized in from_config(): saving.deserialize_keras_object(config[...])",
    )


def _is_node(node: Any) -> bool:
    return isinstance(node, dict) and "args" in node and "kwargs" in node


def _is_end(data: Any) -> bool:
    return (
        isinstance(data, (list, tuple))
        and len(data) == 3
        and isinstance(data[0], str)
        and all(type(part) is int for part in data[1:])
    )


def _bad(where: str, expected: str, received: str) -> FileFormatError:
    return FileFormatError(
        "The config of a functional model is malformed.",
        where=where,
        expected=expected,
        received=received,
        remedy="save the model again from the program that made it",
    )
