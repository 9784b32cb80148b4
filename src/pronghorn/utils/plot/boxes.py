"""Boxes with lines of text, which may hold a graph of boxes, put onto a canvas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pronghorn.utils.plot.canvas import CHARACTER, LINE, Canvas
from pronghorn.utils.plot.layout import Edge, Point, place

__all__ = ["Box", "drawn"]

PAD = 4
HEADER = LINE + PAD


@dataclass(frozen=True)
class Box:
    """A layer, or a model with what is in it.

    Attributes:
        lines: of text; the first is the head.
        inside: boxes and the edges between them; None for a layer.
    """

    lines: Sequence[str]
    inside: tuple[Sequence[Box], Sequence[Edge]] | None = None


def drawn(
    boxes: Sequence[Box], edges: Sequence[Edge], rankdir: str, ortho: bool
) -> Canvas:
    """The boxes and edges on a canvas of their size.

    Args:
        boxes, edges: the graph; an edge goes from a box to another by their places.
        rankdir: "TB", "LR", "BT" or "RL", for what is inside of boxes too.
        ortho: whether edges go at right angles.
    """
    parts = [
        drawn(*box.inside, rankdir, ortho) if box.inside is not None else None
        for box in boxes
    ]
    sizes = [_size(box, part) for box, part in zip(boxes, parts, strict=True)]
    sideways, backwards = rankdir in ("LR", "RL"), rankdir in ("BT", "RL")
    placed = place([(h, w) for w, h in sizes] if sideways else sizes, edges, ortho)
    whole = placed.down

    def turned(point: Point) -> Point:
        across, down = point[0], whole - point[1] if backwards else point[1]
        return (down, across) if sideways else (across, down)

    width, height = turned((placed.across, 0.0 if backwards else whole))
    canvas = Canvas(width, height)
    canvas.paths = [[turned(p) for p in route] for route in placed.routes]
    for box, part, (w, h), centre in zip(
        boxes, parts, sizes, placed.centres, strict=True
    ):
        x, y = turned(centre)
        left, top = x - w / 2, y - h / 2
        if part is None:
            canvas.boxes.append((left, top, w, h, False))
        else:
            canvas.frames.append((left, top, w, h))
            canvas.put(part, x - part.width / 2, top + h - part.height)
        canvas.boxes.append((left, top, w, HEADER, True))
        for i, line in enumerate(box.lines):
            start = x - len(line) * CHARACTER / 2
            below = i * LINE + PAD + (i > 0) * PAD
            canvas.texts.append((start, top + below, line, i == 0))
    return canvas


def _size(box: Box, part: Canvas | None) -> tuple[float, float]:
    """A box's width and height: of its text, and of what is in it below that."""
    lines = len(box.lines)
    wide = max(map(len, box.lines)) * CHARACTER + 2 * PAD
    high = HEADER + (lines > 1) * PAD + (lines - 1) * LINE
    if part is None:
        return wide, high
    return max(wide, part.width), high + part.height
