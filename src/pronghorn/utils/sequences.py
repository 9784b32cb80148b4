"""Rows of unequal length made one array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, DataError, ShapeError

__all__ = ["pad_sequences"]


def pad_sequences(
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray:
    """Rows of unequal length as one array, filled up or cut to one length.

    Args:
        sequences: rows, each a list or an array of entries of one shape.
        maxlen: the length of all rows. Default that of the longest.
        dtype: default int32; `object` for text of any length.
        padding: "pre" (default) fills up before the entries, "post" behind them.
        truncating: "pre" (default) drops entries at the start, "post" at the end.
        value: what fills up. Default 0.

    Returns:
        Array of the shape (rows, maxlen, *shape of an entry).

    Raises:
        ArgumentError: another place than "pre" or "post"; text as the value of a dtype
            that holds none.
        DataError: a row that has no length.
        ShapeError: entries of several shapes.

    Example:

    >>> pad_sequences([[1], [2, 3, 4]], maxlen=2)
    array([[0, 1],
           [3, 4]], dtype=int32)
    """
    for name, place in (("padding", padding), ("truncating", truncating)):
        if place not in ("pre", "post"):
            raise ArgumentError(
                "There is no such end of a row.",
                where=f"pad_sequences({name}=)",
                expected='"pre" or "post"',
                received=repr(place),
            )
    kind = np.dtype(dtype)
    if isinstance(value, str) and kind.kind not in "OUS":
        raise ArgumentError(
            "An array of numbers is not filled up with text.",
            where="pad_sequences(value=)",
            expected=f"a number for dtype {kind}",
            received=repr(value),
            remedy="pass dtype=object",
        )
    lengths = [_length(row, i) for i, row in enumerate(sequences)]
    width = max(lengths, default=0) if maxlen is None else maxlen
    first = next((row for row, n in zip(sequences, lengths, strict=True) if n), [0])
    shape = np.shape(first)[1:]
    result = np.full((len(lengths), width, *shape), value, dtype=kind)
    for i, row in enumerate(sequences):
        start = max(lengths[i] - width, 0) if truncating == "pre" else 0
        kept = np.asarray(row[start : start + width], dtype=kind)
        if lengths[i] and kept.shape[1:] != shape:
            raise ShapeError(
                "The entries of all rows have one shape.",
                where=f"pad_sequences, row {i}",
                expected=shape,
                received=kept.shape[1:],
            )
        if len(kept):
            at = width - len(kept) if padding == "pre" else 0
            result[i, at : at + len(kept)] = kept
    return result


def _length(row: Any, place: int) -> int:
    try:
        return len(row)
    except TypeError:
        raise DataError(
            "Each row is a list of entries.",
            where=f"pad_sequences, row {place}",
            expected="a list or an array",
            received=repr(row),
        ) from None
