"""Callbacks that change the learning rate: by a schedule, or on a plateau."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from pronghorn.callbacks.callback import Callback, Logs
from pronghorn.callbacks.console import print_line
from pronghorn.callbacks.monitor import MonitorCallback
from pronghorn.callbacks.rates import learning_rates, of_each_rate, rate_of
from pronghorn.errors import ArgumentError

__all__ = ["LearningRateScheduler", "ReduceLROnPlateau"]


class LearningRateScheduler(Callback):
    """Asks a function for the learning rate before every epoch.

    The rate is kept in the history under "learning_rate".

    Args:
        schedule: `schedule(epoch, learning_rate) -> new learning rate`, epochs from 0;
            a function of the epoch alone is taken too.
        verbose: 1 prints a line per epoch. Default 0.

    Raises:
        ArgumentError: in `fit`, if the function returns something else than a number.

    Example:

    >>> import numpy as np
    >>> import pronghorn as keras
    >>> model = keras.Sequential([keras.layers.Dense(1, input_shape=(1,))])
    >>> model.compile(keras.optimizers.SGD(0.5), loss="mse")
    >>> x = np.array([[1.0], [2.0]], "float32")
    >>> halve = LearningRateScheduler(lambda epoch, lr: lr / 2)
    >>> history = model.fit(x, 2 * x, epochs=3, callbacks=[halve], verbose=0)
    >>> history.history["learning_rate"]
    [0.25, 0.125, 0.0625]
    """

    def __init__(self, schedule: Callable[..., Any], verbose: int = 0) -> None:
        super().__init__()
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        for optimizer, name in of_each_rate(self.model):
            rate = self._asked(epoch, rate_of(optimizer))
            optimizer.learning_rate = rate
            if self.verbose > 0:
                which = f"{name} learning rate".lstrip()
                print_line(
                    f"\nEpoch {epoch + 1}: LearningRateScheduler setting {which} to "
                    f"{rate}."
                )

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if logs is not None:
            logs.update(learning_rates(self.model))

    def _asked(self, epoch: int, rate: float) -> float:
        try:
            answer = self.schedule(epoch, rate)
        except TypeError as two_arguments:
            try:
                answer = self.schedule(epoch)
            except TypeError:
                raise two_arguments from None
        return _checked(answer, epoch)


class ReduceLROnPlateau(MonitorCallback):
    """Lowers the learning rate when a watched quantity has stopped improving.

    The rate is kept in the history under "learning_rate".

    Args:
        monitor: name of the quantity. Default "val_loss".
        factor: new rate = rate * factor; below 1. Default 0.1.
        patience: epochs without improvement to wait. Default 10.
        verbose: 1 prints a line when it acts. Default 0.
        mode: "min", "max" or "auto". Default "auto".
        min_delta: a change smaller than this is no improvement. Default 1e-4.
        cooldown: epochs to rest after a reduction. Default 0.
        min_lr: the rate never falls below this. Default 0.
        **kwargs: `epsilon`, which is `min_delta` by the name that Keras 2 had for it.

    Raises:
        ArgumentError: a factor of 1 or more, an argument that it does not have.

    Example:

    >>> import numpy as np
    >>> import pronghorn as keras
    >>> model = keras.Sequential([keras.layers.Dense(1, input_shape=(1,))])
    >>> model.compile(keras.optimizers.SGD(0.5), loss="mse")
    >>> x = np.array([[1.0], [2.0]], "float32")
    >>> slow = ReduceLROnPlateau("loss", factor=0.5, patience=2, min_delta=1e9)
    >>> history = model.fit(x, 2 * x, epochs=5, callbacks=[slow], verbose=0)
    >>> float(np.asarray(model.optimizer.learning_rate))
    0.125
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        **kwargs: Any,
    ) -> None:
        min_delta = kwargs.pop("epsilon", min_delta)
        _no_others(kwargs)
        super().__init__(monitor, mode, min_delta=min_delta)
        if factor >= 1.0:
            raise ArgumentError(
                "ReduceLROnPlateau does not support a factor >= 1.0.",
                where="ReduceLROnPlateau, argument `factor`",
                expected="a factor below 1",
                received=factor,
                remedy="0.1 and 0.5 are usual",
            )
        self.factor = factor
        self.min_lr = min_lr
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self._reset()

    def _reset(self) -> None:
        self.best = None
        self.cooldown_counter = 0
        self.wait = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._reset()

    def in_cooldown(self) -> bool:
        """Whether it still rests after a reduction."""
        return self.cooldown_counter > 0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        logs = {} if logs is None else logs
        logs.update(learning_rates(self.model))
        current = self.monitored(logs, "Learning rate reduction is")
        if current is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self.is_improvement(current, self.best):
            self.best = current
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience:
                self._reduce(epoch)

    def _reduce(self, epoch: int) -> None:
        for optimizer, name in of_each_rate(self.model):
            old = rate_of(optimizer)
            if old <= np.float32(self.min_lr):
                continue
            new = max(old * self.factor, self.min_lr)
            optimizer.learning_rate = new
            self.cooldown_counter = self.cooldown
            self.wait = 0
            if self.verbose > 0:
                which = f"{name} learning rate".lstrip()
                print_line(
                    f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing {which} to {new}."
                )


def _no_others(arguments: dict[str, Any]) -> None:
    if arguments:
        raise ArgumentError(
            "ReduceLROnPlateau has no such argument.",
            where="ReduceLROnPlateau",
            expected="the arguments of its signature",
            received=", ".join(f"{k}={v!r}" for k, v in arguments.items()),
            remedy="leave it out, or check its spelling",
        )


def _checked(answer: Any, epoch: int) -> float:
    is_number = isinstance(answer, int | float | np.number | np.ndarray)
    if is_number and np.ndim(answer) == 0 and not isinstance(answer, bool):
        rate = float(answer)
        if math.isfinite(rate):
            return rate
    raise ArgumentError(
        "The output of the `schedule` function should be a float.",
        where=f"LearningRateScheduler, epoch {epoch}",
        expected="a finite number",
        received=repr(answer),
        remedy="return the learning rate on every path of the function",
    )
