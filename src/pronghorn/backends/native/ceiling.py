"""What instructions cost, and the most that this machine gives.

The engine measures both itself: each instruction against the clock, and for the limits
a large product and passes over memory of several sizes, once in a process.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from pronghorn.backends.native import _engine
from pronghorn.backends.native.executable import NativeExecutable
from pronghorn.ir.graph import Graph, Node, apply, input_leaf, state_leaf
from pronghorn.ir.primitive import named
from pronghorn.ir.shapes import BATCH
from pronghorn.ir.variable import Variable

__all__ = ["Ceiling", "Cost", "ceiling", "costs", "set_profiled"]

_WIDTH = 1024
# Rows of 1,024 floats, read and written: 256 KB, 2 MB, 16 MB and 128 MB.
_PASSES = (32, 256, 2048, 16384)
_FEWEST_TRIES = 4
_SECONDS = 0.12, 0.04  # of tries, for the product and for each pass


@dataclass(frozen=True, slots=True)
class Cost:
    """What an instruction, or the assembly of an input, has cost so far.

    Attributes:
        nanoseconds: in all.
        times: how often it ran.
        flops: arithmetic operations in all, each micro-operation of a chain one.
        bytes: read and written, each byte of a run counted once.
    """

    nanoseconds: int
    times: int
    flops: float
    bytes: float


def set_profiled(executable: NativeExecutable, on: bool) -> None:
    """Times each instruction from now on, from zero, or no longer."""
    executable._engine.profile(on)


def costs(executable: NativeExecutable) -> tuple[list[Cost], list[Cost]]:
    """The costs of the inputs' assembly, and of the instructions in their order."""
    inputs: list[Cost] = []
    instructions: list[Cost] = []
    for code, *cost in executable._engine.spent():
        nanoseconds, times, flops, moved = cost
        found = Cost(int(nanoseconds), int(times), flops, moved)
        (inputs if code < 0 else instructions).append(found)
    return inputs, instructions


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most that this machine gives, as the engine measured it.

    Attributes:
        gflops: GFLOP/s of a float32 product of 1,024 cubed.
        passes: (bytes, GB/s) of a relu over arrays of several sizes, the smallest
            first: small ones lie in caches, the largest in memory.
    """

    gflops: float
    passes: tuple[tuple[int, float], ...]

    def bandwidth(self, size: float) -> float:
        """GB/s for an instruction that reads and writes so many bytes.

        That of the largest pass that is not larger, or of a larger one if it was
        faster: few bytes are not shared by threads.
        """
        smaller = sum(moved <= size for moved, _ in self.passes)
        return max(rate for _, rate in self.passes[max(smaller - 1, 0) :])

    def seconds(self, flops: float, size: float) -> float:
        """The least time for so many operations on so many bytes."""
        arithmetic = flops / self.gflops / 1e9
        return max(arithmetic, size / self.bandwidth(size) / 1e9)


def ceiling() -> Ceiling:
    """The limits for the threads and the instruction set in use, measured once."""
    info = _engine.info()
    return _measured(info["isa"], info["threads"])


@lru_cache(maxsize=8)
def _measured(isa: str, threads: int) -> Ceiling:
    matrix = np.ones((_WIDTH, _WIDTH), np.float32)
    product = _one("matmul", _WIDTH, state_leaf(Variable(matrix)))
    peak = _best(product, matrix, _SECONDS[0])
    rows = np.ones((_PASSES[-1], _WIDTH), np.float32)
    room = np.ones_like(rows)
    relu = _one("relu", len(rows))
    passes = [_best(relu, rows[:count], _SECONDS[1], room) for count in _PASSES]
    rates = tuple((int(c.bytes), c.bytes / c.nanoseconds) for c in passes)
    return Ceiling(peak.flops / peak.nanoseconds, rates)


def _one(name: str, rows: int, *state: Node) -> NativeExecutable:
    """A primitive on so many rows of the width, in a program that changes state.

    As training does: large products may then be computed by a tile unit.
    """
    x = input_leaf(0, (BATCH, _WIDTH), "float32")
    output = apply(named(name), (x, *state), {})
    sign = state_leaf(Variable(np.float32(1)))
    turned = apply(named("neg"), (sign,), {})
    graph = Graph([x], [*state, sign], [output], [(len(state), turned)])
    return NativeExecutable(graph, rows)


def _best(
    executable: NativeExecutable,
    rows: np.ndarray,
    seconds: float,
    room: np.ndarray | None = None,
) -> Cost:
    """The cost of the first instruction on these rows, when it was fastest."""
    found: list[Cost] = []
    count, outputs = len(rows), [] if room is None else [room]
    end = time.perf_counter() + seconds
    while len(found) < _FEWEST_TRIES or time.perf_counter() < end:
        set_profiled(executable, True)
        executable.run((rows,), None, 0, count, count, outputs=outputs)
        found.append(costs(executable)[1][0])
    return min(found, key=lambda cost: cost.nanoseconds)
