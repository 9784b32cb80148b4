"""The reference backend: every primitive by its own NumPy definition, one at a time.

Slow and obviously right. It is the oracle for the other backends, and what
`run_eagerly=True` uses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from pronghorn.errors import ShapeError
from pronghorn.ir.graph import Graph, Node
from pronghorn.ir.primitive import CONSTANT, INPUT, STATE, Kind
from pronghorn.ir.shapes import Batch, at

__all__ = ["ReferenceBackend", "ReferenceExecutable", "batches", "evaluate"]


class ReferenceBackend:
    """Interprets graphs with NumPy."""

    name = "reference"

    def compile(self, graph: Graph, max_rows: int) -> ReferenceExecutable:
        """The executable of a graph; any number of rows will do."""
        return ReferenceExecutable(graph)


def batches(
    data: Sequence[np.ndarray],
    order: np.ndarray | None,
    first: int,
    last: int,
    batch_size: int,
) -> Iterator[tuple[int, int, list[np.ndarray]]]:
    """The steps of `Executable.run`: the first and last position, and their rows."""
    for start in range(first, last, batch_size):
        stop = min(start + batch_size, last)
        rows = slice(start, stop) if order is None else order[start:stop]
        yield start, stop, [array[rows] for array in data]


class ReferenceExecutable:
    """A graph, interpreted."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

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
        steps = 0
        for start, stop, batch in batches(data, order, first, last, batch_size):
            values = evaluate(self.graph, batch, stop - start, seed, step + steps)
            self._deliver(values, outputs, start, stop)
            guard = self.graph.guard
            if guard is not None and not values[guard.number]:
                break
            self._commit(values)
            steps += 1
        return steps

    def _deliver(
        self,
        values: dict[int, np.ndarray],
        outputs: Sequence[np.ndarray | None],
        start: int,
        stop: int,
    ) -> None:
        for node, target in zip(self.graph.outputs, outputs):
            if target is None:
                continue
            if node.shape and isinstance(node.shape[0], Batch):
                target[start:stop] = values[node.number]
            else:
                target[...] = values[node.number]

    def _commit(self, values: dict[int, np.ndarray]) -> None:
        # All new values first: an update may be another variable's old value.
        fresh = [np.array(values[n.number]) for _, n in self.graph.updates]
        for (position, _), value in zip(self.graph.updates, fresh):
            np.copyto(self.graph.state[position].payload.storage, value)


def evaluate(
    graph: Graph,
    batch: Sequence[np.ndarray],
    rows: int,
    seed: int = 0,
    step: int = 0,
) -> dict[int, np.ndarray]:
    """The value of every node, by its number."""
    values: dict[int, np.ndarray] = {}
    with np.errstate(all="ignore"):  # the guard of the graph tells of them
        for node in graph.nodes:
            values[node.number] = _value(node, values, batch, rows, seed, step)
    return values


def _value(
    node: Node,
    values: dict[int, np.ndarray],
    batch: Sequence[np.ndarray],
    rows: int,
    seed: int,
    step: int,
) -> np.ndarray:
    if node.primitive is INPUT:
        return np.asarray(batch[node.payload], dtype=node.dtype)
    if node.primitive is STATE:
        return node.payload.storage
    if node.primitive is CONSTANT:
        return node.payload
    attrs = {key: _at(value, rows) for key, value in node.attrs.items()}
    if node.primitive.kind is Kind.RANDOM:
        attrs |= {"seed": seed, "step": step}
    result = node.primitive.value(*(values[i.number] for i in node.inputs), **attrs)
    if np.shape(result) != at(node.shape, rows):
        raise ShapeError(
            "The graph takes more rows than a batch has.",
            where=repr(node),
            expected=at(node.shape, rows),
            received=np.shape(result),
            remedy="let the last batch be larger, or do not cut batches by numbers",
        )
    return np.asarray(result, dtype=node.dtype)


def _at(value: Any, rows: int) -> Any:
    if isinstance(value, Batch):
        return value.at(rows)
    return at(value, rows) if isinstance(value, tuple) else value
