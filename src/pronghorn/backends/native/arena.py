"""Planning memory: one arena, in which buffers that never live together share room."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from operator import attrgetter

from pronghorn.backends.native.program import Value, line_count

__all__ = ["plan_arena"]

_by_first = attrgetter("first")


def plan_arena(values: Iterable[Value], rows: int) -> int:
    """Gives every buffer its line in the arena; returns how many lines there are.

    Buffers are placed in the order in which they come to life, each at the lowest
    place that is free for as long as it lives.
    """
    alive: list[tuple[int, int, int]] = []  # (line, end line, last turn)
    total, now = 0, -1
    wanted = [v for v in values if v.in_arena]
    for value in wanted:
        if value.space == "input":  # there before the first turn
            value.first = -1
    wanted.sort(key=_by_first)  # of equal ones, those that were made first come first
    for value in wanted:
        if value.first > now:
            now = value.first
            alive = [entry for entry in alive if entry[2] >= now]
        lines = line_count(value.size, rows)
        line = value.line = _lowest_gap(alive, lines)
        total = max(total, line + lines)
        if value.last >= now:
            insort(alive, (line, line + lines, value.last))
    return total


def _lowest_gap(alive: list[tuple[int, int, int]], lines: int) -> int:
    line = 0
    for start, end, _ in alive:
        if start - line >= lines:
            return line
        if end > line:
            line = end
    return line
