"""Which graphs treat the rows of a batch apart, and that those that do not are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pronghorn import ops
from pronghorn.backends.reference import ReferenceBackend
from pronghorn.compiler import rows_are_independent
from pronghorn.ir import Variable
from pronghorn.ir.graph import Graph, input_leaf
from pronghorn.ir.shapes import BATCH
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import Trace
from pronghorn.ops import random as draws

W = Variable(np.arange(12, dtype="float32").reshape(4, 3) / 7)
STACK = Variable(np.arange(24, dtype="float32").reshape(2, 4, 3) / 7)

APART: dict[str, Callable[[Any], Any]] = {
    "product": lambda x: ops.relu(x @ W + 1.0),
    "softmax": lambda x: ops.softmax(x @ W),
    "of the row": lambda x: x - ops.mean(x, axis=1, keepdims=True),
    "flat and back": lambda x: ops.reshape(ops.reshape(x, (-1, 2, 2)), (-1, 4)),
    "rows made longer": lambda x: ops.reshape(ops.reshape(x, (-1, 2)) @ W[:2], (-1, 6)),
    "joined": lambda x: ops.concatenate([x, x * 2.0, x[:, :1]], axis=1),
    "pieces": lambda x: x[:, 1:3] + x[:, ::2],
    "swapped": lambda x: ops.transpose(ops.reshape(x, (-1, 2, 2)), (0, 2, 1)),
    "looked up": lambda x: ops.take(W, ops.cast(ops.abs(x[:, 0]) % 4.0, "int32"), 0),
    "of each row": lambda x: ops.expand_dims(x, 1) @ ops.expand_dims(x, 2),
    "one product of a stack": lambda x: ops.expand_dims(x, 1) @ W,
    "spread": lambda x: ops.broadcast_to(W[0], (ops.shape(x)[0], 3)) + x[:, :1],
    "padded": lambda x: ops.pad(x, ((0, 0), (1, 2))),
    "largest": lambda x: ops.cast(ops.argmax(x, axis=-1), "float32"),
}
TOGETHER: dict[str, Callable[[Any], Any]] = {
    "centred": lambda x: x - ops.mean(x, axis=0),
    "softmax of columns": lambda x: ops.softmax(x, axis=0),
    "covariance": lambda x: x @ (ops.transpose(x) @ x),
    "neighbours": lambda x: x @ ops.transpose(x) @ x,
    "how many": lambda x: x * ops.cast(ops.shape(x)[0], "float32"),
    "which": lambda x: x + ops.cast(ops.arange(ops.shape(x)[0]), "float32")[:, None],
    "noise": lambda x: x + draws.uniform((BATCH, 4), 1),
    "one row": lambda x: x + x[:1],
    "by rank": lambda x: ops.transpose(ops.transpose(x) * ops.sum(x, axis=1)) + x[0],
    "summed": lambda x: ops.sum(x),
    "fixed": lambda x: W * 2.0,
}


def traced(function: Callable[[Any], Any]) -> Graph:
    x = input_leaf(0, (BATCH, 4), "float32")
    with Trace() as trace:
        return trace.graph([x], [function(KerasTensor.of(x)).node])


@pytest.mark.parametrize("name", APART)
def test_rows_apart(name: str) -> None:
    """What is said to be so is so: one row alone gives what it gives among others."""
    graph = traced(APART[name])
    assert rows_are_independent(graph)
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    run = ReferenceBackend().compile(graph, 5).run
    shape = tuple(graph.outputs[0].shape[1:])
    whole, single = np.empty((2, 5, *shape), "float32")
    run([x], None, 0, 5, 5, outputs=[whole])
    run([x], None, 0, 5, 1, outputs=[single])
    np.testing.assert_allclose(single, whole, rtol=1e-5)


@pytest.mark.parametrize("name", TOGETHER)
def test_rows_together(name: str) -> None:
    assert not rows_are_independent(traced(TOGETHER[name]))
