"""Where the boxes of a graph go: in ranks, with few crossings, and lines between.

The method is that of Sugiyama, Tagawa and Toda (1981): ranks by the longest path, a
long edge as a chain of places of no width, and orders by the mean of the neighbours.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Edge", "Placed", "Point", "place"]

Edge = tuple[int, int]
Point = tuple[float, float]
GAP, RANK_GAP, MARGIN = 16.0, 36.0, 8.0
NEAR = 8.0  # what is hardly beside its neighbour is reached without a turn
SWEEPS, SHIFTS = 8, 32
STRAIGHT = 12.0  # how much harder a link of a chain pulls than an edge that forks


@dataclass
class Placed:
    """The layout, along the ranks ("down") and across them.

    Attributes:
        centres: of each box, (across, down).
        routes: of each edge, the points (across, down) from box to box.
        across, down: the size of the whole.
    """

    centres: list[Point]
    routes: list[list[Point]]
    across: float
    down: float


def place(
    sizes: Sequence[tuple[float, float]], edges: Sequence[Edge], ortho: bool
) -> Placed:
    """Lays out boxes.

    Args:
        sizes: of each box, (across, down).
        edges: (from, to), by the boxes' places; no loops.
        ortho: whether edges go at right angles; else straight from rank to rank.

    Example:

    >>> place([(10.0, 6.0), (10.0, 6.0)], [(0, 1)], True).routes
    [[(13.0, 14.0), (13.0, 50.0)]]
    """
    ranks = _ranks(len(sizes), edges)
    widths, levels = [across for across, _ in sizes], list(ranks)
    chains = []
    for start, end in edges:
        chain = [start]
        for level in range(ranks[start] + 1, ranks[end]):
            chain.append(len(widths))
            widths.append(0.0)
            levels.append(level)
        chains.append([*chain, end])
    rows = _ordered(levels, chains)
    xs = _across(rows, widths, _neighbours(chains))
    heights = [
        max((sizes[i][1] for i in row if i < len(sizes)), default=0.0) for row in rows
    ]
    tops = [MARGIN]
    for height in heights:
        tops.append(tops[-1] + height + RANK_GAP)
    middle = [top + height / 2 for top, height in zip(tops, heights)]
    left = MARGIN - min(x - w / 2 for x, w in zip(xs, widths))
    xs = [x + left for x in xs]
    half = [sizes[i][1] / 2 if i < len(sizes) else 0.0 for i in range(len(widths))]
    turn = {i: number for row in rows for number, i in enumerate(row)}
    routes: list[list[Point]] = []
    for chain in chains:
        points: list[Point] = []
        for a, b in itertools.pairwise(chain):
            first = (points[-1][0] if points else xs[a], middle[levels[a]] + half[a])
            last = (xs[b], middle[levels[b]] - half[b])
            points += _step(first, last, tops[levels[b]], turn[b], ortho)
        routes.append(_without_repeats(points))
    width = max(x + w / 2 for x, w in zip(xs, widths)) + MARGIN
    centres = [(xs[i], middle[ranks[i]]) for i in range(len(sizes))]
    return Placed(centres, routes, width, tops[-1] - RANK_GAP + MARGIN)


def _ranks(count: int, edges: Sequence[Edge]) -> list[int]:
    """The length of the longest path to each box."""
    ranks = [0] * count
    for _ in range(count):
        changed = False
        for start, end in edges:
            if ranks[end] <= ranks[start]:
                ranks[end], changed = ranks[start] + 1, True
        if not changed:
            break
    return ranks


def _neighbours(chains: Sequence[Sequence[int]]) -> dict[int, list[int]]:
    near: dict[int, list[int]] = {}
    for chain in chains:
        for a, b in itertools.pairwise(chain):
            near.setdefault(a, []).append(b)
            near.setdefault(b, []).append(a)
    return near


def _ordered(levels: Sequence[int], chains: Sequence[Sequence[int]]) -> list[list[int]]:
    """The boxes of each rank, in an order of few crossings."""
    rows: list[list[int]] = [[] for _ in range(max(levels) + 1)]
    for i, level in enumerate(levels):
        rows[level].append(i)
    near = _neighbours(chains)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        step = -1 if down else 1
        for level in range(1, len(rows)) if down else range(len(rows) - 2, -1, -1):
            places = {i: p for p, i in enumerate(rows[level + step])}
            means = {}
            for position, i in enumerate(rows[level]):
                found = [places[j] for j in near.get(i, ()) if j in places]
                means[i] = sum(found) / len(found) if found else float(position)
            rows[level].sort(key=means.__getitem__)
    return rows


def _across(
    rows: Sequence[Sequence[int]],
    widths: Sequence[float],
    near: Mapping[int, Sequence[int]],
) -> list[float]:
    """The middle of each box across the ranks: near its neighbours, not overlapping."""
    xs = [0.0] * len(widths)
    for row in rows:
        total = sum(widths[i] for i in row) + GAP * (len(row) - 1)
        edge = -total / 2
        for i in row:
            xs[i] = edge + widths[i] / 2
            edge += widths[i] + GAP
    pulls = _pulls(rows, near)
    for sweep in range(SHIFTS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            wanted = [
                sum(p * xs[j] for j, p in pulls[i]) / sum(p for _, p in pulls[i])
                if pulls[i]
                else xs[i]
                for i in row
            ]
            for i, x in zip(row, _apart(row, wanted, widths), strict=True):
                xs[i] = x
    return xs


def _pulls(
    rows: Sequence[Sequence[int]], near: Mapping[int, Sequence[int]]
) -> dict[int, list[tuple[int, float]]]:
    """How hard each neighbour pulls: where each is the other's only one, it is hard."""
    level = {i: number for number, row in enumerate(rows) for i in row}

    def alone(i: int, j: int) -> bool:
        return sum(level[k] == level[j] for k in near[i]) == 1

    return {
        i: [
            (j, STRAIGHT if alone(i, j) and alone(j, i) else 1.0)
            for j in near.get(i, ())
        ]
        for row in rows
        for i in row
    }


def _apart(
    row: Sequence[int], wanted: Sequence[float], widths: Sequence[float]
) -> list[float]:
    """The nearest places to those wanted at which the boxes keep their gaps.

    Blocks of touching boxes move as one to the mean of what they want (pool adjacent
    violators).
    """
    offsets: list[float] = []
    total = 0.0
    for i, a in enumerate(row):
        if i:
            total += (widths[row[i - 1]] + widths[a]) / 2 + GAP
        offsets.append(total)
    blocks: list[tuple[float, int]] = []  # mean place of the block's zero, its size
    for place_, offset in zip(wanted, offsets, strict=True):
        blocks.append((place_ - offset, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (one, n), (other, m) = blocks[-2:]
            blocks[-2:] = [((one * n + other * m) / (n + m), n + m)]
    zeros = [mean for mean, size in blocks for _ in range(size)]
    return [zero + offset for zero, offset in zip(zeros, offsets, strict=True)]


def _step(
    start: tuple[float, float],
    end: tuple[float, float],
    below: float,
    number: int,
    ortho: bool,
) -> list[Point]:
    """The points from one rank to the next.

    Edges to one box turn where they join, those to its neighbours a little apart.
    """
    if not ortho:
        return [start, end]
    if abs(start[0] - end[0]) < NEAR:
        return [start, (start[0], end[1])]
    turn = below - RANK_GAP / 2 + 3.0 * (number % 5 - 2)
    return [start, (start[0], turn), (end[0], turn), end]


def _without_repeats(
    points: Sequence[tuple[float, float]],
) -> list[Point]:
    return [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]
