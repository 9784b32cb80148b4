"""Numbers, symbols and names as they stand in a drawing, and how wide they are."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

__all__ = [
    "Label",
    "Run",
    "as_text",
    "figure_in",
    "fitted",
    "number",
    "plain",
    "shortened",
    "symbol",
    "width",
]

# Widths in sizes of the font, those of the widest common sans serif; narrower fonts
# leave a little more room.
_NARROW, _BROAD = frozenset("iljtfrI.,:;'|!()[] "), frozenset("mwMW@%+=−×")
SUBSCRIPT = 0.72
MINUS = "−"


@dataclass(frozen=True)
class Run:
    """A piece of text in one style.

    Attributes:
        text: its characters.
        symbol: set as mathematics is: in italics, with serifs.
        below: a subscript.
    """

    text: str
    symbol: bool = False
    below: bool = False


Label = Sequence[Run]


def plain(text: Any) -> Label:
    """Text without any style, control characters as blanks."""
    shown = "".join(c if c.isprintable() else " " for c in str(text))
    return (Run(shown),)


def symbol(letter: str, index: int | str | None = None) -> Label:
    """A letter of mathematics, with a subscript where there are several.

    >>> as_text(symbol("w", 0))
    'w0'
    """
    own = Run(letter, symbol=True)
    return (own,) if index is None else (own, Run(str(index), below=True))


def number(value: float, digits: int = 4) -> str:
    """A number in so many digits that count, whole ones as they are.

    >>> number(102.5), number(-0.123456), number(90.0), number(123456.0)
    ('102.5', '−0.1235', '90', '123456')
    """
    value = float(value)
    whole = round(value) if abs(value) < 1e7 else None
    if whole is not None and abs(value) >= 10 ** (digits - 1):
        text = str(whole)
    else:
        text = f"{value:.{digits}g}"
    return ("0" if text == "-0" else text).replace("-", MINUS).replace("e+", "e")


def as_text(label: Iterable[Run]) -> str:
    """The characters alone."""
    return "".join(run.text for run in label)


def width(label: Iterable[Run], size: float) -> float:
    """How wide a label is at the most, in a font of this size."""
    return sum(
        size * (SUBSCRIPT if run.below else 1.0) * sum(map(_wide, run.text))
        for run in label
    )


def _wide(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.05
    if character in _NARROW:
        return 0.4
    if character in _BROAD:
        return 1.0 if character in "mwMW@%" else 0.84
    return 0.72 if character.isupper() else 0.64


def shortened(label: Label, size: float, room: float) -> Label:
    """The label, its middle left out where it would be wider than the room.

    Names of columns often differ at their ends.

    >>> as_text(shortened(plain("temperature of the air"), 10, 70))
    'temper…e air'
    """
    text, style = as_text(label), label[0]
    for kept in range(len(text), 0, -1):
        short = (replace(style, text=f"{text[: (kept + 1) // 2]}…{_tail(text, kept)}"),)
        if width(label if kept == len(text) else short, size) <= room:
            return label if kept == len(text) else short
    return (Run("…"),)


def _tail(text: str, kept: int) -> str:
    return text[len(text) - kept // 2 :]


def fitted(label: Label, size: float, room: float) -> float:
    """The size of font, at most `size`, at which a label fits into the room."""
    return min(size, size * room / max(width(label, size), 1e-9))


def figure_in(value: float, digits: int, room: float) -> tuple[Label, float]:
    """A number that fits into a circle, and its size of font, legible where it can be.

    Digits give way before the size does: the whole number is told elsewhere.

    >>> as_text(figure_in(-0.92968, 4, 33)[0])
    '−0.93'
    """
    for count in range(max(digits, 2), 1, -1):
        label = (Run(number(value, count)),)
        size = fitted(label, 14, room)
        if size >= 10:
            break
    return label, size
