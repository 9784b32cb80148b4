"""A chart with two axes, as SVG that takes its colours from the page.

It is made for a width of 360 units, so that its letters are legible on a telephone, and
grows with the page. Nothing in it needs a script.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence

import numpy as np

from pronghorn.report.html import Html, join, tag

__all__ = ["Chart", "compact", "ticks"]

WIDTH, HEIGHT = 360.0, 250.0
TOP, RIGHT, BOTTOM = 26.0, 14.0, 42.0
CHARACTER = 7.8
"""The width of a digit of the axes, in a wide face."""

GROUPS, FEW = 12, 400
"""Points are drawn in so many groups: where groups overlap, the ink is darker. A few
points are drawn darker."""


class Chart:
    """A chart in the making; marks are drawn in the order of the calls.

    Args:
        x, y: both ends of the axes.
        x_label, y_label: what the axes are, with the unit.
        title: what the chart shows.
        description: the chart in words, with its numbers, for those who do not see it.
        x_percent, y_percent: whether the axis's numbers are shares.
        height: in units of which the width has 360.
        whole: whether the x axis counts, so that its marks are whole numbers.
    """

    def __init__(
        self,
        x: tuple[float, float],
        y: tuple[float, float],
        *,
        x_label: str,
        y_label: str,
        title: str,
        description: str,
        x_percent: bool = False,
        y_percent: bool = False,
        height: float = HEIGHT,
        whole: bool = False,
    ) -> None:
        self._x, self._y = _apart(x), _apart(y)
        self._labels = (x_label, y_label)
        self._words = (title, description)
        self._height = height
        xs = ticks(*self._x)
        self._x_ticks = [t for t in xs if not whole or t == int(t)]
        self._y_ticks = ticks(*self._y)
        self._x_texts = compact(self._x_ticks, percent=x_percent)
        self._y_texts = compact(self._y_ticks, percent=y_percent)
        self._left = 12 + CHARACTER * max(map(len, self._y_texts), default=1)
        self._marks: list[Html] = []

    def _place(self, x: float, y: float) -> tuple[float, float]:
        """Where a point lies within the plot's own box."""
        (x0, x1), (y0, y1) = self._x, self._y
        wide, high = WIDTH - self._left - RIGHT, self._height - TOP - BOTTOM
        return wide * (x - x0) / (x1 - x0), high * (1 - (y - y0) / (y1 - y0))

    def _path(self, xs: Sequence[float], ys: Sequence[float]) -> str:
        """A line through all points that are numbers."""
        words, pen = [], "M"
        for x, y in zip(xs, ys, strict=True):
            if math.isfinite(x) and math.isfinite(y):
                words.append("{}{:.1f} {:.1f}".format(pen, *self._place(x, y)))
                pen = "L"
            else:
                pen = "M"
        return "".join(words)

    def line(self, xs: Sequence[float], ys: Sequence[float], role: str) -> None:
        """A line in the role's colour, broken where a value is not finite."""
        self._marks.append(tag("path", d=self._path(xs, ys), class_=f"line {role}"))

    def rule(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """A dashed help line."""
        path = self._path((start[0], end[0]), (start[1], end[1]))
        self._marks.append(tag("path", d=path, class_="rule"))

    def cloud(self, xs: np.ndarray, ys: np.ndarray, role: str) -> None:
        """Points; darker where there are many."""
        groups = min(GROUPS, max(1, len(xs)))
        kind = "cloud" if len(xs) > FEW else "dots"
        for start in range(groups):
            dots = [
                "M{:.1f} {:.1f}h0".format(*self._place(x, y))
                for x, y in zip(xs[start::groups].tolist(), ys[start::groups].tolist())
            ]
            self._marks.append(tag("path", d="".join(dots), class_=f"{kind} {role}"))

    def dot(
        self, x: float, y: float, role: str, hint: str = "", radius: float = 4
    ) -> None:
        """A point; the hint is told where a pointer rests on it."""
        across, down = self._place(x, y)
        self._marks.append(
            tag(
                "circle",
                tag("title", hint) if hint else None,
                cx=f"{across:.1f}",
                cy=f"{down:.1f}",
                r=f"{radius:g}",
                class_=f"dot {role}",
            )
        )

    def upright(self, x: float, low: float, high: float, role: str) -> None:
        """An interval, upright."""
        path = self._path((x, x), (low, high))
        self._marks.append(tag("path", d=path, class_=f"whisker {role}"))

    def bars(self, edges: np.ndarray, heights: np.ndarray, role: str) -> None:
        """Bars that stand on the value 0, side by side."""
        words = []
        for left, right, value in zip(edges[:-1], edges[1:], heights):
            x0, y0 = self._place(float(left), 0.0)
            x1, y1 = self._place(float(right), float(value))
            if value:
                gap = min(1.0, (x1 - x0) / 6)
                words.append(
                    f"M{x0 + gap / 2:.1f} {y0:.1f}V{y1:.1f}H{x1 - gap / 2:.1f}"
                    f"V{y0:.1f}z"
                )
        self._marks.append(tag("path", d="".join(words), class_=f"bar {role}"))

    def note(self, x: float, y: float, text: str, anchor: str = "start") -> None:
        """Words beside a place."""
        across, down = self._place(x, y)
        shift = {"start": 5, "middle": 0, "end": -5}[anchor]
        self._marks.append(
            tag(
                "text",
                text,
                x=f"{across + shift:.1f}",
                y=f"{down:.1f}",
                text_anchor=anchor,
                class_="note",
            )
        )

    def svg(self) -> Html:
        """The finished chart."""
        title, description = self._words
        wide, high = WIDTH - self._left - RIGHT, self._height - TOP - BOTTOM
        axes = self._axes()
        words = join([title, description, axes, self._marks])
        key = f"chart-{zlib.crc32(words.encode()):08x}"
        # A box within the box cuts off what leaves the axes.
        plot = tag(
            "svg",
            self._marks,
            x=f"{self._left:.1f}",
            y=f"{TOP:g}",
            width=f"{wide:.1f}",
            height=f"{high:.1f}",
            overflow="hidden",
        )
        return tag(
            "svg",
            tag("title", title, id=f"{key}-title"),
            tag("desc", description, id=f"{key}-desc"),
            axes,
            plot,
            viewBox=f"0 0 {WIDTH:g} {self._height:g}",
            class_="chart",
            role="img",
            aria_labelledby=f"{key}-title {key}-desc",
        )

    def _axes(self) -> Html:
        low = self._height - BOTTOM
        right = WIDTH - RIGHT
        parts = []
        for value, text in zip(self._y_ticks, self._y_texts):
            y = TOP + self._place(self._x[0], value)[1]
            parts.append(_stroke(self._left, y, right, y, "grid"))
            parts.append(_word(self._left - 6, y + 4, text, "end"))
        for value, text in zip(self._x_ticks, self._x_texts):
            x = self._left + self._place(value, self._y[0])[0]
            parts.append(_stroke(x, low, x, low + 4, "axis"))
            # The last number stays within the picture.
            half = CHARACTER * len(text) / 2
            parts.append(_word(min(x, WIDTH - half), low + 17, text, "middle"))
        parts.append(_stroke(self._left, low, right, low, "axis"))
        middle = (self._left + right) / 2
        parts.append(_word(middle, low + 35, self._labels[0], "middle", "label"))
        parts.append(_word(2, 14, self._labels[1], "start", "label"))
        return join(parts)


def _stroke(x0: float, y0: float, x1: float, y1: float, kind: str) -> Html:
    return tag("path", d=f"M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}", class_=kind)


def _word(x: float, y: float, text: str, anchor: str, kind: str = "tick") -> Html:
    return tag(
        "text", text, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, class_=kind
    )


def _apart(ends: tuple[float, float]) -> tuple[float, float]:
    """Both ends, apart from each other."""
    low, high = ends
    if low < high:
        return ends
    room = abs(low) * 0.1 or 0.5
    return low - room, low + room


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers within both ends, at most six of them.

    >>> ticks(0, 1)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    >>> ticks(-3, 120)
    [0.0, 25.0, 50.0, 75.0, 100.0]
    """
    step = 10.0 ** math.floor(math.log10((high - low) / most))
    # The last of these is always enough.
    step *= next(m for m in (1, 2, 2.5, 5, 10, 20) if (high - low) / (step * m) <= most)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [float(f"{i * step:.12g}") for i in range(first, last + 1)]


def compact(values: Sequence[float], percent: bool = False) -> list[str]:
    """Numbers of an axis, short.

    >>> compact([0, 200_000, 400_000]), compact([0.0, 0.25], percent=True)
    (['0', '200k', '400k'], ['0 %', '25 %'])
    >>> compact([0.5, 1.0]), compact([0, 1e-6])
    (['0.5', '1'], ['0', '1e-06'])
    """
    if percent:
        return [f"{100 * value:.12g} %" for value in values]
    largest = max(map(abs, values), default=0.0)
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if largest >= size and largest < 1e15:
            unit = 1e3 if letter == "k" else size
            return [f"{v / unit:.12g}{letter if v else ''}" for v in values]
    return [f"{value:.12g}" for value in values]
