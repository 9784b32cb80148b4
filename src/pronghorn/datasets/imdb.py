"""Reviews of films from IMDB, as numbers of words: good or bad."""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn.datasets.archives import fetch, json_file, npz
from pronghorn.datasets.texts import limited, numbered, shortened, shuffled
from pronghorn.errors import ArgumentError

__all__ = ["get_word_index", "load_data"]

Part = tuple[np.ndarray, np.ndarray]


def load_data(
    path: str = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
    **kwargs: Any,
) -> tuple[Part, Part]:
    """25,000 reviews for training and 25,000 for testing.

    A word's number is its place among the most frequent ones, raised by `index_from`.
    Maas and others (2011), https://ai.stanford.edu/~amaas/data/sentiment/.

    The archive has not been fetched from its public address in the project's own tests:
    these read small ones of the same form from a server of their own.

    Args:
        path: the file's name in the cache.
        num_words: keep words of numbers below this; None for all. Default None.
        skip_top: leave out so many of the most frequent words. Default 0.
        maxlen: leave out texts that are as long, or longer; None for none.
        seed: of the order of the reviews. Default 113.
        start_char: marks the beginning of a text; None for no mark. Default 1.
        oov_char: stands for words that are left out; None to drop them. Default 2.
        index_from: added to each word's number. Default 3.
        **kwargs: Keras has them for older names; any raises here.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: object arrays of lists of numbers, and
        labels, 1 for good.

    Raises:
        ArgumentError: an unknown argument; no review is shorter than `maxlen`.
        DownloadError: the archive is not there and cannot be fetched.
        FileFormatError: it is not the one that was published, or holds anything but
            arrays.
    """
    if kwargs:
        raise ArgumentError(
            "There is no such argument.",
            where="imdb.load_data",
            expected="those of its signature",
            received=", ".join(kwargs),
            remedy="nb_words is called num_words now",
        )
    file = fetch("imdb.npz", path)
    x, y, x_test, y_test = npz(file, "x_train", "y_train", "x_test", "y_test")
    random = np.random.RandomState(seed)
    train = shuffled(x, y, random)
    test = shuffled(x_test, y_test, random)
    texts, labels = [], []
    for part in (train, test):
        kept = shortened(numbered(part[0], start_char, index_from), part[1], maxlen)
        texts.append(kept[0])
        labels.append(np.asarray(kept[1]))
    at = len(texts[0])
    both = limited(texts[0] + texts[1], num_words, skip_top, oov_char)
    return (
        (np.array(both[:at], dtype=object), labels[0]),
        (np.array(both[at:], dtype=object), labels[1]),
    )


def get_word_index(path: str = "imdb_word_index.json") -> dict[str, int]:
    """The number of each word, without `index_from`.

    Args:
        path: the file's name in the cache.

    Raises:
        DownloadError: the file is not there and cannot be fetched.
        FileFormatError: it is not the one that was published.
    """
    return json_file(fetch("imdb_word_index.json", path))
