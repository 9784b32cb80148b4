"""Tables that do not fit into memory: blocks of rows that do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["RowBlocks"]


class RowBlocks(ABC):
    """A table in blocks of rows, which `fit` and `evaluate` take as x.

    Each block is read whole, and shuffled within. Which row lies in which block must
    therefore have been drawn by chance: no order within blocks makes up for a block
    that holds one class alone.

    Attributes:
        what: how errors call the table.
    """

    what: str = "the table"

    @property
    @abstractmethod
    def counts(self) -> Sequence[int]:
        """How many rows each block has: at least one block, of at least one row."""

    @abstractmethod
    def read(self, number: int, slot: int) -> tuple[Any, Any, Any]:
        """One block's x, y and sample weights, as `fit` takes them.

        It is called on a thread of its own, while another block is trained on.

        Args:
            number: which block, from 0.
            slot: 0 or 1. The arrays of the block that was read before into the same
                slot are used no more: their memory may be used again.
        """

    def placed(  # noqa: B027
        self, epoch: int, number: int, first: int, order: np.ndarray
    ) -> None:
        """Tells where in an epoch a block's rows come; nothing needs to be done.

        Args:
            epoch: the epoch, from 0.
            number: which block.
            first: how many rows come before the block.
            order: int32, (rows of the block,): in which order its rows come.
        """

    @property
    def rows(self) -> int:
        """The number of rows."""
        return sum(self.counts)
