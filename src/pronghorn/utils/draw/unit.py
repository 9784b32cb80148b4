"""The linear unit: inputs, weights on edges, the bias from a node marked 1, the sum."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pronghorn import activations
from pronghorn.errors import ArgumentError, PronghornError, ShapeError
from pronghorn.utils.draw.drawing import Drawing
from pronghorn.utils.draw.formula import Formula, formula
from pronghorn.utils.draw.sheet import Point, Sheet
from pronghorn.utils.draw.words import (
    Label,
    Run,
    as_text,
    figure_in,
    fitted,
    number,
    plain,
    shortened,
    symbol,
    width,
)

__all__ = ["LABELS", "Unit", "draw_unit", "shown"]

LABELS = ("numbers", "symbols", "both")
MOST = 10  # inputs that are drawn one by one
INPUT, SUM, BOX = 21.0, 27.0, 54.0  # radii, and the side of the activation's box
NAMES = 175.0  # the room for a name
FORMULA = 16.0


@dataclass(frozen=True)
class Unit:
    """What is drawn of one unit.

    Attributes:
        weights: float64 (inputs,), or None where they are not known.
        bias: None where the unit has none.
        has_bias: whether it has one, known or not.
        names: of the inputs; None where they have none.
        values: float64 (inputs,) of one row, or None.
        output: the name of what is predicted, or None.
        activation: its name, or None for a linear unit.
        function: the activation itself.
        label: "numbers", "symbols" or "both", on the edges.
        digits: how many digits of a number count.
        note: a line below, or "".
        found: what the unit gave, where a model tells.
    """

    count: int
    weights: np.ndarray | None
    bias: float | None
    has_bias: bool
    names: Sequence[str] | None
    values: np.ndarray | None
    output: str | None
    activation: str | None
    function: Callable[[Any], Any] | None
    label: str
    digits: int
    note: str = ""
    found: float | None = None

    def letter(self, name: str, i: int) -> Label:
        """The symbol of the i-th input or weight."""
        return symbol(name, i if self.count > 1 else None)

    def name(self, i: int) -> Label:
        """What the i-th input is called."""
        return plain(self.names[i]) if self.names else self.letter("x", i)

    def weight(self, i: int | None) -> Label:
        """What stands on the edge from the i-th input, or from the 1 for None."""
        letter = symbol("b") if i is None else self.letter("w", i)
        value = self.bias if i is None else self.of_weights(i)
        if self.label == "symbols" or value is None:
            return letter
        figure = Run(number(value, self.digits))
        return (figure,) if self.label == "numbers" else (*letter, Run(" = "), figure)

    def of_weights(self, i: int) -> float | None:
        """The i-th weight, where it is known."""
        return None if self.weights is None else float(self.weights[i])

    @property
    def sum(self) -> float | None:
        """What the unit adds up to, before its activation."""
        if self.values is None or self.weights is None:
            return None
        return float(self.values @ self.weights) + (self.bias or 0.0)

    @property
    def result(self) -> float | None:
        """What the unit gives; None where other units have their part in it."""
        if self.found is not None or self.sum is None or self.function is None:
            return self.found if self.found is not None else self.sum
        made = of_each(self.function, np.array([self.sum]))
        return None if made is None else float(made[0])


def draw_unit(
    weights: Any = None,
    bias: float | None = 0.0,
    inputs: Sequence[str] | None = None,
    *,
    values: Any = None,
    output: str | None = None,
    activation: Any = None,
    labels: str | None = None,
    digits: int = 4,
) -> Drawing:
    """Draws a unit without a model: y = w x + b, with one input or several.

    Args:
        weights: a number for each input, or one number. Default None: only the symbols
            w and b stand on the edges.
        bias: on the edge from the node marked 1; None draws a unit without a bias.
            Default 0.
        inputs: the names of the inputs. Default: x, or x0, x1, ...
        values: what the inputs are. Then each node shows the number that it holds, and
            the formula below reckons it step by step. Default None.
        output: the name of what is predicted. Default None.
        activation: by name or function, drawn after the sum. Default None: linear.
        labels: on the edges, "numbers", "symbols", or "both": w = 2.5. Default:
            numbers where there are weights.
        digits: how many digits of a number count. Default 4.

    Returns:
        A `Drawing`; of more than ten inputs some are left out.

    Raises:
        ArgumentError: no weights and no names, other labels, numbers that are none.
        ShapeError: names or values of another number than the weights.

    Example:

    >>> drawing = draw_unit(2.5, 90, ["sugars"], values=[5], output="calories")
    >>> drawing.title
    'A linear unit: y = 5 × 2.5 + 90 = 102.5'
    """
    if weights is None and inputs is None:
        raise ArgumentError(
            "A unit is drawn from its weights, or from the names of its inputs.",
            where="draw_unit",
            expected="weights=[2.5], or inputs=['sugars']",
            received="neither",
        )
    names = [inputs] if isinstance(inputs, str) else inputs
    own = None if weights is None else _numbers(weights, "weights")
    count = len(own) if own is not None else len(list(names or ()))
    row = None if values is None else _numbers(values, "values")
    for what, given in (("inputs", names), ("values", row)):
        if given is not None and len(given) != count:
            raise ShapeError(
                f"A unit has as many {what} as weights.",
                where=f"draw_unit({what}=)",
                expected=f"{count}",
                received=f"{len(given)}",
            )
    function = activations.get(activation)
    name = _activation_name(function)
    return picture(
        Unit(
            count,
            own,
            None if bias is None or own is None else float(_numbers(bias, "bias")[0]),
            bias is not None,
            names,
            row,
            output,
            name,
            function if name else None,
            labels_of(labels, own is not None, "draw_unit"),
            digits_of(digits, "draw_unit"),
        )
    )


def _numbers(value: Any, what: str) -> np.ndarray:
    try:
        found = np.atleast_1d(np.asarray(value, np.float64)).reshape(-1)
    except (TypeError, ValueError):
        found = np.array([np.nan])
    if not found.size or not np.isfinite(found).all():
        raise ArgumentError(
            f"The {what} are finite numbers.",
            where=f"draw_unit({what}=)",
            expected="a number, or a list of numbers",
            received=repr(value),
        )
    return found


def labels_of(labels: str | None, known: bool, where: str) -> str:
    """What stands on the edges, checked."""
    found = labels or ("numbers" if known else "symbols")
    if found not in LABELS or (found != "symbols" and not known):
        raise ArgumentError(
            "There is nothing such to write on the edges.",
            where=f"{where}(labels=)",
            expected=" or ".join(map(repr, LABELS if known else ("symbols",))),
            received=repr(labels),
            remedy="" if known else "pass weights= for numbers",
        )
    return found


def digits_of(digits: int, where: str) -> int:
    """The number of digits, checked."""
    if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= 9:
        raise ArgumentError(
            "Numbers are written in 1 to 9 digits.",
            where=f"{where}(digits=)",
            expected="a whole number from 1 to 9",
            received=repr(digits),
        )
    return digits


def _activation_name(function: Any) -> str | None:
    name = getattr(function, "__name__", None) or getattr(function, "name", None)
    name = str(name or type(function).__name__)
    return None if function is None or name == "linear" else name


def shown(count: int, most: int) -> list[int | None]:
    """Which of so many are drawn; None is for the dots where some are left out.

    >>> shown(3, 6), shown(100, 6)
    ([0, 1, 2], [0, 1, 2, None, 98, 99])
    """
    if count <= most:
        return list(range(count))
    first = (most - 1 + 1) // 2
    last = most - 1 - first
    return [*range(first), None, *range(count - last, count)]


def picture(unit: Unit) -> Drawing:
    """The unit as a drawing."""
    sheet = Sheet()
    rows = shown(unit.count, MOST)
    places: list[int | None] = [*rows, -1] if unit.has_bias else rows
    step = 66.0 if len(places) <= 6 else 56.0
    room = max(width(unit.weight(i), 14) for i in _edges(rows, unit))
    across = 170.0 + room + 14.0 * max(len(places) - 3, 0)
    middle = (across, step * (len(places) - 1) / 2)
    for place, i in enumerate(places):
        spot = (0.0, step * place)
        if i is None:
            sheet.dots(*spot)
        else:
            _edge(sheet, unit, None if i < 0 else i, spot, middle)
    end = _outcome(sheet, unit, middle)
    _below(sheet, unit, end)
    said = formula(unit)
    kind = "linear unit" if unit.activation is None else f"unit with {unit.activation}"
    return sheet.drawing(f"A {kind}: {said.text}", _words(unit, said))


def _edges(rows: Sequence[int | None], unit: Unit) -> list[int | None]:
    return [i for i in rows if i is not None] + ([None] if unit.has_bias else [])


def _edge(sheet: Sheet, unit: Unit, i: int | None, spot: Point, middle: Point) -> None:
    """An input, or the 1 of the bias, with its edge to the sum."""
    value = unit.bias if i is None else unit.of_weights(i)
    kind = "ink"
    if value is not None and unit.label != "symbols" and value != 0:
        kind = "plus" if value > 0 else "minus"
    label = unit.weight(i)
    source = "1" if i is None else as_text(unit.name(i))
    hint = f"{source} to the sum: {as_text(label)}"
    length = math.dist(spot, middle)
    toward = ((middle[0] - spot[0]) / length, (middle[1] - spot[1]) / length)
    start = (spot[0] + INPUT * toward[0], spot[1] + INPUT * toward[1])
    stop = (middle[0] - SUM * toward[0] - 1, middle[1] - SUM * toward[1])
    at = 0.42
    where = (start[0] + at * (stop[0] - start[0]), start[1] + at * (stop[1] - start[1]))
    gap = (where, width(label, 14) + 8, 22.0)
    sheet.arrow(start, stop, kind, _thickness(unit, i), hint, [gap])
    sheet.text(*where, label, 14)
    if i is None:
        sheet.circle(*spot, INPUT, "hollow", "always 1: its weight is the bias")
        sheet.text(*spot, (Run("1"),), 15)
        return
    held = as_text(unit.name(i))
    if unit.values is not None:
        held += f" = {number(unit.values[i], unit.digits)}"
    sheet.circle(*spot, INPUT, "unit", held)
    if unit.values is None:
        inside = unit.letter("x", i)
        sheet.text(*spot, inside, fitted(inside, 16, 2 * INPUT - 7))
    else:
        inside, size = figure_in(unit.values[i], unit.digits, 2 * INPUT - 7)
        sheet.text(*spot, inside, size)
    if unit.names or unit.values is not None:
        name = shortened(unit.name(i), 14, NAMES)
        hint = as_text(unit.name(i)) if name is not unit.name(i) else ""
        sheet.text(spot[0] - INPUT - 9, spot[1], name, 14, "end", hint=hint)


def _thickness(unit: Unit, i: int | None) -> float:
    """Of an edge: by the weight's share of the largest; a bias has its own unit."""
    if i is None or unit.weights is None or unit.label == "symbols":
        return 1.5
    sizes = np.nan_to_num(np.abs(unit.weights), posinf=0.0)
    return 1.5 + 2.0 * float(sizes[i] / (sizes.max() or 1.0))


