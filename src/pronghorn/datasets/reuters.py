"""Newswires of Reuters, as numbers of words, of 46 topics."""

from __future__ import annotations

import numpy as np

from pronghorn.datasets.archives import fetch, json_file, npz
from pronghorn.datasets.texts import limited, numbered, shortened, shuffled

__all__ = ["get_label_names", "get_word_index", "load_data"]

Part = tuple[np.ndarray, np.ndarray]

_TOPICS = """
cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar
trade reserves ship cotton carcass crude nat-gas cpi money-fx interest gnp
meal-feed alum oilseed gold tin strategic-metal livestock retail ipi iron-steel
rubber heat jobs lei bop zinc orange pet-chem dlr gas silver wpi hog lead
"""


def load_data(
    path: str = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
) -> tuple[Part, Part]:
    """11,228 newswires.

    A word's number is its place among the most frequent ones, raised by `index_from`.
    From Reuters-21578, Lewis (1987).

    The archive has not been fetched from its public address in the project's own tests:
    these read small ones of the same form from a server of their own.

    Args:
        path: the file's name in the cache.
        num_words: keep words of numbers below this; None for all. Default None.
        skip_top: leave out so many of the most frequent words. Default 0.
        maxlen: leave out texts that are as long, or longer; None for none.
        test_split: the part of the newswires for testing. Default 0.2.
        seed: of their order. Default 113.
        start_char: marks the beginning of a text; None for no mark. Default 1.
        oov_char: stands for words that are left out; None to drop them. Default 2.
        index_from: added to each word's number. Default 3.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: object arrays of lists of numbers, and
        labels from 0 to 45.

    Raises:
        ArgumentError: no newswire is shorter than `maxlen`.
        DownloadError: the archive is not there and cannot be fetched.
        FileFormatError: it is not the one that was published, or holds anything but
            arrays.
    """
    x, y = npz(fetch("reuters.npz", path), "x", "y")
    x, y = shuffled(x, y, np.random.RandomState(seed))
    texts, labels = shortened(numbered(x, start_char, index_from), y, maxlen)
    texts = limited(texts, num_words, skip_top, oov_char)
    at = int(len(texts) * (1 - test_split))
    return (
        (np.array(texts[:at], dtype=object), np.array(labels[:at])),
        (np.array(texts[at:], dtype=object), np.array(labels[at:])),
    )


def get_word_index(path: str = "reuters_word_index.json") -> dict[str, int]:
    """The number of each word, without `index_from`.

    Args:
        path: the file's name in the cache.

    Raises:
        DownloadError: the file is not there and cannot be fetched.
        FileFormatError: it is not the one that was published.
    """
    return json_file(fetch("reuters_word_index.json", path))


def get_label_names() -> tuple[str, ...]:
    """The topics, by label.

    >>> get_label_names()[3], len(get_label_names())
    ('earn', 46)
    """
    return tuple(_TOPICS.split())
