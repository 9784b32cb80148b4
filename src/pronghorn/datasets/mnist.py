"""MNIST: handwritten digits, 28 by 28 pixels, of ten classes."""

from __future__ import annotations

import numpy as np

from pronghorn.datasets.archives import fetch, npz

__all__ = ["load_data"]

Part = tuple[np.ndarray, np.ndarray]


def load_data(path: str = "mnist.npz") -> tuple[Part, Part]:
    """60,000 digits for training and 10,000 for testing.

    LeCun, Cortes, Burges, http://yann.lecun.com/exdb/mnist/; CC BY-SA 3.0.

    The archive has not been fetched from its public address in the project's own tests:
    these read small ones of the same form from a server of their own.

    Args:
        path: the file's name in the cache.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: uint8, images (n, 28, 28) of values from
        0 to 255 and labels (n,) from 0 to 9.

    Raises:
        DownloadError: the archive is not there and cannot be fetched.
        FileFormatError: it is not the one that was published.
    """
    file = fetch("mnist.npz", path)
    x, y, x_test, y_test = npz(file, "x_train", "y_train", "x_test", "y_test")
    return (x, y), (x_test, y_test)
