"""A net of units: columns of circles, edges by the sign and size of their weights."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from pronghorn.utils.draw.chain import Column
from pronghorn.utils.draw.drawing import Drawing
from pronghorn.utils.draw.sheet import Gap, Sheet
from pronghorn.utils.draw.unit import curve, shown
from pronghorn.utils.draw.words import (
    Label,
    Run,
    as_text,
    figure_in,
    number,
    plain,
    shortened,
    symbol,
    width,
)

__all__ = ["Net", "picture"]

MOST = 10  # units of a column that are drawn one by one
FEW = 3  # units of a column up to which numbers stand on the edges
SMALL, LARGE = 11.0, 20.0  # radii of circles without and with a number inside
BAR, BAR_GAP = 9.0, 13.0
NAMES = 130.0
AT = 0.2  # where on an edge its number stands
SIZE = 12  # of the numbers on edges and below units
NOTES = 150.0
STEP = {"numbers": 96.0, "values": 52.0, "plain": 33.0}  # from unit to unit


@dataclass(frozen=True)
class Net:
    """What is drawn of a net.

    Attributes:
        name: the model's.
        columns: its units, from inputs to outputs.
        inputs, outputs: names of the first and last units, or None.
        label: "numbers" or "none" on the edges.
        digits: how many digits of a number count.
    """

    name: str
    columns: Sequence[Column]
    inputs: Sequence[str] | None
    outputs: Sequence[str] | None
    label: str
    digits: int


class _Plan:
    """Where the units stand."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self.values = any(column.values is not None for column in net.columns)
        self.numbers = net.label == "numbers"
        self.r = LARGE if self.values or self.numbers else SMALL
        step = STEP["plain"]
        if self.numbers or self.values:
            step = STEP["numbers" if self.numbers else "values"]
        self.ys: list[dict[int, float]] = []
        self.dots: list[float | None] = []
        for column in net.columns:
            rows = shown(column.size, MOST)
            top = -step * (len(rows) - 1) / 2
            ys = [top + step * place for place in range(len(rows))]
            self.ys.append({i: y for i, y in zip(rows, ys) if i is not None})
            self.dots.append(next((y for i, y in zip(rows, ys) if i is None), None))
        self.xs = self._across()

    def _across(self) -> list[float]:
        """The columns' middles, apart enough for labels, bars and steep edges."""
        xs, columns = [0.0], self.net.columns
        for one, other, a, b in zip(columns, columns[1:], self.ys, self.ys[1:]):
            steep = max(abs(p - q) for p in a.values() for q in b.values())
            gap = 280.0 if self.numbers else 105.0
            gap = max(gap, 0.5 * steep + 40, (_wide(one) + _wide(other)) / 2 + 18)
            if self.numbers:
                gap = max(gap, self._apart(one, other, a, b))
            xs.append(xs[-1] + gap + self.bars(one))
        return xs

    def _apart(
        self, one: Column, other: Column, rows: Collection[int], units: Collection[int]
    ) -> float:
        """The gap at which no edge's number reaches the bias below where it starts."""
        if one.bias is None or other.kernel is None:
            return 0.0
        digits, kernel = self.net.digits, other.kernel
        bias = max(width(_bias(one.bias[row], digits), SIZE) for row in rows)
        weight = max(
            width(plain(number(kernel[row, unit], digits)), SIZE)
            for row in rows
            for unit in units
        )
        return ((bias + weight) / 2 + 6 - self.r) / AT + 2 * self.r

    def bars(self, column: Column) -> float:
        """How far the bars of a column reach past its units."""
        return len(column.bars) * (BAR + BAR_GAP)


def _wide(column: Column) -> float:
    return max(width(line, 13) for line in _lines(column))


def _lines(column: Column) -> list[Label]:
    """What stands below a column, its title first."""
    shape = " × ".join("?" if size is None else str(size) for size in column.shape)
    first = plain(f"{shape or '1'} {column.title}" if column.title == "inputs" else "")
    if column.title == "inputs" and column.size == 1:
        first = plain("1 input")
    if column.title != "inputs":
        first = plain(f"{column.title}({shape})")
    return [shortened(line, 13, NOTES) for line in (first, *map(plain, column.notes))]


