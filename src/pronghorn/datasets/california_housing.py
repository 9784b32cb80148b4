"""Prices of houses in California: 20,640 rows of 8 columns."""

from __future__ import annotations

import numpy as np

from pronghorn.datasets.archives import fetch, npz, split_at
from pronghorn.errors import ArgumentError

__all__ = ["load_data"]

Part = tuple[np.ndarray, np.ndarray]


def load_data(
    version: str = "large",
    path: str = "california_housing.npz",
    test_split: float = 0.2,
    seed: int = 113,
) -> tuple[Part, Part]:
    """Median prices in dollars by block of the census of 1990.

    The columns tell place, age of the houses, rooms, bedrooms, people, households and
    income. Pace, Barry (1997), Sparse Spatial Autoregressions.

    The archive has not been fetched from its public address in the project's own tests:
    these read small ones of the same form from a server of their own.

    Args:
        version: "large" for all rows, "small" for 600 of them. Default "large".
        path: the file's name in the cache.
        test_split: the part of the rows for testing. Default 0.2.
        seed: of the order that the rows are put into before. Default 113.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: float32, (n, 8) and (n,).

    Raises:
        ArgumentError: another `version`; `test_split` is no part.
        DownloadError: the archive is not there and cannot be fetched.
        FileFormatError: it is not the one that was published.
    """
    rows = {"large": None, "small": 600}
    if version not in rows:
        raise ArgumentError(
            "There is no such version.",
            where="load_data(version=)",
            expected="'small' or 'large'",
            received=repr(version),
            remedy="leave it out for all rows",
        )
    arrays = npz(fetch("california_housing.npz", path), "x", "y")
    return split_at([a[: rows[version]] for a in arrays], test_split, seed)
