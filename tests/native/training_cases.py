"""Training steps of real models, as the C++ tests of the engine run them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import numpy as np

import pronghorn
from pronghorn import layers, losses, metrics, models, optimizers
from pronghorn.backends.native import NativeBackend, NativeExecutable
from pronghorn.ir.graph import Graph
from tests.backends.native.graphs import real, whole


@dataclass(frozen=True)
class TrainingCase:
    """One step of training, and the rows that it sees.

    Attributes:
        name: what is trained.
        graph: the step; its state is the model's, after one epoch.
        arrays: rows, in the order of the graph's inputs.
        batch: rows of a step.
        passes: how often all rows are seen.
        tolerance: how far states may then be from the reference's.
    """

    name: str
    graph: Graph
    arrays: tuple[np.ndarray, ...]
    batch: int
    passes: int
    tolerance: float


def compiled_by(call: Callable[[], Any]) -> list[Graph]:
    """The graphs that the engine is given while `call` runs."""
    graphs: list[Graph] = []
    real_compile = NativeBackend.compile

    def compile(self: NativeBackend, graph: Graph, rows: int) -> NativeExecutable:
        graphs.append(graph)
        return real_compile(self, graph, rows)

    with patch.object(NativeBackend, "compile", compile):
        call()
    return graphs


def trained(
    name: str,
    model: Any,
    x: Sequence[np.ndarray],
    y: np.ndarray,
    batch: int,
    loss: Any,
    optimizer: Any,
    passes: int = 3,
    tolerance: float = 2e-4,
    **compiled: Any,
) -> TrainingCase:
    """The step that `fit` compiles for this model and data."""
    model.compile(loss=loss, optimizer=optimizer, **compiled)
    given = list(x) if len(x) > 1 else x[0]
    (graph,) = compiled_by(lambda: model.fit(given, y, batch, epochs=1, verbose=0))
    arrays = tuple(np.ascontiguousarray(a) for a in (*x, y))
    return TrainingCase(name, graph, arrays, batch, passes, tolerance)


def dense(widths: Sequence[int], activation: str | None = None) -> list[Any]:
    """Hidden layers and one output."""
    hidden = [layers.Dense(w, activation="relu") for w in widths]
    return [*hidden, layers.Dense(1, activation=activation)]


def normalised(widths: Sequence[int]) -> list[Any]:
    """Hidden layers behind batch norm, with dropout."""
    stack: list[Any] = []
    for width in widths:
        stack += [layers.BatchNormalization(), layers.Dense(width, activation="relu")]
        stack += [layers.Dropout(0.3)]
    return [*stack, layers.Dense(1, activation="sigmoid")]


def linear() -> TrainingCase:
    """A linear unit."""
    x, y = real(77, 3), real(77, 1, seed=1)
    model = models.Sequential(dense([]))
    return trained("train linear", model, [x], y, 32, "mse", optimizers.Adam(0.01))


def small() -> TrainingCase:
    """Two hidden layers, with the mean absolute error."""
    x, y = real(200, 20), real(200, 1, seed=1)
    model = models.Sequential(dense([64, 64]))
    return trained("train small", model, [x], y, 32, "mae", optimizers.Adam())


def wide() -> TrainingCase:
    """Layers whose products are packed and shared."""
    x, y = real(300, 11), real(300, 1, seed=1)
    model = models.Sequential(dense([200, 200]))
    return trained("train wide", model, [x], y, 128, "mae", optimizers.SGD(0.01, 0.9))


def large_batches() -> TrainingCase:
    """Gradients of weights that are cut along the batch, and a short last one."""
    x, y = real(1300, 20), real(1300, 1, seed=1)
    model = models.Sequential(dense([64, 72]))
    return trained("train large", model, [x], y, 1030, "mse", optimizers.SGD(0.01))


def batch_norm() -> TrainingCase:
    """Batch norm and dropout, with a probability."""
    x, y = real(210, 13), (real(210, 1, seed=1) > 0).astype(np.float32)
    model = models.Sequential(normalised([48, 33]))
    chosen: dict[str, Any] = {"metrics": ["accuracy", metrics.AUC()]}
    rate = optimizers.SGD(0.05)
    return trained(
        "train batch norm", model, [x], y, 64, "binary_crossentropy", rate, **chosen
    )


def classes() -> TrainingCase:
    """Classes of rows with an embedding, regularized and clipped."""
    numbers, kinds = real(120, 4), whole(120, low=0, high=7, seed=2)
    a, b = layers.Input((4,)), layers.Input((), dtype="int32")
    joined = layers.Concatenate()([a, layers.Embedding(7, 5)(b)])
    hidden = layers.LayerNormalization()(
        layers.Dense(17, "gelu", kernel_regularizer="l2")(joined)
    )
    model = models.Model([a, b], layers.Dense(3, "softmax")(hidden))
    y = whole(120, low=0, high=3, seed=3)
    optimizer = optimizers.AdamW(0.003, clipnorm=0.5)
    loss = losses.SparseCategoricalCrossentropy()
    x = [numbers, kinds]
    return trained("train classes", model, x, y, 50, loss, optimizer, tolerance=1e-3)


MAKERS: list[Callable[[], TrainingCase]] = [
    *(linear, small, wide, large_batches, batch_norm, classes)
]


def training_cases() -> Iterator[TrainingCase]:
    """The table; the same numbers each time."""
    for make in MAKERS:
        pronghorn.utils.set_random_seed(3)
        yield make()
