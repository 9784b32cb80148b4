"""Steps over a table that is read block by block, one block ahead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from pronghorn.backends.base import EpochsExecutable, Executable
from pronghorn.data.row_blocks import RowBlocks
from pronghorn.errors import ArgumentError, PronghornError
from pronghorn.ir import rng
from pronghorn.training.arguments import limited_steps, rows_per_step
from pronghorn.training.dataset import Dataset, joined
from pronghorn.training.sources import Block

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["RowBlocksSource"]


class RowBlocksSource:
    """Steps over blocks of rows, in a new order of blocks and of rows in every epoch.

    All batches but an epoch's last are full: rows that are left of one block are put
    together with the first ones of the next. A thread reads the next block meanwhile,
    so that two are in memory.

    Args:
        model, mode: whose program, and which: "train" or "test".
        table: gives the blocks.
        batch_size: rows per step; None for `fit`'s default.
        steps: of an epoch; None for all rows. With fewer, an epoch is the first so
            many steps of a new order.
        shuffle: draw an order for every epoch.
        class_weight: {class: weight}, for every block.
        what: what errors call the rows: "", or "validation ".
    """

    def __init__(
        self,
        model: Any,
        mode: str,
        table: RowBlocks,
        batch_size: Any,
        steps: int | None = None,
        shuffle: bool = False,
        class_weight: Mapping[Any, float] | None = None,
        what: str = "",
    ) -> None:
        rows = table.rows
        self._size = min(rows_per_step(batch_size, rows, steps), rows)
        self._whole = -(-rows // self._size)
        steps = limited_steps(steps, self._whole)
        if steps is not None and steps > self._whole:
            raise ArgumentError(
                f"{table.what} has fewer batches than an epoch is to have.",
                where="steps_per_epoch=",
                expected=f"at most {self._whole} batches of {self._size} rows",
                received=str(steps),
                remedy="leave it out: an epoch is a pass over all rows",
            )
        self._asked = steps
        self._model = model
        self._mode = mode
        self._table = table
        self._shuffle = shuffle
        self._class_weight = class_weight
        self._what = what
        self._fitting = mode == "train"  # the first block has the columns' names
        self._first: Dataset | None = None

    @property
    def steps(self) -> int:
        """See `Source.steps`."""
        return self._asked or self._whole

    def look(self) -> None:
        """Reads a block, and builds the model for it."""
        self._first = self._read(0, 0, None)

    def compile(self) -> None:
        """See `Source.compile`."""
        _ = self._executable

    @cached_property
    def _executable(self) -> Executable:
        if self._first is None:
            self.look()
        assert self._first is not None
        data, self._first = self._first, None
        if data.rows < self._size:  # the block is smaller than a batch
            data = joined([data] * -(-self._size // data.rows))
        programs: Any = self._model._programs
        found: Executable = programs.get(self._model, self._mode, data, self._size)
        return found

    def ready(self) -> bool:
        """See `Source.ready`."""
        return True

    def reset(self) -> None:
        """See `Source.reset`."""

    def blocks(self, epoch: int, seed: int, alone: bool) -> Iterator[Block]:
        """See `Source.blocks`."""
        left = self.steps * self._size  # rows that the epoch still takes
        with closing(self._full(epoch, seed)) as found:  # type: ignore[type-var]
            for block in found:
                rows = min(block.rows, left)
                yield replace(block, last=block.first + rows)
                left -= rows
                if left <= 0:
                    return

    def _full(self, epoch: int, seed: int) -> Iterator[Block]:
        """All rows of an epoch, in blocks of whole batches."""
        size, run = self._size, self._executable
        rest: Dataset | None = None
        with closing(self._in_turn(epoch, seed)) as found:  # type: ignore[type-var]
            for data, order, place in found:
                start = 0
                if rest is not None:
                    start = min(size - rest.rows, data.rows)
                    rest = joined([rest, data.take(order[:start])])
                    if rest.rows < size:
                        continue
                    yield Block(run, rest.arrays, None, 0, size, size, place)
                stop = start + (data.rows - start) // size * size
                if stop > start:
                    yield Block(run, data.arrays, order, start, stop, size, place)
                rest = data.take(order[stop:]) if stop < data.rows else None
        if rest is not None:
            yield Block(run, rest.arrays, None, 0, rest.rows, size, place)

    def _in_turn(
        self, epoch: int, seed: int
    ) -> Iterator[tuple[Dataset, np.ndarray, str]]:
        """The blocks in the epoch's order, each with the order of its rows."""
        numbers = self._numbers(epoch, seed)
        before = 0
        with closing(self._ahead(numbers, epoch)) as found:  # type: ignore[type-var]
            for number, data in found:
                order = self._order(number, epoch, seed, data.rows)
                if self._mode == "train":
                    self._table.placed(epoch, number, before, order)
                before += data.rows
                yield data, order, self._place(number, epoch)

    def _numbers(self, epoch: int, seed: int) -> list[int]:
        count = len(self._table.counts)
        if not self._shuffle:
            return list(range(count))
        numbers: list[int] = rng.permutation(seed, epoch, count).tolist()
        return numbers

    def _order(self, number: int, epoch: int, seed: int, rows: int) -> np.ndarray:
        if not self._shuffle:
            return np.arange(rows, dtype=np.int32)
        high, low = rng.keys(seed, epoch, number)
        run = self._executable
        draws: Any = run if isinstance(run, EpochsExecutable) else rng
        order: np.ndarray = draws.permutation(high << 32 | low, epoch, rows)
        return order

    def _ahead(self, numbers: list[int], epoch: int) -> Iterator[tuple[int, Dataset]]:
        """The blocks, while a thread reads the one that follows."""
        # It imports logging, which takes longer than the rest of this room.
        from concurrent.futures import ThreadPoolExecutor

        pool = ThreadPoolExecutor(1, thread_name_prefix="rows")
        try:
            following: Future[Any] = pool.submit(self._table.read, numbers[0], 0)
            for i, number in enumerate(numbers):
                read = following.result()
                if i + 1 < len(numbers):
                    slot = (i + 1) % 2
                    following = pool.submit(self._table.read, numbers[i + 1], slot)
                yield number, self._dataset(read, number, epoch)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _read(self, number: int, slot: int, epoch: int | None) -> Dataset:
        return self._dataset(self._table.read(number, slot), number, epoch)

    def _dataset(self, read: Any, number: int, epoch: int | None) -> Dataset:
        model = self._model
        x, y, weight = read
        try:
            data: Dataset = model._prepare(
                x,
                y,
                weight,
                self._class_weight,
                what=self._what,
                fitting=self._fitting,
            )
            model._check_targets(data, None)
        except PronghornError as error:
            error.within(self._place(number, epoch))
            raise
        self._fitting = False
        return data

    def _place(self, number: int, epoch: int | None) -> str:
        """Where rows are, as errors say."""
        told = f"block {number + 1} of {self._table.what}"
        return told if epoch is None else f"{told}, epoch {epoch + 1}"
