"""A step costs no Python: no calls, and no memory that a step before did not have."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

from pronghorn import callbacks, layers, models

ROWS, EPOCHS = 640, 6
HISTORY = 200  # bytes that one epoch may leave in the history


def model_and_data() -> tuple[Any, np.ndarray, np.ndarray]:
    """A small net, whose programs exist for all batches used here."""
    x = np.random.default_rng(0).standard_normal((ROWS, 5)).astype(np.float32)
    y = x[:, :1] * np.float32(2)
    model = models.Sequential([layers.Dense(8, activation="relu"), layers.Dense(1)])
    model.compile(loss="mse", optimizer="adam", metrics=["mae"])
    for batch in (32, 16):
        model.fit(x, y, batch, epochs=2, verbose=0)
    return model, x, y


def calls_of(work: Callable[[], Any]) -> int:
    """How many Python and C functions Python calls meanwhile."""
    count = 0

    def profile(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    gc.collect()  # what other tests left behind calls back when it is collected
    gc.disable()
    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


def peak_of(work: Callable[[], Any]) -> int:
    """The most bytes that Python and NumPy hold meanwhile."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def fit(batch: int = 32, epochs: int = EPOCHS, **options: Any) -> Callable[[], Any]:
    """A call of `fit`, ready to be measured."""
    model, x, y = model_and_data()
    return lambda: model.fit(x, y, batch, epochs=epochs, verbose=0, **options)


def test_twice_the_steps_are_the_same_calls() -> None:
    assert calls_of(fit(batch=16)) == calls_of(fit(batch=32))


def test_twice_the_epochs_are_the_same_calls() -> None:
    few, many = calls_of(fit(epochs=20)), calls_of(fit(epochs=40))
    assert abs(many - few) <= 2


def test_a_call_of_each_step_is_seen() -> None:
    class Watching(callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            """Asked for by no one else."""

    plain = calls_of(fit())
    watched = calls_of(fit(callbacks=[Watching()]))
    assert watched - plain >= ROWS // 32 * EPOCHS


def test_steps_and_epochs_keep_no_memory() -> None:
    plain = peak_of(fit(batch=32, epochs=20))
    assert peak_of(fit(batch=16, epochs=20)) < plain + 2048
    assert peak_of(fit(batch=32, epochs=40)) < plain + 2048 + 20 * HISTORY


def test_memory_of_each_epoch_is_seen() -> None:
    class Keeping(callbacks.Callback):
        kept: list[bytes]

        def on_train_begin(self, logs: Any = None) -> None:
            """Starts anew."""
            self.kept = []

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            """Keeps what no epoch should."""
            self.kept.append(bytes(2000))

    plain = peak_of(fit(epochs=20))
    assert peak_of(fit(epochs=20, callbacks=[Keeping()])) > plain + 20_000
