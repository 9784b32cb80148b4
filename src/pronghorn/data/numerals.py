"""Numbers for people: of one style each row or column, never of two."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["fixed"]

MOST_PLACES = 9
LARGEST = 1e15
SEPARATED_FROM = 10_000
"""Numbers from here on have their thousands set apart; years have not."""


def fixed(
    values: Sequence[float], digits: int = 5, places: int | None = None
) -> list[str]:
    """Numbers of a row or column, all with the same number of decimal places.

    Args:
        values: the numbers.
        digits: how many digits the largest number has at least.
        places: decimal places; None takes as many as the digits ask for, with two
            digits less of the smallest number, and no zeros that end them all.

    Returns:
        The texts. Numbers of no common size are all written with an exponent.

    >>> fixed([117250, 48813.21])
    ['117,250', '48,813']
    >>> fixed([0.31, -0.0000004], places=3)
    ['0.310', '0.000']
    """
    sizes = [abs(v) for v in values if math.isfinite(v) and v]
    shown = _places(sizes, digits) if places is None else places
    if shown > MOST_PLACES or max(sizes, default=0.0) >= LARGEST:
        return [f"{value:.{digits - 1}e}" for value in values]
    comma = "," if max(sizes, default=0.0) >= SEPARATED_FROM else ""
    texts = [f"{value:{comma}.{shown}f}" for value in values]
    if places is None and shown:
        cut = min(len(t) - len(t.rstrip("0")) for t in texts if "." in t)
        texts = [t[: len(t) - cut].rstrip(".") if "." in t else t for t in texts]
    return [_without_sign(text) for text in texts]


def _places(sizes: Sequence[float], digits: int) -> int:
    if not sizes:
        return 0
    largest, smallest = (math.floor(math.log10(f(sizes))) for f in (max, min))
    return max(digits - 1 - largest, max(digits - 2, 1) - 1 - smallest, 0)


def _without_sign(text: str) -> str:
    """The same number; a zero without its sign."""
    return text.lstrip("-") if not text.strip("-0.,") else text
