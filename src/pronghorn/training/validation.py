"""Measuring on other rows after an epoch of training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pronghorn.backends.base import Executable
from pronghorn.training.dataset import Dataset

__all__ = ["Validation"]


@dataclass(frozen=True)
class Validation:
    """The rows that `fit` measures on.

    Attributes:
        model: the one that trains.
        data: the rows.
        batch_size: rows per step.
        frequency: measure after every so many epochs, or after those listed, from 1.
    """

    model: Any
    data: Dataset
    batch_size: int
    frequency: int | Sequence[int]

    @property
    def executable(self) -> Executable:
        """The program of one step."""
        programs: Any = self.model._programs
        executable: Executable = programs.get(
            self.model, "test", self.data, self.batch_size
        )
        return executable

    def due(self, epoch: int) -> bool:
        """Whether to measure after this epoch, counted from 0."""
        if isinstance(self.frequency, int):
            return (epoch + 1) % self.frequency == 0
        return (epoch + 1) in self.frequency