def _outcome(sheet: Sheet, unit: Unit, middle: Point) -> float:
    """The sum, the activation and the output; returns where the picture ends."""
    x, y = middle
    sheet.circle(x, y, SUM, "unit", "the sum")
    total = unit.sum
    if total is None:
        sheet.text(x, y, (Run("Σ"),), 22)
    else:
        sheet.text(x, y, *figure_in(total, unit.digits, 2 * SUM - 8))
        sheet.text(x, y - SUM - 14, (Run("Σ"),), 16)
    if unit.activation is not None:
        sheet.arrow((x + SUM, y), (x + SUM + 44, y))
        left = x + SUM + 45
        sheet.box(left, y - BOX / 2, BOX, BOX, "unit", 8, unit.activation)
        if not curve(sheet, unit.function, left, y - BOX / 2, BOX):
            inside = plain(unit.activation)
            sheet.text(left + BOX / 2, y, inside, fitted(inside, 13, BOX - 8))
        name = plain(unit.activation)
        sheet.text(left + BOX / 2, y + BOX / 2 + 13, name, 13, kind="quiet")
        x = left + BOX - SUM
    sheet.arrow((x + SUM, y), (x + SUM + 44, y))
    x += 2 * SUM + 45
    sheet.circle(x, y, SUM, "unit", unit.output or "the output")
    letter = symbol("y")
    if unit.result is None:
        sheet.text(x, y, letter, 18)
    else:
        sheet.text(x, y, *figure_in(unit.result, unit.digits, 2 * SUM - 8))
        sheet.text(x, y - SUM - 14, letter, 16)
    if unit.output:
        name = shortened(plain(unit.output), 14, NAMES)
        sheet.text(x + SUM + 9, y, name, 14, "start", hint=unit.output)
    return x + SUM


