"""The formula of a unit, with symbols, names or numbers, in lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pronghorn.utils.draw.words import (
    MINUS,
    Label,
    Run,
    as_text,
    number,
    shortened,
    symbol,
    width,
)

__all__ = ["Formula", "formula"]

FEW = 6  # terms that are written one by one


@dataclass(frozen=True)
class Formula:
    """A formula in parts between which a line may end."""

    parts: Sequence[Label]

    @property
    def text(self) -> str:
        """The characters alone, in one line."""
        return "".join(map(as_text, self.parts))

    def lines(self, size: float, room: float) -> Iterator[Label]:
        """Lines that fit into the room, where no single part is wider."""
        line: list[Run] = []
        for part in self.parts:
            if line and width([*line, *part], size) > room:
                yield line
                line = []
            line.extend(part)
        yield line


def formula(unit: Any) -> Formula:
    """What a `Unit` computes: `y = relu(5 × 2.5 + 90) = 102.5`, say."""
    start: list[Run] = [*symbol("y"), Run(" = ")]
    if unit.activation:
        start.append(Run(f"{unit.activation}("))
    parts: list[Label] = []
    for i in range(unit.count) if unit.count <= FEW else ():
        parts.append(_term(unit, i, first=not parts))
    if unit.count > FEW:
        parts.append(_many(unit))
    if unit.has_bias:
        parts.append(_bias(unit))
    parts[0] = (*start, *parts[0])
    if unit.activation:
        parts[-1] = (*parts[-1], Run(")"))
    if unit.result is not None:
        if unit.activation:
            total = number(unit.sum, unit.digits)
            parts.append((Run(f" = {unit.activation}({total})"),))
        parts.append((Run(f" = {number(unit.result, unit.digits)}"),))
    return Formula(parts)


def _term(unit: Any, i: int, first: bool) -> Label:
    """One product; a minus is the sign between two terms."""
    weight = unit.of_weights(i)
    if weight is None or unit.label == "symbols":
        product = [*unit.letter("w", i), Run(" "), *unit.letter("x", i)]
        if unit.names and unit.count == 1 and unit.values is None:
            product = [*unit.letter("w", i), Run(" × "), *_name(unit, i)]
        return tuple(product) if first else (Run(" + "), *product)
    if unit.values is not None:
        value = _bracketed(number(unit.values[i], unit.digits), first)
        text = f"{value} × {_bracketed(number(weight, unit.digits), False)}"
        return (Run(text if first else f" + {text}"),)
    figure = number(abs(weight), unit.digits)
    sign = MINUS if weight < 0 else "+"
    lead = (MINUS if weight < 0 else "") if first else f" {sign} "
    return (Run(f"{lead}{figure} × "), *_name(unit, i))


def _name(unit: Any, i: int) -> Label:
    """An input's name, as long as a formula takes it."""
    return shortened(unit.name(i), 16, 220)


def _bracketed(text: str, first: bool) -> str:
    return f"({text})" if text.startswith(MINUS) and not first else text


def _many(unit: Any) -> Label:
    """The sum of many products: as a symbol, or as a number."""
    if unit.values is None or unit.weights is None:
        return (Run("Σ "), *symbol("w", "i"), Run(" "), *symbol("x", "i"))
    products = number(float(unit.values @ unit.weights), unit.digits)
    return (Run(products),)


def _bias(unit: Any) -> Label:
    if unit.bias is None or unit.label == "symbols":
        return (Run(" + "), *symbol("b"))
    sign = MINUS if unit.bias < 0 else "+"
    return (Run(f" {sign} {number(abs(unit.bias), unit.digits)}"),)
