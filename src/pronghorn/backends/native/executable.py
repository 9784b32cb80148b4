"""Running programs: the engine's executable behind the backends' protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn.backends.base import Passes
from pronghorn.backends.native import _engine
from pronghorn.backends.native.faults import bad_index, too_few_rows
from pronghorn.backends.native.lower import lower
from pronghorn.backends.native.order import permutation
from pronghorn.ir.graph import Graph
from pronghorn.ir.shapes import Batch
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
        try:
            self._engine = _engine.load(lowered.program)
        except ValueError as error:
            raise too_few_rows(error, max_rows) from None
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
        self.bind()
        if self._bool_outputs and outputs:
            return self._run_with_bools(
                data, order, first, last, batch_size, seed, step, outputs
            )
        arguments = (data, order, first, last, batch_size, seed, step, outputs)
        try:
            steps: int = self._engine.run(*arguments)
        except IndexError as fault:
            raise bad_index(fault, self._origin, order) from None
        except BufferError as error:
            raise too_few_rows(error, batch_size) from None
        return steps

    def run_epochs(
        self,
        data: Sequence[np.ndarray],
        rows: int,
        batch_size: int,
        epochs: range,
        shuffle: bool,
        passes: Passes,
        seed: int = 0,
        step: int = 0,
        validation: tuple[NativeExecutable, Sequence[np.ndarray], int, int]
        | None = None,
    ) -> tuple[int, int]:
        """See `pronghorn.backends.base.EpochsExecutable.run_epochs`.

        Raises:
            KeyboardInterrupt: on Ctrl-C; the state is that of the last whole step.
            DataError: if an index is outside of its range.
        """
        self.bind()
        targets, values = (
            zip(*passes.resets, strict=True) if passes.resets else ((), ())
        )
        arguments: list[Any] = [data, rows, batch_size, seed, step, epochs.start]
        arguments += [len(epochs), shuffle, targets, values]
        arguments += [passes.records, passes.history]
        if validation is not None:
            other, its_data, its_rows, its_batch = validation
            other.bind()
            arguments += [other._engine, its_data, its_rows, its_batch]
        try:
            return self._engine.run_epochs(*arguments)
        except IndexError as fault:
            done, validating = fault.args[4:]
            if validating:
                assert validation is not None
                raise bad_index(fault, validation[0]._origin, None) from None
            order = permutation(seed, epochs[done], rows) if shuffle else None
            raise bad_index(fault, self._origin, order) from None
        except BufferError as error:
            raise too_few_rows(error, batch_size) from None

    def permutation(self, seed: int, epoch: int, n: int) -> np.ndarray:
        """The order of an epoch's rows: int32, (n,)."""
        return permutation(seed, epoch, n)

    def stop(self) -> None:
        """Ends a run in another thread; the step that it interrupts is dropped."""
        self._engine.stop()

    @property
    def last_steps(self) -> int:
        """The number of whole steps of the last run, even if it was interrupted."""
        steps: int = self._engine.steps()
        return steps

    def bind(self) -> None:
        """Tells the engine where the variables are, if one of them has moved."""
        generation = storage_generation()
        if self._generation != generation:
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
