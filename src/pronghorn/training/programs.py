"""Executables of a model, compiled once for each kind of step."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from pronghorn import backends
from pronghorn.backends.base import Backend, Executable
from pronghorn.compiler import rows_are_independent
from pronghorn.errors import DivergedError
from pronghorn.ir.graph import Graph, Node
from pronghorn.ir.shapes import Batch
from pronghorn.ir.variable import structure_generation
from pronghorn.training import steps, storage
from pronghorn.training.dataset import Dataset
from pronghorn.training.own import OwnProgram, own_graph
from pronghorn.training.quick import Quick

__all__ = ["Program", "Programs"]

_KERAS_ROWS = 32  # per step, where nobody asked for a number
# What is fast where the number is free: enough work for every thread in one
# instruction, and intermediate results of some 8 MB.
_FEWEST_ROWS, _MOST_ROWS, _ELEMENTS_AT_ONCE = 256, 8192, 1 << 21

_BUILDERS = {
    "train": steps.train_graph,
    "test": steps.test_graph,
    "predict": steps.predict_graph,
}


class Program:
    """One kind of step of a model, traced; compiled for as many rows as are asked for.

    Args:
        graph: what a step computes.
        backend: compiles it.

    Attributes:
        graph: see above.
    """

    def __init__(self, graph: Graph, backend: Backend) -> None:
        self.graph = graph
        self._backend = backend
        # The largest batch, and what runs it: together, for the sake of other threads.
        self._compiled: tuple[int, Executable] | None = None

    def executable(self, rows: int) -> Executable:
        """What runs batches of so many rows."""
        found = self._compiled
        if found is None or found[0] < rows:
            with _no_collection():
                found = self._compiled = rows, self._backend.compile(self.graph, rows)
        return found[1]

    @cached_property
    def rows_are_independent(self) -> bool:
        """Whether a row's outputs depend on no other row of its batch."""
        return rows_are_independent(self.graph)

    @cached_property
    def rows_at_once(self) -> int:
        """How many rows a prediction best takes as one batch, where nobody says.

        Keras's number where one row's result may depend on the others.
        """
        if not self.rows_are_independent:
            return _KERAS_ROWS
        widest = max(_elements_per_row(node) for node in self.graph.nodes)
        return max(_FEWEST_ROWS, min(_MOST_ROWS, _ELEMENTS_AT_ONCE // widest))


def _elements_per_row(node: Node) -> int:
    if not node.shape or not isinstance(node.shape[0], Batch):
        return 1
    inner = prod(d for d in node.shape[1:] if isinstance(d, int))
    return max(1, node.shape[0].scale * inner)


class Programs:
    """Compiles and keeps a model's executables.

    A program is traced anew when what it depends on changed: `compile`, a layer's
    `trainable`, shapes, dtypes, sample weights present or not. The learning rate, the
    number of rows, the seed and the step are read when it runs.

    Attributes:
        quick: what the last prediction leaves to the next one of its form, if anything.
    """

    def __init__(self) -> None:
        self._cache: dict[Any, Program] = {}
        self._known: tuple[int, Any] = (-1, None)
        self.quick: Quick | None = None

    def get(self, model: Any, mode: str, data: Dataset, batch_size: int) -> Executable:
        """The executable of a model for data of this form."""
        program = self._program(model, mode, data)
        executable: Executable = program.executable(min(batch_size, data.rows))
        return executable

    def _program(self, model: Any, mode: str, data: Dataset) -> Any:
        backend = self.backend(model, mode)
        key = (mode, backend.name, data.signature(), self._form(model))
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = self._made(model, mode, data, backend)
        return found

    def _made(self, model: Any, mode: str, data: Dataset, backend: Backend) -> Any:
        own = model._has_own(mode)
        if own and model.run_eagerly and mode != "predict":
            return OwnProgram(model, mode, data)
        with _no_collection():
            graph = (
                own_graph(model, mode, data) if own else _BUILDERS[mode](model, data)
            )
            if mode == "train":
                storage.gather(_groups(model))
        return Program(graph, backend)

    def predictor(
        self, model: Any, data: Dataset, batch_size: int | None, watched: bool
    ) -> tuple[Program, int]:
        """The program of a prediction, and how many rows it takes at once.

        That is what was asked for where one row's result may depend on the others, or
        somebody counts the steps; else what is fast.
        """
        program: Program = self._program(model, "predict", data)
        if not program.rows_are_independent or (watched and batch_size is not None):
            return program, min(data.rows, batch_size or program.rows_at_once)
        return program, min(data.rows, program.rows_at_once)

    def _form(self, model: Any) -> Any:
        """What a program depends on besides the data, worked out after changes only."""
        generation = structure_generation()
        if self._known[0] != generation:
            self._known = (generation, _Form(model))
        return self._known[1]

    def backend(self, model: Any, mode: str = "train") -> Backend:
        """The backend that the model runs on: the engine has no float64."""
        wide = mode != "predict" and model._objective.wide
        slow = wide or model.run_eagerly or self._form(model).wide
        return backends.select("reference" if slow else None)

    def clear(self, *modes: str) -> None:
        """Forgets the programs of these modes."""
        self._cache = {k: v for k, v in self._cache.items() if k[0] not in modes}
        self.quick = None


@contextmanager
def _no_collection() -> Iterator[None]:
    """Tracing makes many objects and no garbage to speak of: looking for it is lost."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class _Form:
    """Which layers and weights a model has, and what of them is trainable.

    It holds them, so that none can come to life where another one was.

    Attributes:
        wide: whether some layer computes in float64.
    """

    def __init__(self, model: Any) -> None:
        self._parts = [*model._flatten_layers(), *model.weights]
        # Some layers hold what data told them as constants, which come to be others.
        self._key = tuple(
            [
                (id(part), part.trainable, getattr(part, "_revision", 0))
                for part in self._parts
            ]
        )
        self._hash = hash(self._key)
        self.wide = any(
            getattr(part, "compute_dtype", None) == "float64" for part in self._parts
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Form) and self._key == other._key

    def __hash__(self) -> int:
        return self._hash


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
