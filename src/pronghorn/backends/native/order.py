"""The order of an epoch's rows, drawn by the engine."""

from __future__ import annotations

import numpy as np

from pronghorn.backends.native import _engine

__all__ = ["permutation"]


def permutation(seed: int, epoch: int, n: int) -> np.ndarray:
    """What `pronghorn.ir.rng.permutation` gives, several times faster.

    Example:

    >>> sorted(permutation(seed=0, epoch=0, n=4).tolist())
    [0, 1, 2, 3]
    """
    order = np.empty(n, np.int32)
    _engine.permutation(seed, epoch, order)
    return order
