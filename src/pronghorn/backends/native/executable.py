"""Running programs: the engine's executable behind the backends' protocol."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pronghorn.backends.native import _engine
from pronghorn.backends.native.lower import lower
from pronghorn.errors import DataError, ShapeError
from pronghorn.ir.graph import Graph, Node
from pronghorn.ir.shapes import Batch, size
from pronghorn.ir.variable import storage_generation

__all__ = ["NativeExecutable"]


class NativeExecutable:
    """A graph, compiled for the engine.

    Args:
        graph: what to run.
        max_rows: the largest batch.

    Raises:
        UnsupportedError: if the engine has no instruction for one of the nodes.
    """

    __slots__ = ("_bool_outputs", "_engine", "_generation", "_origin", "graph")

    def __init__(self, graph: Graph, max_rows: int) -> None:
        self.graph = graph
        lowered = lower(graph, max_rows)
        self._origin = lowered.origin
        self._engine = _engine.load(lowered.program)
        self._generation = -1
        self._bool_outputs = any(n.dtype == "bool" for n in graph.outputs)

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
        """See `pronghorn.backends.base.Executable.run`.

        Raises:
            DataError: if an index is outside of its range; the step is dropped.
        """
        if self._generation != storage_generation():
            self._bind()
        if self._bool_outputs and outputs:
            return self._run_with_bools(
                data, order, first, last, batch_size, seed, step, outputs
            )
        try:
            steps: int = self._engine.run(
                data, order, first, last, batch_size, seed, step, outputs
            )
        except IndexError as fault:
            raise self._explain(fault, order) from None
        except BufferError as error:
            raise ShapeError(
                "The graph takes more rows than a batch has.",
                where=f"batches of {batch_size}, the last of which may be smaller",
                received=str(error),
                remedy="take no fixed number of rows from a batch",
            ) from None
        return steps

    def stop(self) -> None:
        """Ends a run in another thread; the step that it interrupts is dropped."""
        self._engine.stop()

    @property
    def last_steps(self) -> int:
        """The number of whole steps of the last run, even if it was interrupted."""
        steps: int = self._engine.steps()
        return steps

    def _bind(self) -> None:
        generation = storage_generation()
        self._engine.bind([leaf.payload.storage for leaf in self.graph.state])
        self._generation = generation

    def _run_with_bools(
        self,
        data: Sequence[np.ndarray],
        order: np.ndarray | None,
        first: int,
        last: int,
        batch_size: int,
        seed: int,
        step: int,
        outputs: Sequence[np.ndarray | None],
    ) -> int:
        """The engine writes booleans as floats; they are converted here."""
        wide = [
            np.empty(o.shape, np.float32) if o is not None and o.dtype == bool else o
            for o in outputs
        ]
        self._bool_outputs = False
        try:
            steps = self.run(data, order, first, last, batch_size, seed, step, wide)
        finally:
            self._bool_outputs = True
        for node, output, floats in zip(self.graph.outputs, outputs, wide, strict=True):
            if output is None or output is floats:
                continue
            by_row = node.shape and isinstance(node.shape[0], Batch)
            rows = slice(first, last) if by_row else ...
            output[rows] = floats[rows]  # type: ignore[index]
        return steps

    def _explain(self, fault: IndexError, order: np.ndarray | None) -> DataError:
        instruction, place, value, start = fault.args
        node = self._origin[instruction]
        assert node is not None
        index = node.inputs[1]
        per_row = _size_per_row(index)
        row = None if per_row is None else start + place // per_row
        if row is not None and order is not None:
            row = int(order[row])
        where = f"position {place}" if row is None else f"row {row}"
        length = _length(node)
        return DataError(
            "An index is outside of its range.",
            where=where,
            expected=f"0 to {length - 1}" if isinstance(length, int) else "a row",
            received=f"{value} at {where}",
            remedy="check the ids, or make the table larger (Embedding: input_dim)",
        )


def _size_per_row(index: Node) -> int | None:
    if not index.shape or not isinstance(index.shape[0], Batch):
        return None
    count = size(index.shape[1:])
    return count if isinstance(count, int) else None


def _length(node: Node) -> object:
    if node.primitive.name == "take":
        return node.inputs[0].shape[node.attrs["axis"]]
    return node.attrs["length"]
