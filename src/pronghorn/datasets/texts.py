"""Texts as lists of word numbers: which words are kept, which texts are too long."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError

__all__ = ["limited", "numbered", "shortened", "shuffled"]


def shuffled(
    texts: np.ndarray, labels: np.ndarray, random: np.random.RandomState
) -> tuple[np.ndarray, np.ndarray]:
    """Both in one order of chance."""
    order = np.arange(len(texts))
    random.shuffle(order)
    return texts[order], labels[order]


def numbered(
    texts: Iterable[Any], start_char: int | None, index_from: int | None
) -> list[list[int]]:
    """Word numbers raised by `index_from`, after a mark of the beginning.

    >>> numbered([[1, 2]], 1, 3), numbered([[1, 2]], None, 0)
    ([[1, 4, 5]], [[1, 2]])
    """
    start = [] if start_char is None else [start_char]
    return [[*start, *(w + (index_from or 0) for w in text)] for text in texts]


def shortened(
    texts: list[list[int]], labels: Any, maxlen: int | None
) -> tuple[list[list[int]], Any]:
    """The texts of fewer than `maxlen` words, and their labels.

    Raises:
        ArgumentError: none is left.

    >>> shortened([[1, 2, 3], [4]], [0, 1], 2)
    ([[4]], [1])
    """
    if not maxlen:
        return texts, labels
    kept = [(t, y) for t, y in zip(texts, labels, strict=True) if len(t) < maxlen]
    if not kept:
        raise ArgumentError(
            "No text is as short as that.",
            where="load_data(maxlen=)",
            expected=f"more than {min(map(len, texts))}, the shortest text's length",
            received=maxlen,
            remedy="raise maxlen, or leave it out",
        )
    return [t for t, _ in kept], [y for _, y in kept]


def limited(
    texts: list[list[int]],
    num_words: int | None,
    skip_top: int,
    oov_char: int | None,
) -> list[list[int]]:
    """Only words of the numbers [skip_top, num_words), `oov_char` for the others.

    >>> limited([[1, 4, 9]], 5, 2, 0), limited([[1, 4, 9]], 5, 2, None)
    ([[0, 4, 0]], [[4]])
    """
    # As in Keras the largest number itself is left out where there is no limit.
    most = num_words or max(max(text) for text in texts)
    if oov_char is None:
        return [[w for w in text if skip_top <= w < most] for text in texts]
    return [[w if skip_top <= w < most else oov_char for w in text] for text in texts]
