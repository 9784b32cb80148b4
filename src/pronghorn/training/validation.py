"""Measuring on other rows after an epoch of training."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pronghorn.training.sources import ArraySource, Source

__all__ = ["Validation"]


@dataclass(frozen=True)
class Validation:
    """What `fit` measures on.

    Attributes:
        source: the rows, or the batches.
        frequency: measure after every so many epochs, or after those listed, from 1.
    """

    source: Source
    frequency: int | Collection[int]

    @property
    def arrays(self) -> ArraySource | None:
        """The source, where it is arrays."""
        return self.source if isinstance(self.source, ArraySource) else None

    def due(self, epoch: int) -> bool:
        """Whether to measure after this epoch, counted from 0."""
        if isinstance(self.frequency, int):
            return (epoch + 1) % self.frequency == 0
        return (epoch + 1) in self.frequency
