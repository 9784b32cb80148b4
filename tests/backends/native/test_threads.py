"""The same bits on any number of threads, every one of which did work."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from pronghorn import ops
from pronghorn.backends import native
from pronghorn.backends.native import NativeBackend, _engine
from pronghorn.compiler import gradients
from pronghorn.ir.graph import Graph, input_leaf
from pronghorn.ir.shapes import BATCH
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import Trace
from pronghorn.ir.variable import Variable
from pronghorn.ops.random import uniform
from tests.backends.native.graphs import graph_of, real, run_all, whole

COUNTS = [1, 2, 3, 8]
THRESHOLD = -1.0  # the engine decides by itself


@pytest.fixture
def everything_shared() -> Iterator[None]:
    """However little the work: all workers, each its own share."""
    _engine.test_sharing(0.0, False)
    yield
    _engine.test_sharing(THRESHOLD, True)


class Net:
    """A net with a gather, batch statistics, dropout, a large product and momentum."""

    def __init__(self) -> None:
        self.table = Variable(real(50, 8, seed=1))
        self.first = Variable(real(28, 96, seed=2) * np.float32(0.2))
        self.middle = Variable(real(96, 96, seed=4) * np.float32(0.1))
        self.second = Variable(real(96, 1, seed=3) * np.float32(0.2))
        self.mean = Variable(np.zeros(96, np.float32))
        self.total = Variable(np.float32(0))
        self.weights = [self.table, self.first, self.middle, self.second]
        self.moments = [Variable(np.zeros(v.shape, np.float32)) for v in self.weights]

    def state(self) -> list[np.ndarray]:
        variables = [*self.weights, *self.moments, self.mean, self.total]
        return [v.numpy() for v in variables]

    def graph(self) -> Graph:
        leaves = [
            input_leaf(0, (BATCH, 20), "float32"),
            input_leaf(1, (BATCH,), "int32"),
            input_leaf(2, (BATCH, 1), "float32"),
        ]
        with Trace() as trace:
            x, ids, y = map(KerasTensor.of, leaves)
            embedded = ops.take(self.table.value, ids, 0)
            hidden = ops.matmul(ops.concatenate([x, embedded], 1), self.first.value)
            mean, var = ops.moments(hidden, 0)
            self.mean.assign(self.mean.value * 0.9 + mean * 0.1)
            hidden = ops.relu((hidden - mean) / ops.sqrt(var + 1e-3))
            kept = ops.cast(uniform((BATCH, 96), 1) > 0.2, "float32")
            hidden = ops.tanh(ops.matmul(hidden * kept / 0.8, self.middle.value))
            out = ops.matmul(hidden, self.second.value)
            loss = ops.mean(ops.square(out - y))
            found = gradients(loss.node, [trace.leaf(v) for v in self.weights])
            for v, m, g in zip(self.weights, self.moments, found, strict=True):
                assert g is not None
                m.assign(m.value * 0.9 + KerasTensor.of(g))
                v.assign(v.value - m.value * 0.01)
            self.total.assign(self.total.value + loss)
            return trace.graph(leaves, [])


def train(threads: int, rows: int = 1000, batch: int = 256) -> list[np.ndarray]:
    native.set_threads(threads)
    net = Net()
    data = [real(rows, 20), whole(rows, low=0, high=50), real(rows, 1, seed=9)]
    executable = NativeBackend().compile(net.graph(), batch)
    for epoch in range(3):
        order = native.permutation(5, epoch, rows)
        steps = executable.run(data, order, 0, rows, batch, seed=4, step=epoch * 4)
        assert steps == 4
    return net.state()


@pytest.mark.parametrize("threads", COUNTS)
def test_training_has_the_same_bits(threads: int, everything_shared: None) -> None:
    before = _engine.tiles_done()
    want = train(1)
    have = train(threads)
    for a, b in zip(want, have, strict=True):
        assert np.array_equal(a, b)
    if threads > 1:
        before += [0] * (threads - len(before))
        counts = zip(before, _engine.tiles_done(), strict=False)
        assert all(after > old for old, after in counts)


@pytest.mark.parametrize("threads", COUNTS)
def test_helpers_change_no_bits(threads: int) -> None:
    want = train(1)
    _engine.test_sharing(0.0, True)
    try:
        for a, b in zip(want, train(threads), strict=True):
            assert np.array_equal(a, b)
    finally:
        _engine.test_sharing(THRESHOLD, True)


REDUCED = [(1, 200_000), (200_000, 1), (5000, 33), (300, 70), (7, 9000)]


@pytest.mark.parametrize("shape", REDUCED)
def test_reductions_have_the_same_bits(
    shape: tuple[int, int], everything_shared: None
) -> None:
    x = real(*shape)

    def every(x: Any) -> list[Any]:
        return [f(x, a) for a in (None, 0, 1) for f in (ops.sum, ops.max)]

    results = []
    for threads in COUNTS:
        native.set_threads(threads)
        graph = graph_of(every, [x])
        results.append(run_all(NativeBackend().compile(graph, len(x)), [x], len(x)))
    for other in results[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(results[0], other, strict=True))


def test_two_python_threads_run_at_once() -> None:
    """One has the pool, the other works alone; both get the right answer."""
    native.set_threads(2)
    x, w = real(600, 300), Variable(real(300, 300))
    graph = graph_of(lambda x, w: ops.tanh(ops.matmul(x, w)), [x], [w])
    executables = [NativeBackend().compile(graph, 200) for _ in range(3)]
    want = run_all(executables[0], [x], 200)[0]
    same: list[bool] = []

    def work(executable: Any) -> None:
        for _ in range(20):
            same.append(np.array_equal(run_all(executable, [x], 200)[0], want))

    # The last two share one executable, and wait for each other.
    shares = [executables[0], executables[1], executables[1]]
    workers = [threading.Thread(target=work, args=(e,)) for e in shares]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert same == [True] * 60


def test_a_forked_child_has_threads_of_its_own() -> None:
    native.set_threads(2)
    x = real(4000, 200)
    graph = graph_of(lambda x: ops.matmul(x, np.ones((200, 50), np.float32)), [x])
    executable = NativeBackend().compile(graph, 4000)
    want = run_all(executable, [x], 4000)[0]
    child = os.fork()
    if child == 0:
        same = np.array_equal(run_all(executable, [x], 4000)[0], want)
        os._exit(0 if same else 1)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize(
    ("variables", "threads"),
    [
        ({"PRONGHORN_NUM_THREADS": "3", "OMP_NUM_THREADS": "5"}, 3),
        ({"PRONGHORN_NUM_THREADS": "", "OMP_NUM_THREADS": "5"}, 5),
        ({"PRONGHORN_NUM_THREADS": "many", "OMP_NUM_THREADS": "-1"}, None),
    ],
)
def test_number_of_threads_comes_from_the_environment(
    variables: dict[str, str], threads: int | None
) -> None:
    import subprocess
    import sys

    code = "from pronghorn.backends.native import info; print(info()['threads'])"
    printed = subprocess.check_output(
        [sys.executable, "-c", code], env={**os.environ, **variables}, text=True
    )
    if threads is None:  # as many as may run, fewer where a container has a limit
        assert 1 <= int(printed) <= len(os.sched_getaffinity(0))
    else:
        assert int(printed) == threads


@pytest.mark.parametrize("count", [0, -1, 257])
def test_a_wrong_number_of_threads_is_an_error(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 256 threads"):
        native.set_threads(count)
