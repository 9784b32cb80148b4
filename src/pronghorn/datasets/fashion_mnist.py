"""Fashion-MNIST: pictures of clothes, 28 by 28 pixels, of ten classes."""

from __future__ import annotations

import os

import numpy as np

from pronghorn.datasets.archives import fetch, idx

__all__ = ["load_data"]

Part = tuple[np.ndarray, np.ndarray]


def load_data() -> tuple[Part, Part]:
    """60,000 pictures for training and 10,000 for testing.

    The classes from 0: T-shirt, trouser, pullover, dress, coat, sandal, shirt, sneaker,
    bag, ankle boot. Xiao, Rasul, Vollgraf, https://arxiv.org/abs/1708.07747; MIT.

    Keras publishes no hashes of these files, so only their form is checked.

    The archive has not been fetched from its public address in the project's own tests:
    these read small ones of the same form from a server of their own.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: uint8, images (n, 28, 28) of values from
        0 to 255 and labels (n,) from 0 to 9.

    Raises:
        DownloadError: a file is not there and cannot be fetched.
        FileFormatError: a file is broken.
    """
    folder = os.path.join("datasets", "fashion-mnist")
    arrays = [
        idx(fetch(f"{part}-{kind}-ubyte.gz", cache_subdir=folder))
        for part in ("train", "t10k")
        for kind in ("images-idx3", "labels-idx1")
    ]
    return (arrays[0], arrays[1]), (arrays[2], arrays[3])
