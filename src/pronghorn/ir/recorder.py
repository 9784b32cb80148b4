"""Tensors with values, and what is recorded of how they came about.

Plain arrays know nothing of their past. While a `Recorder` listens, variables are read
as tensors that have their value at once, so that Python may look at it, and each
operation on them is kept as a node: enough to walk back from a result to its slopes.
What was kept belongs to the recorder and goes with it; the tensors do not hold it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from pronghorn.ir import dtypes
from pronghorn.ir.graph import Node
from pronghorn.ir.operators import OPERATORS
from pronghorn.ir.primitive import CONSTANT, Kind, Primitive
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.variable import Variable

__all__ = [
    "EagerTensor",
    "Recorder",
    "eager",
    "own_gradient",
    "recorders",
    "with_values",
]


class EagerTensor(KerasTensor):
    """A tensor that has its value: what operations give while a recorder listens.

    Args:
        value: an array or a number; doubles become float32.

    Example:

    >>> x = EagerTensor([1.0, 2.0])
    >>> float((x * x)[1]), x.numpy()
    (4.0, array([1., 2.], dtype=float32))
    """

    __slots__ = ()

    def __init__(self, value: Any) -> None:
        array = np.asarray(value)
        name = dtypes.standard(array.dtype).replace("64", "32")
        array = array.astype(name)
        super().__init__((), name, "eager_tensor", _leaf(array))

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape."""
        shape: tuple[int, ...] = self.node.payload.shape
        return shape

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(self.node.payload.size)

    def numpy(self) -> np.ndarray:  # type: ignore[override]
        """A copy of the value."""
        return np.array(self.node.payload)

    def __array__(  # type: ignore[override]
        self, dtype: Any = None, copy: bool | None = None
    ) -> np.ndarray:
        array: np.ndarray = self.node.payload
        return np.array(array, dtype) if copy else np.asarray(array, dtype)

    def _compared(self, operation: str, other: Any) -> Any:
        known = other is not None and not isinstance(other, str)
        return OPERATORS[operation](self, other) if known else NotImplemented

    def __len__(self) -> int:
        return len(self.node.payload)

    def __bool__(self) -> bool:  # type: ignore[override]
        return bool(self.node.payload)

    def __float__(self) -> float:  # type: ignore[override]
        return float(self.node.payload)

    def __int__(self) -> int:  # type: ignore[override]
        return int(self.node.payload)

    def __index__(self) -> int:
        return int(self.node.payload.__index__())

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        return (self[i] for i in range(len(self)))

    def __format__(self, spec: str) -> str:
        return format(self.node.payload[()], spec) if spec else str(self)

    def __repr__(self) -> str:
        value = np.array2string(self.node.payload, separator=", ", threshold=20)
        return f"<EagerTensor shape={self.shape}, dtype={self.dtype}, value={value}>"


def _leaf(array: np.ndarray) -> Node:
    return Node(CONSTANT, (), {}, array.shape, array.dtype.name, array)


def _like(node: Node) -> EagerTensor:
    """The tensor of a value that was recorded: recorders know it by its number."""
    leaf = Node(CONSTANT, (), {}, node.shape, node.dtype, node.payload)
    leaf.number = node.number
    return EagerTensor.of(leaf)  # type: ignore[return-value]


class Recorder:
    """Keeps the operations that lead from what is watched.

    Args:
        accessed: watch each trainable variable as it is read. Default True.

    Example:

    >>> from pronghorn import ops
    >>> v = Variable(3.0)
    >>> recorder = Recorder()
    >>> recorder.start()
    >>> y = ops.square(v)
    >>> recorder.stop()
    >>> recorder.node_of(y)
    %... mul float32()
    """

    def __init__(self, accessed: bool = True) -> None:
        self._accessed = accessed
        self._nodes: dict[int, Node] = {}
        self._reads: dict[int, tuple[Variable, list[Node]]] = {}

    def start(self) -> None:
        """Listens from here on."""
        _listening.recorders.append(self)

    def stop(self) -> None:
        """Listens no more."""
        _listening.recorders[:] = [r for r in recorders() if r is not self]

    def watch(self, value: EagerTensor | Variable) -> None:
        """Follows what is computed from this tensor or variable."""
        if isinstance(value, Variable):
            self._reads.setdefault(id(value), (value, []))
        else:
            self._nodes.setdefault(value.node.number, value.node)

    def variables(self) -> list[Variable]:
        """The variables that are watched."""
        return [variable for variable, _ in self._reads.values()]

    def node_of(self, tensor: Any) -> Node | None:
        """What is known of a tensor: a node whose inputs tell how it was computed."""
        return self._nodes.get(tensor.node.number)

    def reads_of(self, variable: Variable) -> list[Node]:
        """The values that a variable was read with."""
        found = self._reads.get(id(variable))
        return found[1] if found is not None else []

    def wants(self, variable: Variable) -> bool:
        """Whether what is computed from a variable is to be recorded."""
        return id(variable) in self._reads or (self._accessed and variable.trainable)

    def read(self, variable: Variable, leaf: Node) -> None:
        """Notes that a variable was read."""
        self.watch(variable)
        self._reads[id(variable)][1].append(leaf)
        self._nodes[leaf.number] = leaf

    def keep(
        self, primitive: Primitive, inputs: Sequence[Node], attrs: Any, leaf: Node
    ) -> None:
        """Notes how a value was computed, if from something watched."""
        nodes = self._nodes
        for node in inputs:
            if node.number in nodes:
                break
        else:
            return
        known = tuple([nodes.get(i.number, i) for i in inputs])
        made = Node(primitive, known, attrs, leaf.shape, leaf.dtype, leaf.payload)
        made.number = leaf.number
        nodes[leaf.number] = made

    @staticmethod
    def tensor(node: Node) -> EagerTensor:
        """The tensor of a node, which other recorders know too."""
        return _like(node)


