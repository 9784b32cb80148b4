"""The seam between graphs and what runs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from pronghorn.ir.graph import Graph

__all__ = ["Backend", "Executable"]


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


class Backend(Protocol):
    """Compiles graphs."""

    name: str

    def compile(self, graph: Graph, max_rows: int) -> Executable:
        """The executable of a graph, for batches of up to `max_rows` rows."""
        ...
