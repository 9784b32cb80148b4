"""Checkers for those who write operations and layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pronghorn.backends.base import Backend
from pronghorn.backends.reference import ReferenceBackend
from pronghorn.compiler import gradients, simplify
from pronghorn.ir.graph import Node, constant, input_leaf
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import Trace
from pronghorn.ir.variable import Variable
from pronghorn.ir.verify import verify
from pronghorn.ops import cast, convert_to_tensor
from pronghorn.ops import sum as _sum

__all__ = ["GradientError", "check_gradient", "evaluate"]


class GradientError(AssertionError):
    """A gradient differs from the slope that was measured."""


def evaluate(
    function: Callable[..., Any],
    arrays: Sequence[np.ndarray],
    backend: Backend | None = None,
    weights: np.ndarray | None = None,
) -> tuple[np.ndarray, list[np.ndarray | None]]:
    """A function's value and gradients, computed through the graph on a backend.

    Args:
        function: of tensors, written in `pronghorn.ops`.
        arrays: its arguments; they become variables, so that a backend sees state.
        backend: default the reference.
        weights: the gradients are those of sum(result * weights); default ones.

    Returns:
        The value, and for each float argument its gradient (None for the others).
    """
    variables = [
        Variable(a, dtype=a.dtype, name=f"argument_{i}") for i, a in enumerate(arrays)
    ]
    with Trace() as trace:
        result = convert_to_tensor(function(*[v.value for v in variables]))
        floats = [v for v in variables if v.dtype.startswith("float")]
        node = result.node if isinstance(result, KerasTensor) else constant(
            result, result.dtype.name
        )
        slopes = _slopes(node, [trace.leaf(v) for v in floats], weights)
        zeros = [s or constant(np.zeros(v.shape), "float32") for s, v in zip(slopes, floats)]
        # A batch of one row, so that the graph has a batch to run over.
        row = input_leaf(0, (1,), "float32")
        graph = trace.graph([row], [node, *zeros])
    graph = verify(simplify(verify(graph)))
    executable = (backend or ReferenceBackend()).compile(graph, 1)
    outputs = [np.empty(n.shape, n.dtype) for n in graph.outputs]  # type: ignore[arg-type]
    executable.run([np.zeros(1, np.float32)], None, 0, 1, 1, outputs=outputs)
    found = iter(outputs[1:])
    return outputs[0], [
        next(found) if v.dtype.startswith("float") else None for v in variables
    ]


def _slopes(
    node: Node, wrt: list[Node], weights: np.ndarray | None
) -> list[Node | None]:
    if not node.dtype.startswith("float"):
        return [None] * len(wrt)
    value = KerasTensor.of(node)
    if weights is not None:
        value = value * np.asarray(weights, np.float32)
    total = _sum(cast(value, "float32"))
    return gradients(total.node, wrt)


def check_gradient(
    function: Callable[..., Any],
    arrays: Sequence[np.ndarray],
    backend: Backend | None = None,
    step: float = 1e-2,
    tolerance: float = 2e-2,
) -> float:
    """Compares gradients with slopes measured by central differences.

    Args:
        function: of tensors, written in `pronghorn.ops`.
        arrays: its arguments; the float ones are varied, in float32.
        backend: what computes the gradients. Default the reference.
        step: of the differences.
        tolerance: allowed difference, relative to 1 + the slope's size.

    Returns:
        The largest relative difference.

    Raises:
        GradientError: naming the argument and the element.

    Example:

    >>> check_gradient(lambda x: x * x, [np.array([1.0, -2.0], "float32")]) < 0.01
    True
    """
    generator = np.random.default_rng(0)
    value, _ = evaluate(function, arrays, backend)
    weights = generator.uniform(0.5, 1.5, value.shape).astype(np.float32)
    _, slopes = evaluate(function, arrays, backend, weights)
    worst = 0.0
    for position, slope in enumerate(slopes):
        if slope is None:
            continue
        for index in np.ndindex(*slope.shape):
            measured = _difference(function, arrays, weights, position, index, step)
            off = abs(measured - float(slope[index])) / (1.0 + abs(measured))
            worst = max(worst, off)
            if not off <= tolerance:
                raise GradientError(
                    f"argument {position}, element {index}: the gradient is "
                    f"{slope[index]}, the measured slope {measured}"
                )
    return worst


def _difference(
    function: Callable[..., Any],
    arrays: Sequence[np.ndarray],
    weights: np.ndarray,
    position: int,
    index: tuple[int, ...],
    step: float,
) -> float:
    """The slope along one element, in float64 on plain arrays."""
    ends = []
    for side in (step, -step):
        moved = [np.array(a, np.float64) if a.dtype.kind == "f" else a for a in arrays]
        moved[position][index] += side
        ends.append(float(np.sum(np.asarray(function(*moved)) * weights)))
    return (ends[0] - ends[1]) / (2 * step)