def of_each(function: Any, sums: np.ndarray) -> np.ndarray | None:
    """What an activation makes of each unit's sum, (units,) to float64 (units,).

    None for a function that looks at the other units of a layer too, as softmax does.

    >>> of_each(activations.relu, np.array([-1.0, 2.0])), of_each(
    ...     activations.softmax, np.array([-1.0, 2.0]))
    (array([0., 2.]), None)
    """
    made = []
    for other in (0.0, 1.0):
        rows = np.stack([sums, np.full(len(sums), other)], axis=1).astype("float32")
        try:
            made.append(np.asarray(function(rows), np.float64)[:, 0])
        except (PronghornError, TypeError, ValueError, IndexError):
            return None
    first, second = made
    return first if np.array_equal(first, second, equal_nan=True) else None


def curve(sheet: Sheet, function: Any, left: float, top: float, side: float) -> bool:
    """An activation's own curve from -4 to 4 in a box, with its axes.

    Returns:
        False, and draws nothing, for a function of several units, as softmax is.
    """
    xs = np.linspace(-4, 4, 49, dtype="float32")
    ys = of_each(function, xs)
    if ys is None or not np.isfinite(ys).all() or np.ptp(ys) == 0:
        return False
    pad = 0.16 * side
    low, high = min(float(ys.min()), 0.0), max(float(ys.max()), 0.0)
    inner = side - 2 * pad

    def at(x: float, y: float) -> Point:
        down = (high - y) / (high - low)
        return left + pad + (x + 4) / 8 * inner, top + pad + down * inner

    sheet.line([at(-4, 0), at(4, 0)], "faint", 1)
    sheet.line([at(0, low), at(0, high)], "faint", 1)
    sheet.line([at(float(x), float(y)) for x, y in zip(xs, ys)], "ink", 2)
    return True


