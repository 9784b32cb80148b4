"""Scheduling: what becomes one chain, what is written when, where buffers lie."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn import ops
from pronghorn.backends import select
from pronghorn.backends.native.arena import plan_arena
from pronghorn.backends.native.fuse import schedule
from pronghorn.backends.native.lower import lower
from pronghorn.backends.native.program import Value
from pronghorn.ir.graph import Graph, input_leaf
from pronghorn.ir.shapes import BATCH
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import Trace
from pronghorn.ir.variable import Variable
from tests.backends.native.graphs import graph_of, real


def sizes(graph: Graph) -> list[int]:
    """How many nodes each group of a graph's schedule has."""
    return [len(group.nodes) for group in schedule(graph).groups]


def test_a_chain_is_one_group() -> None:
    graph = graph_of(lambda x: ops.exp(ops.tanh(x) * 2.0 + 1.0) - x, [real(5, 3)])
    assert sizes(graph) == [5]


def test_reshapes_and_broadcasts_cost_nothing() -> None:
    def compute(x: Any) -> Any:
        flat = ops.reshape(ops.tanh(x), (-1,))
        return ops.reshape(flat * 2.0, (-1, 3)) + ops.broadcast_to(np.float32(1), (3,))

    assert sizes(graph_of(compute, [real(5, 3)])) == [3]


def test_a_reduction_parts_two_chains() -> None:
    graph = graph_of(lambda x: x / ops.sum(ops.exp(x), 1, keepdims=True), [real(5, 3)])
    assert sizes(graph) == [1, 1, 1]


def test_groups_of_another_size_are_apart() -> None:
    def compute(x: Any) -> list[Any]:
        return [ops.exp(x) * 2.0, ops.exp(x[:, 0]) * 2.0]

    assert sorted(sizes(graph_of(compute, [real(5, 3)]))) == [1, 2, 2]


def step_graph(step: Any, variables: list[Variable], columns: int = 3) -> Graph:
    leaf = input_leaf(0, (BATCH, columns), "float32")
    with Trace() as trace:
        outputs = step(KerasTensor.of(leaf), *variables) or []
        return trace.graph([leaf], [o.node for o in outputs])


def assert_same_state(step: Any, variables: list[Variable], rows: int = 10) -> None:
    """Runs steps on both backends from the same state."""
    start = [v.numpy() for v in variables]
    x = real(rows, 3, seed=4)
    graph = step_graph(step, variables)
    ends = []
    for name in ("reference", "native"):
        for v, value in zip(variables, start, strict=True):
            v.assign(value)
        assert select(name).compile(graph, 4).run([x], None, 0, rows, 4) == 3
        ends.append([v.numpy() for v in variables])
    for want, have in zip(*ends, strict=True):
        np.testing.assert_allclose(have, want, rtol=1e-5, atol=1e-6)


def test_only_updates_are_in_the_second_phase() -> None:
    w, m = Variable(real(3, 2)), Variable(real(3, 2))

    def step(x: Any, w: Variable, m: Variable) -> None:
        gradient = ops.matmul(ops.transpose(x), ops.matmul(x, w.value))
        m.assign(m.value * 0.9 + gradient)
        w.assign(w.value - m.value * 0.01)

    groups = schedule(step_graph(step, [w, m])).groups
    assert [g.second_phase for g in groups] == [False, False, True]
    assert_same_state(step, [w, m])


def test_states_that_swap() -> None:
    def step(x: Any, a: Variable, b: Variable) -> None:
        old = a.value
        a.assign(b.value)
        b.assign(old + 1.0)

    assert_same_state(step, [Variable(real(5)), Variable(real(5, seed=1))])


def test_a_scalar_state_is_read_by_others_as_it_was() -> None:
    def step(x: Any, count: Variable, w: Variable, v: Variable) -> None:
        w.assign(w.value * ops.cast(count.value, "float32"))
        v.assign(v.value + ops.sum(w.value))
        count.assign(count.value + 1)

    state = [Variable(np.int32(1)), Variable(real(40)), Variable(real(7))]
    assert_same_state(step, state)


def test_a_state_that_is_both_read_whole_and_as_a_row() -> None:
    def step(x: Any, row: Variable, table: Variable) -> None:
        table.assign(table.value + row.value)
        row.assign(row.value * 0.5 + table.value[0])
        table.assign(ops.transpose(ops.transpose(table.value) * 0.5))

    assert_same_state(step, [Variable(real(6)), Variable(real(4, 6))])


