"""Whatever gives one batch after the other, and its passes cut into epochs.

A stream is a `PyDataset`, a generator or another iterator, or anything that can be
iterated over again and again (a torch `DataLoader`, say). Batches are handed on as they
came; nothing is known of models here.
"""

from __future__ import annotations

import itertools
import warnings
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any

import numpy as np

from pronghorn.data.columns import is_column, is_frame
from pronghorn.data.py_dataset import PyDataset
from pronghorn.errors import ArgumentError, DataError
from pronghorn.ir import rng

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["Epochs", "Stream", "is_stream", "open_stream"]

_TABLES = ("__array__", "__arrow_c_stream__", "__arrow_c_array__", "toarray")
_NOTHING: Any = object()


def is_stream(x: Any) -> bool:
    """Whether `x` gives batches one by one, and is no table.

    Lists, dicts, arrays and frames are tables.

    >>> is_stream(([row], [1]) for row in range(3)), is_stream([[1.0], [2.0]])
    (True, False)
    """
    if isinstance(x, PyDataset):
        return True
    if isinstance(x, np.ndarray | Mapping | Sequence | Set | type):
        return False
    if any(hasattr(x, name) for name in _TABLES) or is_frame(x) or is_column(x):
        return False
    return hasattr(x, "__iter__")


def open_stream(x: Any, shuffle: bool = False) -> Stream:
    """The stream of what `is_stream` found to be one.

    Args:
        x: a `PyDataset`, an iterator, an iterable.
        shuffle: draw an order of a finite `PyDataset`'s batches for every pass; other
            streams have their own.
    """
    if isinstance(x, PyDataset):
        return _Numbered(x, shuffle)
    return _Once(x) if iter(x) is x else _Again(x)


class Stream(ABC):
    """Something that gives batches.

    Attributes:
        restarts: whether a new pass gives the batches again.
        what: how errors and warnings call it.
        in_tuple: whether an array alone counts as one in a tuple, as in Keras.
    """

    restarts = True
    in_tuple = False
    what: str

    @property
    @abstractmethod
    def length(self) -> int | None:
        """How many batches a pass has, where that is known."""

    @abstractmethod
    def batches(self, seed: int) -> Iterator[Any]:
        """A new pass; `seed` draws the order, where one is drawn."""

    def first(self) -> tuple[Any, Iterator[Any] | None]:
        """A batch to look at, `_NOTHING` where there is none, and the pass with it.

        The pass is None where it begins anew after the look.
        """
        run = self.batches(0)
        batch = next(run, _NOTHING)
        return batch, itertools.chain([batch], run)

    def begin(self) -> None:  # noqa: B027
        """An epoch begins."""

    def end(self) -> None:  # noqa: B027
        """An epoch is over."""


class _Once(Stream):
    """An iterator: what it gave is gone."""

    restarts = False

    def __init__(self, iterator: Iterator[Any]) -> None:
        self.what = type(iterator).__name__
        self._iterator = iterator

    @property
    def length(self) -> int | None:
        return None

    def batches(self, seed: int) -> Iterator[Any]:
        return self._iterator


class _Again(Stream):
    """An iterable, for instance a torch `DataLoader`."""

    def __init__(self, iterable: Iterable[Any]) -> None:
        self.what = type(iterable).__name__
        self._iterable = iterable

    @property
    def length(self) -> int | None:
        try:
            return len(self._iterable)  # type: ignore[arg-type]
        except TypeError:  # of a loader around an iterable of unknown length too
            return None

    def batches(self, seed: int) -> Iterator[Any]:
        return iter(self._iterable)


class _Numbered(Stream):
    """A `PyDataset`: its batches have numbers, so they can be prepared ahead."""

    in_tuple = True

    def __init__(self, dataset: PyDataset, shuffle: bool) -> None:
        self.what = type(dataset).__name__
        self._dataset = dataset
        self._shuffle = shuffle
        self._passes = 0

    @property
    def length(self) -> int | None:
        return self._dataset.num_batches

    def batches(self, seed: int) -> Iterator[Any]:
        length = self.length
        order: Iterable[int] = itertools.count() if length is None else range(length)
        if self._shuffle and length is not None:
            order = rng.permutation(seed, self._passes, length).tolist()
        self._passes += 1
        dataset = self._dataset
        workers = dataset.workers
        if workers > 1 or (workers > 0 and dataset.use_multiprocessing):
            return _ahead(dataset, order, workers, dataset.max_queue_size)
        return (dataset[index] for index in order)

    def first(self) -> tuple[Any, Iterator[Any] | None]:
        """See `Stream.first`; Keras looks so too, at the first epoch's cost."""
        self.begin()
        empty = self.length == 0
        return _NOTHING if empty else self._dataset[0], None

    def begin(self) -> None:
        self._dataset.on_epoch_begin()

    def end(self) -> None:
        self._dataset.on_epoch_end()


