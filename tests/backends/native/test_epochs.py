"""Many epochs in one call are the epochs one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn import ops
from pronghorn.backends import native
from pronghorn.backends.native import NativeBackend, NativeExecutable, Passes
from pronghorn.errors import DataError
from pronghorn.ir.graph import input_leaf
from pronghorn.ir.shapes import BATCH
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import Trace
from pronghorn.ir.variable import Variable
from pronghorn.ops.random import uniform
from tests.backends.native.graphs import real, whole

ROWS, BATCH_SIZE, VALID, EPOCHS = 50, 16, 23, 6


class Task:
    """A linear unit with noise on its inputs, and two metrics."""

    def __init__(self) -> None:
        self.w = Variable(real(3, 1))
        self.total, self.count = Variable(np.float32(0)), Variable(np.int32(0))
        self.train = self.compile(True)
        self.test = self.compile(False)
        self.data = [real(ROWS, 3), real(ROWS, 1, seed=1)]
        self.held = [real(VALID, 3, seed=2), real(VALID, 1, seed=3)]

    def compile(self, training: bool) -> NativeExecutable:
        leaves = [input_leaf(i, (BATCH, d), "float32") for i, d in enumerate((3, 1))]
        with Trace() as trace:
            x, y = map(KerasTensor.of, leaves)
            if training:
                x = x + uniform((BATCH, 3), 1) * 0.1
            error = ops.matmul(x, self.w.value) - y
            loss = ops.sum(ops.square(error))
            if training:
                gradient = ops.matmul(ops.transpose(x), error)
                self.w.assign(self.w.value - gradient * 0.01)
            self.total.assign(self.total.value + loss)
            self.count.assign(self.count.value + ops.size(y))
            guard = ops.isfinite(loss).node if training else None
            return NativeBackend().compile(trace.graph(leaves, [], guard), BATCH_SIZE)

    def reset(self) -> None:
        self.total.assign(0)
        self.count.assign(0)

    def passes(self, history: np.ndarray) -> Passes:
        metrics = [self.total.storage, self.count.storage]
        return Passes([(m, np.zeros_like(m)) for m in metrics], metrics, history)

    def kept(self) -> list[Any]:
        return [self.total.numpy(), self.count.numpy().view(np.float32)]

    def one_by_one(self, shuffle: bool, validate: bool) -> np.ndarray:
        history = []
        steps = 100
        for epoch in range(7, 7 + EPOCHS):
            self.reset()
            order = native.permutation(5, epoch, ROWS) if shuffle else None
            steps += self.train.run(self.data, order, 0, ROWS, BATCH_SIZE, 5, steps)
            history.append(self.kept())
            if validate:
                self.reset()
                self.test.run(self.held, None, 0, VALID, 10)
                history.append(self.kept())
        passes = 2 if validate else 1
        return np.array(history, np.float32).reshape(EPOCHS, passes, 2)

    def at_once(self, shuffle: bool, validate: bool) -> np.ndarray:
        history = np.zeros((EPOCHS, 2 if validate else 1, 2), np.float32)
        done = self.train.run_epochs(
            self.data,
            ROWS,
            BATCH_SIZE,
            range(7, 7 + EPOCHS),
            shuffle,
            self.passes(history),
            seed=5,
            step=100,
            validation=(self.test, self.held, VALID, 10) if validate else None,
        )
        assert done == (EPOCHS, 0)
        return history


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("validate", [False, True])
def test_the_same_bits(shuffle: bool, validate: bool) -> None:
    one, other = Task(), Task()
    want = one.one_by_one(shuffle, validate)
    have = other.at_once(shuffle, validate)
    assert want.tobytes() == have.tobytes()
    assert np.array_equal(one.w.numpy(), other.w.numpy())
    counts = have[:, 0, 1].copy().view(np.int32)
    assert (counts == ROWS).all()


def test_a_guard_ends_it_between_two_steps() -> None:
    task = Task()
    task.data[0][20] = np.nan
    history = np.zeros((EPOCHS, 1, 2), np.float32)
    done = task.train.run_epochs(
        task.data, ROWS, BATCH_SIZE, range(EPOCHS), False, task.passes(history)
    )
    assert done == (0, 1)
    assert np.isfinite(task.w.numpy()).all()


def test_no_epochs_and_no_metrics() -> None:
    task = Task()
    before = task.w.numpy()
    nothing = Passes([], [], np.zeros(0, np.float32))
    assert task.train.run_epochs(task.data, ROWS, 16, range(0), True, nothing) == (0, 0)
    assert np.array_equal(before, task.w.numpy())
    assert task.train.run_epochs(task.data, ROWS, 16, range(2), True, nothing) == (2, 0)
    assert not np.array_equal(before, task.w.numpy())


def test_wrong_arguments() -> None:
    task = Task()
    small = task.passes(np.zeros((EPOCHS, 1, 1), np.float32))
    with pytest.raises(ValueError, match="history 6: rows of another size"):
        task.train.run_epochs(task.data, ROWS, 16, range(EPOCHS), True, small)
    wrong = Passes([(task.total.storage, np.zeros(2, np.float32))], [], small.history)
    with pytest.raises(ValueError, match="another size"):
        task.train.run_epochs(task.data, ROWS, 16, range(EPOCHS), True, wrong)
    with pytest.raises(ValueError, match="positions 0 to 51 of 50"):
        task.train.run_epochs(task.data, 51, 16, range(EPOCHS), True, small)
    mine = (task.train, task.data, ROWS, 16)
    with pytest.raises(TypeError, match="another Executable"):
        task.train.run_epochs(
            task.data, ROWS, 16, range(1), True, small, validation=mine
        )


@pytest.mark.parametrize("where", ["training", "validation"])
def test_a_bad_index_is_told_by_its_row(where: str) -> None:
    table, seen = Variable(real(5, 2)), whole(8, low=0, high=5)
    held = seen.copy()
    (seen if where == "training" else held)[6] = 9
    executables = []
    for factor in (0.0, None):  # two programs, in which the gather has other places
        leaf = input_leaf(0, (BATCH,), "int32")
        with Trace() as trace:
            ids = KerasTensor.of(leaf)
            rows = ops.take(table.value, ids, 0)
            extra = ops.argmax(ids, 0) if factor is None else ids
            total = ops.sum(rows) + ops.cast(ops.sum(extra), "float32")
            graph = trace.graph([leaf], [total.node])
        executables.append(NativeBackend().compile(graph, 4))
    with pytest.raises(DataError, match="9 at row 6"):
        executables[0].run_epochs(
            [seen],
            8,
            4,
            range(3, 6),
            True,
            Passes([], [], np.zeros(0, np.float32)),
            validation=(executables[1], [held], 8, 4),
        )
