"""Ordering a schedule: what is done row by row comes together.

The engine runs neighbouring instructions that compute a row of the batch from the same
row alone one after the other for a block of rows at a time, without waiting for other
threads in between. It finds them by itself; here they become neighbours, and the
buffers that they use live long enough not to share memory.
"""

from __future__ import annotations

from pronghorn.backends.native.fuse import Group, Schedule
from pronghorn.ir.graph import Node
from pronghorn.ir.shapes import BATCH, Batch, Dim, size

__all__ = ["turns"]

_MOST_WEIGHTS = 128 * 1024  # elements of a matrix that all rows are multiplied by


def turns(plan: Schedule) -> list[list[Group]]:
    """The groups of a schedule, in turns that alternate between the two kinds.

    A group runs after those whose results it reads; the second phase keeps its order.
    Row by row a group may follow another in the same turn; else all of a turn run side
    by side.
    """
    result: dict[int, list[Group]] = {}
    second: list[list[Group]] = []
    turn_of: dict[Node, int] = {}
    for group in plan.groups:
        if group.second_phase:
            second.append([group])
            continue
        turn = _turn(_last_need(plan, group, turn_of), _by_rows(group))
        result.setdefault(turn, []).append(group)
        turn_of.update(dict.fromkeys(group.nodes, turn))
    return [*(result[turn] for turn in sorted(result)), *second]


def _last_need(plan: Schedule, group: Group, turn_of: dict[Node, int]) -> int:
    """The last turn whose results a group reads; -1: none."""
    get = turn_of.get
    return max([get(s, -1) for n in group.nodes for s in plan.sources[n]], default=-1)


def _turn(need: int, rows: bool) -> int:
    """The first turn of the right kind, which is odd row by row and else even."""
    if rows:
        return max(1, need | 1)
    return need + 2 - need % 2


def _by_rows(group: Group) -> bool:
    if group.domain is not None:
        return _whole_rows(group.domain)
    node = group.nodes[0]
    if not node.shape or node.shape[0] != BATCH:
        return False
    match node.primitive.name:
        case "matmul":
            return _small_matrix(node)
        case "sum" | "max":
            return 0 not in node.attrs["axes"]
        case "argmax":
            return bool(node.attrs["axis"] != 0)
        case "take":
            return bool(node.attrs["axis"] == 0)
        case "concat":
            return bool(node.attrs["axis"] != 0)
    return False


def _whole_rows(elements: Dim) -> bool:
    return isinstance(elements, Batch) and elements.offset == 0


def _small_matrix(node: Node) -> bool:
    matrix = size(node.inputs[1].shape)
    return len(node.shape) == 2 and (
        not isinstance(matrix, Batch) and matrix <= _MOST_WEIGHTS
    )
