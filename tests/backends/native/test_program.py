"""A malformed program is an error when it is loaded, and never a crash."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import numpy as np
import pytest

from pronghorn import ops
from pronghorn.backends.native import NativeBackend, _engine
from pronghorn.backends.native.lower import lower
from pronghorn.backends.native.program import OPCODES, ProgramWriter
from pronghorn.ir.shapes import BATCH
from pronghorn.ir.variable import Variable
from tests.backends.native.graphs import graph_of, real, whole

ROWS = 6
REFUSED = (ValueError, IndexError, RuntimeError, BufferError)


def sample() -> bytes:
    """A program with every kind of instruction and of value."""
    table, w = Variable(real(9, 4)), Variable(real(7, 5))

    def compute(x: object, ids: object, table: object, w: object) -> list[object]:
        picked = ops.take(table, ids, 0)
        joined = ops.concatenate([x, picked], 1)
        hidden = ops.relu(ops.matmul(joined, w) + real(5))
        w_next = w - ops.matmul(ops.transpose(joined), hidden)
        scattered = ops.segment_sum(hidden, ids, 9)
        variable_w.assign(w_next)
        return [ops.softmax(hidden), ops.argmax(hidden, 1), ops.sum(scattered)]

    variable_w = w
    arrays = [real(ROWS, 3), whole(ROWS, low=0, high=9)]
    return lower(graph_of(compute, arrays, [table, w]), ROWS).program


def run_anyway(program: bytes) -> None:
    """Loads a program and, if it passes, runs it: nothing may be read or written
    outside of what it owns."""
    engine = _engine.load(program)
    states = [np.ones((9, 4), np.float32), np.ones((7, 5), np.float32)]
    engine.bind(states)
    data = [real(ROWS, 3), whole(ROWS, low=0, high=9)]
    outputs = [np.empty((ROWS, 5), np.float32), np.empty(ROWS, np.int32)]
    outputs.append(np.empty((), np.float32))
    engine.run(data, None, 0, ROWS, 4, 0, 0, outputs)


def words(program: bytes) -> np.ndarray:
    return np.frombuffer(program, np.int32).copy()


def test_the_sample_itself_runs() -> None:
    run_anyway(sample())


def test_every_instruction_is_in_the_sample() -> None:
    program = words(sample())
    extents, values, constants, count = program[[5, 6, 7, 11]]
    at = 16 + 2 * extents + 5 * values + constants
    seen = set()
    for _ in range(count):
        seen.add(int(program[at]))
        at += program[at + 1]
    names = {n for n in OPCODES if n.startswith("instruction.")}
    assert seen == {OPCODES[n] for n in names}


HEADER = [
    (0, 1, "not a program"),
    (1, 99, "version 99"),
    (2, 7, "the header says 7"),
    (3, 0, "max_rows is 0"),
    (4, -1, "arena of -1"),
    (4, 0, "leaves the arena"),
    (5, -1, "header word 5"),
    (6, 1 << 23, "longer than the program"),
    (8, 1, "index 1 of 1"),
    (9, 5, "state 2 has no value"),
    (11, 1000, "is cut off"),
    (12, 1000, "phases out of order"),
    (13, 10_000, "guard"),
]


@pytest.mark.parametrize(("place", "word", "message"), HEADER)
def test_wrong_headers(place: int, word: int, message: str) -> None:
    program = words(sample())
    program[place] = word
    with pytest.raises(ValueError, match=message):
        _engine.load(program.tobytes())


@pytest.mark.parametrize("size", [0, 1, 4, 60, 63, 64, 200])
def test_truncated_programs(size: int) -> None:
    with pytest.raises(ValueError, match=r"program|words"):
        _engine.load(sample()[:size])


def test_programs_cut_anywhere_are_errors() -> None:
    program = words(sample())
    for size in range(16, len(program)):
        cut = program[:size].copy()
        cut[2] = size
        with pytest.raises(ValueError, match=r"."):
            _engine.load(cut.tobytes())


def test_no_changed_word_crashes_the_engine() -> None:
    program = words(sample())
    random = np.random.default_rng(0)
    passed = 0
    values = [-(2**31), -1, 0, 1, 2, 7, 100, 65535, 2**20, 2**31 - 1]
    for place in range(len(program)):
        for word in random.choice(values, 4, replace=False):
            changed = program.copy()
            changed[place] = word
            try:
                run_anyway(changed.tobytes())
                passed += 1
            except REFUSED:
                continue
    assert passed > 0  # constants, for one, may be anything


def test_many_changed_words_do_not_crash_it_either() -> None:
    program = words(sample())
    random = np.random.default_rng(1)
    for _ in range(2000):
        changed = program.copy()
        places = random.integers(3, len(program), random.integers(1, 6))
        changed[places] = random.integers(-3, 40, len(places))
        with suppress(*REFUSED):
            run_anyway(changed.tobytes())


def with_instruction(name: str, *numbers: int, size: int = 10) -> bytes:
    """A program of one instruction on a constant (value 0) and an output (value 1)."""
    writer = ProgramWriter(4)
    constant = writer.constant(np.zeros(size, np.float32))
    output = writer.value("output", 0, size, "float32")
    for extent in (0, 1, 2, 5, 2**31 - 1):
        writer.extent(extent)
    writer.extent(BATCH)
    writer.emit(name, numbers, [constant], [output])
    writer.arena_lines = 1
    return writer.encode()


# Extents by number: 0 is 10, 1 is 0, 2 is 1, 3 is 2, 4 is 5, 5 is 2**31-1, 6 is n.
BAD = [
    ("chain", (0, 1, 1, 0, 0, 0, 9), "value 9"),
    ("chain", (0, 1, 0, 0, 1, 0, 0), "writes value 0"),
    ("chain", (0, 1, 1, 0, 1, 0, 0, 0, 1), "stores register 0"),
    ("chain", (5, 2, 1, 0, 0, 0, 0), "reaches beyond value 0"),
    ("chain", (0, 2, 1, 1, 0, 0, 0, 0, 0, 0, -1, -1), "writes register 0"),
    ("chain", (0, 2, 1, 1, 0, 0, 0, 0, 1, 2, -1, -1), "operand register 2"),
    ("chain", (0, 2, 1, 1, 0, 0, 0, 999, 1, 0, -1, -1), "micro-operation 999"),
    ("chain", (0, 1, 1, 0, 0, 2, 0, 1, 2), "empty axes"),
    ("chain", (0, 9999, 0, 0, 0), "count 9999"),
    ("gemm", (0, 0, 1, 3, 4, 4, 4, 2, 4, 2, 0), "reaches beyond value 0"),
    ("gemm", (0, 0, 1, 5, 5, 2, 2, 2, 2, 2, 0), "too large"),
    ("gemm", (0, 0, 1, 2, 2, 2, 2, 2, 2, 2, 9), "count 9"),
    ("reduce", (0, 0, 0, 1, 4, 4, 2), "reaches beyond value 0"),
    ("reduce", (1, 0, 0, 1, 2, 1, 2), "largest of nothing"),
    ("reduce", (7, 0, 0, 1, 2, 2, 2), "count 7"),
    ("copy", (0, 1, 0, 1, 1, 2, 2, 2), "reaches beyond value 0"),
    ("copy", (0, 1, 1, 1, 1, 4, 4, 2), "reaches beyond value 0"),
    ("copy", (0, 1, 1, 1, 1, 5, 5, 5), "stride"),
    ("gather", (0, 0, 0, 1, 2, 5, 2, 2), "reaches beyond value 0"),
    ("gather", (0, 0, 0, 0, 2, 2, 2, 2), "writes value 0"),
    ("scatter", (0, 0, 0, 1, 2, 2, 2, 2), "writes value 0"),
]


@pytest.mark.parametrize(("name", "numbers", "message"), BAD)
def test_wrong_instructions(name: str, numbers: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _engine.load(with_instruction(name, *numbers))


def test_only_chains_and_copies_in_the_second_phase() -> None:
    program = words(with_instruction("reduce", 0, 0, 0, 1, 2, 4, 2))
    _engine.load(program.tobytes())
    program[12] = 0
    with pytest.raises(ValueError, match="second phase"):
        _engine.load(program.tobytes())


def call_with(**changed: object) -> Callable[[], int]:
    x = real(8, 3)
    graph = graph_of(lambda x: x * 2.0, [x])
    executable = NativeBackend().compile(graph, 4)
    arguments = {
        "data": [x],
        "order": None,
        "first": 0,
        "last": 8,
        "batch_size": 4,
        "outputs": [np.empty((8, 3), np.float32)],
    } | changed
    return lambda: executable.run(**arguments)  # type: ignore[arg-type]


CALLS = [
    ({"data": []}, "data 1: arrays are needed"),
    ({"data": [np.zeros((8, 3))]}, "another dtype"),
    ({"data": [np.zeros((8, 4), np.float32)]}, "rows of another size"),
    ({"data": [np.zeros((), np.float32)]}, "rows of another size"),
    ({"order": np.array([0, 1, 8], np.int32), "last": 3}, r"order\[2\] is 8"),
    ({"order": np.array([-1], np.int32), "last": 1}, r"order\[0\] is -1"),
    ({"order": np.arange(8)}, "not int32"),
    ({"last": 9}, "positions 0 to 9 of 8"),
    ({"first": -1}, "positions -1"),
    ({"batch_size": 5}, "batches of 5"),
    ({"batch_size": 0}, "batches of 0"),
    ({"outputs": [np.empty((7, 3), np.float32)]}, "output 0: another size"),
    ({"outputs": [np.empty((8, 3), np.int32)]}, "output 0: another dtype"),
    ({"outputs": [None, None]}, "outputs 1: arrays are needed"),
]


@pytest.mark.parametrize(("changed", "message"), CALLS)
def test_wrong_calls(changed: dict[str, object], message: str) -> None:
    assert call_with()() == 2
    with pytest.raises(ValueError, match=message):
        call_with(**changed)()


def test_arrays_must_lie_in_rows() -> None:
    with pytest.raises(ValueError, match="contiguous"):
        call_with(data=[np.zeros((3, 8), np.float32).T])()
    fixed = np.empty((8, 3), np.float32)
    fixed.flags.writeable = False
    with pytest.raises((ValueError, BufferError), match=r"read-only|writ"):
        call_with(outputs=[fixed])()


def test_states_must_be_bound_and_fit() -> None:
    v = Variable(real(3))
    lowered = lower(graph_of(lambda x, v: x + v, [real(4, 3)], [v]), 4)
    engine = _engine.load(lowered.program)
    out = [np.empty((4, 3), np.float32)]
    with pytest.raises(RuntimeError, match="not bound"):
        engine.run([real(4, 3)], None, 0, 4, 4, 0, 0, out)
    with pytest.raises(ValueError, match="1 states are needed"):
        engine.bind([])
    with pytest.raises(ValueError, match="another size"):
        engine.bind([np.zeros(4, np.float32)])
    with pytest.raises(ValueError, match="another dtype"):
        engine.bind([np.zeros(3, np.int32)])
    engine.bind([v.storage])
    assert engine.run([real(4, 3)], None, 0, 4, 4, 0, 0, out) == 1


@pytest.mark.parametrize("columns", [8, 64])
def test_a_sum_over_the_rows_for_every_row_of_one_sum(columns: int) -> None:
    """Both the rows of C and K are the batch's: the lowering never writes that."""
    rows = 2048
    writer = ProgramWriter(rows)
    a = writer.value("input", 0, BATCH, "float32")
    b = writer.value("input", 1, BATCH * columns, "float32")
    c = writer.value("output", 0, BATCH * columns, "float32")
    a.line, b.line, c.line = 0, rows // 16, rows // 16 * (1 + columns)
    writer.arena_lines = rows // 16 * (1 + 2 * columns)
    sizes = (BATCH, columns, BATCH, 0, 1, columns, 1)
    numbers = [a.number, b.number, c.number, *map(writer.extent, sizes), 0]
    writer.emit("gemm", numbers, [a, b], [c])
    engine = _engine.load(writer.encode())
    engine.bind([])
    x, y = real(rows), real(rows, columns, seed=1)
    out = np.full((rows, columns), 7, np.float32)
    engine.run([x, y], None, 0, rows, rows, 0, 0, [out])
    assert np.array_equal(out, np.tile(out[:1], (rows, 1)))
    assert np.allclose(out[0], x.astype(np.float64) @ y, atol=1e-3)
