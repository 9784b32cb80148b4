"""Every kernel against the reference backend, on each instruction set there is."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pronghorn.backends import ReferenceBackend, native
from pronghorn.backends.native import NativeBackend, _engine
from pronghorn.backends.native.lower import lower
from pronghorn.backends.native.program import OPCODES, ProgramWriter, line_count
from pronghorn.backends.native.words import instructions
from tests.backends.native.graphs import run_all, whole
from tests.backends.native.kernel_cases import SIZES, KernelCase, all_cases
from tests.isas import told_on

KINDS = ("instruction.", "load.", "micro.")


def difference(have: np.ndarray, want: np.ndarray, tolerance: float) -> str:
    """Where two results differ, in words; empty if they agree."""
    if want.dtype.kind != "f":
        wrong = have != want
    else:
        with np.errstate(all="ignore"):
            near = np.abs(have - want) <= tolerance * (1 + np.abs(want))
            near &= np.isfinite(want)
        wrong = ~(near | (have == want) | (np.isnan(have) & np.isnan(want)))
    if not wrong.any():
        return ""
    place = tuple(int(i[0]) for i in np.nonzero(wrong))
    where = f"{wrong.sum()} of {wrong.size}, first at {place}"
    return f"{where}: {have[place]}, not {want[place]}"


def check(case: KernelCase) -> list[str]:
    """Runs a case on both backends; what differs, in words."""
    wrong = []
    backwards = np.arange(case.rows, dtype=np.int32)[::-1].copy()
    for order in (None, backwards) if case.arrays else (None,):
        arguments = (case.arrays, case.batch, order)
        reference = ReferenceBackend().compile(case.graph, case.batch)
        want = run_all(reference, *arguments, rows=case.rows)
        have = run_all(
            NativeBackend().compile(case.graph, case.batch), *arguments, rows=case.rows
        )
        for i, (a, b) in enumerate(zip(have, want, strict=True)):
            if text := difference(a, b, case.tolerance):
                wrong.append(f"{case.name}, output {i}: {text}")
    return wrong


def names_in(program: bytes) -> set[str]:
    """The names, as in `OPCODES`, of all that a program uses."""
    found = set()
    for instruction in instructions(program):
        found.add(f"instruction.{instruction.name}")
        if instruction.chain is not None:
            found |= {f"load.{load.kind}" for load in instruction.chain.loads}
            found |= {f"micro.{o.micro}" for o in instruction.chain.operations}
    return found


def divided(size: int) -> tuple[bytes, list[str]]:
    """Division of integers, which no graph has: a program of one step, and its faults.

    It rounds down, as NumPy does; a division by zero gives 0.
    """
    a, b = whole(size, low=-99, high=99, seed=size), whole(size, low=-4, high=5)
    writer = ProgramWriter(1)
    left, right = writer.constant(a), writer.constant(b)
    out = writer.value("output", 0, size, "int32")
    full, step = OPCODES["load.full"], OPCODES["micro.int_div"]
    words = [writer.extent(size), 3, 2, 1, 1, full, left.number, full, right.number]
    words += [step, 2, 0, 1, -1, 2, out.number]
    writer.emit("chain", words, [left, right], [out])
    writer.arena_lines = line_count(size, 1)
    have = np.full(size, 7, np.int32)
    engine = _engine.load(writer.encode())
    engine.bind([])
    engine.run([], None, 0, 1, 1, 0, 0, [have])
    want = np.where(b == 0, 0, a // np.where(b == 0, 1, b)).astype(np.int32)
    text = difference(have, want, 0.0)
    return writer.encode(), [f"int_div {size}: {text}"] if text else []


def main() -> None:
    """Runs the table on this process's instruction set."""
    seen: set[str] = set()
    wrong: list[str] = []
    for size in SIZES:
        program, faults = divided(size)
        seen |= names_in(program)
        wrong += faults
    count = 0
    for case in all_cases():
        count += 1
        seen |= names_in(lower(case.graph, case.batch).program)
        wrong += check(case)
    isa = native.info()["isa"]
    print(
        json.dumps({"isa": isa, "cases": count, "seen": sorted(seen), "wrong": wrong})
    )


@pytest.mark.parametrize("isa", native.info()["isas"])
def test_every_kernel_agrees_with_the_reference(isa: str) -> None:
    told = told_on(isa, "tests.backends.native.test_isas")
    assert told["wrong"] == []
    assert told["cases"] > 200
    known = {name for name in OPCODES if name.startswith(KINDS)}
    assert known - set(told["seen"]) == set(), "the table must reach these"


def test_a_wrong_result_is_seen() -> None:
    want = np.array([1.0, np.nan, np.inf, 1e9], np.float32)
    assert difference(want.copy(), want, 1e-6) == ""
    for place, value in ((0, 1.001), (1, 0.0), (2, -np.inf), (3, np.nan)):
        have = want.copy()
        have[place] = value
        assert "1 of 4" in difference(have, want, 1e-6)
    assert difference(np.array([1, 2]), np.array([1, 3]), 1.0).startswith("1 of 2")
