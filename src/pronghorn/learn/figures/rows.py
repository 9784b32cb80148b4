"""Rows of a figure that are moved, added and taken away by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pronghorn.learn.figure import Event

__all__ = ["NoisyRows", "Rows"]

_FEWEST = 2  # rows that are left, whatever is taken away


class Rows:
    """Points, and perhaps a word for each.

    Args:
        x: (n,) numbers; a copy is kept.
        y: (n,) numbers.
        names: a word for each row. Default None.

    >>> rows = Rows([0, 1], [5, 6])
    >>> rows.take(Event("add", "rows", x=2, y=7))
    >>> rows.y.tolist()
    [5.0, 6.0, 7.0]
    """

    def __init__(self, x: Any, y: Any, names: Sequence[str] | None = None) -> None:
        self.x = np.array(x, dtype=np.float64).ravel()
        self.y = np.array(y, dtype=np.float64).ravel()
        self.names = None if names is None else [str(each) for each in names]

    def take(self, event: Event) -> None:
        """Does to the rows what was done in the figure."""
        if event.kind == "move":
            self.x[event.index], self.y[event.index] = event.x, event.y
        elif event.kind == "add":
            self.x = np.append(self.x, event.x)
            self.y = np.append(self.y, event.y)
            if self.names is not None:
                self.names.append("a row of your own")
        elif event.kind == "remove" and len(self.x) > _FEWEST:
            self.x = np.delete(self.x, event.index)
            self.y = np.delete(self.y, event.index)
            if self.names is not None:
                del self.names[event.index]


class NoisyRows:
    """Rows of a curve with noise; one that was put somewhere by hand stays there.

    Args:
        curve: gives the heights without noise, for places.
        x: (n,) places; their dtype stays.
        unit: (n,) noise of deviation 1.

    >>> rows = NoisyRows(np.square, np.array([1.0, 2.0]), np.array([1.0, -1.0]))
    >>> rows.take(Event("move", "rows", index=0, x=3, y=5))
    >>> rows.y(0.5).tolist()
    [5.0, 3.5]
    """

    def __init__(
        self, curve: Callable[[np.ndarray], np.ndarray], x: np.ndarray, unit: np.ndarray
    ) -> None:
        self.x = x
        self._curve = curve
        self._unit = unit
        self._own = np.full(len(x), np.nan)  # where a hand put the row

    def y(self, noise: float) -> np.ndarray:
        """The rows' heights, (n,)."""
        drawn = self._curve(self.x) + noise * self._unit
        return np.where(np.isnan(self._own), drawn, self._own)

    def take(self, event: Event) -> None:
        """Does to the rows what was done in the figure."""
        if event.kind == "move":
            self.x[event.index], self._own[event.index] = event.x, event.y
        elif event.kind == "add":
            self.x = np.append(self.x, self.x.dtype.type(event.x))
            self._unit = np.append(self._unit, 0.0)
            self._own = np.append(self._own, event.y)
        elif event.kind == "remove" and len(self.x) > _FEWEST:
            self.x, self._unit, self._own = (
                np.delete(each, event.index) for each in (self.x, self._unit, self._own)
            )
