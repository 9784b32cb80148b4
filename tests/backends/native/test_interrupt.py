"""Ctrl-C, and stopping from another thread: quick, and never half a step."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import numpy as np
import pytest

from pronghorn import ops
from pronghorn.backends.native import NativeBackend, NativeExecutable
from pronghorn.ir.graph import Graph, input_leaf
from pronghorn.ir.shapes import BATCH
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import Trace
from pronghorn.ir.variable import Variable
from tests.backends.native.graphs import real

QUICK = 0.2  # seconds that stopping may take
SIZE = 3000
PRODUCTS = 30  # in one step: some ten seconds of work


class Counter:
    """A step that adds 1 to two weights, after a product of `SIZE`."""

    def __init__(self, size: int, products: int = 1) -> None:
        self.matrix = Variable(np.full((size, size), 1 / size, np.float32))
        self.one, self.two = Variable(np.float32(0)), Variable(np.zeros(5, np.float32))
        leaves = [input_leaf(0, (BATCH, 1), "float32")]
        with Trace() as trace:
            step = self._step(KerasTensor.of(leaves[0]), products)
            self.one.assign(self.one.value + step)
            self.two.assign(self.two.value + step)
            self.graph: Graph = trace.graph(leaves, [])

    def _step(self, x: Any, products: int) -> Any:
        matrix = self.matrix.value
        for _ in range(products):
            matrix = ops.matmul(matrix, self.matrix.value)
        # Exactly 1, but the engine cannot know.
        return ops.round(ops.sum(matrix) / float(self.matrix.shape[0])) + 0.0 * x[0, 0]

    def run(self, steps: int) -> NativeExecutable:
        executable = NativeBackend().compile(self.graph, 1)
        try:
            executable.run([real(steps, 1)], None, 0, steps, 1)
        finally:
            self.executable = executable
        return executable

    def check(self, steps: int) -> None:
        """The state is that after so many whole steps."""
        assert self.one.numpy() == steps
        assert (self.two.numpy() == steps).all()


def interrupted_run() -> None:
    """What the child process does: prints when it is ready, then how it ended."""
    small = Counter(40)
    small.run(3)
    small.check(3)
    large = Counter(SIZE, PRODUCTS)
    print("ready", flush=True)
    try:
        large.run(1)
    except KeyboardInterrupt:
        moment = time.time()
        large.check(0)
        assert large.executable.last_steps == 0
        print("stopped", moment, flush=True)


@pytest.mark.parametrize("threads", ["1", "2"])
def test_ctrl_c_in_the_middle_of_a_long_step(threads: str) -> None:
    code = "from tests.backends.native.test_interrupt import interrupted_run as r; r()"
    environment = {**os.environ, "PRONGHORN_NUM_THREADS": threads}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(1)
        sent = time.time()
        child.send_signal(signal.SIGINT)
        answer = child.stdout.readline().split()
    assert child.returncode == 0
    assert answer[0] == "stopped"
    assert float(answer[1]) - sent < QUICK


def test_ctrl_c_between_many_short_steps() -> None:
    counter = Counter(40)
    rows = 2_000_000
    executable = NativeBackend().compile(counter.graph, 1)
    moments: list[float] = []

    def on_signal(*_: object) -> None:
        moments.append(time.perf_counter())
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, on_signal)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    start = time.perf_counter()
    try:
        with pytest.raises(KeyboardInterrupt):
            executable.run([np.zeros((rows, 1), np.float32)], None, 0, rows, 1)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert 0.25 < moments[0] - start < 0.3 + QUICK
    assert 0 < executable.last_steps < rows
    counter.check(executable.last_steps)


def test_stopping_from_another_thread() -> None:
    counter = Counter(40)
    rows = 2_000_000
    executable = NativeBackend().compile(counter.graph, 1)
    timer = threading.Timer(0.2, executable.stop)
    timer.start()
    steps = executable.run([np.zeros((rows, 1), np.float32)], None, 0, rows, 1)
    timer.join()
    assert 0 < steps < rows
    counter.check(steps)
    assert executable.run([np.zeros((4, 1), np.float32)], None, 0, 4, 1) == 4
    counter.check(steps + 4)


def test_a_signal_handler_may_not_run_the_same_executable() -> None:
    counter = Counter(40)
    rows = 2_000_000
    executable = NativeBackend().compile(counter.graph, 1)
    one = np.zeros((1, 1), np.float32)

    def on_signal(*_: object) -> None:
        executable.run([one], None, 0, 1, 1)

    before = signal.signal(signal.SIGALRM, on_signal)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        with pytest.raises(RuntimeError, match="running already"):
            executable.run([np.zeros((rows, 1), np.float32)], None, 0, rows, 1)
    finally:
        signal.signal(signal.SIGALRM, before)
