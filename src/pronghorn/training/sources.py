"""Where the steps of an epoch come from: arrays, or a stream of batches.

The engine runs many steps over arrays in one call. A source therefore gives blocks: the
rows of several steps, and what runs them. Arrays are one block. Of a stream, batches of
one size are gathered into a block, so that it takes few calls too (`streaming`).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from pronghorn.backends.base import EpochsExecutable, Executable
from pronghorn.errors import PronghornError
from pronghorn.ir import rng
from pronghorn.training.dataset import Dataset

__all__ = [
    "ArraySource",
    "Block",
    "BlockSource",
    "Source",
    "first_rows",
]


@dataclass(frozen=True, slots=True)
class Block:
    """Rows for some steps, and what runs them.

    Attributes:
        executable: of a step.
        arrays: one per input of a step, with rows along the first axis.
        order: in which rows are taken; None as they lie.
        first, last: positions in that order.
        size: rows per step; the last step may have fewer.
        place: where in the stream, as errors say; None for arrays.
    """

    executable: Executable
    arrays: Sequence[np.ndarray]
    order: np.ndarray | None
    first: int
    last: int
    size: int
    place: str | None = None

    @property
    def rows(self) -> int:
        """The number of rows."""
        return self.last - self.first

    @property
    def steps(self) -> int:
        """The number of steps."""
        return -(-self.rows // self.size)

    def part(self, steps: range) -> slice:
        """The positions of some of the steps, from the block's first row."""
        return slice(steps.start * self.size, min(steps.stop * self.size, self.rows))

    def run(
        self,
        steps: range,
        seed: int = 0,
        number: int = 0,
        outputs: Sequence[np.ndarray | None] = (),
    ) -> int:
        """Runs some of the steps.

        Args:
            steps: which, from 0.
            seed, number: of the random nodes: the run's seed, the first step's number.
            outputs: see `Executable.run`.

        Returns:
            How many were whole.
        """
        part = self.part(steps)
        first, last = self.first + part.start, self.first + part.stop
        arguments = (self.arrays, self.order, first, last, self.size)
        if self.place is None:
            return self.executable.run(*arguments, seed, number, outputs)
        try:
            return self.executable.run(*arguments, seed, number, outputs)
        except PronghornError as error:
            error.within(self.place)
            raise


class Source(Protocol):
    """What an epoch's steps run over."""

    @property
    def steps(self) -> int | None:
        """Steps of an epoch, where that is known."""
        ...

    def compile(self) -> None:
        """Makes a step's program now, where its form is known, and checks targets."""
        ...

    def ready(self) -> bool:
        """Whether there is anything for another epoch."""
        ...

    def reset(self) -> None:
        """A run over the source begins."""
        ...

    def blocks(self, epoch: int, seed: int, alone: bool) -> Iterator[Block]:
        """The blocks of one epoch.

        Args:
            epoch: its number, from 0.
            seed: with the epoch, of an order.
            alone: whether each batch is wanted at its own time.
        """
        ...


class ArraySource:
    """Steps over arrays.

    Args:
        model, mode: whose program, and which: "train" or "test".
        data: the arrays.
        batch_size: rows per step.
        steps: of an epoch; None for all that the arrays have. With fewer, an epoch
            goes on where the one before stopped.
        shuffle: draw an order for every pass over the arrays.

    Attributes:
        data, batch_size, shuffle: see above.
    """

    def __init__(
        self,
        model: Any,
        mode: str,
        data: Dataset,
        batch_size: int,
        steps: int | None = None,
        shuffle: bool = False,
    ) -> None:
        self.data = data
        self.batch_size = min(batch_size, data.rows)
        self.shuffle = shuffle
        self._model = model
        self._mode = mode
        self._asked = steps
        self._arrays = data.arrays
        self._at = 0  # steps of the pass that are done
        self._order: np.ndarray | None = None

    def compile(self) -> None:
        """See `Source.compile`."""
        _ = self.executable
        self.check()

    def check(self) -> None:
        """Raises a DataError for targets outside of a loss's domain."""
        self._model._check_targets(self.data, None)

    @cached_property
    def executable(self) -> Executable:
        """What runs a step; compiled when it is first asked for."""
        programs: Any = self._model._programs
        found: Executable = programs.get(
            self._model, self._mode, self.data, self.batch_size
        )
        return found

    @cached_property
    def _draws(self) -> Any:
        """What draws an order. Asking a protocol takes longer than a short epoch."""
        executable = self.executable
        return executable if isinstance(executable, EpochsExecutable) else rng

    @property
    def steps(self) -> int:
        """See `Source.steps`."""
        return self._asked or self._whole

    @property
    def _whole(self) -> int:
        """Steps of a pass."""
        return -(-self.data.rows // self.batch_size)

    @property
    def is_whole(self) -> bool:
        """Whether an epoch is all of the arrays."""
        return self.steps == self._whole

    def ready(self) -> bool:
        """See `Source.ready`."""
        return True

    def reset(self) -> None:
        """See `Source.reset`."""
        self._at = 0

    def blocks(self, epoch: int, seed: int, alone: bool) -> Iterator[Block]:
        """See `Source.blocks`: it is one block.

        Warns:
            where the arrays end before the steps that were asked for.
        """
        rows, size, executable = self.data.rows, self.batch_size, self.executable
        if self._at == 0 and self.shuffle:
            self._order = self._draws.permutation(seed, epoch, rows)
        first, steps = self._at, min(self.steps, self._whole - self._at)
        last = min((first + steps) * size, rows)
        yield Block(executable, self._arrays, self._order, first * size, last, size)
        self._at = (first + steps) % self._whole
        if steps < self.steps:
            _warn_short("steps_per_epoch", self.steps, steps)


class BlockSource:
    """One block, once: the rows of a prediction.

    Args:
        block: what to run.
    """

    def __init__(self, block: Block) -> None:
        self._block = block

    @property
    def steps(self) -> int:
        """See `Source.steps`."""
        return self._block.steps

    def compile(self) -> None:
        """See `Source.compile`."""

    def ready(self) -> bool:
        """See `Source.ready`."""
        return True

    def reset(self) -> None:
        """See `Source.reset`."""

    def blocks(self, epoch: int, seed: int, alone: bool) -> Iterator[Block]:
        """See `Source.blocks`."""
        yield self._block


def first_rows(data: Dataset, size: int, steps: int | None, argument: str) -> Dataset:
    """The rows of the first so many steps.

    Args:
        data: all rows.
        size: rows per step.
        steps: None for all of them.
        argument: what asks for them.

    Warns:
        where there are fewer.
    """
    if steps is None:
        return data
    whole = -(-data.rows // size)
    if steps > whole:
        _warn_short(argument, steps, whole)
    return data.part(0, min(steps * size, data.rows))


def _warn_short(argument: str, asked: int, found: int) -> None:
    warnings.warn(
        f"Your input ran out of data: it has {found} of the {asked} batches that "
        f"{argument} asks for, so it ends here. Ask for fewer.",
        stacklevel=2,
    )
