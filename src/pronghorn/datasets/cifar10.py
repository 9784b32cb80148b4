"""CIFAR-10: small pictures in colour, of ten classes."""

from __future__ import annotations

import os

import numpy as np

from pronghorn.datasets.archives import batch_of_images, fetch

__all__ = ["load_data"]

Part = tuple[np.ndarray, np.ndarray]


def load_data() -> tuple[Part, Part]:
    """50,000 pictures for training and 10,000 for testing.

    The classes from 0: airplane, automobile, bird, cat, deer, dog, frog, horse, ship,
    truck. Krizhevsky, https://www.cs.toronto.edu/~kriz/cifar.html.

    The archive has not been fetched from its public address in the project's own tests:
    these read small ones of the same form from a server of their own.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: uint8, images (n, 32, 32, 3) of values
        from 0 to 255 and labels (n, 1).

    Raises:
        DownloadError: the archive is not there and cannot be fetched.
        FileFormatError: it is not the one that was published.
    """
    folder = fetch("cifar-10-python.tar.gz", "cifar-10-batches-py-target", extract=True)
    folder = os.path.join(folder, "cifar-10-batches-py")
    names = [f"data_batch_{i}" for i in range(1, 6)]
    parts = [batch_of_images(os.path.join(folder, n), "labels") for n in names]
    x, y = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return (x, y), batch_of_images(os.path.join(folder, "test_batch"), "labels")