def _ahead(
    dataset: PyDataset, order: Iterable[int], workers: int, most: int
) -> Iterator[Any]:
    """The batches in order, while threads prepare those that follow."""
    # It imports logging, which takes longer than the rest of this room.
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(workers, thread_name_prefix="batches")
    waiting: deque[Future[Any]] = deque()
    try:
        for index in order:
            waiting.append(pool.submit(dataset.__getitem__, index))
            if len(waiting) >= max(most, 1):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class Epochs:
    """The passes of a stream, cut into epochs.

    Without a number of steps an epoch is a pass. With one, an epoch goes on where the
    one before stopped, and a new pass begins where a pass is over.

    Args:
        stream: where the batches come from.
        steps: batches of an epoch, or None.
        argument: what counts the steps, as warnings name it.
    """

    def __init__(
        self, stream: Stream, steps: int | None, argument: str = "steps_per_epoch"
    ) -> None:
        self._stream = stream
        self._asked = steps
        self._argument = argument
        self._pass: Iterator[Any] | None = None
        self._looked = False  # the pass was begun by `first`, before any epoch
        self._given = 0  # batches of the pass
        if steps is None and isinstance(stream, _Numbered) and stream.length is None:
            raise ArgumentError(
                "This data set has no end.",
                where=f"{argument}=",
                expected="the number of batches of an epoch",
                received="None",
                remedy=f"pass {argument}=100, say",
            )

    @property
    def steps(self) -> int | None:
        """Batches of an epoch, where that is known."""
        return self._asked or self._stream.length

    def first(self) -> Any:
        """A batch to look at; an epoch gives it again.

        Raises:
            DataError: there is none.
        """
        batch, self._pass = self._stream.first()
        if batch is _NOTHING:
            raise self._nothing()
        self._looked = self._pass is not None
        return batch

    def reset(self) -> None:
        """The next epoch begins at a pass's beginning, where one can begin."""
        if not self._looked and self._stream.restarts:
            self._close()
        self._stream.end()

    def ready(self) -> bool:
        """Whether there is a batch for another epoch; it may wait for one."""
        if self._stream.restarts or self._looked:
            return True
        run = self._stream.batches(0) if self._pass is None else self._pass
        batch = next(run, _NOTHING)
        self._pass = run if batch is _NOTHING else itertools.chain([batch], run)
        return batch is not _NOTHING

    def epoch(self, seed: int) -> Iterator[Any]:
        """The batches of one epoch.

        Args:
            seed: of the order of a pass.

        Warns:
            where there are fewer than asked for.

        Raises:
            DataError: there is none.
        """
        self._stream.begin()
        try:
            taken = 0
            while self._asked is None or taken < self._asked:
                batch = self._next(seed, fresh=taken == 0)
                if batch is _NOTHING:
                    break
                taken += 1
                yield batch
            if not taken:
                raise self._nothing()
            if self._asked is not None and taken < self._asked:
                self._warn(taken)
            if self._given == self._stream.length:
                self._close()  # the pass is over, though nobody asked for one more
        finally:
            if self._asked is None and self._stream.restarts:
                self._close()
            self._stream.end()

    def _next(self, seed: int, fresh: bool) -> Any:
        """A batch; `_NOTHING` where the pass is over.

        An epoch that finds the pass over at its beginning begins another one.
        """
        for _ in range(2):
            if self._pass is None:
                self._pass, self._given = self._stream.batches(seed), 0
            self._looked = False
            batch = next(self._pass, _NOTHING)
            if batch is not _NOTHING:
                self._given += 1
                return batch
            resumed = self._given > 0
            if self._stream.restarts:
                self._close()
            if not (fresh and resumed and self._stream.restarts):
                break
        return _NOTHING

    def _nothing(self) -> DataError:
        return DataError(
            "There is no batch.",
            where=self._stream.what,
            expected="at least one batch",
            received="none",
            remedy="make it anew: a generator gives its batches once",
        )

    def _close(self) -> None:
        close = getattr(self._pass, "close", None)
        if close is not None:
            close()
        self._pass, self._given = None, 0

    def _warn(self, taken: int) -> None:
        warnings.warn(
            f"Your input ran out of data: {self._stream.what} gave {taken} of the "
            f"{self._asked} batches that {self._argument} asks for, so the epoch ends "
            "here. Ask for fewer, or give batches without an end.",
            stacklevel=2,
        )
