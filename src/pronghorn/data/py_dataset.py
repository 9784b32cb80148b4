"""A data set that a class of one's own makes batch by batch."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

__all__ = ["PyDataset"]


class PyDataset:
    """Batches by number, for `fit`, `evaluate` and `predict`.

    A subclass has `__len__`, the number of batches, and `__getitem__`, which gives the
    batch of a number: `(x,)`, `(x, y)` or `(x, y, sample_weight)`, a whole batch and
    not one row. `on_epoch_begin` and `on_epoch_end` are called around each epoch. A
    data set without an end has the property `num_batches`, None, instead of `__len__`.

    Args:
        workers: how many threads prepare batches ahead; with 1 they are prepared where
            the model trains, one after the other. Default 1.
        use_multiprocessing: prepare ahead with one worker too. Workers are threads
            always, so the data set need not be pickled. Default False.
        max_queue_size: how many batches may be prepared ahead. Default 10.

    Example:

    >>> class Squares(PyDataset):
    ...     def __len__(self):
    ...         return 2
    ...     def __getitem__(self, index):
    ...         return [[index], [index + 1]], [index**2, (index + 1) ** 2]
    >>> [y for x, y in Squares()]
    [[0, 1], [1, 4]]
    """

    _workers: int
    _use_multiprocessing: bool
    _max_queue_size: int

    def __init__(
        self,
        workers: int = 1,
        use_multiprocessing: bool = False,
        max_queue_size: int = 10,
    ) -> None:
        self._workers = workers
        self._use_multiprocessing = use_multiprocessing
        self._max_queue_size = max_queue_size

    @property
    def workers(self) -> int:
        """How many threads prepare batches."""
        self._have_options()
        return self._workers

    @workers.setter
    def workers(self, value: int) -> None:
        self._workers = value

    @property
    def use_multiprocessing(self) -> bool:
        """Whether one worker is a thread of its own too."""
        self._have_options()
        return self._use_multiprocessing

    @use_multiprocessing.setter
    def use_multiprocessing(self, value: bool) -> None:
        self._use_multiprocessing = value

    @property
    def max_queue_size(self) -> int:
        """How many batches may wait."""
        self._have_options()
        return self._max_queue_size

    @max_queue_size.setter
    def max_queue_size(self, value: int) -> None:
        self._max_queue_size = value

    def _have_options(self) -> None:
        """Sets what a subclass left unset that did not call `super().__init__()`."""
        options = {"_workers": 1, "_use_multiprocessing": False, "_max_queue_size": 10}
        missing = [name for name in options if not hasattr(self, name)]
        for name in missing:
            setattr(self, name, options[name])
        if missing:
            warnings.warn(
                f"{type(self).__name__}.__init__ should call super().__init__(**kwargs)"
                ", which takes workers, use_multiprocessing and max_queue_size.",
                stacklevel=3,
            )

    def __getitem__(self, index: int) -> Any:
        """The batch of a number, from 0.

        Raises:
            NotImplementedError: a subclass has to have it.
        """
        raise NotImplementedError(f"{type(self).__name__} needs a __getitem__(index)")

    def __iter__(self) -> Iterator[Any]:
        count: int | None = None
        with suppress(NotImplementedError):
            count = self.num_batches
        for index in itertools.count() if count is None else range(count):
            yield self[index]

    @property
    def num_batches(self) -> int | None:
        """How many batches there are; None for a data set without an end.

        Raises:
            NotImplementedError: there is neither this property nor a `__len__`.
        """
        if hasattr(self, "__len__"):
            return len(self)
        raise NotImplementedError(
            f"{type(self).__name__} needs a __len__, or a property num_batches"
        )

    def on_epoch_begin(self) -> None:
        """Called before each epoch."""

    def on_epoch_end(self) -> None:
        """Called after each epoch, and once before the first."""
