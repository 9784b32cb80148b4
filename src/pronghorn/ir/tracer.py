"""Tracing: running Python code on symbols to record the graph that it computes.

`bind` applies a primitive. On arrays it computes at once; as soon as one argument is a
`KerasTensor` it records a node instead, and with an `EagerTensor` it computes and tells
those who listen. A `Trace` is what makes variables symbolic.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pronghorn.errors import ShapeError, UnsupportedError
from pronghorn.ir import dtypes, recorder, shapes
from pronghorn.ir.graph import Graph, Node, apply, constant, state_leaf
from pronghorn.ir.primitive import Primitive, named
from pronghorn.ir.tensor import KerasTensor, tensor_hooks
from pronghorn.ir.variable import Variable, variable_hooks

__all__ = [
    "Trace",
    "active",
    "array_hooks",
    "as_node",
    "bind",
    "depth",
    "is_symbolic",
    "next_stream",
    "number",
    "require_eager",
    "suspended",
]


class _ArrayHooks:
    """What `accel` does with the arrays that primitives are applied to.

    `follow` gives the tensors that a gradient tape knows some of them as; `apply`
    computes, and gives results `.numpy()`.
    """

    follow: Callable[[tuple[Any, ...]], tuple[Any, ...]] | None = None
    apply: Callable[[Primitive, tuple[Any, ...], dict[str, Any]], Any] | None = None
    show: Callable[[Any], Any] | None = None


array_hooks = _ArrayHooks()


class _Active(threading.local):
    def __init__(self) -> None:
        self.stack: list[Trace | None] = []


_active = _Active()


class Trace:
    """A scope in which variables are symbols.

    Reading a variable gives the tensor of its value; assigning one records the value
    that the step leaves in it. Nothing is computed and no storage is touched.

    Example:

    >>> v = Variable(1.0)
    >>> with Trace() as trace:
    ...     _ = v.assign(v.value * 2.0)
    >>> [(v.name, node.primitive) for v, node in trace.updates()]
    [('variable', mul)]
    """

    def __init__(self) -> None:
        self._leaves: dict[int, Node] = {}
        self._values: dict[int, KerasTensor] = {}
        self._versions: dict[int, list[Node]] = {}
        self.differentiated: list[Node] = []  # by gradient tapes: the step's losses
        self._streams = 0
        self._known: dict[Any, Node] = {}
        self._shares = False

    def __enter__(self) -> Trace:
        _active.stack.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        _active.stack.pop()

    def read(self, variable: Variable) -> KerasTensor:
        """The variable's value at this point of the step."""
        key = id(variable)
        if key not in self._values:
            self._leaves[key] = state_leaf(variable)
            self._values[key] = KerasTensor.of(self._leaves[key])
            self._versions[key] = [self._leaves[key]]
        return self._values[key]

    def write(self, variable: Variable, value: Any) -> None:
        """Records the variable's value from here on."""
        self.read(variable)
        node = as_node(value, variable.dtype)
        if node.shape != variable.shape:
            raise ShapeError(
                "A variable keeps its shape.",
                where=f"variable {variable.path!r}",
                expected=variable.shape,
                received=shapes.text(node.shape),
            )
        self._values[id(variable)] = KerasTensor.of(node)
        self._versions[id(variable)].append(node)

    def versions(self, variable: Variable) -> list[Node]:
        """The values that a variable has had so far in the step, the oldest first."""
        self.read(variable)
        return self._versions[id(variable)]

    def variables(self) -> list[Variable]:
        """The variables that were read or assigned so far."""
        return [leaf.payload for leaf in self._leaves.values()]

    def leaf(self, variable: Variable) -> Node:
        """The STATE leaf of a variable: its value at the start of the step."""
        self.read(variable)
        return self._leaves[id(variable)]

    def updates(self) -> list[tuple[Variable, Node]]:
        """The variables that the step changes, with their new values."""
        changed = []
        for key, leaf in self._leaves.items():
            node = self._values[key].node
            if node is not leaf:
                changed.append((leaf.payload, node))
        return changed

    def share(self) -> None:
        """From here on, what is computed again from the same nodes is the same node.

        Not to be asked for before the gradients are taken: two uses of one node add up
        their gradients before they go on, two nodes after, and the bits differ.
        """
        self._shares = True

    def applied(
        self, primitive: Primitive, inputs: Sequence[Node], attrs: dict[str, Any]
    ) -> Node:
        """The node that applies a primitive."""
        if not self._shares:
            return apply(primitive, inputs, attrs)
        key = (primitive, *[i.number for i in inputs], *attrs.items())
        node = self._known.get(key)
        if node is None:
            node = self._known[key] = apply(primitive, inputs, attrs)
        return node

    def number(self, value: complex, dtype: str) -> Node:
        """A constant of one Python number."""
        if not self._shares or not value:  # 0.0 and -0.0 are equal, but not the same
            return constant(value, dtype)
        key = (value, dtype)
        node = self._known.get(key)
        if node is None:
            node = self._known[key] = constant(value, dtype)
        return node

    def next_stream(self) -> int:
        """A number for the next source of random numbers in this trace."""
        self._streams += 1
        return self._streams

    def graph(
        self,
        inputs: Sequence[Node],
        outputs: Sequence[Node],
        guard: Node | None = None,
    ) -> Graph:
        """What was recorded, as a graph."""
        state = list(self._leaves.values())
        position = {id(leaf.payload): i for i, leaf in enumerate(state)}
        updates = [(position[id(v)], node) for v, node in self.updates()]
        return Graph(inputs, state, outputs, updates, guard)