class _Listening(threading.local):
    def __init__(self) -> None:
        self.recorders: list[Recorder] = []


_listening = _Listening()


def recorders() -> list[Recorder]:
    """Those that listen in this thread, the innermost last."""
    return _listening.recorders


def read(variable: Variable) -> Any:
    """A variable's value for the recorders: a tensor, or a copy where none wants it."""
    value = variable.storage.copy()
    listening = [r for r in recorders() if r.wants(variable)]
    if not listening:
        return value
    leaf = _leaf(value)
    for recorder in listening:
        recorder.read(variable, leaf)
    return EagerTensor.of(leaf)


def with_values(args: Sequence[Any]) -> list[np.ndarray] | None:
    """The arguments' values, where one is an `EagerTensor` and none is symbolic."""
    for arg in args:
        if isinstance(arg, EagerTensor):
            break
    else:
        return None
    values = []
    for arg in args:
        known = isinstance(arg, KerasTensor)
        value = _known(arg.node) if known else np.asarray(arg)
        if value is None:
            return None
        values.append(value)
    return values


def _known(node: Node) -> Any:
    """The value of a node that depends on constants alone; None of others."""
    if node.primitive is CONSTANT:
        return node.payload
    if node.primitive.kind in (Kind.LEAF, Kind.RANDOM):
        return None
    inputs = [_known(i) for i in node.inputs]
    if any(value is None for value in inputs):
        return None
    return node.primitive.value(*inputs, **node.attrs)


def eager(
    primitive: Primitive, args: Sequence[Any], values: list[Any], attrs: Any
) -> EagerTensor:
    """Applies a primitive to values, and tells the recorders."""
    try:
        with np.errstate(all="ignore"):
            array = np.asarray(primitive.value(*values, **attrs))
    except ValueError:  # NumPy's; the shape rule has better words
        primitive.shape(*map(_leaf, values), **attrs)
        raise
    leaf = Node(CONSTANT, (), {}, array.shape, _NAMES[array.dtype.char], array)
    if _listening.recorders and leaf.dtype in ("float32", "float64"):
        nodes = [_source(a, v) for a, v in zip(args, values, strict=True)]
        for recorder in _listening.recorders:
            recorder.keep(primitive, nodes, attrs, leaf)
    return EagerTensor.of(leaf)  # type: ignore[return-value]


def _source(arg: Any, value: np.ndarray) -> Node:
    """The node of an operand: its own, where that is one with a value."""
    if isinstance(arg, KerasTensor) and arg.node.primitive is CONSTANT:
        return arg.node
    return _leaf(value)


class _Written(Primitive):
    """What stands for a computation whose gradient its user wrote."""

    __slots__ = ()

    def __init__(self, gradient: Callable[[Any], Sequence[Any]]) -> None:
        self.name = "own_gradient"  # and not in the table of primitives
        self.kind = Kind.STRUCTURE
        self.vjp = lambda g, y, *inputs: tuple(gradient(g))


def own_gradient(
    result: EagerTensor,
    inputs: Sequence[EagerTensor],
    gradient: Callable[[Any], Sequence[Any]],
) -> None:
    """Tells the recorders a gradient that takes the place of the recorded one.

    Args:
        result: what was computed.
        inputs: what it was computed from.
        gradient: of the gradient of the result, to one tensor or None for each input.
    """
    nodes = [tensor.node for tensor in inputs]
    for recorder in recorders():
        recorder.keep(_Written(gradient), nodes, {}, result.node)


_NAMES = {
    np.dtype(name).char: name
    for name in ("float32", "float64", "int32", "int64", "bool", "uint8", "int8")
}