def picture(net: Net) -> Drawing:
    """The net as a drawing."""
    sheet, plan = Sheet(), _Plan(net)
    for i in range(1, len(net.columns)):
        _edges(sheet, plan, i)
    for i in range(len(net.columns)):
        _units(sheet, plan, i)
    _names(sheet, plan)
    bottom = sheet.bounds[3]
    for x, column in zip(plan.xs, net.columns):
        for line, label in enumerate(_lines(column)):
            kind = "quiet" if line else "strong"
            hint = column.hint if not line else ""
            sheet.text(x, bottom + 22 + 18 * line, label, 13, kind=kind, hint=hint)
    if any(column.kernel is not None for column in net.columns):
        _legend(sheet)
    return sheet.drawing(f"The net {net.name}: {_sizes(net)}", _words(net))


def _edges(sheet: Sheet, plan: _Plan, i: int) -> None:
    """The edges into a column: of its weights, or where nothing is weighed, none."""
    column, earlier = plan.net.columns[i], plan.net.columns[i - 1]
    x0 = plan.xs[i - 1] + plan.r + plan.bars(earlier)
    x1 = plan.xs[i] - plan.r
    kernel = column.kernel
    if kernel is None:
        _unweighed(sheet, plan, i, x0, x1)
        return
    drawn = [
        (row, unit, float(kernel[row, unit]))
        for row in plan.ys[i - 1]
        for unit in plan.ys[i]
    ]
    most = max((abs(w) for _, _, w in drawn if math.isfinite(w)), default=0.0) or 1.0
    gaps: list[Gap] = []
    if plan.numbers:
        ends = [(plan.ys[i - 1][row], plan.ys[i][unit]) for row, unit, _ in drawn]
        for (y0, y1), (_, _, weight) in zip(ends, drawn):
            where = (x0 + AT * (x1 - x0), y0 + AT * (y1 - y0))
            label = (Run(number(weight, plan.net.digits)),)
            gaps.append((where, width(label, SIZE) + 6, 17.0))
            sheet.text(*where, label, SIZE)
    # The strong ones last, so that they lie on top.
    for row, unit, weight in sorted(drawn, key=lambda edge: abs(edge[2])):
        start, end = (x0, plan.ys[i - 1][row]), (x1, plan.ys[i][unit])
        share = min(abs(weight) / most, 1.0) if math.isfinite(weight) else 0.0
        kind = "faint" if weight == 0 else "plus" if weight > 0 else "minus"
        figure = number(weight, plan.net.digits)
        hint = f"{earlier.title} {row} to {column.title} {unit}: {figure}"
        if plan.numbers:
            sheet.arrow(start, end, kind, 1.0 + 2.0 * share, hint, gaps)
        else:
            clear = 0.25 + 0.75 * share
            sheet.line([start, end], kind, 0.5 + 2.2 * share, clear, hint)


