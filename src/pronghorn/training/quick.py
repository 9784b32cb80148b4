"""A prediction of few rows again: nothing is worked out twice.

Checking and converting what a user passed costs more than running a small net on one
row. What a first prediction found out holds for the next array of its form, until the
model's structure changes. Weights may change at any time: the engine reads them where
they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

import numpy as np
from numpy import empty, isinf, vdot

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
        arrays: one for each input; they needed no conversion.
        missing: for each, whether NaN may stand for a missing value.
        pack: from the list of outputs to what `predict` gives.
        plain: whether that is the one output itself.
        independent: whether a row's outputs depend on no other row: then it does not
            matter how many rows somebody asks to have in a batch.
        model: whose prediction it is.
    """

    __slots__ = (
        "_alone",
        "_eager",
        "_forms",
        "_generation",
        "_independent",
        "_most",
        "_outputs",
        "_pack",
        "_plain",
        "_run",
    )

    def __init__(
        self,
        executable: Executable,
        most: int,
        arrays: Sequence[np.ndarray],
        missing: Sequence[bool],
        pack: Callable[[list[np.ndarray]], Any],
        plain: bool,
        independent: bool,
        model: Any,
    ) -> None:
        self._run = executable.run
        self._alone = len(arrays) == 1
        self._forms = [
            (x.shape[1:], x.dtype, x.dtype.kind == "f", known)
            for x, known in zip(arrays, missing)
        ]
        widest = max(x.size // len(x) for x in arrays)
        self._most = min(most, _MOST_ELEMENTS // max(widest, 1))
        self._eager = model.run_eagerly
        self._independent = independent
        self._pack = pack
        self._outputs: list[tuple[Any, np.dtype[Any]]] = [
            (node.shape[1:], np.dtype(node.dtype)) for node in executable.graph.outputs
        ]
        self._plain = self._outputs[0] if plain else None
        self._generation = structure_generation()

    @staticmethod
    def serves(executable: Executable, x: Any, arrays: Sequence[np.ndarray]) -> bool:
        """Whether predictions like that for `x`, which became `arrays`, are made so."""
        given = [x] if len(arrays) == 1 else x
        outputs = executable.graph.outputs
        return (
            type(given) is list
            and len(given) == len(arrays)
            and all(a is b for a, b in zip(given, arrays))
            and all(type(a) is np.ndarray and a.dtype.kind in "fi" for a in arrays)
            and not draws(executable)
            and all(node.shape and node.shape[0] == BATCH for node in outputs)
        )

    def __call__(self, x: Any, model: Any, batch_size: Any = None) -> Any:
        """The prediction, or None: then it must be made the long way."""
        if (
            not (batch_size is None or self._independent)
            or self._generation != structure_generation()
            or self._eager is not model.run_eagerly
        ):
            return None
        arrays: Any
        if self._alone:
            arrays = (x,)
        elif type(x) is list and len(x) == len(self._forms):
            arrays = x
        else:
            return None
        rows: Any = -1
        for one, (row, dtype, floats, missing) in zip(arrays, self._forms):
            if type(one) is not np.ndarray:
                return None
            shape = one.shape
            if (
                shape[1:] != row
                or one.dtype is not dtype
                or not shape  # where a row is a single value
                or not 0 < shape[0] <= self._most
                or not (one.flags.c_contiguous and one.flags.aligned)
                # NaN and infinity stay in a sum of squares; so does what is too large.
                or (
                    floats
                    and not isfinite(vdot(one, one))
                    and not (missing and not isinf(one).any())
                )
            ):
                return None
            if rows not in (-1, shape[0]):
                return None
            rows = shape[0]
        return self._made(arrays, rows)

    def _made(self, arrays: Sequence[np.ndarray], rows: Any) -> Any:
        if self._plain is None:
            outputs = [empty((rows, *row), dtype) for row, dtype in self._outputs]
            self._run(arrays, None, 0, rows, rows, 0, 0, outputs)
            return self._pack(outputs)
        row, dtype = self._plain
        output = empty((rows, *row), dtype)
        self._run(arrays, None, 0, rows, rows, 0, 0, (output,))
        return output
