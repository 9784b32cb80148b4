"""Public data sets: those of `keras.datasets`, and tables by name.

    (x_train, y_train), (x_test, y_test) = pronghorn.datasets.mnist.load_data()
    frame = pronghorn.datasets.load("titanic")

Both are downloaded once, then read from disk. The first are kept where Keras keeps
them, so what either has loaded is there for both; the tables lie beside them.
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
from pronghorn.datasets.loading import describe, load, names
from pronghorn.datasets.made import make_cereal, make_penguins, make_titanic
from pronghorn.datasets.table import Home, Table

__all__ = [
    "Home",
    "Table",
    "boston_housing",
    "california_housing",
    "cifar10",
    "cifar100",
    "describe",
    "fashion_mnist",
    "imdb",
    "load",
    "make_cereal",
    "make_penguins",
    "make_titanic",
    "mnist",
    "names",
    "reuters",
]
