"""Simplifying changes no value, dtype or shape, and does what it is for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pronghorn import Variable, ops
from pronghorn.backends.reference import evaluate
from pronghorn.compiler import simplify
from pronghorn.ir import BATCH, Graph, Node, Trace, show, verify
from pronghorn.ir.graph import apply, constant, input_leaf
from pronghorn.ir.primitive import CONSTANT, Kind, primitives
from pronghorn.ir.tensor import KerasTensor

P = primitives()
ROWS = 3


def built(function: Callable[..., Any], dtype: str = "float32") -> Graph:
    """The graph of a function of a batch (n, 4)."""
    x = input_leaf(0, (BATCH, 4), dtype)
    with Trace() as trace:
        y = function(KerasTensor.of(x))
        return verify(trace.graph([x], [y.node]))


def computed(graph: Graph) -> list[Node]:
    return [n for n in graph.nodes if n.primitive.kind is not Kind.LEAF]


def names(graph: Graph) -> list[str]:
    return [n.primitive.name for n in computed(graph)]


def assert_same(before: Graph, after: Graph) -> None:
    """The two give the same bits, but for the sign of zeros."""
    verify(after)
    rng = np.random.default_rng(3)
    dtype = before.inputs[0].dtype
    x = (rng.normal(size=(ROWS, 4)) * 3).astype(dtype)
    a, b = evaluate(before, [x], ROWS, 5, 6), evaluate(after, [x], ROWS, 5, 6)
    for old, new in zip(before.outputs, after.outputs, strict=True):
        assert (old.shape, old.dtype) == (new.shape, new.dtype)
        assert a[old.number].dtype == b[new.number].dtype
        np.testing.assert_array_equal(a[old.number], b[new.number])


def raw(name: str, *inputs: Any, **attrs: Any) -> KerasTensor:
    """A node as it is, without what `ops` leaves out by itself."""
    return KerasTensor.of(apply(P[name], [i.node for i in inputs], attrs))


def flat(x: Any) -> KerasTensor:
    return raw("reshape", x, shape=(BATCH * 4,))


def number(value: Any, dtype: str = "float32") -> KerasTensor:
    return KerasTensor.of(constant(value, dtype))


RULES: dict[str, tuple[Callable[[Any], Any], list[str]]] = {
    "x + 0": (lambda x: raw("add", x, number(0.0)), []),
    "0 + x": (lambda x: raw("add", number(0.0), x), []),
    "x * 1": (lambda x: raw("mul", x, number(1.0)), []),
    "1 * x": (lambda x: raw("mul", number(1.0), x), []),
    "x - 0": (lambda x: raw("sub", x, number(0.0)), []),
    "0 - x": (lambda x: raw("sub", number(0.0), x), ["sub"]),
    "x / 1": (lambda x: raw("div", x, number(1.0)), []),
    "1 / x": (lambda x: raw("div", number(1.0), x), ["div"]),
    "x * 0 is kept": (lambda x: raw("mul", x, number(0.0)), ["mul"]),
    "--x": (lambda x: raw("neg", raw("neg", x)), []),
    "---x": (lambda x: raw("neg", raw("neg", raw("neg", x))), ["neg"]),
    "stop_gradient": (lambda x: raw("exp", raw("stop_gradient", x)), ["exp"]),
    "a cast to itself": (lambda x: raw("cast", x, dtype="float32"), []),
    "a cast there and back": (
        lambda x: raw("cast", raw("cast", x, dtype="int32"), dtype="float32"),
        ["cast", "cast"],
    ),
    "a broadcast to itself": (
        lambda x: raw("broadcast_to", x, shape=(BATCH, 4)),
        [],
    ),
    "a broadcast that is done anyway": (
        lambda x: raw("add", x, raw("broadcast_to", number(2.0), shape=(BATCH, 4))),
        ["add"],
    ),
    "a broadcast that is needed": (
        lambda x: raw(
            "add",
            raw("broadcast_to", number(2.0), shape=(BATCH, 4)),
            raw("broadcast_to", raw("sum", x, axes=(0, 1)), shape=(BATCH, 4)),
        ),
        ["sum", "broadcast_to", "add"],
    ),
    "reshapes in a row": (
        lambda x: raw(
            "reshape", raw("reshape", x, shape=(BATCH * 4,)), shape=(BATCH, 2, 2)
        ),
        ["reshape"],
    ),
    "a reshape and back": (
        lambda x: raw(
            "reshape", raw("reshape", x, shape=(BATCH * 4,)), shape=(BATCH, 4)
        ),
        [],
    ),
    "transposes in a row": (
        lambda x: raw("transpose", raw("transpose", x, perm=(1, 0)), perm=(1, 0)),
        [],
    ),
    "transposes of three axes": (
        lambda x: raw(
            "transpose",
            raw("transpose", raw("reshape", x, shape=(BATCH, 2, 2)), perm=(1, 2, 0)),
            perm=(1, 2, 0),
        ),
        ["reshape", "transpose"],
    ),
    "the same twice": (
        lambda x: raw("add", raw("exp", x), raw("exp", x)),
        ["exp", "add"],
    ),
    "work on constants": (
        lambda x: raw("mul", x, raw("exp", raw("add", number(1.0), number(2.0)))),
        ["mul"],
    ),
    "x + 0 of another shape": (
        lambda x: raw("add", raw("sum", x, axes=(0, 1)), number(np.zeros((2, 3)))),
        ["sum", "add"],
    ),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_each_rule(rule: tuple[Callable[[Any], Any], list[str]]) -> None:
    function, left = rule
    before = built(function)
    after = simplify(before)
    assert_same(before, after)
    found = names(after)
    order = {name: i for i, name in enumerate(left)}
    assert sorted(found, key=lambda n: order.get(n, 99)) == left, show(after)


def test_rules_hold_for_integers() -> None:
    for function in (
        lambda x: raw("add", x, number(0, "int32")),
        lambda x: raw("mul", number(1, "int32"), raw("neg", raw("neg", x))),
    ):
        before = built(function, "int32")
        after = simplify(before)
        assert_same(before, after)
        assert names(after) == []


def test_random_draws_are_merged_by_stream_only() -> None:
    def draws(x: Any) -> Any:
        first, same, other = (
            raw("uniform", shape=(BATCH, 4), stream=s) for s in (1, 1, 2)
        )
        return raw("add", raw("add", first, same), raw("mul", other, x))

    before = built(draws)
    after = simplify(before)
    assert_same(before, after)
    assert names(after).count("uniform") == 2


def test_constants_of_two_types_stay_two() -> None:
    before = built(
        lambda x: raw(
            "add",
            raw("mul", x, number(3.0)),
            raw(
                "cast",
                raw("mul", raw("cast", x, dtype="int32"), number(3, "int32")),
                dtype="float32",
            ),
        )
    )
    after = simplify(before)
    assert_same(before, after)
    constants = [n for n in after.nodes if n.primitive is CONSTANT]
    assert sorted(n.dtype for n in constants) == ["float32", "int32"]


def test_inputs_state_updates_and_guard_stay() -> None:
    v, w = Variable([1.0, 2.0]), Variable(3.0)
    x = input_leaf(0, (BATCH, 2), "float32")
    with Trace() as trace:
        v.assign((v + 0.0) * 1.0 + ops.sum(KerasTensor.of(x), 0))
        w.assign(w * 1.0)
        guard = ops.isfinite(w.value * 1.0)
        before = trace.graph([x], [], guard.node)
    after = simplify(before)
    verify(after)
    assert [leaf.payload for leaf in after.state] == [v, w]
    assert after.inputs == before.inputs and after.guard is not None
    assert [position for position, _ in after.updates] == [0, 1]
    assert len(after.nodes) < len(before.nodes)


UNARY = (
    "neg",
    "exp",
    "tanh",
    "abs",
    "sign",
    "relu",
    "sigmoid",
    "floor",
    "stop_gradient",
)
BINARY = ("add", "sub", "mul", "maximum", "minimum")


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Random nodes over a batch (n, 4), with what the rules look for strewn in."""
    x = input_leaf(0, (BATCH, 4), "float32")
    with Trace() as trace:
        pool: list[Any] = [KerasTensor.of(x), number(0.0), number(1.0)]
        pool += [raw("sum", pool[0], axes=(0,)), raw("neg", pool[0])]
        for _ in range(draw(st.integers(1, 12))):
            a = draw(st.sampled_from(pool))
            kind = draw(st.integers(0, 5))
            if kind == 0:
                pool.append(raw(draw(st.sampled_from(UNARY)), a))
            elif kind == 1 and a.node.shape == (BATCH, 4):
                pool.append(raw("reshape", flat(a), shape=(BATCH, 4)))
            elif kind == 2 and a.node.shape == (BATCH, 4):
                turned = raw("transpose", a, perm=(1, 0))
                pool.append(raw("transpose", turned, perm=(1, 0)))
            elif kind == 3:
                pool.append(raw("broadcast_to", a, shape=(BATCH, 4)))
            else:
                b = draw(st.sampled_from(pool))
                pool.append(raw(draw(st.sampled_from(BINARY)), a, b))
        outputs = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=3))
        return trace.graph([x], [t.node for t in outputs])


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_random_graphs_keep_their_values(before: Graph) -> None:
    verify(before)
    after = simplify(before)
    assert_same(before, after)
    assert len(computed(after)) <= len(computed(before))
    again = simplify(after)
    assert_same(after, again)
    assert names(again) == names(after) or len(names(again)) < len(names(after))
