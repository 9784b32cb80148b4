"""Gradients of plain functions, outside of any model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pronghorn.backends.reference import evaluate
from pronghorn.compiler import gradients, simplify
from pronghorn.errors import DtypeError
from pronghorn.ir.graph import constant, input_leaf
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import Trace

__all__ = ["grad", "value_and_grad"]


def grad(function: Callable[..., Any], argnums: int = 0) -> Callable[..., np.ndarray]:
    """The gradient of a scalar function with respect to one argument.

    Args:
        function: of arrays, written in `pronghorn.ops`, with a scalar result.
        argnums: which argument. Default the first.

    Returns:
        A function of the same arguments, which gives a float32 array.

    Example:

    >>> from pronghorn import ops
    >>> grad(lambda x: ops.sum(x * x))(np.array([1.0, 2.0]))
    array([2., 4.], dtype=float32)
    """
    both = value_and_grad(function, argnums)
    return lambda *args: both(*args)[1]


def value_and_grad(
    function: Callable[..., Any], argnums: int = 0
) -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """The value and the gradient of a scalar function; see `grad`."""

    def both(*args: Any) -> tuple[np.ndarray, np.ndarray]:
        arrays = [_array(a) for a in args]
        with Trace() as trace:
            leaves = [
                input_leaf(i, a.shape, a.dtype.name) for i, a in enumerate(arrays)
            ]
            result = function(*map(KerasTensor.of, leaves))
            if not isinstance(result, KerasTensor):
                raise DtypeError(
                    "The function's result does not depend on its arguments.",
                    expected="a tensor computed with pronghorn.ops",
                    received=type(result).__name__,
                )
            (slope,) = gradients(result.node, [leaves[argnums]])
            if slope is None:
                slope = constant(np.zeros_like(arrays[argnums]), "float32")
            traced = trace.graph(leaves, [result.node, slope])
        graph = simplify(traced)
        values = evaluate(graph, arrays, 0)
        value, gradient = (values[n.number] for n in graph.outputs)
        return value, np.broadcast_to(gradient, arrays[argnums].shape).copy()

    return both


def _array(x: Any) -> np.ndarray:
    array = np.asarray(x)
    return array.astype(np.float32) if array.dtype == np.float64 else array
