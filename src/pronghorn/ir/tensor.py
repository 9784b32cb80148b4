"""`KerasTensor`: a tensor without a value, yet.

One class serves functional models (`Input`) and the traces of steps. It carries the
graph node that computes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from pronghorn.errors import TraceError
from pronghorn.ir import shapes
from pronghorn.ir.graph import Node, input_leaf
from pronghorn.ir.operators import OPERATORS, Operators

__all__ = ["KerasTensor", "tensor_hooks"]


class _Hooks:
    """Whether a trace is active; the tracer fills it."""

    tracing: Callable[[], bool] = bool


tensor_hooks = _Hooks()


class KerasTensor(Operators):
    """A symbolic tensor: shape, dtype, name, and the node that computes it.

    Args:
        shape: None stands for the batch.
        dtype: default "float32".
        name: default "keras_tensor".

    Example:

    >>> KerasTensor((None, 3)).shape
    (None, 3)
    """

    __slots__ = (
        "__weakref__",
        "_keras_history",
        "_keras_mask",
        "logits",
        "name",
        "node",
        "sparse",
    )
    ragged = False

    def __init__(
        self,
        shape: tuple[int | None, ...],
        dtype: str = "float32",
        name: str | None = None,
        node: Node | None = None,
    ) -> None:
        if node is None:
            node = input_leaf(-1, shapes.from_keras(shape), dtype)
            node.payload = self  # so that a graph of symbols can be followed back
        self.node = node
        self.name = name or "keras_tensor"
        self.sparse = False
        self._keras_history: Any = None
        self._keras_mask: Any = None
        self.logits: Any = None

    @classmethod
    def of(cls, node: Node) -> KerasTensor:
        """The tensor of a node."""
        tensor = cls.__new__(cls)
        tensor.node = node
        tensor.name = "keras_tensor"
        tensor.sparse = False
        tensor._keras_history = None
        tensor._keras_mask = None
        tensor.logits = None
        return tensor

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The shape, with None for the batch."""
        return shapes.to_keras(self.node.shape)

    @property
    def dtype(self) -> str:
        """The dtype's name."""
        return self.node.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.node.shape)

    @property
    def T(self) -> Any:
        """The tensor with its axes reversed."""
        return OPERATORS["transpose"](self)

    def reshape(self, newshape: Any) -> Any:
        """The elements in another shape; see `ops.reshape`."""
        return OPERATORS["reshape"](self, newshape)

    def squeeze(self, axis: Any = None) -> Any:
        """Without axes of size 1; see `ops.squeeze`."""
        return OPERATORS["squeeze"](self, axis)

    def __eq__(self, other: Any) -> Any:
        return self._compared("equal", other)

    def __ne__(self, other: Any) -> Any:
        return self._compared("not_equal", other)

    __hash__ = object.__hash__

    def _compared(self, operation: str, other: Any) -> Any:
        """Element by element; between layers two symbols are the same or not."""
        if other is None or isinstance(other, str):
            return NotImplemented
        if isinstance(other, KerasTensor) and not tensor_hooks.tracing():
            return NotImplemented
        return OPERATORS[operation](self, other)

    def __len__(self) -> int:
        raise TraceError(
            "The number of rows of a symbolic tensor is not known yet.",
            where=repr(self),
            remedy="use ops.shape(x)[0], which follows the batch",
        )

    def __bool__(self) -> NoReturn:
        raise _no_value(self, "if, while, and, or and not need a value")

    def __float__(self) -> NoReturn:
        raise _no_value(self, "float() needs a value")

    def __int__(self) -> NoReturn:
        raise _no_value(self, "int() needs a value")

    def __iter__(self) -> NoReturn:
        raise _no_value(self, "a loop over a tensor needs a value", _NoLoopError)

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise _no_value(self, "NumPy needs a value", _NoArrayError)

    def numpy(self) -> NoReturn:
        """Refused: there is no value yet.

        Raises:
            TraceError: always.
        """
        raise _no_value(self, "numpy() needs a value")

    def __repr__(self) -> str:
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, name={self.name}>"


class _NoArrayError(TraceError, ValueError):
    """A symbol cannot be an array; Keras raises a ValueError."""


class _NoLoopError(TraceError, NotImplementedError):
    """A symbol cannot be gone through; Keras raises a NotImplementedError."""


def _no_value(
    tensor: KerasTensor, why: str, kind: type[TraceError] = TraceError
) -> TraceError:
    return kind(
        f"A symbolic tensor has no value while the model is traced: {why}.",
        expected="operations of pronghorn.ops, which are recorded",
        received=repr(tensor),
        remedy="use ops.where, ops.maximum, ops.tanh, ops.sum ... of pronghorn.ops",
    )
