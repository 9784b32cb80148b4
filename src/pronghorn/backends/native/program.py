"""Writing programs: the array of 32-bit words that the engine reads.

See docs/decisions/program-format.md for the format. The numbers of instructions and
micro-operations come from the engine itself, so they are named in one place only.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pronghorn.backends.native import _engine
from pronghorn.errors import UnsupportedError
from pronghorn.ir.shapes import Batch, Dim

__all__ = ["DTYPES", "OPCODES", "ProgramWriter", "Value", "line_count", "numbered"]

OPCODES: dict[str, int] = _engine.opcodes()
DTYPES = {"float32": 0, "int32": 1, "bool": 2}
_SPACES = {"arena": 0, "constant": 1, "state": 2, "input": 3, "output": 4}
_HEADER_WORDS = 16
_LINE_ELEMENTS = 16  # elements of 4 bytes in a line of the arena
_WORD_LIMIT = 2**31 - 1


def numbered(prefix: str) -> dict[str, int]:
    """The engine's numbers for names that start so, by the rest of the name."""
    return {
        name.removeprefix(prefix): number
        for name, number in OPCODES.items()
        if name.startswith(prefix)
    }


_INSTRUCTIONS = numbered("instruction.")


def line_count(size: Dim, rows: int) -> int:
    """How many lines of the arena a buffer of `size` elements takes."""
    elements = size.at(rows) if isinstance(size, Batch) else size
    return -(-elements // _LINE_ELEMENTS)


@dataclass(slots=True, eq=False)
class Value:
    """A buffer of the program.

    Attributes:
        number: its place in the program's table.
        space: "arena", "constant", "state", "input" or "output".
        index: of the constant's first word, the state, the input or the output.
        size: its number of elements.
        dtype: "float32", "int32" or "bool" (kept as the floats 0 and 1).
        line: where it lies in the arena.
        first, last: the turns between which the arena must keep it.
    """

    number: int
    space: str
    index: int
    size: Dim
    dtype: str
    line: int = 0
    first: int = _WORD_LIMIT
    last: int = -1

    @property
    def in_arena(self) -> bool:
        """Whether it takes room in the arena; inputs are gathered there."""
        return self.space in ("arena", "input", "output")


@dataclass(slots=True)
class ProgramWriter:
    """Collects a program and encodes it."""

    max_rows: int
    values: list[Value] = field(default_factory=list)
    turn: int = 0  # instructions of one turn may run side by side
    phase_start: int | None = None
    guard: int = -1
    arena_lines: int = 0
    instruction_count: int = 0
    _extents: dict[Dim, int] = field(default_factory=dict)
    _constants: list[bytes] = field(default_factory=list)
    _constant_words: int = 0
    _code: list[int] = field(default_factory=list)
    _phase_turn: int | None = None

    def value(self, space: str, index: int, size: Dim, dtype: str) -> Value:
        """A new buffer."""
        self.extent(size)
        made = Value(len(self.values), space, index, size, dtype)
        self.values.append(made)
        return made

    def constant(self, values: np.ndarray) -> Value:
        """A buffer that holds an array."""
        dtype = values.dtype.name
        if dtype == "bool":
            values = values.astype(np.float32)
        value = self.value("constant", self._constant_words, values.size, dtype)
        self._constants.append(values.tobytes())
        self._constant_words += values.size
        return value

    def extent(self, size: Dim) -> int:
        """The number of an extent, which is made when it is new."""
        return self._extents.setdefault(size, len(self._extents))

    def emit(
        self,
        name: str,
        words: Sequence[int],
        reads: Sequence[Value],
        writes: Sequence[Value],
    ) -> None:
        """Appends an instruction, and notes which buffers must live until then."""
        turn = self.turn
        for value in (*reads, *writes):
            if value.first > turn:
                value.first = turn
            if value.last < turn:
                value.last = turn
        self._code += (_INSTRUCTIONS[name], len(words) + 2)
        self._code += words
        self.instruction_count += 1

    def start_second_phase(self) -> None:
        """Says that from here on instructions write state."""
        self.phase_start = self.instruction_count
        self._phase_turn = self.turn

    @property
    def phase_turn(self) -> int:
        """The turn in which the second phase starts; none yet: after all turns."""
        return self.turn + 1 if self._phase_turn is None else self._phase_turn

    def encode(self) -> bytes:
        """The program's bytes."""
        table: list[int] = []
        for size in self._extents:
            table += _extent_words(size)
        for v in self.values:
            extent = self._extents[v.size]
            table += (_SPACES[v.space], v.index, v.line, extent, DTYPES[v.dtype])
        total = _HEADER_WORDS + len(table) + self._constant_words + len(self._code)
        head, code = array("i", self._header(total) + table), array("i", self._code)
        return b"".join((head, *self._constants, code))

    def _header(self, total: int) -> list[int]:
        used = [v.space for v in self.values].count
        phase = self.phase_start
        header = [
            OPCODES["magic"],
            OPCODES["version"],
            total,
            self.max_rows,
            self.arena_lines,
            len(self._extents),
            len(self.values),
            self._constant_words,
            used("input"),
            used("state"),
            used("output"),
            self.instruction_count,
            self.instruction_count if phase is None else phase,
            self.guard,
        ]
        return header + [0] * (_HEADER_WORDS - len(header))


def _extent_words(size: Dim) -> tuple[int, int]:
    scale, offset = (
        (size.scale, size.offset) if isinstance(size, Batch) else (0, int(size))
    )
    if max(abs(scale), abs(offset)) > _WORD_LIMIT:
        raise UnsupportedError(
            "A tensor has too many elements for the engine.",
            expected=f"at most {_WORD_LIMIT}",
            received=repr(size),
        )
    return scale, offset
