"""Running Python code as a traced step, for tests of what belongs into one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pronghorn.backends import select
from pronghorn.ir import BATCH, KerasTensor, Trace, verify
from pronghorn.ir.graph import Graph, input_leaf

BACKENDS = ("reference", "native")


def trace_step(step: Callable[..., Any], data: Sequence[np.ndarray]) -> Graph:
    """The graph of a function of tensors with a batch of rows; it may assign."""
    with Trace() as trace:
        leaves = [
            input_leaf(i, (BATCH, *a.shape[1:]), str(a.dtype))
            for i, a in enumerate(data)
        ]
        step(*map(KerasTensor.of, leaves))
    graph = trace.graph(leaves, [])
    verify(graph)
    return graph


def run_steps(
    step: Callable[..., Any],
    data: Sequence[np.ndarray],
    batch_size: int,
    backend: str = "reference",
) -> Graph:
    """Trace a step once, then run it over all batches; variables keep the result."""
    graph = trace_step(step, data)
    rows = len(data[0])
    executable = select(backend).compile(graph, batch_size)
    executable.run([np.ascontiguousarray(a) for a in data], None, 0, rows, batch_size)
    return graph
