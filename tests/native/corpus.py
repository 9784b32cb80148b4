"""Writes programs for the C++ tests: `python -m tests.native.corpus FILE`.

Each entry is a program of the lowering, what it is run on and what the reference
backend makes of it. The file is a sequence of blocks: the number of bytes as int64, the
bytes, and zeros up to a multiple of 8. `corpus.h` reads it.

An entry is: its name; ten int64 (rows, batch size, passes, seed, first step, outcome,
whole steps, position and value of a bad index, number of arrays); tolerance as float64;
the program; the order of rows (int32, may be empty); then the inputs (bool as bytes),
the states before, the states after, the outputs.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from pronghorn import ops
from pronghorn.backends import ReferenceBackend
from pronghorn.backends.native.lower import lower
from pronghorn.ir.graph import Graph, input_leaf
from pronghorn.ir.shapes import BATCH
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import Trace
from pronghorn.ir.variable import Variable
from tests.backends.native.graphs import empty_outputs, graph_of, real, whole
from tests.backends.native.kernel_cases import all_cases
from tests.native.training_cases import training_cases

MAGIC = b"PRGNTEST"
OUTCOMES = {"done": 0, "guarded": 3, "fault": 4}  # as `Outcome` in executor.h
SEED, STEP = 11, 5


@dataclass
class Entry:
    """One entry of the corpus; see the module."""

    name: str
    graph: Graph
    arrays: Sequence[np.ndarray]
    batch: int
    tolerance: float
    passes: int = 1
    order: np.ndarray | None = None
    outcome: str = "done"
    steps: int | None = None  # None: all of each pass
    position: int = 0
    index: int = 0

    @property
    def rows(self) -> int:
        """How many rows there are: 1 where there is no input."""
        return len(self.arrays[0]) if self.arrays else 1

    def write(self, file: BinaryIO) -> None:
        """Runs the reference and writes the entry."""
        program = lower(self.graph, self.batch).program
        states = [leaf.payload for leaf in self.graph.state]
        before = [v.numpy() for v in states]
        outputs = empty_outputs(self.graph, self.rows)
        steps = self._run(outputs)
        blocks = [*self.arrays, *before, *(v.numpy() for v in states)]
        blocks += [o.astype(np.float32) if o.dtype == bool else o for o in outputs]
        numbers = [self.rows, self.batch, self.passes, SEED, STEP]
        numbers += [OUTCOMES[self.outcome], steps, self.position, self.index]
        _block(file, self.name.encode())
        _block(file, np.array([*numbers, len(blocks)], np.int64))
        _block(file, np.array([self.tolerance], np.float64))
        _block(file, program)
        _block(file, np.zeros(0, np.int32) if self.order is None else self.order)
        for array in blocks:
            _block(file, np.ascontiguousarray(array))

    def _run(self, outputs: list[np.ndarray]) -> int:
        """The reference's passes; how many whole steps there are in all."""
        rows = self.rows if self.steps is None else self.steps * self.batch
        executable, steps = ReferenceBackend().compile(self.graph, self.batch), 0
        for _ in range(self.passes):
            steps += executable.run(
                self.arrays,
                self.order,
                0,
                rows,
                self.batch,
                SEED,
                STEP + steps,
                outputs,
            )
        return steps


def _block(file: BinaryIO, content: np.ndarray | bytes) -> None:
    data = content if isinstance(content, bytes) else content.tobytes()
    file.write(np.int64(len(data)).tobytes())
    file.write(data + bytes(-len(data) % 8))


def kernels() -> list[Entry]:
    """The table of kernels, every third with its rows in another order."""
    entries = []
    for number, case in enumerate(all_cases()):
        entry = Entry(case.name, case.graph, case.arrays, case.batch, case.tolerance)
        if number % 3 == 0 and case.arrays:
            entry.order = np.random.default_rng(number).permutation(case.rows)
            entry.order = entry.order.astype(np.int32)
        entries.append(entry)
    return entries


def training() -> list[Entry]:
    """Steps of real models, with rows as they lie and in another order."""
    entries = []
    for case in training_cases():
        arguments = (case.graph, case.arrays, case.batch, case.tolerance, case.passes)
        order = np.random.default_rng(1).permutation(len(case.arrays[0]))
        entries.append(Entry(case.name, *arguments, order=order.astype(np.int32)))
    return entries


def faulty() -> Entry:
    """A bad index in the second step: the state is that of the first."""
    table, seen = Variable(real(11, 4)), Variable(np.zeros((), np.float32))
    ids = whole(30, 2, low=0, high=11)
    ids[17, 1] = 11

    def embed(ids: KerasTensor) -> KerasTensor:
        total = ops.sum(ops.take(table.value, ids, 0))
        seen.assign_add(1.0)
        table.assign(table.value * 0.5)
        return total

    graph = graph_of(embed, [ids])
    entry = Entry("fault", graph, [ids], 10, 1e-5, outcome="fault", steps=1)
    entry.position, entry.index = (17 - 10) * 2 + 1, 11
    return entry


def nothing() -> Entry:
    """Products of no rows beside sums that have room of their own."""
    x, y = real(1, 3000, 3), real(1, 3, 3000)
    numbers = [Variable(real(size)) for size in (100_000, 100_001)]

    def sums(x: KerasTensor, y: KerasTensor) -> list[KerasTensor]:
        before, after = (ops.sum(v.value * v.value) for v in numbers)
        return [before, ops.sum(ops.matmul(x[1:], y[1:])), after]

    return Entry("nothing", graph_of(sums, [x, y]), [x, y], 1, 1e-2)


def guarded() -> Entry:
    """A loss that is not finite in the third step: it leaves no trace."""
    weight = Variable(real(3, 1))
    x = real(40, 3, seed=4)
    x[25, 1] = np.nan
    graph = _guarded_graph(weight, x)
    return Entry("guard", graph, [x], 10, 1e-5, outcome="guarded", steps=2)


def _guarded_graph(weight: Variable, x: np.ndarray) -> Graph:
    leaf = input_leaf(0, (BATCH, x.shape[1]), "float32")
    with Trace() as trace:
        rows = KerasTensor.of(leaf)
        error = ops.matmul(rows, weight.value)
        weight.assign(weight.value - ops.matmul(ops.transpose(rows), error) * 0.01)
        guard = ops.isfinite(ops.sum(error))
        return trace.graph([leaf], [], guard.node)


def main(path: str) -> None:
    """Writes the corpus."""
    entries = [*kernels(), *training(), faulty(), nothing(), guarded()]
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        file.write(MAGIC + np.int64(len(entries)).tobytes())
        for entry in entries:
            entry.write(file)
    print(f"{len(entries)} programs, {Path(path).stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(sys.argv[1])
