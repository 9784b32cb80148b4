"""A model that callbacks can drive without any training."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any


class FakeOptimizer:
    def __init__(self, learning_rate: float = 0.1) -> None:
        self.learning_rate = learning_rate


class FakeModel:
    """Weights are the number of the epoch; what is saved is remembered."""

    def __init__(self, metrics: dict[str, str] | None = None) -> None:
        self.optimizer = FakeOptimizer()
        self.stop_training = False
        self.history: Any = None
        self.epoch = -1
        self.restored: Any = None
        self.saved: list[str] = []
        self.metrics = [
            SimpleNamespace(name=name, _direction=direction)
            for name, direction in (metrics or {}).items()
        ]

    def get_weights(self) -> list[int]:
        return [self.epoch]

    def set_weights(self, weights: list[int]) -> None:
        self.restored = weights

    def save(self, path: str, overwrite: bool = False) -> None:
        self.saved.append(path)

    def save_weights(self, path: str, overwrite: bool = False) -> None:
        self.saved.append("weights " + path)


def run_epochs(callbacks: Any, model: Any, logs: list[dict[str, Any]]) -> int:
    """Lets a `CallbackList` see these epochs; returns how many of them it let pass."""
    callbacks.set_model(model)
    callbacks.on_train_begin()
    done = 0
    for epoch, values in enumerate(logs):
        model.epoch = epoch
        callbacks.on_epoch_begin(epoch)
        callbacks.on_epoch_end(epoch, dict(values))
        done += 1
        if model.stop_training:
            break
    callbacks.on_train_end(logs[done - 1])
    return done
