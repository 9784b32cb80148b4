"""Reductions, copies, gathers: every instruction that is no chain and no product."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn import ops
from pronghorn.backends import select
from pronghorn.errors import DataError, ShapeError, UnsupportedError
from pronghorn.ir.graph import Graph, Node, input_leaf
from pronghorn.ir.primitive import primitives
from pronghorn.ir.shapes import BATCH
from pronghorn.ir.variable import Variable
from tests.backends.native.graphs import assert_agree, graph_of, real, run_all, whole

SHAPES = [
    (1,),
    (5,),
    (3000,),
    (70_000,),
    (7, 1),
    (7, 3),
    (300, 40),
    (2100, 10),
    (40, 900),
]
SHAPES += [(33, 5, 4), (9, 70, 31), (4, 1, 6, 5)]


def subsets(rank: int) -> list[tuple[int, ...]]:
    return [
        tuple(i for i in range(rank) if mask >> i & 1) for mask in range(1, 1 << rank)
    ]


@pytest.mark.parametrize("shape", SHAPES)
def test_sum_and_max_over_any_axes(shape: tuple[int, ...]) -> None:
    x = real(*shape)

    def every(x: Any) -> list[Any]:
        return [
            f(x, axes, keepdims=len(axes) % 2 == 0)
            for axes in subsets(len(shape))
            for f in (ops.sum, ops.max)
            if 0 in axes  # whole batches only: others are below
        ]

    assert_agree(every, [x], batch_size=len(x), tolerance=2e-5)


@pytest.mark.parametrize("shape", [(50, 7), (50, 700), (50, 5, 4), (50, 3, 1, 6)])
def test_reductions_row_by_row(shape: tuple[int, ...]) -> None:
    def every(x: Any) -> list[Any]:
        axes = [a for a in subsets(len(shape)) if 0 not in a]
        return [f(x, a) for a in axes for f in (ops.sum, ops.max)]

    assert_agree(every, [real(*shape)], tolerance=1e-5)


def test_integers_and_booleans_are_counted() -> None:
    x = whole(500, 30)
    assert_agree(
        lambda x: [ops.sum(x), ops.sum(x, 0), ops.max(x, 1), ops.max(x)],
        [x],
        batch_size=500,
    )
    flags = real(500, 30) > 0.5
    assert_agree(
        lambda x: [ops.sum(x), ops.sum(x, 1), ops.any(x, 1), ops.all(x, 0)],
        [flags],
        batch_size=500,
    )


@pytest.mark.parametrize("shape", [(9, 1), (9, 40), (9, 5, 7)])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_argmax_is_the_first_of_equals(shape: tuple[int, ...], axis: int) -> None:
    x = whole(*shape, low=0, high=4)
    for values in (x, x.astype(np.float32)):
        assert_agree(lambda x: ops.argmax(x, axis), [values], batch_size=9)
    with_nan = x.astype(np.float32)
    with_nan.flat[3] = np.nan
    assert_agree(lambda x: ops.argmax(x, axis), [with_nan], batch_size=9)


def test_nan_and_infinity_reach_the_maximum() -> None:
    x = real(20, 50)
    x[3, 7], x[4] = np.nan, -np.inf
    assert_agree(
        lambda x: [ops.max(x, 1), ops.max(x, 0), ops.max(x)], [x], batch_size=20
    )


def test_large_sums_are_accurate() -> None:
    x = real(400_000, 1) + 1000
    graph = graph_of(lambda x: [ops.sum(x), ops.sum(x, 0)], [x])
    exact = x.sum(dtype=np.float64)
    for total in run_all(select("native").compile(graph, len(x)), [x], len(x)):
        assert abs(total.item() - exact) <= 3e-7 * exact


def test_a_sum_of_nothing_is_zero() -> None:
    assert_agree(lambda x: ops.sum(ops.reshape(x[:, 2:2], (-1, 0)), 1), [real(5, 4)])


PERMUTED = [((6, 5), (1, 0)), ((6, 5, 4), (0, 2, 1)), ((6, 5, 4), (2, 0, 1))]
PERMUTED += [
    ((6, 5, 4), (1, 0, 2)),
    ((6, 1, 4), (1, 0, 2)),
    ((6, 2, 3, 4), (3, 1, 0, 2)),
]


@pytest.mark.parametrize(("shape", "axes"), PERMUTED)
def test_transpose(shape: tuple[int, ...], axes: tuple[int, ...]) -> None:
    x = Variable(real(*shape))
    assert_agree(
        lambda _, x: [ops.transpose(x, axes), ops.transpose(x, axes) * 2.0],
        [real(3)],
        [x],
    )
    if axes[0] == 0:
        assert_agree(lambda x: ops.transpose(x, axes), [real(*shape)])


def test_slices_and_steps() -> None:
    x = real(20, 9, 5)
    assert_agree(lambda x: [x[:, 2:7], x[:, ::3, 1], x[:, -2:, ::2], x[:, 4]], [x])


def test_concatenation() -> None:
    x, y = real(20, 3), real(20, 5, seed=1)
    assert_agree(lambda x, y: ops.concatenate([x, y, x * 2.0], 1), [x, y])
    assert_agree(
        lambda x, y: ops.concatenate([x, x + 1.0], 0)[:2], [x, y], batch_size=20
    )
    assert_agree(lambda x, y: ops.stack([x, x * x], 1), [x, y])


def test_a_batch_with_too_few_rows_is_an_error() -> None:
    """Tracing refuses such slices, so this one is put together by hand."""
    x = real(7, 2)
    leaf = input_leaf(0, (BATCH, 2), "float32")
    places = {"starts": (0, 0), "stops": (3, 2), "steps": (1, 1)}
    rows = Node(primitives()["slice"], (leaf,), places, (3, 2), "float32")
    executable = select("native").compile(Graph([leaf], [], [rows], []), 4)
    out = np.empty((3, 2), np.float32)
    assert executable.run([x], None, 0, 4, 4, outputs=[out]) == 1
    assert np.array_equal(out, x[:3])
    with pytest.raises(ShapeError, match="more rows than a batch has"):
        executable.run([x], None, 0, 2, 4, outputs=[out])


def test_padding() -> None:
    x = real(7, 3, 2)
    assert_agree(
        lambda x: ops.pad(x, ((0, 0), (2, 1), (0, 3)), constant_values=2.5), [x]
    )
    assert_agree(lambda x: ops.pad(x, ((0, 0), (0, 1), (1, 0))), [whole(7, 3, 2)])


def test_broadcasts_that_are_kept() -> None:
    x = real(6, 1, 4)
    assert_agree(
        lambda x: ops.matmul(ops.broadcast_to(x, (ops.shape(x)[0], 3, 4)), real(4, 2)),
        [x],
    )
    assert_agree(lambda x: ops.tile(x, (1, 3, 2)), [x])


def test_take_rows_columns_and_blocks() -> None:
    table = Variable(real(11, 4))
    ids = whole(30, 2, low=0, high=11)
    assert_agree(
        lambda i, t: [ops.take(t, i, 0), ops.take(t, i[:, 0], 0)], [ids], [table]
    )
    wide = real(30, 5, 3)
    assert_agree(lambda x: ops.take(x, np.array([4, 0, 0, 2]), 1), [wide])
    assert_agree(lambda x: ops.take(x, np.array([[2, 1], [0, 0]]), 2), [wide])


@pytest.mark.parametrize("segments", [1, 3, 40, 5000])
@pytest.mark.parametrize("width", [1, 3, 33])
def test_scatter_adds_in_the_order_of_rows(segments: int, width: int) -> None:
    ids = whole(600, low=0, high=segments)
    x = real(600, width)
    assert_agree(
        lambda x, i: ops.segment_sum(x, i, segments),
        [x, ids],
        batch_size=600,
        tolerance=1e-5,
    )
    assert_agree(
        lambda x, i: ops.segment_sum(ops.cast(x, "int32"), i, segments),
        [x, ids],
        batch_size=600,
    )


@pytest.mark.parametrize("bad", [-1, 11, 2**31 - 1, -(2**31)])
def test_an_index_outside_its_range_is_an_error_and_leaves_no_trace(bad: int) -> None:
    table = Variable(real(11, 4))
    seen = Variable(np.zeros((), np.float32))
    ids = whole(30, 2, low=0, high=11)
    ids[17, 1] = bad

    def embed(ids: Any, table: Any, seen: Any) -> Any:
        total = ops.sum(ops.take(table, ids, 0))
        variable_seen.assign(seen + 1.0)
        return total

    variable_seen = seen
    graph = graph_of(embed, [ids], [table, seen])
    executable = select("native").compile(graph, 10)
    with pytest.raises(DataError, match=rf"{bad} at row 17") as caught:
        executable.run([ids], None, 0, 30, 10)
    assert caught.value.expected == "0 to 10"
    assert seen.numpy() == 1  # the first batch is whole, the second is dropped
    order = np.arange(30, dtype=np.int32)[::-1].copy()
    with pytest.raises(DataError, match=rf"{bad} at row 17"):
        executable.run([ids], order, 0, 30, 10)


def test_what_the_engine_cannot_run_is_named() -> None:
    with pytest.raises(
        UnsupportedError, match=r"matmul\(int32\(n, 3\), int32\(3, 2\)\)"
    ):
        select("native").compile(
            graph_of(lambda x: ops.matmul(x, whole(3, 2)), [whole(4, 3)]), 4
        )


def test_state_of_bool_is_refused() -> None:
    flag = Variable(np.array([True, False]), dtype="bool")
    with pytest.raises(UnsupportedError, match="state"):
        select("native").compile(
            graph_of(lambda x, f: ops.where(f, x, 0.0), [real(3, 2)], [flag]), 3
        )


def test_an_output_must_have_a_row_for_each_row() -> None:
    with pytest.raises(UnsupportedError, match="output"):
        select("native").compile(graph_of(lambda x: ops.transpose(x), [real(3, 2)]), 3)
