"""Gradients of weights in large batches: products that are cut along the batch."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest

from pronghorn import ops
from pronghorn.backends import native
from pronghorn.backends.native import NativeBackend, _engine
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.variable import Variable
from tests.backends.native.graphs import graph_of, real, run_all
from tests.isas import told_on

# Rows, and columns of both factors: some for each kind of kernel, and odd ends.
SHAPES = [
    (512, 64, 65),
    (513, 128, 96),
    (768, 256, 128),
    (1000, 70, 33),
    (1025, 64, 64),
    (2048, 20, 64),
    (3000, 10, 72),
    (4096, 1, 600),
    (4100, 600, 1),
    (5000, 33, 47),
]


def results(shape: tuple[int, int, int], trains: bool) -> list[np.ndarray]:
    """x.T dy and dy.T x of a batch."""
    rows, m, n = shape
    data = [real(rows, m, seed=rows), real(rows, n, seed=rows + 1)]
    count = Variable(np.float32(0))

    def gradients(x: KerasTensor, dy: KerasTensor) -> list[KerasTensor]:
        if trains:
            count.assign(count.value + 1)
        return [ops.matmul(ops.transpose(x), dy), ops.matmul(ops.transpose(dy), x)]

    executable = NativeBackend().compile(graph_of(gradients, data), rows)
    return run_all(executable, data, rows, rows=rows)


def wrong() -> Iterator[str]:
    """Products that are not near the exact ones, or not the same on all threads."""
    for shape in SHAPES:
        rows, m, n = shape
        x, dy = (real(rows, m, seed=rows), real(rows, n, seed=rows + 1))
        exact = np.asarray(x, np.float64).T @ np.asarray(dy, np.float64)
        bound = np.abs(x).T @ np.abs(dy) * 6e-8 * (4 + rows**0.5)
        for trains in (False, True):
            native.set_threads(1)
            want = results(shape, trains)
            if (np.abs(want[0] - exact) > bound).any():
                yield f"{shape}: x.T dy"
            if (np.abs(want[1] - exact.T) > bound.T).any():
                yield f"{shape}: dy.T x"
            for threads in (2, 3, 8):
                native.set_threads(threads)
                have = results(shape, trains)
                if any(a.tobytes() != b.tobytes() for a, b in zip(want, have)):
                    yield f"{shape}: other bits on {threads} threads"


def is_cut() -> bool:
    """Whether a sum over a batch is another one than over a variable's rows."""
    rows, m, n = 2048, 20, 64
    fixed = [Variable(real(rows, m, seed=rows)), Variable(real(rows, n, seed=rows + 1))]
    graph = graph_of(lambda x, dy: ops.matmul(ops.transpose(x), dy), [], fixed)
    whole = run_all(NativeBackend().compile(graph, 1), [], 1, rows=1)[0]
    return not np.array_equal(whole, results((rows, m, n), False)[0])


def main() -> None:
    """In a process of its own: prints what is wrong on its instruction set."""
    _engine.test_sharing(0.0, False)  # all work is shared, and nobody helps
    told = {"isa": native.info()["isa"], "wrong": list(wrong()), "cut": is_cut()}
    print(json.dumps(told))


@pytest.mark.parametrize("isa", native.info()["isas"])
def test_sums_over_the_batch_are_right_and_the_same_on_all_threads(isa: str) -> None:
    told = told_on(isa, "tests.backends.native.test_sums_over_rows")
    assert told["wrong"] == []
    assert told["cut"]
