"""What a model's own step returned, kept with the rest of the state.

Each value is a variable that the step assigns, so it needs no Python between the steps,
and the last step's stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn.errors import DtypeError
from pronghorn.ir.variable import Variable

__all__ = ["Logs"]


class Logs:
    """The named results of one kind of step.

    Example:

    >>> logs = Logs()
    >>> logs.keep({"loss": 0.5, "metrics": {"mae": np.float32(2.0)}}, "train_step")
    >>> logs.results()
    {'loss': 0.5, 'mae': 2.0}
    """

    def __init__(self) -> None:
        self._kept: dict[str, Variable] = {}

    def keep(self, given: Any, where: str) -> None:
        """Takes what a step returned; in a trace it becomes part of the step.

        Raises:
            DtypeError: it is no dict of numbers and tensors.
        """
        if not isinstance(given, Mapping):
            raise DtypeError(
                "A step returns what is to be shown, by name.",
                where=where,
                expected="a dict, as {m.name: m.result() for m in self.metrics}",
                received=type(given).__name__,
                remedy="end it with return {'loss': loss}",
            )
        flat: dict[str, Any] = {}
        for name, value in given.items():
            nested = isinstance(value, Mapping)
            flat.update(value if nested else {name: value})
        self._kept = {n: v for n, v in self._kept.items() if n in flat}
        for name, value in flat.items():
            tensor = ops.cast(ops.convert_to_tensor(value), "float32")
            shape = tuple(tensor.shape)
            if any(d is None for d in shape):
                raise DtypeError(
                    "What a step returns has the same shape for every batch.",
                    where=f"{where}, {name!r}",
                    expected="a number, as of ops.mean or metric.result()",
                    received=f"a tensor of shape {shape}",
                    remedy="reduce it with ops.mean",
                )
            if name not in self._kept or self._kept[name].shape != shape:
                zeros = np.zeros(shape, np.float32)
                label = str(name).replace("/", "_")
                self._kept[name] = Variable(zeros, trainable=False, name=label)
            self._kept[name].assign(tensor)

    def results(self) -> dict[str, Any]:
        """The values of the last step."""
        return {
            name: float(v.storage) if v.ndim == 0 else v.numpy()
            for name, v in self._kept.items()
        }
