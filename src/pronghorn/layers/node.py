"""Calls of layers on symbolic tensors: what a functional model is made of."""

from __future__ import annotations

import threading
from typing import Any, NamedTuple

from pronghorn.ir.tensor import KerasTensor
from pronghorn.tree import flatten

__all__ = ["CallArguments", "CallNode", "History", "training_scope"]


class History(NamedTuple):
    """Which output of which call of which layer a tensor is."""

    operation: Any
    node_index: int
    tensor_index: int


class CallArguments(NamedTuple):
    """The arguments of one call, structures with symbolic tensors in them."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    @property
    def keras_tensors(self) -> list[KerasTensor]:
        """The symbolic tensors among the arguments."""
        leaves = [*flatten(self.args), *flatten(self.kwargs)]
        return [leaf for leaf in leaves if isinstance(leaf, KerasTensor)]


class CallNode:
    """One call of a layer: from which tensors to which.

    Making one appends it to the layer's `_inbound_nodes` and gives the outputs their
    history.
    """

    def __init__(
        self,
        operation: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        outputs: Any,
    ) -> None:
        self.operation = operation
        self.arguments = CallArguments(args, kwargs)
        self.outputs = outputs
        self.output_tensors: list[KerasTensor] = flatten(outputs)
        index = len(operation._inbound_nodes)
        operation._inbound_nodes.append(self)
        for position, tensor in enumerate(self.output_tensors):
            tensor._keras_history = History(operation, index, position)
        for parent in self.parent_nodes:
            parent.operation._outbound_nodes.append(self)

    @property
    def input_tensors(self) -> list[KerasTensor]:
        """The symbolic tensors that were given."""
        return self.arguments.keras_tensors

    @property
    def parent_nodes(self) -> list[CallNode]:
        """The calls that the inputs come from."""
        histories = [t._keras_history for t in self.input_tensors]
        return [h.operation._inbound_nodes[h.node_index] for h in histories if h]

    @property
    def is_input(self) -> bool:
        """Whether it stands for a model's input."""
        return not self.input_tensors


class _Training(threading.local):
    value: bool | None = None
    depth: int = 0


_training = _Training()


class training_scope:
    """The `training` flag that calls inside inherit.

    >>> with training_scope(True):
    ...     training_scope.current()
    True
    """

    def __init__(self, value: bool | None) -> None:
        self._value = value

    @staticmethod
    def current() -> bool | None:
        """The flag of the calls around this one; None outside of any."""
        return _training.value

    @staticmethod
    def is_outermost() -> bool:
        """Whether no call is around this one."""
        return _training.depth == 0

    def __enter__(self) -> None:
        _training.depth += 1
        self._outer = _training.value
        if self._value is not None:
            _training.value = self._value

    def __exit__(self, *_: object) -> None:
        _training.depth -= 1
        _training.value = self._outer
