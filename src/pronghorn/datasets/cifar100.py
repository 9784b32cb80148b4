"""CIFAR-100: small pictures in colour, of a hundred classes."""

from __future__ import annotations

import os

import numpy as np

from pronghorn.datasets.archives import batch_of_images, fetch
from pronghorn.errors import ArgumentError

__all__ = ["load_data"]

Part = tuple[np.ndarray, np.ndarray]


def load_data(label_mode: str = "fine") -> tuple[Part, Part]:
    """50,000 pictures for training and 10,000 for testing.

    Krizhevsky, https://www.cs.toronto.edu/~kriz/cifar.html.

    The archive has not been fetched from its public address in the project's own tests:
    these read small ones of the same form from a server of their own.

    Args:
        label_mode: "fine" for 100 classes, "coarse" for 20. Default "fine".

    Returns:
        `(x_train, y_train), (x_test, y_test)`: uint8, images (n, 32, 32, 3) of values
        from 0 to 255 and labels (n, 1).

    Raises:
        DownloadError: the archive is not there and cannot be fetched.
        FileFormatError: it is not the one that was published.
        ArgumentError: another `label_mode`.
    """
    if label_mode not in ("fine", "coarse"):
        raise ArgumentError(
            "There are no such labels.",
            where="load_data(label_mode=)",
            expected="'fine' or 'coarse'",
            received=repr(label_mode),
            remedy="leave it out for 100 classes",
        )
    folder = fetch("cifar-100-python.tar.gz", "cifar-100-python-target", extract=True)
    folder = os.path.join(folder, "cifar-100-python")
    train, test = (
        batch_of_images(os.path.join(folder, name), f"{label_mode}_labels")
        for name in ("train", "test")
    )
    return train, test