def _below(sheet: Sheet, unit: Unit, end: float) -> None:
    """The formula, in lines as wide as the picture, and the note."""
    left, _, right, bottom = sheet.bounds
    y = bottom + 28
    for line in formula(unit).lines(FORMULA, max(right - left, 300.0)):
        sheet.text((left + right) / 2, y, line, FORMULA)
        y += 1.6 * FORMULA
    if unit.note:
        sheet.text((left + right) / 2, y, plain(unit.note), 12.5, kind="quiet")


def _words(unit: Unit, said: Formula) -> str:
    """The picture for those who do not see it."""
    parts = [f"{unit.count} input" + ("s" if unit.count > 1 else "")]
    for i in shown(unit.count, MOST):
        if i is None:
            parts.append("more that are not drawn")
            continue
        value = ""
        if unit.values is not None:
            value = f" = {number(unit.values[i], unit.digits)}"
        parts.append(
            f"{as_text(unit.name(i))}{value} with {_told(unit.weight(i), 'w')}"
        )
    if unit.has_bias:
        parts.append(f"a node marked 1 with {_told(unit.weight(None), 'b')}")
    parts.append("their sum")
    if unit.activation:
        parts.append(f"the activation {unit.activation}")
    parts.append(f"the output y{f' ({unit.output})' if unit.output else ''}")
    return "From left to right: " + "; ".join(parts) + f". {said.text}."


def _told(label: Label, letter: str) -> str:
    text = as_text(label)
    what = "weight" if letter == "w" else "bias"
    return f"the {what} {text}"
