"""Every kernel on sizes around vectors and tiles: one table for all instruction sets.

`test_isas` runs it on each instruction set of this machine against the reference
backend; `tests.native.corpus` writes it to files for the C++ tests of the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn.ir.graph import Graph, apply
from pronghorn.ir.primitive import primitives
from pronghorn.ir.shapes import BATCH
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.variable import Variable
from pronghorn.ops.random import uniform
from tests.backends.native.graphs import graph_of, real, whole

SIZES = (0, 1, 3, 7, 8, 9, 15, 16, 17, 63, 65, 1000)
TURNS = [(a, b) for a in (False, True) for b in (False, True)]


@dataclass(frozen=True)
class KernelCase:
    """One graph, and what it is run on.

    Attributes:
        name: what it is about.
        graph: what to run; its state is its own.
        arrays: the rows of each input.
        batch: rows of a step; the last step may have fewer.
        tolerance: how far a float may be from the reference's, relative and absolute.
    """

    name: str
    graph: Graph
    arrays: tuple[np.ndarray, ...]
    batch: int
    tolerance: float

    @property
    def rows(self) -> int:
        """How many rows there are: 1 where there is no input."""
        return len(self.arrays[0]) if self.arrays else 1


def case(
    name: str,
    function: Callable[..., Any],
    arrays: Sequence[np.ndarray] = (),
    fixed: Sequence[np.ndarray] = (),
    batch: int = 0,
    tolerance: float = 2e-6,
) -> KernelCase:
    """A function of batches and of variables that hold `fixed`."""
    variables = [Variable(a) for a in fixed]
    graph = graph_of(function, arrays, variables)
    rows = len(arrays[0]) if arrays else 1
    return KernelCase(name, graph, tuple(arrays), batch or rows, tolerance)


def all_cases() -> Iterator[KernelCase]:
    """The table."""
    for size in SIZES:
        yield from elementwise(size)
        yield from loads(size)
        yield from products(size)
        yield from reductions(size)
        yield from moves(size)
        yield from indexed(size)
    yield from large_products()
    yield from large_reductions()
    yield from sources()


# --- elementwise micro-operations

UNARY = "negative exp log1p expm1 sqrt tanh sigmoid erf abs sign floor round sin cos"
BINARY = "add subtract multiply divide maximum minimum equal less less_equal"
INTEGER = "add subtract multiply maximum minimum equal less less_equal"
EXTREMES = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e-30, -1e30, 88.5, -104.0, 1.5, -2.5]


def elementwise(size: int) -> Iterator[KernelCase]:
    """All of them, on rows of `size`; the last batch is smaller."""
    x, y = real(3, size, seed=size), real(3, size, seed=size + 1)
    y[:, ::3] = x[:, ::3]  # equals, too
    positive = np.abs(x) + np.float32(0.1)

    def unary(x: Any, p: Any) -> list[Any]:
        names = [n for n in UNARY.split() if n not in ("sqrt", "log1p")]
        values = [getattr(ops, n)(x) for n in names]
        return [*values, ops.relu(x), ops.log(p), ops.log1p(p), ops.sqrt(p)]

    def binary(x: Any, y: Any, p: Any) -> list[Any]:
        values = [getattr(ops, n)(x, y) for n in BINARY.split()]
        return [*values, ops.power(p, y), ops.mod(x, p), ops.where(x > y, p, y), x]

    yield case(f"unary {size}", unary, [x, positive], batch=2)
    yield case(f"binary {size}", binary, [x, y, positive], batch=2)
    yield case(f"one chain {size}", lambda x: ops.tanh(x * 2.0) + x, [x], batch=2)
    yield from _integers(size)
    yield from _extremes(size)


def _integers(size: int) -> Iterator[KernelCase]:
    i, j = whole(3, size, seed=size), whole(3, size, low=1, seed=size + 1)
    flags = whole(3, size, seed=size + 2) > 0
    i[:, 1::4] = np.iinfo(np.int32).max

    def integers(i: Any, j: Any) -> list[Any]:
        values = [getattr(ops, n)(i, j) for n in INTEGER.split()]
        values += [getattr(ops, n)(i) for n in ("negative", "abs", "sign", "relu")]
        # A quotient that no int32 holds would be what each processor likes.
        quotient = ops.floor_divide(ops.minimum(i, 1000), j)
        return [*values, ops.mod(i, j), quotient, ops.where(i > j, i, j)]

    def casts(x: Any, i: Any, f: Any) -> list[Any]:
        values = [ops.cast(x, "int32"), ops.cast(x, "bool"), ops.cast(i, "float32")]
        values += [ops.cast(i, "bool"), ops.cast(f, "float32") + 1.0]
        # Nodes that a graph may hold, though `ops` writes them in another way.
        values += [_bound("cast", v, dtype="bool") for v in (x, i)]
        values += [_bound("relu", i)]
        values += [ops.logical_and(f, x > 0.0), ops.logical_not(f)]
        return [*values, ops.where(f, x, 2.0), ops.cast(f, "int32")]

    yield case(f"integers {size}", integers, [i, j], batch=2)
    x = real(3, size, seed=size) * np.float32(10)
    yield case(f"casts {size}", casts, [x, i, flags], batch=2)


def _bound(name: str, x: KerasTensor, **attrs: Any) -> KerasTensor:
    return KerasTensor.of(apply(primitives()[name], [x.node], attrs))


def _extremes(size: int) -> Iterator[KernelCase]:
    x = np.resize(np.array(EXTREMES, np.float32), (2, size))
    y = np.resize(np.array([*EXTREMES[::-1], 1.0], np.float32), (2, size))

    def extremes(x: Any, y: Any) -> list[Any]:
        names = "exp log expm1 tanh sigmoid erf abs sign floor round relu"
        values = [getattr(ops, n)(x) for n in names.split()]
        pairs = "maximum minimum equal less less_equal add multiply divide"
        return values + [getattr(ops, n)(x, y) for n in pairs.split()]

    yield case(f"extremes {size}", extremes, [x, y])


# --- how a chain reads its operands


def loads(size: int) -> Iterator[KernelCase]:
    """Each kind of load, with `size` as the length of each of its axes."""
    x, cube = real(3, size), real(3, size, 4)
    row, scalar = real(size, seed=1), real(seed=2)
    column, middle = real(3, 1, seed=3), real(size, 1, seed=4)

    def spread(x: Any, c: Any, row: Any, one: Any) -> Any:
        return (x - row) * one + c * 2.0 + row

    yield case(f"rows and columns {size}", spread, [x, column], [row, scalar], 2)
    yield case(f"middle axis {size}", lambda x, m: x * m + m, [cube], [middle], 2)
    repeated = real(3, 1, 4, seed=5)
    yield case(
        f"repeated middle {size}", lambda x, r: x * r - r, [cube, repeated], (), 2
    )
    wide, inner = real(3, 5, size), real(3, 1, size, seed=6)
    yield case(f"repeated rows {size}", lambda x, r: x * r - r, [wide, inner], (), 2)
    tall = real(size + 1, 1, seed=7)
    yield case(f"columns grow {size}", lambda x, r: x + r, [tall], [row], size // 2 + 1)
    if size:
        means = f"number of rows {size}"
        yield case(means, lambda x: [ops.mean(x, 0), ops.mean(x)], [x], (), 2)


# --- matrix products


def products(size: int) -> Iterator[KernelCase]:
    """`size` as rows, columns and depth; single rows and columns; stacks."""
    shapes = [(size, 5, 4), (4, size, 5), (5, 4, size), (1, size, 17), (17, size, 1)]
    if size:
        shapes += [(size, 9, 1), (1, 9, size), (1, 3, size)]
    if size <= 65:
        shapes += [(size, size, size), (size, 65, 33)]
    for m, k, n in shapes:
        yield product(m, k, n)
    if size <= 65:
        yield stacked(size)
    yield single_rows(size)
    yield by_rows(size)


def product(m: int, k: int, n: int) -> KernelCase:
    """A B, either of which may lie turned in memory."""
    a, b = real(m, k, seed=m + k), real(k, n, seed=n + k + 1)
    fixed = [a, b, np.ascontiguousarray(a.T), np.ascontiguousarray(b.T)]

    def turned(a: Any, b: Any, at: Any, bt: Any) -> list[Any]:
        lefts, rights = (a, ops.transpose(at)), (b, ops.transpose(bt))
        return [ops.matmul(lefts[i], rights[j]) for i, j in TURNS]

    return case(f"product {m} {k} {n}", turned, [], fixed, 1, 1e-6 * (4 + 4 * k**0.5))


def stacked(size: int) -> KernelCase:
    """Products side by side, of which some share an operand."""
    a, b = real(2, 3, 5, size, seed=1), real(3, size, 6, seed=2)
    c, d = real(4, size, seed=3), real(3, 1, size, 2, seed=4)

    def stacks(a: Any, b: Any, c: Any, d: Any) -> list[Any]:
        flat = ops.matmul(a, ops.transpose(c))
        return [ops.matmul(a, b), flat, ops.matmul(c, b), ops.matmul(c, d)]

    return case(f"stacks {size}", stacks, [], [a, b, c, d], 1, 4e-5)


def single_rows(size: int) -> KernelCase:
    """A row for each of several matrices, of `size` columns; the last matrix ends where
    its buffer does."""
    x, y = real(2, 7, 9, seed=1), real(2, 3, 300, seed=2)
    many, deep = real(7, 9, size, seed=3), real(3, 300, size, seed=4)
    flat = real(9, size, seed=5)

    def rows(x: Any, y: Any, many: Any, deep: Any, flat: Any) -> list[Any]:
        return [
            ops.einsum("nki,kio->nko", x, many),
            ops.einsum("nki,kio->nko", y, deep),
            ops.matmul(x[:, 0], flat),
        ]

    return case(f"single rows {size}", rows, [x, y], [many, deep, flat], 1, 1e-4)


def by_rows(size: int) -> KernelCase:
    """A layer and its gradients, over batches of `size` rows and a smaller one."""
    rows = max(1, size)
    x, g = real(rows + rows // 2, 11, seed=1), real(rows + rows // 2, 6, seed=2)

    def layer(x: Any, g: Any, w: Any, b: Any) -> list[Any]:
        hidden = ops.relu(ops.matmul(x, w) + b)
        kernel = ops.matmul(ops.transpose(x), g)
        back = ops.matmul(g, ops.transpose(w))
        return [hidden, kernel, ops.sum(g, 0), back, ops.sum(hidden * g, 1)]

    fixed = [real(11, 6, seed=3), real(6, seed=4)]
    return case(f"layer {size}", layer, [x, g], fixed, rows, 1e-6 * (8 + 4 * rows**0.5))


def large_products() -> Iterator[KernelCase]:
    """Shapes that are packed, cut along each axis, or copied together first."""
    shapes = [
        (65, 65, 65),
        (32, 64, 64),
        (100, 257, 90),
        (64, 513, 48),
        (150, 520, 210),
    ]
    shapes += [(513, 11, 130), (1, 1000, 300), (2, 70, 400), (7, 1000, 1), (3, 300, 5)]
    shapes += [(1000, 17, 65), (65, 1000, 17), (17, 65, 1000), (12, 385, 129)]
    shapes += [(512, 28, 64), (256, 63, 96), (64, 20, 64), (300, 300, 300)]
    shapes += [(20, 1100, 260), (300, 1100, 260)]
    # Strips of A: few, one tile or several, K along memory.
    shapes += [(35, 270, 97), (40, 300, 128), (1050, 1030, 100)]
    for shape in shapes:
        yield product(*shape)
    for rows in range(1, 26):  # every height of a register tile, by every width
        for columns in (5, 20, 40, 64):
            yield product(rows, 9, columns)
    yield strided()
    for rows, inputs, outputs in ((70, 100, 100), (300, 400, 300), (40, 600, 500)):
        yield wide_layer(rows, inputs, outputs)


def strided() -> KernelCase:
    """Products of matrices whose rows and columns both lie apart."""
    a, b = real(42, 70, 3, seed=1), real(70, 140, 3, seed=2)

    def apart(a: Any, b: Any) -> Any:
        return ops.matmul(ops.transpose(a, (2, 0, 1)), ops.transpose(b, (2, 0, 1)))

    return case("strided", apart, [], [a, b], 1, 4e-5)


def wide_layer(rows: int, inputs: int, outputs: int) -> KernelCase:
    """Two layers on each other, either way round, whose weights are packed."""
    x = real(rows + rows // 2, inputs, seed=1)
    fixed = [real(inputs, outputs, seed=2) / 16, real(outputs, inputs, seed=3) / 16]

    def layers(x: Any, there: Any, back: Any) -> list[Any]:
        hidden = ops.relu(ops.matmul(x, there) + 0.5)
        out = ops.tanh(ops.matmul(hidden, back) * 0.1)
        turned = ops.matmul(
            ops.tanh(ops.matmul(x, ops.transpose(back))), ops.transpose(there)
        )
        return [hidden, out, turned, ops.sum(out, 1)]

    return case(f"wide layer {rows} {inputs}", layers, [x], fixed, rows, 4e-5)


# --- reductions


def reductions(size: int) -> Iterator[KernelCase]:
    """`size` as each of the three parts: before, along and after the axis."""
    for shape in ((size, 4, 3), (3, size, 4), (2, 4, size), (3, size)):
        yield reduction(shape)


def reduction(shape: tuple[int, ...]) -> KernelCase:
    """Sums, maxima and the place of the maximum over each axis of each dtype."""
    x, i = real(*shape, seed=1), whole(*shape, seed=2)
    axes = list(range(len(shape)))
    lasting = [a for a in axes if shape[a]]

    def reduce(x: Any, i: Any) -> list[Any]:
        values = [ops.sum(v, a) for v in (x, i) for a in axes]
        values += [ops.max(v, a) for v in (x, i) for a in lasting]
        values += [ops.argmax(v, a) for v in (x, i) for a in lasting]
        return [*values, ops.sum(x), ops.sum(i)]

    tolerance = 1e-6 * (2 + max(shape) ** 0.5)
    return case(f"reduce {shape}", reduce, [], [x, i], 1, tolerance)


def large_reductions() -> Iterator[KernelCase]:
    """Axes that are cut into blocks, and rows that are cut into strips."""
    for shape in ((20_011, 1), (3000, 7), (2, 5000, 3), (130, 4097), (17, 1000)):
        yield reduction(shape)


# --- copies


def moves(size: int) -> Iterator[KernelCase]:
    """Transposes, slices, padding and parts of a concatenation."""
    a, b = real(size, 5, seed=1), real(3, size, 4, seed=2)

    def turned(a: Any, b: Any) -> list[Any]:
        values = [ops.transpose(a), ops.transpose(b, (2, 0, 1))]
        values += [ops.transpose(b, (0, 2, 1)), b[:, ::2], a[:, 1:4]]
        values += [a[:, ::3], ops.pad(b, ((0, 0), (2, 1), (1, 3)), constant_values=2.5)]
        return values

    yield case(f"turned {size}", turned, [], [a, b], 1, 0.0)
    x, y = real(3, size, seed=3), real(3, 5, seed=4)

    def joined(x: Any, y: Any) -> list[Any]:
        wide = ops.concatenate([x, y, x], 1)
        return [wide, ops.stack([x, x * 2.0], 1), ops.tile(x, (1, 3)), wide[:, 1::2]]

    yield case(f"joined {size}", joined, [x, y], (), 2, 0.0)


# --- gather and scatter


def indexed(size: int) -> Iterator[KernelCase]:
    """`size` as the width, as the number of indices and as the table's length."""
    table, ids = real(11, size, seed=1), whole(5, 2, low=0, high=11)

    def picked(ids: Any, table: Any) -> list[Any]:
        return [ops.take(table, ids, 0), ops.take(table, ids[:, 0], 0)]

    yield case(f"rows of {size}", picked, [ids], [table], 2, 0.0)
    x, few = real(5, size, seed=2), whole(5, low=0, high=4, seed=3)

    def added(x: Any, i: Any) -> list[Any]:
        counts = ops.segment_sum(ops.cast(x * 10.0, "int32"), i, 4)
        return [ops.segment_sum(x, i, 4), counts]

    yield case(f"added rows of {size}", added, [x, few], (), 5)
    places = whole(size, low=0, high=7, seed=4)
    fixed = [real(7, 3, seed=5), real(size, 3, seed=6), places]

    def many(table: Any, rows: Any, i: Any) -> list[Any]:
        return [ops.take(table, i, 0), ops.segment_sum(rows, i, 7)]

    yield case(f"{size} indices", many, [], fixed, 1, 1e-6 * (2 + size**0.5))
    if size:
        yield _long_table(size)


def _long_table(size: int) -> KernelCase:
    i = whole(6, low=0, high=size, seed=7)
    fixed = [real(size, 3, seed=8), real(2, size, 3, seed=9)]

    def long(i: Any, table: Any, cube: Any) -> list[Any]:
        rows = ops.take(table, i, 0)
        return [rows, ops.segment_sum(rows, i, size), ops.take(cube, [size - 1, 0], 1)]

    return case(f"table of {size}", long, [i], fixed, 6)


# --- sources


def sources() -> Iterator[KernelCase]:
    """What a chain computes from nothing but places."""
    for size in SIZES:
        yield case(f"random {size}", _noise(size), [real(5, 1)], (), 2, 0.0)
        if size:
            rows, batch = real(size + size // 2, 2), size
            yield case(f"count to {size}", _count, [rows], (), batch, 0.0)


def _count(x: KerasTensor) -> Any:
    return ops.arange(ops.shape(x)[0])


def _noise(size: int) -> Callable[[KerasTensor], list[Any]]:
    def noise(x: KerasTensor) -> list[Any]:
        kept = ops.cast(uniform((BATCH, size), 7) > 0.3, "float32")
        return [uniform((BATCH, size), 3), kept * x]

    return noise
