"""Matrix products: ugly shapes, transposes, batches, on every instruction set."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from pronghorn import ops
from pronghorn.backends import native
from pronghorn.backends.native import NativeBackend
from pronghorn.ir.graph import Graph
from pronghorn.ir.tracer import Trace
from pronghorn.ir.variable import Variable
from tests.backends.native.graphs import assert_agree, graph_of, real, run_all

SHAPES = [
    *itertools.product(
        [1, 2, 5, 12, 13, 25], [1, 3, 17, 40], [1, 2, 15, 16, 31, 33, 70]
    ),
    (32, 64, 64),
    (3, 300, 5),
    (100, 257, 90),
    (64, 513, 48),
    (7, 1000, 1),
    (1, 1000, 300),
    (2, 70, 400),
    (150, 520, 210),
    (513, 11, 130),
    (6, 0, 5),
]
TURNS = list(itertools.product([False, True], repeat=2))


def product(
    m: int, k: int, n: int, turn_a: bool, turn_b: bool
) -> tuple[Graph, np.ndarray, np.ndarray]:
    """The graph of A B, its exact value and its allowed error; factors may lie turned
    in memory."""
    a = real(*((k, m) if turn_a else (m, k)), seed=m + k)
    b = real(*((n, k) if turn_b else (k, n)), seed=n + k + 1)
    x, y = Variable(a), Variable(b)
    with Trace() as trace:
        left = ops.transpose(x) if turn_a else x.value
        right = ops.transpose(y) if turn_b else y.value
        graph = trace.graph([], [ops.matmul(left, right).node])
    left64 = np.asarray(a.T if turn_a else a, np.float64)
    right64 = np.asarray(b.T if turn_b else b, np.float64)
    bound = np.abs(left64) @ np.abs(right64) * 6e-8 * (4 + k**0.5)
    return graph, left64 @ right64, bound


def run_product(graph: Graph) -> np.ndarray:
    return run_all(NativeBackend().compile(graph, 1), [], 1, rows=1)[0]


def check(m: int, k: int, n: int) -> None:
    for turn_a, turn_b in TURNS:
        graph, exact, bound = product(m, k, n, turn_a, turn_b)
        wrong = np.abs(run_product(graph) - exact) > bound
        assert not wrong.any(), (m, k, n, turn_a, turn_b)


@pytest.mark.parametrize("isa", native.info()["isas"])
def test_products_on_every_instruction_set(isa: str) -> None:
    environment = {**os.environ, "PRONGHORN_ISA": isa}
    code = "from tests.backends.native.test_gemm import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [isa, str(len(SHAPES))]


def main() -> None:
    """All shapes on this process's instruction set."""
    for shape in SHAPES:
        check(*shape)
    print(native.info()["isa"], len(SHAPES))


def test_an_unknown_instruction_set_is_an_error() -> None:
    environment = {**os.environ, "PRONGHORN_ISA": "sse9"}
    code = "from pronghorn.backends.native import _engine; _engine.load(b'')"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert "PRONGHORN_ISA" in done.stderr


def test_rows_of_a_batch() -> None:
    x, w, b = real(77, 33), Variable(real(33, 20)), Variable(real(20))
    assert_agree(lambda x, w, b: ops.matmul(x, w) + b, [x], [w, b], 32, 1e-5)
    assert_agree(lambda x: ops.matmul(ops.transpose(x), x), [x], [], 77, 1e-4)


LEADS = [((3,), (3,)), ((3,), ()), ((), (3,)), ((2, 3), (3,)), ((2, 1), (2, 3))]
LEADS += [((2, 3), (2, 3)), ((2, 1, 3), (1, 4, 1)), ((2, 1, 3, 1), (1, 2, 1, 3))]


@pytest.mark.parametrize(("left", "right"), LEADS)
def test_leading_axes_broadcast(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    a, b = Variable(real(*left, 5, 7)), Variable(real(*right, 7, 6, seed=1))
    assert_agree(lambda _, a, b: ops.matmul(a, b), [real(1)], [a, b], 1, 1e-5)


def test_stacks_of_rows_and_attention() -> None:
    x = real(9, 5, 8)
    w = Variable(real(8, 8))

    def attend(x: Any, w: Any) -> Any:
        scores = ops.matmul(ops.matmul(x, w), ops.transpose(x, (0, 2, 1)))
        return ops.matmul(ops.softmax(scores / 8.0), x)

    assert_agree(attend, [x], [w], 4, 1e-5)


def test_transposed_views_need_no_copy() -> None:
    from pronghorn.backends.native.lower import lower

    w = Variable(real(8, 5))
    graph = graph_of(lambda x, w: ops.matmul(x, ops.transpose(w)), [real(4, 5)], [w])
    assert len(lower(graph, 4).origin) == 1


@pytest.mark.parametrize("shape", [(200, 300, 150), (40, 700, 33), (3, 500, 64)])
def test_every_part_of_a_product_has_the_bits_of_the_whole(
    shape: tuple[int, int, int],
) -> None:
    """A row's result does not depend on which rows share its register tile."""
    m, k, n = shape
    x, w = real(m, k), Variable(real(k, n))
    graph = graph_of(lambda x, w: ops.matmul(x, w), [x], [w])
    whole = run_all(NativeBackend().compile(graph, m), [x], m)[0]
    for threads in (1, 2, 3, 8):
        native.set_threads(threads)
        again = run_all(NativeBackend().compile(graph, m), [x], m)[0]
        assert np.array_equal(again, whole)


@pytest.mark.parametrize("columns", [1, 3, 15, 16, 17, 48, 70, 128, 150])
def test_a_row_alone_has_the_bits_that_it_has_among_others(columns: int) -> None:
    x, y = real(9, 40), real(9, 5, 300, seed=1)
    w = Variable(real(40, columns, seed=2))
    each = Variable(real(5, 300, columns, seed=3))

    def both(x: Any, y: Any, w: Any, each: Any) -> list[Any]:
        return [ops.matmul(x, w), ops.einsum("nki,kio->nko", y, each)]

    graph = graph_of(both, [x, y], [w, each])
    together = run_all(NativeBackend().compile(graph, 9), [x, y], 9)
    for threads in (1, 2, 3):
        native.set_threads(threads)
        alone = run_all(NativeBackend().compile(graph, 1), [x, y], 1)
        assert all(map(np.array_equal, alone, together))
