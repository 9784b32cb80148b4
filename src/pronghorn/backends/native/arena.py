"""Planning memory: one arena, in which buffers that never live together share room."""

from __future__ import annotations

from collections.abc import Iterable

from pronghorn.backends.native.program import Value, line_count

__all__ = ["plan_arena"]


def plan_arena(values: Iterable[Value], rows: int) -> int:
    """Gives every buffer its line in the arena; returns how many lines there are.

    Buffers are placed in the order in which they come to life, each at the lowest
    place that is free for as long as it lives.
    """
    alive: list[tuple[int, int, int]] = []  # (line, end line, last instruction)
    total = 0
    wanted = [v for v in values if v.in_arena]
    for value in wanted:
        if value.space == "input":  # gathered before the first instruction
            value.first = -1
    for value in sorted(wanted, key=lambda v: (v.first, v.number)):
        lines = line_count(value.size, rows)
        alive = [entry for entry in alive if entry[2] >= value.first]
        value.line = _lowest_gap(alive, lines)
        alive.append((value.line, value.line + lines, value.last))
        alive.sort()
        total = max(total, value.line + lines)
    return total


def _lowest_gap(alive: list[tuple[int, int, int]], lines: int) -> int:
    line = 0
    for start, end, _ in alive:
        if start - line >= lines:
            return line
        line = max(line, end)
    return line