def _unweighed(sheet: Sheet, plan: _Plan, i: int, x0: float, x1: float) -> None:
    """Lines from a column to what a layer without a kernel of its own makes of it."""
    ys, zs = list(plan.ys[i - 1].values()), list(plan.ys[i].values())
    for place in range(max(len(ys), len(zs))):
        y = ys[place * len(ys) // max(len(ys), len(zs))]
        z = zs[place * len(zs) // max(len(ys), len(zs))]
        sheet.line([(x0, y), (x1, z)], "faint", 0.8)


def _units(sheet: Sheet, plan: _Plan, i: int) -> None:
    """The circles of a column, its bars, and what is crossed out."""
    column, x, r = plan.net.columns[i], plan.xs[i], plan.r
    ys = plan.ys[i]
    top, bottom = min(ys.values()) - r, max(ys.values()) + r
    end = x + r
    for name in column.bars:
        for y in ys.values():
            sheet.line([(end, y), (end + BAR_GAP, y)], "faint", 1)
        left = end + BAR_GAP
        sheet.box(left, top, BAR, bottom - top, "unit", BAR / 2, name)
        end = left + BAR
    out = _left_out(list(ys), column.dropped)
    for unit, y in ys.items():
        hint = _hint(plan, column, unit)
        sheet.circle(x, y, r, "hollow" if unit in out else "unit", hint)
        if column.values is not None:
            inside, size = figure_in(column.values[unit], plan.net.digits, 2 * r - 7)
            sheet.text(x, y, inside, size)
        elif unit in out:
            side = 0.5 * r
            sheet.line([(x - side, y - side), (x + side, y + side)], "faint", 1.2)
            sheet.line([(x - side, y + side), (x + side, y - side)], "faint", 1.2)
        elif plan.numbers:
            _sign(sheet, plan, i, unit, y)
        if plan.numbers and column.bias is not None:
            bias = _bias(column.bias[unit], plan.net.digits)
            sheet.text(x, y + r + 11, bias, SIZE)
    if plan.dots[i] is not None:
        sheet.dots(x, float(plan.dots[i] or 0.0))


def _bias(value: float, digits: int) -> Label:
    return (*symbol("b"), Run(" = " + number(value, digits)))


def _sign(sheet: Sheet, plan: _Plan, i: int, unit: int, y: float) -> None:
    """What a unit is, inside it: an input's symbol, an activation's curve, a sum."""
    column, x, r = plan.net.columns[i], plan.xs[i], plan.r
    if column.kernel is None:
        if not i:
            sheet.text(x, y, symbol("x", unit if column.size > 1 else None), 16)
        return
    left, top, side = x - 0.8 * r, y - 0.8 * r, 1.6 * r
    if not (column.function and curve(sheet, column.function, left, top, side)):
        sheet.text(x, y, (Run("Σ"),), 17)


def _left_out(units: Sequence[int], share: float) -> set[int]:
    """Which of the units are crossed out, as one draw of a dropout might do."""
    count = round(share * len(units))
    if share > 0:
        count = min(max(count, 1), max(len(units) - 1, 1))
    order = np.random.default_rng(len(units)).permutation(len(units))
    return {units[i] for i in order[:count]}


def _hint(plan: _Plan, column: Column, unit: int) -> str:
    parts = [f"{column.title} {unit}"]
    if column.title == "inputs" and plan.net.inputs:
        parts = [plan.net.inputs[unit]]
    if column.bias is not None:
        parts.append(f"bias {number(column.bias[unit], plan.net.digits)}")
    if column.values is not None:
        parts.append(f"gives {number(column.values[unit], plan.net.digits)}")
    return ", ".join(parts)


def _names(sheet: Sheet, plan: _Plan) -> None:
    """The names of inputs on the left, and of outputs on the right."""
    last = plan.net.columns[-1]
    sides = (
        (plan.net.inputs, 0, -plan.r - 8, "end"),
        (plan.net.outputs, -1, plan.r + 8 + plan.bars(last), "start"),
    )
    for names, i, shift, anchor in sides:
        if names:
            for unit, y in plan.ys[i].items():
                label = plain(names[unit])
                short = shortened(label, 13, NAMES)
                hint = as_text(label) if short is not label else ""
                sheet.text(plan.xs[i] + shift, y, short, 13, anchor, hint=hint)


def _legend(sheet: Sheet) -> None:
    left, _, right, bottom = sheet.bounds
    y, x = bottom + 22, (left + right) / 2
    words = (("plus", "positive weight"), ("minus", "negative weight"))
    room = sum(width(plain(text), 12) + 34 for _, text in words) + 16
    x -= room / 2
    for kind, text in words:
        sheet.line([(x, y), (x + 24, y)], kind, 2.4)
        sheet.text(x + 30, y, plain(text), 12, "start", "quiet")
        x += 34 + width(plain(text), 12) + 16


def _sizes(net: Net) -> str:
    return " → ".join(str(column.size) for column in net.columns)


def _words(net: Net) -> str:
    """The picture for those who do not see it."""
    parts = []
    for column in net.columns:
        few = min(column.size, MOST)
        drawn = f", of which {few - 1} are drawn" if column.size > MOST else ""
        notes = f" ({', '.join(column.notes)})" if column.notes else ""
        parts.append(f"{as_text(_lines(column)[0])}{notes}{drawn}")
    more = ""
    if any(column.dropped for column in net.columns):
        more = " Units that dropout might leave out in one step are crossed out."
    return (
        f"Columns of units from left to right: {'; '.join(parts)}. Edges are colored "
        f"by the sign of their weight, and as thick as it is large.{more}"
    )