def test_constants_inputs_and_products_may_be_states() -> None:
    def step(x: Any, a: Variable, b: Variable, c: Variable, d: Variable) -> None:
        a.assign(np.float32(3.5))
        b.assign(ops.cast(ops.size(x), "float32"))
        c.assign(ops.matmul(ops.transpose(x), x))
        d.assign(c.value)

    state = [Variable(np.float32(0)), Variable(np.float32(0))]
    assert_same_state(step, [*state, Variable(real(3, 3)), Variable(real(3, 3))])


def test_one_value_for_two_states_and_an_output() -> None:
    def step(x: Any, a: Variable, b: Variable) -> list[Any]:
        total = ops.sum(x, 0)
        a.assign(total)
        b.assign(total)
        return [total, total, a.value]

    state = [Variable(real(3)), Variable(real(3))]
    assert_same_state(step, state)
    graph = step_graph(step, state)
    x = real(4, 3)
    outputs = [np.empty(3, np.float32) for _ in range(3)]
    select("native").compile(graph, 4).run([x], None, 0, 4, 4, outputs=outputs)
    for output in outputs:
        np.testing.assert_allclose(output, x.sum(0), rtol=1e-6)


def test_a_guard_drops_the_step_that_breaks_it() -> None:
    total = Variable(np.float32(0))
    leaf = input_leaf(0, (BATCH, 1), "float32")
    with Trace() as trace:
        loss = ops.sum(ops.sqrt(KerasTensor.of(leaf)))
        total.assign(total.value + loss)
        graph = trace.graph([leaf], [loss.node], ops.isfinite(loss).node)
    x = np.ones((10, 1), np.float32)
    x[7] = -1
    for name in ("reference", "native"):
        total.assign(0)
        out = np.zeros((), np.float32)
        assert (
            select(name).compile(graph, 2).run([x], None, 0, 10, 2, outputs=[out]) == 3
        )
        assert total.numpy() == 6
        assert np.isnan(out)


def test_storage_may_move_between_runs() -> None:
    v = Variable(real(5))

    def count(x: Any, v: Any) -> None:
        v.assign(v.value + 1.0)

    executable = select("native").compile(step_graph(count, [v]), 2)
    before = v.numpy()
    x = real(2, 3)
    executable.run([x], None, 0, 2, 2)
    flat = np.zeros(9, np.float32)
    v.rehome(flat[2:7])
    executable.run([x], None, 0, 2, 2)
    np.testing.assert_allclose(v.numpy(), before + 2, rtol=1e-6)
    assert np.array_equal(flat[2:7], v.numpy())


def buffer(
    number: int, size: int, first: int, last: int, space: str = "arena"
) -> Value:
    return Value(number, space, 0, size, "float32", first=first, last=last)


def test_buffers_that_live_together_lie_apart() -> None:
    random = np.random.default_rng(0)
    values = []
    for i in range(200):
        first = int(random.integers(0, 50))
        values.append(
            buffer(
                i,
                int(random.integers(1, 300)),
                first,
                first + int(random.integers(0, 9)),
            )
        )
    total = plan_arena(values, 1)
    used = sum(-(-v.size // 16) for v in values)  # type: ignore[operator]
    assert total < used / 3  # room is shared ...
    for a in values:
        for b in values:
            together = a.first <= b.last and b.first <= a.last
            overlap = (
                a.line * 16 < b.line * 16 + b.size  # type: ignore[operator]
                and b.line * 16 < a.line * 16 + a.size  # type: ignore[operator]
            )
            assert a is b or not (together and overlap)  # ... but never at once


def test_inputs_live_from_the_start_of_a_step() -> None:
    early, late = buffer(0, 16, 0, 1), buffer(1, 16, 5, 6, "input")
    plan_arena([early, late], 1)
    assert early.line != late.line


@pytest.mark.parametrize("rows", [1, 100])
def test_sizes_follow_the_largest_batch(rows: int) -> None:
    graph = graph_of(lambda x: ops.matmul(ops.exp(x), real(8, 4)), [real(4, 8)])
    words = np.frombuffer(lower(graph, rows).program, np.int32)
    # Done row by row, the input, the exponentials and the product live side by side.
    assert words[4] == -(-rows * 8 // 16) * 2 + -(-rows * 4 // 16)
