"""The seam between graphs and what runs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from pronghorn.ir.graph import Graph

__all__ = ["Backend", "EpochsExecutable", "Executable", "Passes"]


@dataclass(frozen=True, slots=True)
class Passes:
    """What happens before and after each pass of `EpochsExecutable.run_epochs`.

    Attributes:
        resets: arrays (variables' storage) and what they are set to before a pass.
        records: arrays of 4-byte elements whose bytes are copied to the history after
            a pass, one after the other.
        history: float32, (epochs, passes per epoch, elements of all records).
    """

    resets: Sequence[tuple[np.ndarray, np.ndarray]]
    records: Sequence[np.ndarray]
    history: np.ndarray


class Executable(Protocol):
    """A graph made runnable. The state lives in the graph's own Variables."""

    graph: Graph

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
        """Runs the steps over rows [first, last).

        Args:
            data: one array per input leaf, of the leaf's dtype, C-contiguous, with all
                the rows of the data set along its first axis.
            order: int32 row numbers, the order in which rows are taken; None takes
                them as they lie.
            first, last: positions in that order.
            batch_size: rows per step; the last step may have fewer.
            seed: of the random nodes.
            step: the number of the first step, for the random nodes.
            outputs: for each output of the graph None or an array: one with a batch
                dimension is filled at positions [first, last), any other with the
                value of the last step.

        Returns:
            The number of whole steps: fewer than asked for where the graph's guard
            became false, and then the last step left no trace in the state.

        Raises:
            KeyboardInterrupt: on Ctrl-C; the state is that of the last whole step.
        """
        ...


@runtime_checkable
class EpochsExecutable(Executable, Protocol):
    """An executable that can also run many epochs in one call."""

    def permutation(self, seed: int, epoch: int, n: int) -> np.ndarray:
        """What `pronghorn.ir.rng.permutation` gives: the order of an epoch's rows."""
        ...

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
        validation: tuple[Any, Sequence[np.ndarray], int, int] | None = None,
    ) -> tuple[int, int]:
        """Trains for many epochs, as if by one `run` for each.

        Args:
            data: as for `run`.
            rows: the first so many rows are visited.
            batch_size: rows per step.
            epochs: their numbers; seed and number draw an epoch's order.
            shuffle: whether each epoch has an order of its own, or rows as they lie.
            passes: what is reset before and kept after each pass over data.
            seed: of the random nodes and of the order.
            step: the number of the first step, for the random nodes.
            validation: an executable of the same backend on the same state, its data,
                rows and batch size, run after each epoch, between resets.

        Returns:
            The number of whole epochs and, where one ended early (see `run`), how many
            whole steps of it were done.
        """
        ...


class Backend(Protocol):
    """Compiles graphs."""

    name: str

    def compile(self, graph: Graph, max_rows: int) -> Executable:
        """The executable of a graph, for batches of up to `max_rows` rows."""
        ...
