"""Large products of a program that changes state: a tile unit's, where there is one."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

import numpy as np
import pytest

from pronghorn import ops
from pronghorn.backends import native
from pronghorn.backends.native import NativeBackend
from pronghorn.ir.graph import Graph
from pronghorn.ir.tracer import Trace
from pronghorn.ir.variable import Variable
from tests.backends.native.graphs import real, run_all
from tests.isas import told_on

# About the edges of its squares (32), of what it packs at once (256), and of its tiles.
SHAPES = [
    *itertools.product([64, 65, 95], [256, 257, 300], [64, 80]),
    (128, 48, 224),
    (129, 63, 255),
    (255, 511, 49),
    (256, 129, 257),
    (288, 1000, 96),
    (520, 200, 310),
    (48, 700, 511),
    (32, 300, 257),
    (260, 32, 300),
]
TURNS = list(itertools.product([False, True], repeat=2))
UNIT = 2.0**-24  # the rounding error of float32


def product(
    a: np.ndarray, b: np.ndarray, turned: tuple[bool, bool], trains: bool = True
) -> Graph:
    """The graph of A B, whose factors may lie turned in memory."""
    matrices = [
        np.ascontiguousarray(np.swapaxes(matrix, -1, -2)) if turn else matrix
        for matrix, turn in zip((a, b), turned, strict=True)
    ]
    variables, count = [Variable(m) for m in matrices], Variable(np.float32(0))
    with Trace() as trace:
        factors = [
            ops.swapaxes(v.value, -1, -2) if turn else v.value
            for v, turn in zip(variables, turned, strict=True)
        ]
        result = ops.matmul(*factors)
        if trains:
            count.assign(count.value + 1)
        return trace.graph([], [result.node])


def run(graph: Graph) -> np.ndarray:
    return run_all(NativeBackend().compile(graph, 1), [], 1, rows=1)[0]


def errors(a: np.ndarray, b: np.ndarray, have: np.ndarray) -> np.ndarray:
    """Differences from the exact product, in units of rounding of |A| |B|."""
    left, right = np.asarray(a, np.float64), np.asarray(b, np.float64)
    return np.abs(have - left @ right) / (np.abs(left) @ np.abs(right)) / UNIT


def wrong_shapes() -> Iterator[str]:
    """Products further from the exact ones than float32 arithmetic comes."""
    for m, k, n in SHAPES:
        a, b = real(m, k, seed=m + k), real(k, n, seed=k + n + 1)
        for turned in TURNS:
            off = errors(a, b, run(product(a, b, turned)))
            if off.max() > 4 + k**0.5 or np.sqrt(np.mean(off**2)) > 1:
                yield f"{m, k, n} turned {turned}: {off.max()}"


def wrong_stacks() -> Iterator[str]:
    """Products one by one along leading axes, one of them shared by all."""
    a, b = real(3, 100, 70, seed=1), real(3, 70, 200, seed=2)
    for left, right in [(a, b), (a, b[:1]), (a[:1], b)]:
        have = run(product(left, right, (False, False)))
        off = errors(left, right, have)
        if off.max() > 12:
            yield f"{left.shape} @ {right.shape}: {off.max()}"


def wrong_scales() -> Iterator[str]:
    """Numbers of very different sizes: products are as exact as their own size asks."""
    a, b = real(64, 128, seed=3), real(128, 256, seed=4)
    for exponents in [(-100, 60), (90, -90), (60, 60), (-50, -50)]:
        left, right = np.ldexp(a, exponents[0]), np.ldexp(b, exponents[1])
        off = errors(left, right, run(product(left, right, (False, False))))
        if off.max() > 15:
            yield f"2 ** {exponents}: {off.max()}"


def wrong_infinities() -> Iterator[str]:
    """What is infinite or no number, in whose rows and columns, is so in float32."""
    a, b = real(80, 300, seed=5), real(300, 96, seed=6)
    a[3, 7], a[40, 299], a[79, 31], a[41, 5] = np.inf, -np.inf, np.nan, 3.4e38
    b[100, 17], b[5, 60] = np.inf, 1e-3
    with np.errstate(all="ignore"):
        exact = np.asarray(a, np.float64) @ np.asarray(b, np.float64)
        want = exact.astype(np.float32)
    for turned in TURNS:
        have = run(product(a, b, turned))
        odd = ~np.isfinite(want)
        if not np.array_equal(have[odd], want[odd], equal_nan=True):
            yield f"turned {turned}: not as in float32"
        if not np.allclose(have[~odd], want[~odd], 1e-4, 1e-3):
            yield f"turned {turned}: others are touched"


def other_bits() -> Iterator[str]:
    """Numbers of threads on which the bits are other ones."""
    a, b = real(300, 400, seed=7), real(400, 200, seed=8)
    want = None
    for threads in (1, 2, 3, 8):
        native.set_threads(threads)
        have = run(product(a, b, (False, False))).tobytes()
        want = want or have
        if have != want:
            yield f"{threads} threads"


def main() -> None:
    """In a process of its own: prints what is wrong on its instruction set."""
    a, b = real(128, 128, seed=9), real(128, 128, seed=10)
    pair = [run(product(a, b, (False, False), trains)) for trains in (False, True)]
    found = [*wrong_shapes(), *wrong_stacks(), *wrong_scales(), *wrong_infinities()]
    found += other_bits()
    alike = bool(np.array_equal(*pair))
    print(json.dumps({"isa": native.info()["isa"], "wrong": found, "alike": alike}))


@pytest.mark.parametrize("isa", native.info()["isas"])
def test_large_products_are_as_exact_as_float32(isa: str) -> None:
    told = told_on(isa, "tests.backends.native.test_large_products")
    assert told["wrong"] == []
    # The tile unit sums in another order: where it is used, and only there.
    assert told["alike"] == (isa != "amx")
