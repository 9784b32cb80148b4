"""`Function`: what lies between some symbolic tensors and others, without training."""

from __future__ import annotations

from typing import Any

from pronghorn import ops
from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.ir.tensor import KerasTensor
from pronghorn.layers.node import CallNode
from pronghorn.layers.operation import Operation
from pronghorn.layers.shapes import is_symbol, symbols
from pronghorn.models.tensor_ops import adopt
from pronghorn.tree import flatten, map_structure

__all__ = ["Function"]


class Function(Operation):
    """The calls of layers and operations from symbolic inputs to symbolic outputs.

    It computes and is called like a functional model, and has nothing else of one:
    `Model(inputs, outputs)` is trained and saved.

    Args:
        inputs: a symbolic tensor, or a structure of them; they may lie in the middle
            of other computations.
        outputs: likewise, computed from them.
        name: default "function".

    Raises:
        ArgumentError: no inputs or no outputs; outputs that other tensors lead to.

    Example:

    >>> import numpy as np
    >>> x = KerasTensor((None, 2))
    >>> double = Function(x, {"doubled": x * 2.0})
    >>> double(np.array([[1.0, 2.0]], "float32"))["doubled"]
    array([[2., 4.]], dtype=float32)
    """

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None) -> None:
        super().__init__(name)
        self._inputs_struct = _checked(inputs, "inputs", self.name)
        self._outputs_struct = _checked(outputs, "outputs", self.name)
        self._calls = _between(self.inputs, self.outputs, self.name)

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic inputs, in a list."""
        return flatten(self._inputs_struct)

    @property
    def outputs(self) -> list[KerasTensor]:
        """The symbolic outputs, in a list."""
        return flatten(self._outputs_struct)

    @property
    def operations(self) -> list[Any]:
        """The layers and operations in between, each after those that feed it."""
        return list({id(c.operation): c.operation for c in self._calls}.values())

    def call(self, inputs: Any) -> Any:
        """The outputs for other inputs of the same structure.

        Raises:
            ShapeError: another structure, another rank, another size.
        """
        values = dict(zip(map(id, self.inputs), self._fitting(inputs)))
        for node in self._calls:
            args, kwargs = map_structure(
                lambda leaf: values.get(id(leaf), leaf),
                (node.arguments.args, node.arguments.kwargs),
            )
            made = flatten(node.operation(*args, **kwargs))
            for tensor, value in zip(node.output_tensors, made, strict=True):
                values.setdefault(id(tensor), value)
        return map_structure(lambda t: values[id(t)], self._outputs_struct)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shapes of the outputs for inputs of these shapes."""
        outputs = self.compute_output_spec(symbols(input_shape))
        return map_structure(lambda t: t.shape, outputs)

    def _fitting(self, inputs: Any) -> list[Any]:
        wanted = self._inputs_struct
        given = [x if is_symbol(x) else _single(x) for x in flatten(inputs)]
        nested = isinstance(wanted, (list, tuple, dict))
        same = nested == isinstance(inputs, (list, tuple, dict))
        if isinstance(wanted, dict):
            same = isinstance(inputs, dict) and set(inputs) == set(wanted)
        pairs = list(zip(self.inputs, given))
        if not same or len(given) != len(self.inputs):
            raise ShapeError(
                "The inputs have another structure.",
                where=f"function {self.name!r}",
                expected=map_structure(lambda t: t.shape, wanted),
                received=f"{type(inputs).__name__} of {len(given)}",
                remedy="give as many tensors as the function was made of, in the same "
                "list or dict",
            )
        for tensor, x in pairs:
            shape = tuple(getattr(x, "shape", ()))
            sizes = zip(tensor.shape, shape)
            fits = len(shape) == len(tensor.shape)
            if not fits or any(None not in (n, m) and n != m for n, m in sizes):
                raise ShapeError(
                    "An input does not fit the function.",
                    where=f"function {self.name!r}, input {tensor.name!r}",
                    expected=f"shape {tensor.shape}",
                    received=f"shape {shape}",
                )
        return given

    def get_config(self) -> dict[str, Any]:
        """Refused: a file holds models.

        Raises:
            ArgumentError: always.
        """
        raise ArgumentError(
            "A Function is not saved.",
            where=f"function {self.name!r}",
            expected="a model",
            received="a Function",
            remedy="make a Model(inputs, outputs) of it, and save that",
        )


def _single(x: Any) -> Any:
    """An array as the engine has it: doubles become floats."""
    array = ops.convert_to_tensor(x)
    return ops.cast(array, "float32") if str(array.dtype) == "float64" else array


def _checked(structure: Any, what: str, name: str) -> Any:
    leaves = flatten(structure)
    if leaves and all(isinstance(leaf, KerasTensor) for leaf in leaves):
        return structure
    raise ArgumentError(
        f"A function's {what} are symbolic tensors.",
        where=f"function {name!r}, {what}",
        expected="a KerasTensor, or a list or dict of them",
        received=", ".join(type(leaf).__name__ for leaf in leaves) or "nothing",
        remedy="make them with Input(...), and call layers on them",
    )


def _between(
    inputs: list[KerasTensor], outputs: list[KerasTensor], name: str
) -> list[CallNode]:
    """The calls on the way from inputs to outputs, each after those that feed it."""
    stops = {id(t) for t in inputs}
    order: list[CallNode] = []
    done: set[int] = set()
    stack = [(t, False) for t in reversed(outputs)]
    while stack:
        tensor, ready = stack.pop()
        if id(tensor) in stops:
            continue
        node = _node_of(tensor)
        if node is None or node.is_input:
            raise ArgumentError(
                "An output depends on a tensor that is no input.",
                where=f"function {name!r}",
                expected="inputs that the outputs are computed from, all of them",
                received=repr(tensor),
                remedy="add it to the inputs",
            )
        if id(node) in done:
            continue
        if ready:
            done.add(id(node))
            order.append(node)
            continue
        stack.append((tensor, True))
        stack.extend((t, False) for t in reversed(node.input_tensors))
    return order


def _node_of(tensor: KerasTensor) -> CallNode | None:
    if tensor._keras_history is None:
        if not tensor.node.inputs:
            return None
        adopt(tensor)
    operation, index, _ = tensor._keras_history
    node: CallNode = operation._inbound_nodes[index]
    return node
