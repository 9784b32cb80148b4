"""A sheet to draw on, which knows what it holds and becomes SVG."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence

from pronghorn.utils.draw.drawing import Drawing
from pronghorn.utils.draw.words import SUBSCRIPT, Label, Run, width

__all__ = ["Gap", "Point", "Sheet"]

Point = tuple[float, float]
Gap = tuple[Point, float, float]
MARGIN = 10.0

# Ink is the page's own color of text. A file that stands alone takes the browser's, for
# light and dark; people who confuse red and green tell blue from orange.
STYLE = """
.pronghorn-drawing{font-family:system-ui,sans-serif;
--plus:var(--pronghorn-positive,#2b7bd6);--minus:var(--pronghorn-negative,#d9661f)}
.pronghorn-drawing:root{color-scheme:light dark;color:CanvasText;background:Canvas}
@media (prefers-color-scheme:dark){.pronghorn-drawing:root{
--plus:var(--pronghorn-positive,#5aa2f0);--minus:var(--pronghorn-negative,#f08c4b)}}
.pronghorn-drawing text{fill:currentColor;stroke:none}
.pronghorn-drawing .symbol{font-family:serif;font-style:italic}
.pronghorn-drawing .strong{font-weight:600}
.pronghorn-drawing .quiet{fill-opacity:.72}
.pronghorn-drawing .ink{stroke:currentColor;fill:none}
.pronghorn-drawing .faint{stroke:currentColor;stroke-opacity:.45;fill:none}
.pronghorn-drawing .unit{stroke:currentColor;fill:currentColor;fill-opacity:.07}
.pronghorn-drawing .band{stroke:none;fill:currentColor;fill-opacity:.12}
.pronghorn-drawing .hollow{stroke:currentColor;stroke-dasharray:3 3;fill:none}
.pronghorn-drawing .solid{stroke:none;fill:currentColor}
.pronghorn-drawing .plus{stroke:var(--plus);fill:none}
.pronghorn-drawing .minus{stroke:var(--minus);fill:none}
.pronghorn-drawing .plus-head{stroke:none;fill:var(--plus)}
.pronghorn-drawing .minus-head{stroke:none;fill:var(--minus)}
""".strip()

HEADS = {"plus": "plus-head", "minus": "minus-head"}


class Sheet:
    """Shapes in the order in which they are drawn; the viewBox is what they cover."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._xs: list[float] = []
        self._ys: list[float] = []

    def _cover(self, left: float, top: float, right: float, bottom: float) -> None:
        self._xs += [left, right]
        self._ys += [top, bottom]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of what is drawn so far."""
        return min(self._xs), min(self._ys), max(self._xs), max(self._ys)

    def circle(
        self, x: float, y: float, r: float, kind: str = "unit", hint: str = ""
    ) -> None:
        """A circle; the hint is what a pointer that rests on it is told."""
        self._cover(x - r - 1, y - r - 1, x + r + 1, y + r + 1)
        self._shape(f'circle cx="{x:.6g}" cy="{y:.6g}" r="{r:g}" class="{kind}"', hint)

    def box(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        kind: str = "unit",
        round_: float = 0,
        hint: str = "",
    ) -> None:
        """A rectangle from its left and top."""
        self._cover(x - 1, y - 1, x + w + 1, y + h + 1)
        self._shape(
            f'rect x="{x:.6g}" y="{y:.6g}" width="{w:.6g}" height="{h:.6g}" '
            f'rx="{round_:g}" class="{kind}"',
            hint,
        )

    def head(self, x: float, y: float, w: float, h: float, round_: float) -> None:
        """The upper part of a box, its upper corners round."""
        self._cover(x, y, x + w, y + h)
        r = round_
        self._shape(
            f'path d="M{x:.6g} {y + h:.6g}v{r - h:g}q0 {-r:g} {r:g} {-r:g}'
            f'h{w - 2 * r:.6g}q{r:g} 0 {r:g} {r:g}v{h - r:g}z" class="band"',
            "",
        )

    def line(
        self,
        points: Sequence[Point],
        kind: str = "ink",
        thick: float = 1.3,
        opacity: float = 1.0,
        hint: str = "",
    ) -> None:
        """A line through points."""
        for x, y in points:
            self._cover(x - thick, y - thick, x + thick, y + thick)
        path = " ".join(f"{x:.6g},{y:.6g}" for x, y in points)
        clear = f' stroke-opacity="{opacity:.2g}"' if opacity < 1 else ""
        self._shape(
            f'polyline points="{path}" class="{kind}" stroke-width="{thick:.2f}"'
            f'{clear} stroke-linejoin="round"',
            hint,
        )

    def arrow(
        self,
        start: Point,
        end: Point,
        kind: str = "ink",
        thick: float = 1.3,
        hint: str = "",
        gaps: Sequence[Gap] = (),
    ) -> None:
        """A straight arrow, its line left out where labels stand.

        Args:
            start, end: the arrow's head is at the end.
            kind, thick, hint: as of a line.
            gaps: the middle, width and height of labels.
        """
        length = max(math.dist(start, end), 1e-9)
        dx, dy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
        size = 7.0 + thick
        neck = (end[0] - size * dx, end[1] - size * dy)
        for a, b in _without(start, neck, gaps):
            self.line([a, b], kind, thick, hint=hint)
        side = 0.42 * size
        corners = [
            end,
            (neck[0] - side * dy, neck[1] + side * dx),
            (neck[0] + side * dy, neck[1] - side * dx),
        ]
        path = " ".join(f"{x:.6g},{y:.6g}" for x, y in corners)
        self._cover(*end, *end)
        self._shape(f'polygon points="{path}" class="{HEADS.get(kind, "solid")}"', "")

    def text(
        self,
        x: float,
        y: float,
        label: Label,
        size: float = 14,
        anchor: str = "middle",
        kind: str = "",
        hint: str = "",
    ) -> None:
        """A label whose middle is at the height `y`."""
        wide = width(label, size) * (1.08 if kind == "strong" else 1.0)
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        self._cover(left, y - 0.75 * size, left + wide, y + 0.75 * size)
        runs, back = [], 0.0
        for run in label:
            runs.append(_run(run, size, back))
            back = 0.22 * size if run.below else 0.0
        style = f' class="{kind}"' if kind else ""
        self._shape(
            f'text x="{x:.6g}" y="{y + 0.35 * size:.6g}" font-size="{size:.3g}" '
            f'text-anchor="{anchor}"{style}',
            hint,
            "".join(runs),
        )

    def dots(self, x: float, y: float, step: float = 7.0) -> None:
        """Three dots, for what is left out."""
        for shift in (-step, 0.0, step):
            self.circle(x, y + shift, 1.8, "solid")

    def _shape(self, tag: str, hint: str, content: str = "") -> None:
        inner = content + (f"<title>{_escaped(hint)}</title>" if hint else "")
        name = tag.split(" ", 1)[0]
        self._parts.append(f"<{tag}>{inner}</{name}>" if inner else f"<{tag}/>")

    def drawing(self, title: str, description: str) -> Drawing:
        """The finished picture, which says itself in words too."""
        left, top, right, bottom = self.bounds
        x, y = math.floor(left - MARGIN), math.floor(top - MARGIN)
        w, h = math.ceil(right + MARGIN) - x, math.ceil(bottom + MARGIN) - y
        body = "\n".join(self._parts)
        words = f"{title}\n{description}\n{body}"
        key = f"pronghorn-{zlib.crc32(words.encode()):08x}"
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="pronghorn-drawing" '
            f'viewBox="{x} {y} {w} {h}" width="{w}" height="{h}" role="img" '
            f'aria-labelledby="{key}-title {key}-desc" '
            f'style="max-width:100%;height:auto">\n'
            f'<title id="{key}-title">{_escaped(title)}</title>\n'
            f'<desc id="{key}-desc">{_escaped(description)}</desc>\n'
            f"<style>{STYLE}</style>\n{body}\n</svg>\n"
        )
        return Drawing(svg, title, description)


def _run(run: Run, size: float, back: float) -> str:
    """A piece of text; a subscript goes down, and what follows it up again."""
    moves = (
        f' dy="{0.22 * size if run.below else -back:.3g}"' if run.below or back else ""
    )
    small = f' font-size="{SUBSCRIPT * size:.3g}"' if run.below else ""
    style = ' class="symbol"' if run.symbol else ""
    text = _escaped(run.text)
    return f"<tspan{moves}{small}{style}>{text}</tspan>" if moves + style else text


def _without(
    start: Point, end: Point, gaps: Sequence[Gap]
) -> list[tuple[Point, Point]]:
    """The parts of a line that lie outside of labels' boxes.

    >>> _without((0, 0), (10, 0), [((5, 1), 2, 4), ((5, 9), 2, 4)])
    [((0.0, 0.0), (4.0, 0.0)), ((6.0, 0.0), (10.0, 0.0))]
    """
    along = (end[0] - start[0], end[1] - start[1])
    kept = [(0.0, 1.0)]
    for middle, wide, high in gaps:
        enter, leave = 0.0, 1.0
        for axis, half in enumerate((wide / 2, high / 2)):
            away = middle[axis] - start[axis]
            if abs(along[axis]) < 1e-9:
                if abs(away) >= half:
                    leave = -1.0
                continue
            ends = sorted((away + side * half) / along[axis] for side in (-1, 1))
            enter, leave = max(enter, ends[0]), min(leave, ends[1])
        if enter < leave:
            cut = [
                part
                for a, b in kept
                for part in ((a, min(b, enter)), (max(a, leave), b))
            ]
            kept = [(a, b) for a, b in cut if a < b]
    return [
        (
            (start[0] + a * along[0], start[1] + a * along[1]),
            (start[0] + b * along[0], start[1] + b * along[1]),
        )
        for a, b in kept
    ]


def _escaped(text: str) -> str:
    for sign, name in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot")):
        text = text.replace(sign, f"&{name};")
    return "".join(c if c.isprintable() else " " for c in text)
