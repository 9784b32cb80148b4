"""`verify` rejects every kind of malformed graph; `show` writes a graph down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pronghorn import ops
from pronghorn.errors import GraphError
from pronghorn.ir import BATCH, INPUT, STATE, Graph, Node, Trace, Variable, show, verify
from pronghorn.ir.graph import apply, constant, input_leaf, state_leaf
from pronghorn.ir.primitive import CONSTANT, primitives
from pronghorn.ir.tensor import KerasTensor

P = primitives()


def step() -> Graph:
    """x @ w summed, w halved: an input, two variables, an update, a guard."""
    w, unused = Variable(np.ones((2, 1), np.float32), name="w"), Variable(1.0)
    x = input_leaf(0, (BATCH, 2), "float32")
    with Trace() as trace:
        y = ops.sum(ops.matmul(KerasTensor.of(x), w))
        w.assign(w * 0.5)
        assert unused.value is not None
        guard = ops.isfinite(y)
    return trace.graph([x], [y.node], guard.node)


def changed(**parts: Any) -> Graph:
    """The graph of `step` with some of its parts replaced."""
    good = step()
    given = {name: getattr(good, name) for name in Graph.__slots__ if name != "nodes"}
    return Graph(**{**given, **parts})


def test_a_good_graph_passes() -> None:
    graph = step()
    assert verify(graph) is graph
    assert verify(changed()).outputs


def test_what_was_checked_is_not_looked_at_again_but_what_is_new_is() -> None:
    x = input_leaf(0, (BATCH, 2), "float32")
    fine = apply(P["neg"], [x], {})
    wrong = Node(P["neg"], (fine,), {}, (2,), "float32")
    known = Graph([x], [], [fine], [])
    assert verify(Graph([x], [], [fine, x], []), checked=verify(known))
    with pytest.raises(GraphError, match="should be"):
        verify(Graph([x], [], [wrong], []), checked=known)


def test_a_trace_shares_what_is_computed_again() -> None:
    x = KerasTensor.of(input_leaf(0, (BATCH, 2), "float32"))
    with Trace() as trace:
        apart = [ops.exp(x * 2.0).node for _ in range(2)]
        trace.share()
        together = [ops.exp(x * 2.0).node for _ in range(2)]
        others = [ops.sum(x, axis=a).node for a in (0, 1)]
        signs = [np.copysign(1.0, (x * s).node.inputs[1].payload) for s in (0.0, -0.0)]
        kinds = [ops.cast(x, "int32") * 1, x * 1, x * True]
    assert apart[0] is not apart[1]
    assert together[0] is together[1]
    assert together[0] not in apart
    assert others[0] is not others[1]
    assert signs == [1.0, -1.0]
    assert [k.dtype for k in kinds] == ["int32", "float32", "float32"]
    for node in together:
        assert node.inputs[0].inputs[1].payload == 2.0


def two_leaves_of_a_variable() -> Graph:
    v = Variable(1.0)
    return Graph([], [state_leaf(v), state_leaf(v)], [], [])


def update(shape: tuple[int, ...], dtype: str) -> Graph:
    leaf = state_leaf(Variable(np.zeros(3, np.float32)))
    return Graph([], [leaf], [], [(0, constant(np.zeros(shape), dtype))])


def wrong_node(name: str, shape: Any, dtype: str, *inputs: Node) -> Graph:
    node = Node(P[name], inputs, {}, shape, dtype)
    return Graph([n for n in inputs if n.primitive is INPUT], [], [node], [])


def two_updates() -> Graph:
    leaf = state_leaf(Variable(1.0))
    return Graph([], [leaf], [], [(0, ONE), (0, ONE)])


def cycle() -> Graph:
    x = constant(1.0, "float32")
    first = apply(P["exp"], [x], {})
    second = apply(P["exp"], [first], {})
    graph = Graph([], [], [second], [])
    first.inputs = (second,)
    return graph


def leaf_with_inputs() -> Graph:
    x = constant(1.0, "float32")
    return Graph([], [], [Node(CONSTANT, (x,), {}, (), "float32", x.payload)], [])


def batched_variable() -> Graph:
    leaf = Node(STATE, (), {}, (BATCH,), "float32", Variable([1.0, 2.0]))
    return Graph([], [leaf], [], [])


X = input_leaf(0, (BATCH, 2), "float32")
ROW = constant(np.ones(3), "float32")
ONE = constant(1.0, "float32")


def said_to_be(shape: Any, dtype: str) -> Node:
    return Node(CONSTANT, (), {}, shape, dtype, ONE.payload)


BAD: dict[str, tuple[Callable[[], Graph], str]] = {
    "an order in which none can run": (cycle, "comes after it"),
    "a leaf with inputs": (leaf_with_inputs, "has inputs"),
    "a constant of another shape": (
        lambda: Graph(
            [], [], [Node(CONSTANT, (), {}, (2,), "float32", ONE.payload)], []
        ),
        "holds an array",
    ),
    "a constant of another dtype": (
        lambda: Graph([], [], [said_to_be((), "int32")], []),
        "holds an array",
    ),
    "a dtype of no engine": (
        lambda: Graph([], [], [constant(np.zeros(2), "float16")], []),
        "no engine",
    ),
    "a variable that follows the batch": (batched_variable, "depends on the batch"),
    "a wrong shape": (lambda: wrong_node("exp", (2,), "float32", ROW), "should be"),
    "a wrong dtype": (lambda: wrong_node("exp", (3,), "int32", ROW), "should be"),
    "a batch taken for a number": (
        lambda: wrong_node("exp", (4, 2), "float32", X),
        "should be",
    ),
    "operands that do not fit": (
        lambda: wrong_node("add", (3,), "float32", X, ROW),
        "its own shape rule",
    ),
    "operands of two dtypes": (
        lambda: wrong_node("add", (3,), "float32", ROW, constant(1, "int32")),
        "its own shape rule",
    ),
    "an input that is not listed": (lambda: changed(inputs=()), "not listed"),
    "a variable that is not listed": (
        lambda: changed(state=(), updates=()),
        "not listed",
    ),
    "a constant among the state": (
        lambda: Graph([], [ONE], [], []),
        "is no STATE leaf",
    ),
    "a constant among the inputs": (lambda: Graph([ONE], [], [], []), "no INPUT leaf"),
    "two leaves of one variable": (two_leaves_of_a_variable, "two STATE leaves"),
    "two leaves of one array": (
        lambda: Graph([X, input_leaf(0, (BATCH, 2), "float32")], [], [], []),
        "two INPUT leaves",
    ),
    "a guard that is no truth": (lambda: changed(guard=ONE), "no bool scalar"),
    "an update of another shape": (lambda: update((4,), "float32"), "does not fit"),
    "an update of another dtype": (lambda: update((3,), "int32"), "does not fit"),
    "two updates of one variable": (two_updates, "updated twice"),
    "an update of no variable": (
        lambda: Graph([], [], [], [(0, ONE)]),
        "0 variables",
    ),
}


@pytest.mark.parametrize("make", BAD.values(), ids=BAD)
def test_a_malformed_graph_is_rejected(make: tuple[Callable[[], Graph], str]) -> None:
    graph, words = make
    with pytest.raises(GraphError, match=words):
        verify(graph())


def test_show_writes_every_node_once() -> None:
    lines = show(step()).splitlines()
    assert [line for line in lines if "input 0" in line] == [
        "%0 = input 0   float32(n, 2)"
    ]
    assert any(line.endswith("= state w   float32(2, 1)") for line in lines)
    assert any("= matmul(%0, %1)   float32(n, 1)" in line for line in lines)
    assert any("= constant 0.5   float32()" in line for line in lines)
    assert any("axes=(0, 1)" in line for line in lines)
    ends = [line.split()[0] for line in lines if " = " not in line]
    assert ends == ["output", "w", "guard"]
    assert len(lines) == len(step().nodes) + 3


def test_a_graph_tells_what_it_is() -> None:
    assert repr(step()).startswith("<Graph of ")
    assert "1 inputs, 2 variables, 1 outputs" in repr(step())
