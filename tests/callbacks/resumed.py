"""A training that may be killed: run by `test_backup.py` in processes of its own.

    python -m tests.callbacks.resumed FOLDER SEED SAVE_FREQ [EPOCH BATCH]

With an epoch and a batch the process kills itself after that batch. Else it writes what
came of the training to FOLDER/result.npz.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np

import pronghorn as keras
from pronghorn import callbacks, layers, metrics

ROWS, BATCH, EPOCHS = 40, 8, 5  # five steps an epoch


class Kill(callbacks.Callback):
    """kill -9, in the middle of everything."""

    def __init__(self, epoch: int, batch: int) -> None:
        super().__init__()
        self.moment = (epoch, batch)
        self.epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if (self.epoch, batch) == self.moment:
            os.kill(os.getpid(), signal.SIGKILL)


def table() -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.RandomState(0)
    x = draw.standard_normal((ROWS, 4)).astype("float32")
    return x, (x.sum(axis=1, keepdims=True) > 0).astype("float32")


def net(accumulate: int | None = None) -> Any:
    model = keras.Sequential(
        [
            layers.Input((4,)),
            layers.Dense(6, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    schedule = keras.optimizers.schedules.CosineDecay(0.05, 25)
    model.compile(
        keras.optimizers.Adam(
            schedule, use_ema=True, gradient_accumulation_steps=accumulate
        ),
        loss="binary_crossentropy",
        metrics=["accuracy", metrics.AUC(name="auc")],
    )
    return model


def train(model: Any, extra: list[Any], epochs: int = EPOCHS, **kwargs: Any) -> Any:
    x, y = table()
    options = {"validation_split": 0.0, "batch_size": BATCH, **kwargs}
    return model.fit(x, y, epochs=epochs, callbacks=extra, verbose=0, **options)


def main() -> None:
    folder, seed, save_freq, *moment = sys.argv[1:]
    keras.utils.set_random_seed(int(seed))
    every: Any = int(save_freq) if save_freq.isdigit() else save_freq
    backup = callbacks.BackupAndRestore(Path(folder) / "backup", save_freq=every)
    calls: list[Any] = [backup]
    if moment:
        calls.append(Kill(int(moment[0]), int(moment[1])))
    model = net(2)
    history = train(model, calls)
    state = [*model.get_weights(), *(v.numpy() for v in model.optimizer.variables)]
    curves = {f"h {k}": np.asarray(v) for k, v in history.history.items()}
    arrays = {f"w {i:03d}": array for i, array in enumerate(state)}
    np.savez(
        Path(folder) / "result.npz",
        epochs=np.asarray(history.epoch),
        **arrays,
        **curves,
    )


if __name__ == "__main__":
    main()
