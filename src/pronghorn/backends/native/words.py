"""Reading programs back: what their instructions are, for people and for tools."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pronghorn.backends.native.program import OPCODES

__all__ = ["Chain", "Instruction", "Load", "Operation", "instructions", "places"]

_HEADER_WORDS = 16
_NAMES = {
    prefix: {v: k.removeprefix(prefix) for k, v in OPCODES.items() if prefix in k}
    for prefix in ("instruction.", "micro.", "load.")
}
_SPACES = ("arena", "constant", "state", "input", "output")
_REDUCTIONS = ("sum", "max", "argmax")
_LOAD_WORDS = {"full": 1, "scalar": 1, "middle": 3, "outer": 3}  # else 1: bits


@dataclass(frozen=True, slots=True)
class Load:
    """An operand of a chain: how it is read (see opcodes.def), and its words."""

    kind: str
    words: tuple[int, ...]

    @property
    def constant(self) -> bool:
        """Whether it is the same for all elements."""
        return self.kind in ("scalar", "immediate", "extent")


@dataclass(frozen=True, slots=True)
class Operation:
    """A micro-operation of a chain: registers that it writes and reads."""

    micro: str
    to: int
    operands: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Chain:
    """The inside of a chain; `stored` are registers."""

    registers: int
    loads: tuple[Load, ...]
    operations: tuple[Operation, ...]
    stored: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Instruction:
    """An instruction.

    Attributes:
        name: of the opcode.
        sizes: in elements, for batches of so many rows: of a product m, n, k; of a
            reduction outer, mid, inner; of others one number, what they write.
        chain: of a chain, what it does.
        reads, writes: the numbers of the values; see `places`.
        reduction: of a reduction "sum", "max" or "argmax".
    """

    name: str
    sizes: tuple[int, ...]
    chain: Chain | None = None
    reads: tuple[int, ...] = ()
    writes: tuple[int, ...] = ()
    reduction: str = ""


class _Reader:
    def __init__(self, program: bytes, rows: int) -> None:
        self.words = np.frombuffer(program, np.int32)
        self.rows = rows
        extents, values, constants = (int(w) for w in self.words[5:8])
        start = _HEADER_WORDS
        self.extents = self.words[start : start + 2 * extents].reshape(-1, 2)
        start += 2 * extents
        self.values = self.words[start : start + 5 * values].reshape(-1, 5)
        self.start = start + 5 * values + constants

    def read(self) -> list[Instruction]:
        found, at = [], self.start
        while at < len(self.words):
            name = _NAMES["instruction."][int(self.words[at])]
            length = int(self.words[at + 1])
            found.append(self._one(name, self.words[at + 2 : at + length].tolist()))
            at += length
        return found

    def _extent(self, number: int) -> int:
        scale, offset = (int(w) for w in self.extents[number])
        return scale * self.rows + offset

    def _size(self, value: int) -> int:
        return self._extent(int(self.values[value][3]))

    def _one(self, name: str, words: list[int]) -> Instruction:
        if name == "chain":
            size = (self._extent(words[0]),)
            stored = words[len(words) - 2 * words[4] :]
            return Instruction(name, size, *_chain(words), tuple(stored[1::2]))
        if name == "gemm":
            sizes = tuple(self._extent(w) for w in words[3:6])
            return Instruction(name, sizes, None, (words[0], words[1]), (words[2],))
        if name == "reduce":
            sizes = tuple(self._extent(w) for w in words[4:7])
            source, target, kind = (words[2],), (words[3],), _REDUCTIONS[words[0]]
            return Instruction(name, sizes, None, source, target, kind)
        read, written = {
            "copy": (words[:1], words[1]),
            "gather": (words[1:3], words[3]),
            "scatter": (words[2:4], words[1]),
        }[name]
        size = (self._size(written),)
        return Instruction(name, size, None, tuple(read), (written,))


def _chain(words: list[int]) -> tuple[Chain, tuple[int, ...]]:
    """What a chain does, and the values that it reads."""
    registers, n_loads, n_ops, n_stores = words[1:5]
    rest = words[5:]
    loads = []
    for _ in range(n_loads):
        kind = _NAMES["load."][rest[0]]
        count = 1 + _LOAD_WORDS.get(kind, 1)
        loads.append(Load(kind, tuple(rest[1:count])))
        rest = rest[count:]
    operations = []
    for _ in range(n_ops):
        a, b, c = rest[2:5]
        operations.append(Operation(_NAMES["micro."][rest[0]], rest[1], (a, b, c)))
        rest = rest[5:]
    stored = tuple(rest[0 : 2 * n_stores : 2])
    read = tuple(x.words[0] for x in loads if x.kind in _LOAD_WORDS)
    return Chain(registers, tuple(loads), tuple(operations), stored), read


def instructions(program: bytes, rows: int = 1) -> list[Instruction]:
    """The instructions of a program, with the sizes that they have for so many rows."""
    return _Reader(program, rows).read()


def places(program: bytes) -> list[tuple[str, int]]:
    """Where each value lies: "arena", "constant", "state", "input" or "output", and
    which of them it is."""
    values = _Reader(program, 1).values
    return [(_SPACES[int(space)], int(index)) for space, index, *_ in values]
