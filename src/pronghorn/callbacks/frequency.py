"""Counting batches, for callbacks that act every so many."""

from __future__ import annotations

from typing import Any

from pronghorn.errors import ArgumentError

__all__ = ["Frequency"]


class Frequency:
    """Says after which batches something is due.

    Args:
        every: "epoch", or a number of batches, which is counted on from one epoch to
            the next.
        where: the callback, for errors.

    Raises:
        ArgumentError: anything else.

    Example:

    >>> third = Frequency(3, "ModelCheckpoint")
    >>> [batch for batch in (0, 1, 2, 3, 0, 1, 2) if third.is_due(batch)]
    [2, 1]
    """

    def __init__(self, every: Any, where: str) -> None:
        whole = isinstance(every, int) and not isinstance(every, bool)
        if every != "epoch" and not (whole and every > 0):
            raise ArgumentError(
                "Invalid value: Unrecognized save_freq.",
                where=f"{where}, argument `save_freq`",
                expected="'epoch', or a positive number of batches",
                received=repr(every),
                remedy="pass save_freq='epoch'",
            )
        self.every = every
        self._last: int | None = None
        self._since = 0

    @property
    def by_epoch(self) -> bool:
        """Whether it is epochs that count."""
        return bool(self.every == "epoch")

    def is_due(self, batch: int) -> bool:
        """Whether enough batches are done; `batch` is the last one's index."""
        if self.by_epoch:
            return False
        last = self._last
        self._since += batch + 1 if last is None or batch <= last else batch - last
        self._last = batch
        if self._since < self.every:
            return False
        self._since = 0
        return True
