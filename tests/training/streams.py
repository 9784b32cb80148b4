"""Streams of batches that the tests of training share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import pronghorn as keras
from pronghorn import callbacks, layers
from pronghorn.utils import PyDataset

RNG = np.random.default_rng(5)
X = RNG.normal(size=(50, 3)).astype("float32")
Y = (X @ np.float32([1.0, -2.0, 0.5]) + 0.3).astype("float32")
W = RNG.uniform(0.5, 2.0, size=50).astype("float32")
PARTS = [slice(i, i + 8) for i in range(0, 50, 8)]  # six of 8 rows, one of 2


def net(eager: bool = False, **compiled: Any) -> Any:
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            layers.Dense(6, activation="tanh", input_shape=[3]),
            layers.Dropout(0.2),
            layers.Dense(1),
        ]
    )
    model.compile(optimizer="adam", loss="mse", run_eagerly=eager, **compiled)
    return model


def fit(model: Any, *data: Any, **arguments: Any) -> Any:
    keras.utils.set_random_seed(4)
    return model.fit(*data, **{"verbose": 0, "shuffle": False, **arguments})


def batches(*columns: Any) -> Iterator[Any]:
    yield from (tuple(c[part] for c in columns) for part in PARTS)


class Numbered(PyDataset):
    """The same rows as a `PyDataset`; it writes down what is asked of it."""

    def __init__(self, *columns: Any, **options: Any) -> None:
        super().__init__(**options)
        self.columns = columns
        self.log: list[Any] = []

    def __len__(self) -> int:
        return len(PARTS)

    def __getitem__(self, index: int) -> Any:
        self.log.append(index)
        return tuple(c[PARTS[index]] for c in self.columns)

    def on_epoch_begin(self) -> None:
        self.log.append("begin")

    def on_epoch_end(self) -> None:
        self.log.append("end")


class Loader:
    """What is seen of a torch `DataLoader`: batches are lists of tensors."""

    def __init__(self, *columns: Any, length: bool = True) -> None:
        self.columns, self.length = columns, length
        self.passes = 0

    def __len__(self) -> int:
        if not self.length:
            raise TypeError("object of type 'IterableDataset' has no len()")
        return len(PARTS)

    def __iter__(self) -> Iterator[Any]:
        self.passes += 1
        for part in PARTS:
            yield [Tensor(c[part]) for c in self.columns]


class Tensor:
    """A tensor with a gradient, on another device: it must be fetched first."""

    def __init__(self, values: np.ndarray, fetched: int = 0) -> None:
        self.values, self.fetched = values, fetched

    def detach(self) -> Tensor:
        return Tensor(self.values, self.fetched + 1)

    def cpu(self) -> Tensor:
        return Tensor(self.values, self.fetched + 1)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        assert self.fetched == 2, "a tensor with a gradient is no array"
        return self.values if dtype is None else self.values.astype(dtype)


KINDS: dict[str, Any] = {
    "numbered": Numbered,
    "two threads": lambda *c: Numbered(*c, workers=2, max_queue_size=3),
    "multiprocessing": lambda *c: Numbered(*c, use_multiprocessing=True),
    "loader": Loader,
    "loader of unknown length": lambda *c: Loader(*c, length=False),
}


def assert_equal(one: Any, other: Any) -> None:
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


class Watching(callbacks.Callback):
    """Asks for each batch."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Any] = []

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.seen.append(batch)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seen.append(("end", batch))

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seen.append(logs["outputs"].shape)
