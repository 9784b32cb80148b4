"""Elementwise chains: broadcasting, dtypes, sizes around tiles and vectors, sources."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn import ops
from pronghorn.backends import native
from pronghorn.ir.primitive import Kind, primitives
from pronghorn.ir.variable import Variable
from tests.backends.native.graphs import assert_agree, graph_of, real, run_all, whole

SIZES = [1, 2, 7, 15, 16, 17, 33, 511, 512, 513, 1024, 1025, 5000, 20_011]


@pytest.mark.parametrize("size", SIZES)
def test_any_number_of_elements(size: int) -> None:
    assert_agree(lambda x: ops.tanh(x * 2.0) + x, [real(size)], batch_size=size)
    assert_agree(lambda x: ops.tanh(x * 2.0) + x, [real(3, size)], batch_size=2)


SPREADS = [
    ((6,), ()),
    ((5, 6), (6,)),
    ((5, 6), (5, 1)),
    ((5, 6), (1, 1)),
    ((5, 6), (1, 6)),
    ((5, 4, 6), (4, 1)),
    ((5, 4, 6), (1, 6)),
    ((5, 4, 6), (5, 1, 6)),
    ((5, 4, 6), (5, 1, 1)),
    ((5, 4, 6), (5, 4, 1)),
    ((5, 4, 6), (4, 6)),
    ((5, 4, 3, 6), (4, 1, 6)),
    ((5, 4, 3, 6), (5, 1, 3, 1)),
    ((5, 4, 3, 6), (1, 4, 1, 6)),
    ((5, 1, 6, 1), (6, 1)),
]


@pytest.mark.parametrize(("shape", "other"), SPREADS)
def test_operands_broadcast(shape: tuple[int, ...], other: tuple[int, ...]) -> None:
    y = Variable(real(*other, seed=1))
    fixed = Variable(real(*shape, seed=2))
    # With all shapes fixed, and with the first axis as the batch where it can be.
    assert_agree(lambda x, a, b: a * b + b, [real(3, 1)], [fixed, y])
    if len(other) < len(shape) or other[0] == 1:
        assert_agree(lambda x, b: x * b + b, [real(*shape)], [y])


@pytest.mark.parametrize("columns", [1, 2, 3, 10, 16, 63, 100, 255, 600, 1500, 3000])
@pytest.mark.parametrize("rows", [1, 2, 37, 300])
def test_rows_and_columns_of_any_period(columns: int, rows: int) -> None:
    row, column = Variable(real(columns, seed=1)), real(rows, 1, seed=2)
    x = real(rows, columns)
    assert_agree(lambda x, c, r: (x - c) * r + c, [x, column], [row])


def test_both_operands_grow() -> None:
    assert_agree(lambda x, r: x + r, [real(9, 1)], [Variable(real(7))])


BINARY = "add sub mul div pow maximum minimum mod equal less less_equal".split()


@pytest.mark.parametrize("name", BINARY)
def test_binary(name: str) -> None:
    function = {"sub": "subtract", "mul": "multiply", "div": "divide", "pow": "power"}
    call = getattr(ops, function.get(name, name))
    x, y = real(300, 7), real(300, 7, seed=1)
    y[::3] = x[::3]  # equals, too
    if name == "pow":
        x = np.abs(x)
    assert_agree(call, [x, y])


INTEGER = "add subtract multiply mod maximum minimum equal less less_equal".split()


@pytest.mark.parametrize("name", INTEGER)
def test_integers(name: str) -> None:
    x, y = whole(300, 5), whole(300, 5, seed=1)
    if name == "mod":
        y[y == 0] = 4
    assert_agree(getattr(ops, name), [x, y])


@pytest.mark.parametrize("name", ["negative", "abs", "sign"])
def test_integers_alone(name: str) -> None:
    assert_agree(getattr(ops, name), [whole(300, 5)])


def test_float_remainder_has_the_divisors_sign() -> None:
    x = np.array([5.5, -5.5, 5.5, -5.5, 6, -6, 0, 7.25], np.float32)
    y = np.array([2, 2, -2, -2, 3, 3, 2, np.inf], np.float32)
    assert_agree(ops.mod, [x, y])


def test_integers_wrap_around() -> None:
    x = np.array([2**31 - 1, -(2**31), 65536], np.int32)
    assert_agree(lambda x: [x + 1, x - 1, x * 65536, -x], [x])


def test_booleans() -> None:
    x, y = real(50, 3) > 0, real(50, 3, seed=1) > 0

    def all_of(x: Any, y: Any) -> list[Any]:
        values = [ops.logical_and(x, y), ops.logical_or(x, y), ops.logical_not(x)]
        values += [ops.logical_xor(x, y), ops.equal(x, y), ops.where(x, y, x)]
        return [*values, ops.cast(x, "float32") + 1.0, ops.cast(x, "int32") + 1]

    assert_agree(all_of, [x, y])


def test_casts() -> None:
    x = real(100, 3) * 10
    assert_agree(lambda x: [ops.cast(x, "int32"), ops.cast(x, "bool")], [x])
    ids = whole(100, 3)
    assert_agree(lambda x: [ops.cast(x, "float32"), ops.cast(x, "bool")], [ids])


def test_where_of_each_dtype() -> None:
    chosen = real(40, 3) > 0
    assert_agree(ops.where, [chosen, real(40, 3, seed=1), real(40, 3, seed=2)])
    assert_agree(ops.where, [chosen, whole(40, 3), whole(40, 3, seed=2)])


def test_nan_is_kept_by_maximum_and_minimum() -> None:
    x = np.array([np.nan, 1, np.nan, -np.inf, 2], np.float32)
    y = np.array([0, np.nan, np.nan, np.nan, 3], np.float32)
    assert_agree(lambda x, y: [ops.maximum(x, y), ops.minimum(x, y)], [x, y])


def test_number_of_rows_is_that_of_the_batch() -> None:
    x = real(10, 3)
    # 10 rows by 4 end in a batch of 2: its mean divides by 2, not by 4.
    assert_agree(
        lambda x: [ops.mean(x), ops.mean(x, 0), ops.size(x)], [x], batch_size=4
    )


def test_arange_and_constants() -> None:
    table = real(4, 6, seed=4)
    assert_agree(
        lambda x: x + ops.cast(ops.arange(6), "float32") * table[1], [real(9, 6)]
    )
    assert_agree(lambda x: x[:, None] * table, [real(9, 6)])


def test_every_elementwise_primitive_has_a_micro_operation() -> None:
    from pronghorn.backends.native.program import OPCODES

    kinds = (Kind.ELEMENTWISE, Kind.SOURCE, Kind.RANDOM)
    names = {p.name for p in primitives().values() if p.kind in kinds}
    known = {key.removeprefix("micro.") for key in OPCODES}
    assert names - known == {"cast", "rows", "stop_gradient"}


def test_a_long_chain_is_cut_where_registers_end() -> None:
    def chain(x: Any) -> Any:
        terms = [ops.tanh(x * float(i)) for i in range(1, 400)]
        while len(terms) > 1:
            pairs = zip(terms[::2], terms[1::2], strict=False)
            terms = [a + b for a, b in pairs] + terms[len(terms) & ~1 :]
        return terms[0]

    assert_agree(chain, [real(20, 3)], tolerance=1e-4)


def test_wide_and_narrow_outputs_of_one_chain() -> None:
    def both(x: Any) -> list[Any]:
        y = ops.exp(x)
        return [y, ops.log(y), y > 1.0, ops.sum(y, 1), x]

    assert_agree(both, [real(33, 5)])


def test_outputs_that_nobody_wants() -> None:
    x = real(12, 3)
    graph = graph_of(lambda x: [x + 1.0, x * 2.0], [x])
    executable = native.NativeBackend().compile(graph, 4)
    wanted = np.zeros_like(x)
    assert executable.run([x], None, 0, 12, 4, outputs=[None, wanted]) == 3
    assert np.array_equal(wanted, x * 2)


def test_positions_between_first_and_last() -> None:
    x = real(12, 3)
    executable = native.NativeBackend().compile(graph_of(lambda x: x * 2.0, [x]), 4)
    order = np.random.default_rng(1).permutation(12).astype(np.int32)
    out = np.zeros_like(x)
    assert executable.run([x], order, 5, 11, 4, outputs=[out]) == 2
    want = np.zeros_like(x)
    want[5:11] = 2 * x[order[5:11]]
    assert np.array_equal(out, want)


def test_many_inputs() -> None:
    arrays = [real(9, 2, seed=i) for i in range(40)]

    def total(*columns: Any) -> Any:
        result = columns[0]
        for column in columns[1:]:
            result = result + column
        return result

    graph = graph_of(total, arrays)
    executable = native.NativeBackend().compile(graph, 4)
    order = np.arange(9, dtype=np.int32)
    (have,) = run_all(executable, arrays, 4, order)
    np.testing.assert_allclose(have, np.sum(arrays, 0), rtol=1e-5, atol=1e-5)
