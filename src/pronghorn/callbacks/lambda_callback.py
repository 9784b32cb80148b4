"""A callback made of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pronghorn.callbacks.callback import Callback
from pronghorn.callbacks.hooks import EVERY_HOOK
from pronghorn.errors import ArgumentError, closest

__all__ = ["LambdaCallback"]

Hook = Callable[..., Any] | None


class LambdaCallback(Callback):
    """Calls the functions it was given at the moments of their names.

    Only the hooks that are given count for how often training stops. Functions are
    called as methods are: `on_epoch_*(epoch, logs)`, `on_train_begin(logs)`,
    `on_train_batch_*(batch, logs=logs)`.

    Args:
        on_epoch_begin, on_epoch_end, on_train_begin, on_train_end,
        on_train_batch_begin, on_train_batch_end: functions. Default None.
        **kwargs: functions for any other hook of `Callback`, say `on_test_end`; and
            whatever else these want to find as an attribute.

    Raises:
        ArgumentError: a name that begins as a hook's and is none, or no function.

    Example:

    >>> import numpy as np
    >>> import pronghorn as keras
    >>> model = keras.Sequential([keras.layers.Dense(1, input_shape=(1,))])
    >>> model.compile(loss="mse")
    >>> x = np.array([[1.0], [2.0]], "float32")
    >>> tell = LambdaCallback(on_epoch_begin=lambda epoch, logs: print("epoch", epoch))
    >>> history = model.fit(x, 2 * x, epochs=2, callbacks=[tell], verbose=0)
    epoch 0
    epoch 1
    """

    def __init__(
        self,
        on_epoch_begin: Hook = None,
        on_epoch_end: Hook = None,
        on_train_begin: Hook = None,
        on_train_end: Hook = None,
        on_train_batch_begin: Hook = None,
        on_train_batch_end: Hook = None,
        **kwargs: Hook,
    ) -> None:
        super().__init__()
        given = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
            **kwargs,
        }
        for name, function in given.items():
            if name.startswith("on_") and function is not None:
                _check(name, function)
            if function is not None or name in kwargs:
                setattr(self, name, function)


def _check(name: str, function: Any) -> None:
    if name not in EVERY_HOOK:
        raise ArgumentError(
            f"There is no hook {name!r}.",
            where="LambdaCallback",
            expected="names of hooks of Callback",
            received=name,
            remedy=closest(name, EVERY_HOOK),
        )
    if not callable(function):
        raise ArgumentError(
            f"`{name}` is no function.",
            where="LambdaCallback",
            expected="a function",
            received=repr(function),
            remedy=f"pass {name}=lambda ...: ...",
        )
