"""Which rows are for training, which are held out: drawn by number, never by value."""

from __future__ import annotations

import numpy as np

from pronghorn.errors import ArgumentError

__all__ = ["shuffled", "split_rows"]


def shuffled(count: int, seed: int, stream: int = 0) -> np.ndarray:
    """The numbers 0 to count - 1 in an order that depends on `seed` alone.

    Args:
        count: how many.
        seed: 0 or more.
        stream: another order of the same seed.

    >>> shuffled(5, seed=0).tolist() == shuffled(5, seed=0).tolist()
    True
    """
    draws = np.random.Philox(key=[seed, stream]).random_raw(count)
    return np.argsort(draws, kind="stable")


def split_rows(
    count: int, fraction: float, seed: int, stream: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Draws a part of the rows by chance.

    Args:
        count: how many rows there are.
        fraction: the part to set aside, at least 0 and below 1.
        seed: 0 or more; the same seed draws the same rows.
        stream: another draw of the same seed.

    Returns:
        The numbers of the rows that stay and of those set aside, both ascending.

    Raises:
        ArgumentError: `fraction` is out of range, or leaves no row.

    >>> kept, held = split_rows(10, 0.2, seed=0)
    >>> len(kept), len(held)
    (8, 2)
    """
    if not 0 <= fraction < 1:
        raise ArgumentError(
            "The part of the rows to hold out is out of range.",
            expected="a number from 0 (none) to below 1, for instance 0.2",
            received=repr(fraction),
        )
    size = round(count * fraction)
    if fraction and (size == 0 or size == count):
        raise ArgumentError(
            f"{count} row(s) are too few to hold out a part of {fraction:g}.",
            expected="at least one row on either side",
            received=f"{size} of {count} rows held out",
            remedy="give more rows, or hold out none (0)",
        )
    order = shuffled(count, seed, stream)
    return np.sort(order[size:]), np.sort(order[:size])
