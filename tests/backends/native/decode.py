"""Reading a program's words again: which kinds of instruction, load and step it has."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pronghorn.backends.native.program import OPCODES

__all__ = ["instructions", "names_in"]

_HEADER, _EXTENT, _VALUE = 16, 2, 5


def _names(kind: str) -> dict[int, str]:
    return {code: name for name, code in OPCODES.items() if name.startswith(kind)}


def instructions(program: bytes) -> Iterator[tuple[str, list[int]]]:
    """Each instruction's name and its contents, without opcode and length."""
    words = np.frombuffer(program, np.int32).tolist()
    extents, values, constants = words[5:8]
    at = _HEADER + _EXTENT * extents + _VALUE * values + constants
    known = _names("instruction.")
    for _ in range(words[11]):
        yield known[words[at]], words[at + 2 : at + words[at + 1]]
        at += words[at + 1]


def names_in(program: bytes) -> set[str]:
    """The names, as in `OPCODES`, of all that a program uses."""
    found = set()
    for name, contents in instructions(program):
        found.add(name)
        if name == "instruction.chain":
            found |= _in_chain(contents)
    return found


def _in_chain(words: list[int]) -> set[str]:
    _, _, loads, operations, _ = words[:5]
    found, at = set(), 5
    kinds, micros = _names("load."), _names("micro.")
    lengths = {"load.middle": 4, "load.outer": 4}
    for _ in range(loads):
        found.add(kinds[words[at]])
        at += lengths.get(kinds[words[at]], 2)
    for _ in range(operations):
        found.add(micros[words[at]])
        at += 5
    return found
