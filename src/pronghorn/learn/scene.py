"""What a live figure shows: panels, and the marks in them, as plain values.

A scene is made of dictionaries, lists, numbers and text, so that it travels to the page
as it is; `static/figure.js` draws it. Colours are never given: a mark has a role, and
the page's stylesheet has the role's colour in light and in dark.

| role | for what |
|---|---|
| `data` | rows of the table |
| `model` | what the net says |
| `truth` | what made the data, where that is known |
| `train`, `valid` | the loss on training rows and on validation rows |
| `path` | the way that training took |
| `muted` | help lines, residuals |
| `class0`, `class1`, ... `class9` | classes; class 0 is orange, class 1 is blue |
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pronghorn.errors import ArgumentError

__all__ = [
    "ROLES",
    "bars",
    "contours",
    "drawing",
    "field",
    "label",
    "line",
    "plane",
    "plot",
    "points",
    "residuals",
    "rule",
    "scene",
    "space",
    "words",
]

ROLES = (
    "data model truth train valid path muted accent "
    "class0 class1 class2 class3 class4 class5 class6 class7 class8 class9"
).split()

Mark = dict[str, Any]
Panel = dict[str, Any]
Scene = dict[str, Any]


def line(
    x: ArrayLike,
    y: ArrayLike,
    *,
    name: str = "",
    role: str = "model",
    dashed: bool = False,
    dots: bool = False,
) -> Mark:
    """A line through points; a NaN breaks it.

    Args:
        x: (n,) numbers.
        y: (n,) numbers.
        name: written in the legend; none by default.
        role: what it stands for, one of `ROLES`.
        dashed: whether it is dashed.
        dots: whether each point has a dot.

    >>> line([0, 1], [90, 92.5], name="the unit")["y"]
    [90, 92.5]
    """
    return {
        "kind": "line",
        **_pair("line", x, y),
        "name": name,
        "role": _role("line", role),
        "dashed": bool(dashed),
        "dots": bool(dots),
    }


def points(
    x: ArrayLike,
    y: ArrayLike,
    *,
    name: str = "",
    role: str | Sequence[str] = "data",
    labels: Sequence[str] | None = None,
    drag: str = "",
    hollow: ArrayLike | None = None,
    size: float = 4.5,
) -> Mark:
    """Rows as dots.

    Args:
        x: (n,) numbers.
        y: (n,) numbers.
        name: written in the legend; none by default.
        role: one role, or one for each point.
        labels: a word for each point, shown where the mouse or the keyboard is on it.
        drag: where given, points can be moved, with the mouse and with the arrow keys;
            the figure then gets `Event(kind="move", mark=drag, index=i, x=..., y=...)`.
        hollow: (n,) booleans; true ones are drawn as rings.
        size: radius in pixels.

    >>> points([5], [102.5], labels=["a cereal"])["labels"]
    ['a cereal']
    """
    pair = _pair("points", x, y)
    roles = [role] if isinstance(role, str) else list(role)
    if len(roles) not in (1, len(pair["x"])):
        raise ArgumentError(
            "points: as many roles as points",
            expected=f"one role, or {len(pair['x'])}",
            received=f"{len(roles)} roles",
        )
    return {
        "kind": "points",
        **pair,
        "name": name,
        "role": [_role("points", each) for each in roles],
        "labels": None if labels is None else [str(each) for each in labels],
        "drag": drag,
        "hollow": None if hollow is None else [int(bool(h)) for h in np.ravel(hollow)],
        "size": float(size),
    }


def residuals(x: ArrayLike, y: ArrayLike, to: ArrayLike) -> Mark:
    """A thin upright line from each point (x, y) to (x, to): what the model misses."""
    return {
        "kind": "residuals",
        **_pair("residuals", x, y),
        "to": _numbers(to),
        "role": "muted",
    }


def rule(
    *,
    x: float | None = None,
    y: float | None = None,
    name: str = "",
    role: str = "muted",
) -> Mark:
    """A straight line through the whole panel, upright at `x` or level at `y`."""
    if (x is None) == (y is None):
        raise ArgumentError(
            "rule: where it lies",
            expected="x or y, one of the two",
            received=f"x={x!r}, y={y!r}",
        )
    at = {"x": _number(x)} if x is not None else {"y": _number(y)}
    return {"kind": "rule", **at, "name": name, "role": _role("rule", role)}


def label(x: float, y: float, text: str, *, role: str = "muted") -> Mark:
    """Words at a place of the panel."""
    return {
        "kind": "label",
        "x": _number(x),
        "y": _number(y),
        "text": str(text),
        "role": _role("label", role),
    }


def bars(
    names: Sequence[str],
    heights: ArrayLike,
    *,
    low: ArrayLike | None = None,
    high: ArrayLike | None = None,
    name: str = "",
    role: str = "model",
) -> Mark:
    """Bars side by side, at 0, 1, 2, ... of the panel's x, with an interval each.

    Args:
        names: a word below each bar.
        heights: (n,) numbers.
        low: (n,) lower ends of the intervals; none by default.
        high: (n,) upper ends.
        name: written in the legend.
        role: what they stand for.
    """
    return {
        "kind": "bars",
        "names": [str(each) for each in names],
        "y": _numbers(heights),
        "low": None if low is None else _numbers(low),
        "high": None if high is None else _numbers(high),
        "name": name,
        "role": _role("bars", role),
    }


def field(
    values: ArrayLike,
    x: tuple[float, float],
    y: tuple[float, float],
    *,
    palette: str = "classes",
    low: float | None = None,
    high: float | None = None,
) -> Mark:
    """A coloured ground: a value for each cell of a grid.

    Args:
        values: (rows, columns) numbers; row 0 lies at the bottom. With the palette
            `labels`, whole numbers of classes.
        x: where the grid begins and ends, left to right.
        y: where it begins and ends, bottom to top.
        palette: `classes` (from class 0's colour over white to class 1's), `sequence`
            (one hue, dark is much), `signs` (below zero, above zero) or `labels` (a
            class's colour for each cell).
        low: the value of the palette's beginning; the least one by default.
        high: the value of its end; the greatest by default.

    >>> mark = field([[0.0, 1.0]], x=(0, 1), y=(0, 1))
    >>> mark["rows"], mark["columns"], mark["cells"]
    (1, 2, 'AP8=')
    """
    grid = np.asarray(values, dtype=np.float64)
    if grid.ndim != 2:
        raise ArgumentError(
            "field: values of a grid",
            expected="shape (rows, columns)",
            received=f"shape {grid.shape}",
        )
    if palette not in ("classes", "sequence", "signs", "labels"):
        raise ArgumentError(
            "field: the palette",
            expected="'classes', 'sequence', 'signs' or 'labels'",
            received=repr(palette),
        )
    if palette == "labels":
        cells = grid.astype(np.uint8)
    else:
        finite = grid[np.isfinite(grid)]
        bottom = float(finite.min()) if low is None else float(low)
        top = float(finite.max()) if high is None else float(high)
        if palette == "signs" and low is None and high is None:
            top = max(abs(bottom), abs(top))
            bottom = -top
        scale = 255 / (top - bottom) if top > bottom else 0.0
        cells = np.nan_to_num((grid - bottom) * scale, nan=0.0)
        cells = np.clip(np.rint(cells), 0, 255).astype(np.uint8)
    return {
        "kind": "field",
        "rows": grid.shape[0],
        "columns": grid.shape[1],
        "x": [_number(each) for each in x],
        "y": [_number(each) for each in y],
        "palette": palette,
        "cells": base64.b64encode(cells.tobytes()).decode("ascii"),
    }


def contours(
    values: ArrayLike,
    x: tuple[float, float],
    y: tuple[float, float],
    *,
    levels: Sequence[float],
    role: str = "muted",
) -> Mark:
    """Lines of equal value over a grid.

    Args:
        values: (rows, columns) numbers at the grid's corners; row 0 at the bottom.
        x: where the grid begins and ends.
        y: the same, upwards.
        levels: the values to draw lines at.
        role: what they stand for.
    """
    grid = np.asarray(values, dtype=np.float64)
    return {
        "kind": "contours",
        "rows": grid.shape[0],
        "columns": grid.shape[1],
        "x": [_number(each) for each in x],
        "y": [_number(each) for each in y],
        "values": _numbers(grid),
        "levels": _numbers(levels),
        "role": _role("contours", role),
    }


def plot(
    marks: Iterable[Mark],
    *,
    title: str = "",
    x: str = "",
    y: str = "",
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float, float] | None = None,
    x_log: bool = False,
    y_log: bool = False,
    square: bool = False,
    add: str = "",
    legend: bool = True,
) -> Panel:
    """A panel with two axes.

    Args:
        marks: drawn in their order.
        title: above the panel.
        x: the words at the lower axis, with the unit.
        y: the words at the left axis.
        x_range: both ends of the axis; from the marks by default. Give both ranges
            where a slider moves marks, so that the axes stay where they are.
        y_range: the same for the left axis.
        x_log: whether the axis is logarithmic.
        y_log: the same for the left axis.
        square: whether the panel is as high as it is wide.
        add: where given, a click on free ground (or the key `a`) adds a point: the
            figure gets `Event(kind="add", mark=add, x=..., y=...)`; `Delete` on a point
            of the mark with that name gives `Event(kind="remove", mark=add, index=i)`,
            and so does the mouse's other button, or a long touch.
        legend: whether names of marks are written.
    """
    return {
        "kind": "plot",
        "marks": list(marks),
        "title": title,
        "x": {"label": x, "range": _range(x_range), "log": bool(x_log)},
        "y": {"label": y, "range": _range(y_range), "log": bool(y_log)},
        "square": bool(square),
        "add": add,
        "legend": bool(legend),
    }


def plane(values: ArrayLike, x: tuple[float, float], y: tuple[float, float]) -> Mark:
    """A surface z over a grid, for `space`: (rows, columns); row 0 at the least y."""
    grid = np.asarray(values, dtype=np.float64)
    return {
        "kind": "plane",
        "rows": grid.shape[0],
        "columns": grid.shape[1],
        "x": [_number(each) for each in x],
        "y": [_number(each) for each in y],
        "values": _numbers(grid),
        "role": "model",
    }


def space(
    x: ArrayLike,
    y: ArrayLike,
    z: ArrayLike,
    *,
    surfaces: Iterable[Mark] = (),
    to: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    names: tuple[str, str, str] = ("x", "y", "z"),
    title: str = "",
    z_range: tuple[float, float] | None = None,
) -> Panel:
    """A panel in three dimensions, turned with the mouse or the arrow keys.

    Args:
        x: (n,) numbers of the points.
        y: the same.
        z: the same, upwards.
        surfaces: what `plane` gives.
        to: (n,) heights; an upright line goes there from each point.
        labels: a word for each point.
        names: the words at the three axes.
        title: above the panel.
        z_range: both ends of the upright axis; from points and planes by default.
    """
    return {
        "kind": "space",
        **_pair("space", x, y),
        "z": _numbers(z),
        "to": None if to is None else _numbers(to),
        "labels": None if labels is None else [str(each) for each in labels],
        "surfaces": list(surfaces),
        "names": list(names),
        "title": title,
        "z_range": _range(z_range),
    }


def drawing(svg: str, *, title: str = "") -> Panel:
    """A panel with a picture, such as `model.draw().svg`."""
    return {"kind": "drawing", "svg": svg, "title": title}


def words(lines: Sequence[str], *, title: str = "") -> Panel:
    """A panel with lines of words and numbers, in a face of even width."""
    return {"kind": "words", "lines": [str(each) for each in lines], "title": title}


def scene(
    *panels: Panel,
    say: str = "",
    values: dict[str, Any] | None = None,
    frames: Sequence[Sequence[Panel | None]] = (),
    seconds: float = 1.0,
) -> Scene:
    """What a figure shows at one moment.

    Args:
        *panels: side by side where there is room, else one below the other.
        say: one line below the figure, read aloud to those who cannot see it: what the
            figure shows, with its numbers.
        values: values that controls are set to, by name: after training, the sliders
            of the weights go where training led.
        frames: a film to play before the figure rests at `panels`: for each frame as
            many panels, or None for one that stays as it is.
        seconds: how long the film takes.

    >>> scene(words(["5 x 2.5 + 90 = 102.5"]), say="102.5 calories")["say"]
    '102.5 calories'
    """
    for frame in frames:
        if len(frame) != len(panels):
            raise ArgumentError(
                "scene: a frame of the film",
                expected=f"{len(panels)} panels, as the scene has",
                received=f"{len(frame)}",
            )
    return {
        "panels": list(panels),
        "say": say,
        "values": values or {},
        "frames": [list(frame) for frame in frames],
        "seconds": float(seconds),
    }


def _pair(what: str, x: ArrayLike, y: ArrayLike) -> dict[str, list[float | None]]:
    """Both lists, which must be of one length."""
    across, up = _numbers(x), _numbers(y)
    if len(across) != len(up):
        raise ArgumentError(
            f"{what}: x and y of one length",
            expected=f"{len(across)} numbers, as x has",
            received=f"{len(up)}",
        )
    return {"x": across, "y": up}


def _numbers(values: ArrayLike) -> list[float | None]:
    """Numbers as JSON has them, five digits each; what is not finite is None."""
    return [_number(each) for each in np.ravel(np.asarray(values, dtype=np.float64))]


def _number(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    short = float(f"{float(value):.5g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short


def _range(ends: tuple[float, float] | None) -> list[float | None] | None:
    return None if ends is None else [_number(each) for each in ends]


def _role(what: str, role: str) -> str:
    if role not in ROLES:
        raise ArgumentError(
            f"{what}: the role {role!r}",
            expected="one of " + ", ".join(ROLES),
            received=repr(role),
        )
    return role
