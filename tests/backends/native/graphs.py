"""Graphs for the tests of the engine, and running them on both backends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pronghorn.backends import ReferenceBackend, select
from pronghorn.backends.base import Executable
from pronghorn.ir.graph import Graph, Node, input_leaf
from pronghorn.ir.shapes import BATCH, Batch
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import Trace
from pronghorn.ir.variable import Variable
from pronghorn.ir.verify import verify

Function = Callable[..., Any]


def graph_of(
    function: Function, arrays: Sequence[np.ndarray], fixed: Sequence[Variable] = ()
) -> Graph:
    """The graph of a function of batches (one per array) and of variables."""
    leaves = [
        input_leaf(i, (BATCH, *a.shape[1:]), a.dtype.name) for i, a in enumerate(arrays)
    ]
    with Trace() as trace:
        found = function(*map(KerasTensor.of, leaves), *(v.value for v in fixed))
        results = found if isinstance(found, (list, tuple)) else [found]
        return verify(trace.graph(leaves, [r.node for r in results]))


def empty_outputs(graph: Graph, rows: int) -> list[np.ndarray]:
    """Room for the outputs of a data set, filled with what no test expects."""
    return [np.full(_sizes(n, rows), 7, n.dtype) for n in graph.outputs]


def _sizes(node: Node, rows: int) -> list[int]:
    return [d.at(rows) if isinstance(d, Batch) else d for d in node.shape]


def run_all(
    executable: Executable,
    arrays: Sequence[np.ndarray],
    batch_size: int,
    order: np.ndarray | None = None,
    seed: int = 3,
    step: int = 5,
    rows: int | None = None,
) -> list[np.ndarray]:
    """The outputs of a pass over all rows."""
    count = len(arrays[0]) if rows is None else rows
    outputs = empty_outputs(executable.graph, count)
    executable.run(arrays, order, 0, count, batch_size, seed, step, outputs)
    return outputs


def assert_agree(
    function: Function,
    arrays: Sequence[np.ndarray],
    fixed: Sequence[Variable] = (),
    batch_size: int | None = None,
    tolerance: float = 2e-6,
) -> None:
    """Run a function on both backends, with a last, smaller batch."""
    graph = graph_of(function, arrays, fixed)
    size = batch_size or max(1, len(arrays[0]) * 2 // 5)
    order = np.arange(len(arrays[0]), dtype=np.int32)[::-1].copy()
    for rows in (None, order):
        want = run_all(ReferenceBackend().compile(graph, size), arrays, size, rows)
        have = run_all(select("native").compile(graph, size), arrays, size, rows)
        for a, b in zip(want, have, strict=True):
            np.testing.assert_allclose(b, a, rtol=tolerance, atol=tolerance)


def real(*shape: int, seed: int = 0) -> np.ndarray:
    """Standard normal float32 numbers."""
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def whole(*shape: int, low: int = -9, high: int = 9, seed: int = 0) -> np.ndarray:
    """Whole int32 numbers from low to high - 1."""
    return np.random.default_rng(seed).integers(low, high, shape).astype(np.int32)
