"""The reference backend: steps, partial batches, order, guard, state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn import Variable, ops, settings
from pronghorn.backends import select
from pronghorn.errors import UnknownNameError
from pronghorn.ir import BATCH, Graph, KerasTensor, Trace
from pronghorn.ir.graph import input_leaf

X = np.arange(10, dtype="float32")


def counting(guarded: bool = False) -> tuple[Graph, Variable, Variable]:
    """Counts steps and adds up rows; the guard ends it where a row is 6 or more."""
    steps, total = Variable(0, name="steps"), Variable(0.0, name="total")
    x = input_leaf(0, (BATCH,), "float32")
    with Trace() as trace:
        rows = KerasTensor.of(x)
        steps.assign_add(1)
        total.assign_add(ops.sum(rows))
        guard = (ops.max(rows) < 6.0).node if guarded else None
        outputs = [(rows * 10.0).node, ops.sum(rows).node]
        return trace.graph([x], outputs, guard), steps, total


@pytest.mark.parametrize("backend", ["reference", "native"])
def test_a_partial_batch_and_an_order(backend: str) -> None:
    graph, steps, total = counting()
    executable = select(backend).compile(graph, 4)
    by_row, last = np.full(10, -1, np.float32), np.zeros((), np.float32)
    order = np.arange(9, -1, -1, dtype=np.int32)
    assert executable.run([X], order, 0, 10, 4, outputs=[by_row, last]) == 3
    assert steps.numpy() == 3 and total.numpy() == 45.0
    np.testing.assert_array_equal(by_row, 10 * X[::-1])
    assert last == 1.0, "the last step had rows 1 and 0"


@pytest.mark.parametrize("backend", ["reference", "native"])
def test_a_part_of_the_rows(backend: str) -> None:
    graph, steps, total = counting()
    by_row = np.full(10, -1, np.float32)
    run = select(backend).compile(graph, 4).run
    assert run([X], None, 3, 8, 4, outputs=[by_row, None]) == 2
    assert steps.numpy() == 2 and total.numpy() == 25.0
    assert by_row.tolist() == [-1, -1, -1, 30, 40, 50, 60, 70, -1, -1]


@pytest.mark.parametrize("backend", ["reference", "native"])
def test_the_guard_drops_its_step_and_ends_the_run(backend: str) -> None:
    graph, steps, total = counting(guarded=True)
    assert select(backend).compile(graph, 2).run([X], None, 0, 10, 2) == 3
    assert steps.numpy() == 3 and total.numpy() == 15.0


@pytest.mark.parametrize("backend", ["reference", "native"])
def test_state_that_moved_is_found(backend: str) -> None:
    graph, _, total = counting()
    executable = select(backend).compile(graph, 4)
    executable.run([X], None, 0, 10, 4)
    home = np.zeros((), np.float32)
    total.rehome(home)
    total.assign(100.0)
    executable.run([X], None, 0, 10, 4)
    assert home == 145.0


def test_backends_are_chosen_by_name(monkeypatch: Any) -> None:
    assert select("reference").name == "reference"
    monkeypatch.setenv("PRONGHORN_BACKEND", "reference")
    assert select().name == settings.backend_name() == "reference"
    monkeypatch.delenv("PRONGHORN_BACKEND")
    assert select().name == "native"
    monkeypatch.setenv("PRONGHORN_BACKEND", "gpu")
    with pytest.raises(UnknownNameError, match="native or reference"):
        select()
