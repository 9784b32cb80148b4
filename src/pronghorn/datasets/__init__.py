"""Public data sets, as `keras.datasets` has them: downloaded once, then read from disk.

    (x_train, y_train), (x_test, y_test) = pronghorn.datasets.mnist.load_data()

They are kept where Keras keeps them, so what either has loaded is there for both.
"""

from pronghorn.datasets import (
    boston_housing,
    california_housing,
    cifar10,
    cifar100,
    fashion_mnist,
    imdb,
    mnist,
    reuters,
)

__all__ = [
    "boston_housing",
    "california_housing",
    "cifar10",
    "cifar100",
    "fashion_mnist",
    "imdb",
    "mnist",
    "reuters",
]
