"""Prices of houses in Boston: 506 rows of 13 columns."""

from __future__ import annotations

import numpy as np

from pronghorn.datasets.archives import fetch, npz, split_at

__all__ = ["load_data"]

Part = tuple[np.ndarray, np.ndarray]


def load_data(
    path: str = "boston_housing.npz", test_split: float = 0.2, seed: int = 113
) -> tuple[Part, Part]:
    """Median prices in thousands of dollars, of the 1970s.

    One column, "B", was made from the part of black people in a town, on the assumption
    that segregation raises prices: use the set to teach what is wrong with that, and
    `california_housing` for anything else. Harrison, Rubinfeld (1978),
    http://lib.stat.cmu.edu/datasets/boston.

    The archive has not been fetched from its public address in the project's own tests:
    these read small ones of the same form from a server of their own.

    Args:
        path: the file's name in the cache.
        test_split: the part of the rows for testing. Default 0.2.
        seed: of the order that the rows are put into before. Default 113.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: float64, (n, 13) and (n,).

    Raises:
        ArgumentError: `test_split` is no part.
        DownloadError: the archive is not there and cannot be fetched.
        FileFormatError: it is not the one that was published.
    """
    return split_at(npz(fetch("boston_housing.npz", path), "x", "y"), test_split, seed)
