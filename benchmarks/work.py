"""One piece of work in a process of its own: `python work.py LIBRARY WORKLOAD`.

Prints microseconds per training step for the workloads that are measured inside; for
the others the caller times the whole process.
"""

import os
import sys
import time
from typing import Any

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def library(name: str) -> Any:
    """The module with Keras's API, and the options it should be compiled with."""
    if name == "pronghorn":
        import pronghorn

        return pronghorn, {}
    os.environ["KERAS_BACKEND"] = name.removeprefix("keras-")
    import keras

    # What Keras's own guide to performance asks for: several steps per call, and XLA
    # where it pays.
    return keras, {"steps_per_execution": 32, "jit_compile": "auto"}


def cereal(keras: Any, options: dict[str, Any]) -> None:
    """77 x 3, one linear unit, 10 epochs, one prediction."""
    x, y = table(77, 3)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    # Three steps per epoch: more per call than that would only be compiled in vain.
    model.compile(optimizer="adam", loss="mse")
    model.fit(x, y, epochs=10, verbose=0)
    assert model.predict(x, verbose=0).shape == (77, 1)


def small(keras: Any, options: dict[str, Any]) -> None:
    """20,000 x 20, two hidden layers of 64, batches of 32; the second epoch's steps."""
    x, y = table(20_000, 20)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((20,)),
            layers.Dense(64, activation="relu"),
            layers.Dense(64, activation="relu"),
            layers.Dense(1),
        ]
    )
    model.compile(optimizer="adam", loss="mae", **options)
    model.fit(x, y, batch_size=32, epochs=1, verbose=0)
    start = time.perf_counter()
    model.fit(x, y, batch_size=32, epochs=2, verbose=0)
    print((time.perf_counter() - start) / (2 * 625) * 1e6)


def table(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Made data of the workload's size."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=(rows, columns)).astype("float32")
    return x, (x.sum(1) + draw.normal(size=rows)).astype("float32")


if __name__ == "__main__":
    work = {"cereal": cereal, "small": small}[sys.argv[2]]
    work(*library(sys.argv[1]))
