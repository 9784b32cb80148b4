"""A prediction of few rows again: nothing is worked out twice.

Checking and converting what a user passed costs more than running a small net on one
row. What a first prediction found out holds for the next array of its form, until the
model's structure changes. Weights may change at any time: the engine reads them where
they are.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

import numpy as np
from numpy import empty, vdot

from pronghorn.backends.base import Executable
from pronghorn.ir.primitive import Kind
from pronghorn.ir.shapes import BATCH
from pronghorn.ir.variable import structure_generation

__all__ = ["Quick", "draws"]

_MOST_ELEMENTS = 8192  # of x; with more the checks are no longer what costs


def draws(executable: Executable) -> bool:
    """Whether a program draws random numbers."""
    return any(n.primitive.kind is Kind.RANDOM for n in executable.graph.nodes)


class Quick:
    """What is known of a model's predictions for arrays of one width and dtype.

    Args:
        executable: of the prediction.
        most: how many rows may be one batch.
        x: an array that needed no conversion.
        pack: from the list of outputs to what `predict` gives.
        plain: whether that is the one output itself.
        model: whose prediction it is.
    """

    __slots__ = (
        "_dtype",
        "_eager",
        "_floats",
        "_generation",
        "_most",
        "_outputs",
        "_pack",
        "_plain",
        "_row",
        "_run",
    )

    def __init__(
        self,
        executable: Executable,
        most: int,
        x: np.ndarray,
        pack: Callable[[list[np.ndarray]], Any],
        plain: bool,
        model: Any,
    ) -> None:
        self._run = executable.run
        self._row = x.shape[1:]
        self._dtype = x.dtype
        self._floats = x.dtype.kind == "f"
        self._most = min(most, _MOST_ELEMENTS // max(x.size // len(x), 1))
        self._eager = model.run_eagerly
        self._pack = pack
        self._outputs = [
            (node.shape[1:], np.dtype(node.dtype)) for node in executable.graph.outputs
        ]
        self._plain = self._outputs[0] if plain else None
        self._generation = structure_generation()

    @staticmethod
    def serves(executable: Executable, x: Any) -> bool:
        """Whether predictions like this one can be made so."""
        outputs = executable.graph.outputs
        return (
            type(x) is np.ndarray
            and x.dtype.kind in "fi"
            and not draws(executable)
            and all(node.shape and node.shape[0] == BATCH for node in outputs)
        )

    def __call__(self, x: np.ndarray, model: Any) -> Any:
        """The prediction, or None: then it must be made the long way."""
        shape = x.shape
        if (
            shape[1:] != self._row
            or x.dtype is not self._dtype
            or not shape  # where a row is a single value
            or not 0 < shape[0] <= self._most
            or self._generation != structure_generation()
            or self._eager is not model.run_eagerly
            or not (x.flags.c_contiguous and x.flags.aligned)
            # NaN and infinity stay in a sum of squares; so does what is too large.
            or (self._floats and not isfinite(vdot(x, x)))
        ):
            return None
        rows = shape[0]
        if self._plain is None:
            outputs = [empty((rows, *row), dtype) for row, dtype in self._outputs]
            self._run((x,), None, 0, rows, rows, 0, 0, outputs)
            return self._pack(outputs)
        row, dtype = self._plain
        output = empty((rows, *row), dtype)
        self._run((x,), None, 0, rows, rows, 0, 0, (output,))
        return output
