"""What is outside of the field: one error, where it is used, not where it is named.

A script may import `Conv2D` and never call it, so a name that Keras or TensorFlow has
and Pronghorn has not is an `Absent`. Calling it, deriving from it or looping over it
raises.
"""

from __future__ import annotations

import importlib.machinery
import os
import sys
from typing import Any, NoReturn

from pronghorn.errors import UnsupportedError

__all__ = ["Absent", "absence", "on_real_keras"]

_BACKENDS = ("tensorflow", "jax", "torch")


class Absent:
    """A name that Pronghorn has nothing for.

    Args:
        symbol: its full name, as scripts write it.
        remedy: what to use instead, if anything.

    Example:

    >>> strategy = Absent("tf.distribute").MirroredStrategy
    >>> strategy
    <tf.distribute.MirroredStrategy: not part of Pronghorn>
    >>> isinstance(3, strategy)
    False
    >>> strategy()
    Traceback (most recent call last):
    ...
    pronghorn.errors.UnsupportedError: tf.distribute.MirroredStrategy is not part of...
    """

    def __init__(self, symbol: str, remedy: str | None = None) -> None:
        self._symbol = symbol
        self._remedy = remedy

    def __getattr__(self, name: str) -> Absent:
        if name.startswith("_") or name == "dtype":  # by which NumPy knows dtypes
            raise AttributeError(name)
        return Absent(f"{self._symbol}.{name}", self._remedy)

    def _refuse(self) -> NoReturn:
        raise absence(self._symbol, self._remedy)

    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        self._refuse()

    def __mro_entries__(self, _: Any) -> NoReturn:
        self._refuse()

    def __iter__(self) -> NoReturn:
        self._refuse()

    def __getitem__(self, _: Any) -> NoReturn:
        self._refuse()

    def __enter__(self) -> NoReturn:
        self._refuse()

    def __exit__(self, *_: object) -> None:
        """Never reached: `__enter__` raises."""

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        self._refuse()

    def __instancecheck__(self, _: Any) -> bool:
        return False

    def __subclasscheck__(self, _: Any) -> bool:
        return False

    def __repr__(self) -> str:
        return f"<{self._symbol}: not part of Pronghorn>"


def absence(symbol: str, remedy: str | None = None) -> UnsupportedError:
    """The error for a symbol that is used and not there."""
    ways = [way for way in (remedy, on_real_keras()) if way]
    return UnsupportedError(
        f"{symbol} is not part of Pronghorn.",
        where=symbol,
        expected="what dense networks on tables need",
        remedy="; ".join(ways) or "leave it out",
    )


def on_real_keras() -> str:
    """How to run this script on a real Keras; empty where none is installed."""
    if not _installed("keras"):
        return ""
    backend = next((name for name in _BACKENDS if _installed(name)), None)
    if backend is None:
        return ""
    script = sys.argv[0] if sys.argv else ""
    if not os.path.isfile(script) or "ipykernel" in script:
        return (
            "to run this on the real Keras, start anew without pronghorn.accel, with "
            f"KERAS_BACKEND={backend} in the environment"
        )
    words = " ".join([script, *sys.argv[1:]])
    return f"to run this on the real Keras: KERAS_BACKEND={backend} python {words}"


def _installed(name: str) -> bool:
    """Whether a package lies on the path; it is looked for, and never loaded."""
    return importlib.machinery.PathFinder.find_spec(name) is not None
