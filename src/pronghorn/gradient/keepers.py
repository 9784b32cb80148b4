"""What a tape sees: values as they are computed, or a step as it is traced."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from pronghorn.compiler import pullback
from pronghorn.ir.graph import Node, tick
from pronghorn.ir.primitive import Kind
from pronghorn.ir.recorder import EagerTensor, Recorder
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import Trace, active, as_node
from pronghorn.ir.variable import Variable

__all__ = ["Keeper", "keeper"]


class Keeper(Protocol):
    """What a tape asks of the one that keeps its past."""

    def start(self) -> None:
        """What follows is kept."""

    def stop(self) -> None:
        """What follows is not."""

    def watch(self, value: Any) -> None:
        """Follows a tensor or a variable."""

    def variables(self) -> list[Variable]:
        """The variables that are watched."""

    def tensor_of(self, value: Any) -> Any:
        """A tensor of an array."""

    def target(self, tensor: Any) -> Node | None:
        """The node of a result; None where nothing is known of it."""

    def nodes_of(self, source: Any) -> list[Node]:
        """Every node that stands for a source."""

    def pull(self, pairs: list[tuple[Node, Any]], wrt: Sequence[Node]) -> list[Any]:
        """`pullback` through what was kept."""


def keeper(accessed: bool) -> Keeper:
    """One for code that runs here and now.

    Args:
        accessed: watch trainable variables as they are read.
    """
    trace = active()
    return _Values(accessed) if trace is None else _Traced(trace, accessed)


class _Values(Recorder):
    """Of code that computes at once."""

    def tensor_of(self, value: Any) -> EagerTensor:
        return value if isinstance(value, EagerTensor) else EagerTensor(value)

    def target(self, tensor: Any) -> Node | None:
        return self.node_of(tensor) if isinstance(tensor, EagerTensor) else None

    def nodes_of(self, source: Any) -> list[Node]:
        if isinstance(source, Variable):
            return self.reads_of(source)
        node = self.node_of(source)
        return [] if node is None else [node]

    def pull(self, pairs: list[tuple[Node, Any]], wrt: Sequence[Node]) -> list[Any]:
        return pullback(pairs, wrt, self.tensor)


class _Traced:
    """Of code that is traced: the trace keeps all, the tape when it looked."""

    def __init__(self, trace: Trace, accessed: bool) -> None:
        self._trace = trace
        self._accessed = accessed
        self._spans: list[tuple[int, int | None]] = []
        self._watched: dict[int, Any] = {}
        self._assigned: set[int] = set()

    def start(self) -> None:
        self._spans.append((tick(), None))

    def stop(self) -> None:
        self._spans[-1] = (self._spans[-1][0], tick())

    def _saw(self, number: int) -> bool:
        return any(a < number and (b is None or number < b) for a, b in self._spans)

    def watch(self, value: Any) -> None:
        key = id(value) if isinstance(value, Variable) else value.node.number
        self._watched[key] = value

    def variables(self) -> list[Variable]:
        explicit = [v for v in self._watched.values() if isinstance(v, Variable)]
        read = self._trace.variables() if self._accessed else []
        return list({id(v): v for v in (*explicit, *read) if self._wants(v)}.values())

    def _wants(self, variable: Variable) -> bool:
        return id(variable) in self._watched or (self._accessed and variable.trainable)

    def tensor_of(self, value: Any) -> KerasTensor:
        if isinstance(value, KerasTensor):
            return value
        return KerasTensor.of(as_node(np.asarray(value)))

    def target(self, tensor: Any) -> Node | None:
        if not isinstance(tensor, KerasTensor):
            return None
        self._trace.differentiated.append(tensor.node)
        return tensor.node

    def nodes_of(self, source: Any) -> list[Node]:
        if not isinstance(source, Variable):
            leaf = source.node.primitive.kind is Kind.LEAF
            known = source.node.number in self._watched or not leaf
            return [source.node] if known else []
        if not self._wants(source):
            return []
        versions = self._trace.versions(source)
        inside = [n for n in versions[1:] if self._saw(n.number)]
        start = self._spans[0][0]
        before = [n for n in versions if n is versions[0] or n.number < start]
        self._assigned.update(n.number for n in (before[-1], *inside))
        return [before[-1], *inside]

    def pull(self, pairs: list[tuple[Node, Any]], wrt: Sequence[Node]) -> list[Any]:
        return pullback(pairs, wrt, passes=self._passes)

    def _passes(self, node: Node) -> bool:
        """A variable's value is where it starts, whatever was assigned."""
        return self._saw(node.number) and node.number not in self._assigned
