"""Checking operations: a function's value and gradient, on any backend.

For tests of one's own layers and losses. The gradient that a graph gives is compared
with central differences of the function itself, computed in float64 with NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn.backends import select
from pronghorn.compiler import gradients
from pronghorn.errors import GraphError
from pronghorn.ir import dtypes
from pronghorn.ir.graph import Graph, Node, input_leaf
from pronghorn.ir.shapes import BATCH, at
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import Trace
from pronghorn.ir.variable import Variable
from pronghorn.ir.verify import verify

__all__ = ["Traced", "check_gradient", "numeric_gradients", "trace_and_run"]

Function = Callable[..., Any]

STEP = 1e-5  # of the central difference in float64: its error is about 1e-9
COARSE = 1e-2  # where the function computes in float32 whatever it is given


@dataclass(frozen=True)
class Traced:
    """What a backend computed.

    Attributes:
        values: the function's results, one array each.
        gradients: of sum(weight * result) over all results, one for each float
            argument, None for others and where the result does not depend on it.
        graph: the graph that ran.
    """

    values: list[np.ndarray]
    gradients: list[np.ndarray | None]
    graph: Graph


def trace_and_run(
    function: Function,
    arrays: Sequence[np.ndarray],
    backend: str = "reference",
    rows: Sequence[int] = (),
    gradient: bool = True,
) -> Traced:
    """Trace a function of tensors, run it on a backend, and its gradient.

    Args:
        function: of as many tensors as there are arrays; gives one or a tuple.
        arrays: float32, int32 or bool.
        backend: "reference" or "native".
        rows: positions of the arrays whose first axis is traced as the batch; the
            others are variables.
        gradient: whether to differentiate, with fixed weights of either sign.

    Example:

    >>> x = np.array([1.0, 2.0], np.float32)
    >>> trace_and_run(ops.square, [x]).values[0].tolist()
    [1.0, 4.0]
    """
    variables = [Variable(a, dtype=_state_dtype(a)) for a in arrays]
    with Trace() as trace:
        leaves = [
            _row_leaf(rows.index(i), a) if i in rows else trace.leaf(variables[i])
            for i, a in enumerate(arrays)
        ]
        results = _listed(function(*map(_argument, leaves, arrays)))
        wanted = [leaf for leaf in leaves if dtypes.is_float(leaf.dtype)]
        slopes: list[Node | None] = [None] * len(wanted)
        if gradient:
            slopes = gradients(_weighted(results).node, wanted)
    inputs = [leaf for i, leaf in enumerate(leaves) if i in rows]
    # In the order of their data arrays, which is that of `rows`.
    inputs.sort(key=lambda leaf: leaf.payload)
    outputs = [r.node for r in results] + [s for s in slopes if s is not None]
    graph = trace.graph(inputs, outputs)
    verify(graph)
    found = _run(graph, [arrays[i] for i in rows], backend)
    values, rest = found[: len(results)], iter(found[len(results) :])
    given = {
        id(w): None if s is None else next(rest)
        for w, s in zip(wanted, slopes, strict=True)
    }
    return Traced(values, [given.get(id(leaf)) for leaf in leaves], graph)


def numeric_gradients(
    function: Function, arrays: Sequence[np.ndarray]
) -> list[np.ndarray | None]:
    """Central differences of sum(weight * result), for each float argument.

    Example:

    >>> x = np.array([3.0], np.float32)
    >>> slope = numeric_gradients(lambda x: 2.0 * ops.square(x), [x])[0]
    >>> round(float(slope[0] / numeric_gradients(lambda x: x, [x])[0][0]), 4)
    12.0
    """
    wide = [_wide(a) for a in arrays]
    precise = all(np.asarray(r).dtype != np.float32 for r in _listed(function(*wide)))
    step = STEP if precise else COARSE

    def total() -> float:
        parts = _listed(function(*wide))
        return float(sum(np.sum(np.asarray(p) * _weights(np.shape(p))) for p in parts))

    found: list[np.ndarray | None] = []
    for array in wide:
        if array.dtype != np.float64:
            found.append(None)
            continue
        slope = np.zeros_like(array)
        for i in np.ndindex(array.shape):
            kept = array[i]
            array[i] = kept + step
            high = total()
            array[i] = kept - step
            slope[i] = (high - total()) / (2 * step)
            array[i] = kept
        found.append(slope)
    return found


def check_gradient(
    function: Function,
    arrays: Sequence[np.ndarray],
    backend: str = "reference",
    rows: Sequence[int] = (),
    tolerance: float = 2e-4,
) -> float:
    """Compare a traced gradient with central differences.

    Args:
        function: of as many tensors as there are arrays, written in `pronghorn.ops`.
        arrays: where to differentiate; away from kinks.
        backend: what computes the traced gradient.
        rows: see `trace_and_run`.
        tolerance: largest difference, relative to the largest slope or to 1. Where
            the function computes in float32 only, a hundredth is accepted.

    Returns:
        The largest difference, relative as above.

    Raises:
        GraphError: the two differ, or a gradient is missing.

    Example:

    >>> x = np.array([0.5, -1.5], np.float32)
    >>> check_gradient(ops.tanh, [x]) < 1e-5
    True
    """
    ours = trace_and_run(function, arrays, backend, rows).gradients
    largest = 0.0
    precise = all(
        np.asarray(r).dtype != np.float32
        for r in _listed(function(*[_wide(a) for a in arrays]))
    )
    limit = tolerance if precise else max(tolerance, COARSE)
    for i, expected in enumerate(numeric_gradients(function, arrays)):
        if expected is None:
            continue
        got = np.zeros_like(expected) if ours[i] is None else np.asarray(ours[i])
        size = _difference(expected, got)
        if not size <= limit:
            raise GraphError(
                "The traced gradient is not the function's.",
                where=f"argument {i} on backend {backend!r}",
                expected=f"central differences {expected.ravel()[:6]}",
                received=f"{got.ravel()[:6]}, off by {size:.2g} of the largest slope",
                remedy="correct the vjp of the primitives it is made of",
            )
        largest = max(largest, size)
    return largest


def _difference(expected: np.ndarray, got: np.ndarray) -> float:
    if expected.shape != got.shape:
        return float("inf")
    scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    return float(np.max(np.abs(expected - got), initial=0.0)) / scale


def _wide(array: np.ndarray) -> np.ndarray:
    """Floats as float64, of their own storage."""
    kind = np.asarray(array).dtype.kind
    return np.array(array, dtype=np.float64 if kind == "f" else None)


def _listed(results: Any) -> list[Any]:
    return list(results) if isinstance(results, (tuple, list)) else [results]


def _state_dtype(array: np.ndarray) -> str:
    """Variables hold no booleans; `_argument` makes them again."""
    name = dtypes.standard(array.dtype)
    return "int32" if name == "bool" else name


def _argument(leaf: Node, array: np.ndarray) -> Any:
    """The tensor of a leaf, of the array's own type."""
    tensor = KerasTensor.of(leaf)
    truth = leaf.dtype != "bool" and np.asarray(array).dtype == bool
    return ops.not_equal(tensor, 0) if truth else tensor


def _row_leaf(index: int, array: np.ndarray) -> Node:
    shape = (BATCH, *np.shape(array)[1:])
    return input_leaf(index, shape, dtypes.standard(array.dtype))


def _weights(shape: tuple[Any, ...]) -> np.ndarray:
    """Fixed numbers between -1.5 and 1.5, the same for each row of a result."""
    inner = shape[1:]
    values = np.cos(1.0 + 2.3 * np.arange(int(np.prod(inner)))) * 1.5
    return values.reshape(inner)


def _weighted(results: Sequence[Any]) -> Any:
    total: Any = 0.0
    for result in results:
        weights = _weights(result.node.shape).astype(np.float32)
        total = total + ops.sum(ops.multiply(result, weights))
    return total


def _run(graph: Graph, data: list[np.ndarray], backend: str) -> list[np.ndarray]:
    rows = len(data[0]) if data else 1
    given = [np.ascontiguousarray(a, dtypes.standard(a.dtype)) for a in data]
    outputs = [np.zeros(at(n.shape, rows), n.dtype) for n in graph.outputs]
    executable = select(backend).compile(graph, rows)
    executable.run(given, None, 0, rows, rows, outputs=outputs)
    return outputs
