"""Executables of a model, compiled once for each kind of step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn import backends
from pronghorn.backends.base import Backend, Executable
from pronghorn.errors import DivergedError
from pronghorn.ir.shapes import Batch
from pronghorn.training import steps, storage
from pronghorn.training.dataset import Dataset

__all__ = ["Programs"]

_BUILDERS = {
    "train": steps.train_graph,
    "test": steps.test_graph,
    "predict": steps.predict_graph,
}


class Programs:
    """Compiles and keeps a model's executables.

    A program is traced anew when what it depends on changed: `compile`, a layer's
    `trainable`, shapes, dtypes, sample weights present or not. The learning rate, the
    number of rows, the seed and the step are read when it runs.
    """

    def __init__(self) -> None:
        self._cache: dict[Any, tuple[int, Executable]] = {}

    def get(self, model: Any, mode: str, data: Dataset, batch_size: int) -> Executable:
        """The executable of a model for data of this form."""
        rows = min(batch_size, data.rows)
        backend = self.backend(model)
        key = (mode, backend.name, data.signature(), _frozen(model))
        found = self._cache.get(key)
        if found is None or found[0] < rows:
            graph = _BUILDERS[mode](model, data)
            if mode == "train":
                storage.gather(_groups(model))
            found = (rows, backend.compile(graph, rows))
            self._cache[key] = found
        return found[1]

    def backend(self, model: Any) -> Backend:
        """The backend that the model runs on."""
        return backends.select("reference" if model.run_eagerly else None)

    def clear(self, *modes: str) -> None:
        """Forgets the programs of these modes."""
        self._cache = {k: v for k, v in self._cache.items() if k[0] not in modes}


def _frozen(model: Any) -> tuple[Any, ...]:
    flags = tuple(layer.trainable for layer in model._flatten_layers())
    return flags, tuple(v.trainable for v in model.weights)


def _groups(model: Any) -> list[list[Any]]:
    """The trainable weights in one buffer, each kind of slot in one like it."""
    trainable = list(model.trainable_variables)
    slots: dict[str, list[Any]] = {}
    optimizer = model.optimizer
    shapes = {v.shape for v in trainable}
    for variable in optimizer.variables:
        if variable.shape in shapes and variable.ndim:
            kind = variable.name.rsplit("_", 1)[-1]
            slots.setdefault(kind, []).append(variable)
    return [trainable, *slots.values()]


def outputs_for(executable: Executable, rows: int) -> list[np.ndarray]:
    """Arrays for an executable's outputs over so many rows."""
    arrays = []
    for node in executable.graph.outputs:
        shape = tuple(
            (d.at(rows) if i else rows) if isinstance(d, Batch) else d
            for i, d in enumerate(node.shape)
        )
        arrays.append(np.empty(shape, node.dtype))
    return arrays


def run_steps(
    executable: Executable,
    arrays: Sequence[np.ndarray],
    order: np.ndarray | None,
    steps_: range,
    batch_size: int,
    rows: int,
    seed: int,
    number: int,
) -> int:
    """Runs some steps of an epoch; returns how many were whole."""
    size = min(batch_size, rows)
    first = steps_.start * size
    last = min(steps_.stop * size, rows)
    return executable.run(arrays, order, first, last, size, seed, number)


def diverged(epoch: int, step: int, where: str) -> DivergedError:
    """The error for a loss that is no longer finite."""
    return DivergedError(
        "The loss is no longer finite, so training stopped.",
        where=f"{where}, epoch {epoch + 1}, step {step + 1}",
        expected="a finite loss",
        received="NaN or infinity",
        remedy="the weights are those of the last finite step; scale the inputs, lower "
        "the learning rate, or clip gradients (optimizer clipnorm=1.0)",
    )
