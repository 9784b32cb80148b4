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
    """
    first = [g for g in plan.groups if not g.second_phase]
    second = [[g] for g in plan.groups if g.second_phase]
    return [*_alternate(first, _needs(plan, first)), *second]


def _needs(plan: Schedule, groups: list[Group]) -> list[set[int]]:
    """For each group those that it waits for."""
    place = {node: i for i, group in enumerate(groups) for node in group.nodes}
    needs: list[set[int]] = []
    for i, group in enumerate(groups):
        sources = {place.get(s, i) for n in group.nodes for s in plan.sources(n)}
        needs.append(sources - {i})
    return needs


def _alternate(groups: list[Group], needs: list[set[int]]) -> list[list[Group]]:
    by_rows = [_by_rows(group) for group in groups]
    waiting = list(range(len(groups)))
    done: set[int] = set()
    result: list[list[Group]] = []
    rows = False
    while waiting:
        turn: list[int] = []
        for i in waiting:
            # Row by row a group may follow another in the same turn; else all of a
            # turn run side by side.
            ready = needs[i] <= done or (rows and needs[i] <= done.union(turn))
            if by_rows[i] == rows and ready:
                turn.append(i)
        if turn:
            result.append([groups[i] for i in turn])
            done.update(turn)
            waiting = [i for i in waiting if i not in done]
        rows = not rows
    return result


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
