"""Counter-based random numbers: the one definition that every backend repeats.

A draw is a pure function of ``(seed, step, stream, element)``, so nothing is stored
between steps, any element can be drawn by any thread, and a dropout mask is the same
on every backend. ``stream`` is the number of the random node in its graph, ``element``
the flat row-major index inside the node's result.

The hash is two keyed rounds of a 32-bit finaliser (multiply and xor-shift, the
constants are those of "lowbias32", found by exhaustive search for low bias). For one
key it is a bijection of the element index.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

__all__ = ["PERMUTATION_STREAM", "bits", "hashes", "keys", "permutation", "uniform"]

#: The stream of :func:`permutation`; no node of a graph may use it.
PERMUTATION_STREAM = 0xFFFF_FFFF

_MASK = 0xFFFF_FFFF
_SALTS = (0x9E37_79B9, 0x85EB_CA6B)  # two odd constants tell the two keys apart
_BLOCK = 1 << 16  # elements hashed at once: the temporaries stay in the cache


def _mix_word(word: int) -> int:
    word ^= word >> 16
    word = word * 0x7FEB_352D & _MASK
    word ^= word >> 15
    word = word * 0x846C_A68B & _MASK
    return word ^ word >> 16


def _mix(words: np.ndarray) -> None:
    """Do what `_mix_word` does to each element of a uint32 array, in place."""
    words ^= words >> np.uint32(16)
    words *= np.uint32(0x7FEB_352D)
    words ^= words >> np.uint32(15)
    words *= np.uint32(0x846C_A68B)
    words ^= words >> np.uint32(16)


def keys(seed: int, step: int, stream: int) -> tuple[int, int]:
    """The two 32-bit keys of one node in one step.

    Args:
        seed: any integer; its low 64 bits count.
        step: number of the training step; its low 32 bits count.
        stream: number of the random node; its low 32 bits count.

    Example:

    >>> keys(0, 0, 0) != keys(0, 1, 0) != keys(0, 0, 1)
    True
    """
    result = []
    for salt in _SALTS:
        word = salt
        for part in (seed, seed >> 32, step, stream):
            word = _mix_word((word ^ part & _MASK) + salt & _MASK)
        result.append(word)
    return result[0], result[1]


def _blocks(seed: int, step: int, stream: int, size: int) -> Iterator[np.ndarray]:
    first, second = keys(seed, step, stream)
    for start in range(0, size, _BLOCK):
        words = np.arange(start, min(start + _BLOCK, size), dtype=np.uint32)
        words ^= np.uint32(first)
        _mix(words)
        words += np.uint32(second)
        _mix(words)
        yield words


def bits(seed: int, step: int, stream: int, size: int) -> np.ndarray:
    """Hash the elements ``0 .. size - 1``: a uint32 array of shape ``(size,)``.

    Example:

    >>> bits(7, 0, 0, 3).dtype
    dtype('uint32')
    >>> bool((bits(7, 0, 0, 3) == bits(7, 0, 0, 9)[:3]).all())
    True
    """
    out = np.empty(size, dtype=np.uint32)
    start = 0
    for words in _blocks(seed, step, stream, size):
        out[start : start + words.size] = words
        start += words.size
    return out


def hashes(seed: int, step: int, stream: int, elements: np.ndarray) -> np.ndarray:
    """Hash given elements: what :func:`bits` gives at their places.

    Args:
        seed, step, stream: see :func:`bits`.
        elements: whole numbers, 0 or more; their low 32 bits count.

    Returns:
        A uint32 array of their shape.

    Example:

    >>> hashes(7, 0, 0, np.array([8, 2])).tolist() == bits(7, 0, 0, 9)[[8, 2]].tolist()
    True
    """
    first, second = keys(seed, step, stream)
    words = (elements & _MASK).astype(np.uint32)
    words ^= np.uint32(first)
    _mix(words)
    words += np.uint32(second)
    _mix(words)
    return words


def uniform(seed: int, step: int, stream: int, shape: Sequence[int]) -> np.ndarray:
    """Draw float32 values from [0, 1), multiples of 2**-24.

    Args:
        seed: the run's seed (64 bits).
        step: number of the training step.
        stream: number of the random node in its graph.
        shape: shape of the result.

    Returns:
        A float32 array of that shape.

    Example:

    >>> x = uniform(seed=1, step=0, stream=0, shape=(2, 3))
    >>> x.shape, x.dtype.name, bool((x >= 0).all() and (x < 1).all())
    ((2, 3), 'float32', True)
    """
    out = np.empty(tuple(shape), dtype=np.float32)
    flat = out.reshape(-1)
    start = 0
    for words in _blocks(seed, step, stream, flat.size):
        words >>= np.uint32(8)
        np.multiply(
            words,
            np.float32(2**-24),
            out=flat[start : start + words.size],
            casting="unsafe",
            dtype=np.float32,
        )
        start += words.size
    return out


def permutation(seed: int, epoch: int, n: int) -> np.ndarray:
    """The order in which the rows of an epoch are visited.

    Args:
        seed: the run's seed (64 bits).
        epoch: number of the epoch.
        n: number of rows, below 2**31.

    Returns:
        An int32 array with each of ``0 .. n - 1`` once: the stable argsort of the
        hashes of the row numbers.

    Example:

    >>> sorted(permutation(seed=0, epoch=0, n=4).tolist())
    [0, 1, 2, 3]
    """
    hashes = bits(seed, epoch, PERMUTATION_STREAM, n)
    return np.argsort(hashes, kind="stable").astype(np.int32)