class suspended:
    """Code inside runs as if no trace were active: models are built so."""

    def __enter__(self) -> None:
        _active.stack.append(None)

    def __exit__(self, *_: object) -> None:
        _active.stack.pop()


def active() -> Trace | None:
    """The innermost trace of this thread, if any."""
    return _active.stack[-1] if _active.stack else None


def depth() -> int:
    """How many traces, and suspensions of them, this code runs in."""
    return len(_active.stack)


def next_stream() -> int:
    """A number for a random node; 0 outside of traces."""
    trace = active()
    return trace.next_stream() if trace is not None else 0


def _read(variable: Variable) -> Any:
    trace = active()
    if trace is not None:
        return trace.read(variable)
    return recorder.read(variable) if recorder.recorders() else None


def _write(variable: Variable, value: Any) -> bool:
    trace = active()
    if trace is None:
        return False
    trace.write(variable, value)
    return True


variable_hooks.read = _read
variable_hooks.write = _write
variable_hooks.untraced = suspended
tensor_hooks.tracing = lambda: active() is not None


def is_symbolic(*values: Any) -> bool:
    """Whether any of the values is a tensor without a value."""
    return any(isinstance(v, KerasTensor) for v in values)


def as_node(value: Any, dtype: str | None = None) -> Node:
    """The node of a tensor, or a constant; cast to `dtype` where one is given."""
    if isinstance(value, Variable):
        value = value.value
    if array_hooks.follow is not None:
        (value,) = array_hooks.follow((value,))
    if isinstance(value, KerasTensor):
        node: Node = value.node
        if dtype is not None and node.dtype != dtype:
            node = apply(named("cast"), (node,), {"dtype": dtype})
        return node
    array = np.asarray(value)
    own = dtypes.standard(array.dtype)
    if dtype is None:
        dtype = "float32" if own == "float64" else own
    return constant(array, dtype)


def bind(primitive: Primitive, *args: Any, **attrs: Any) -> Any:
    """Applies a primitive: to arrays at once, to tensors by recording a node."""
    if array_hooks.follow is not None:
        args = array_hooks.follow(args)
    for arg in args:
        if isinstance(arg, KerasTensor):
            break
    else:
        if array_hooks.apply is not None:
            return array_hooks.apply(primitive, args, attrs)
        return primitive.value(*args, **attrs)
    values = recorder.with_values(args)
    if values is not None:
        return recorder.eager(primitive, args, values, attrs)
    nodes = [a.node if isinstance(a, KerasTensor) else as_node(a) for a in args]
    trace = active()
    made = apply if trace is None else trace.applied
    return KerasTensor.of(made(primitive, nodes, attrs))


def number(value: complex, dtype: str) -> KerasTensor:
    """A Python number as a tensor."""
    trace = active()
    made = constant if trace is None else trace.number
    return KerasTensor.of(made(value, dtype))


def require_eager(name: str, *values: Any) -> None:
    """For operations that have no place in a graph: raises inside a trace."""
    if is_symbolic(*values):
        raise UnsupportedError(
            f"ops.{name} works on arrays only.",
            expected="an array with a value",
            received=next(repr(v) for v in values if is_symbolic(v)),
            remedy=f"call ops.{name} on the data before training, or write the layer "
            "without it",
        )
