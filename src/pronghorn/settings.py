"""Settings of the process: from its environment, and what it does with bad data.

| variable | meaning |
|---|---|
| `PRONGHORN_BACKEND` | `native` (default) or `reference` |
| `PRONGHORN_NUM_THREADS` | threads of the engine; then `OMP_NUM_THREADS`, then cores |
| `PRONGHORN_ISA` | instruction set of the engine's kernels |
| `KERAS_HOME` | folder of downloaded files; `.keras` in the user's own by default |
| `PRONGHORN_HOME` | the course's notebooks; `.pronghorn` in the user's own by default |
| `PRONGHORN_DATA` | folder of tables, which `datasets.load` looks into first |
| `PRONGHORN_DEBUG` | any value: the command line shows the traceback of a bug |
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from pronghorn.errors import ArgumentError, DataError, UnknownNameError

__all__ = [
    "BACKENDS",
    "EPSILON",
    "backend_name",
    "bad_data",
    "check_threads",
    "go_on_with_bad_data",
    "goes_on_with_bad_data",
    "refused_bad_data",
    "warn_once",
    "warned_of_bad_data",
]

BACKENDS = ("native", "reference")
EPSILON = 1e-7  # Keras's fuzz factor


class _BadData:
    """What this process does with it."""

    goes_on = False
    told: frozenset[str] = frozenset()


def go_on_with_bad_data(on: bool) -> None:
    """Whether values that a model should not see warn, as `accel` wants it, or raise.

    Default they raise.
    """
    _BadData.goes_on = bool(on)
    _BadData.told = frozenset()


@contextmanager
def warned_of_bad_data(on: bool) -> Iterator[None]:
    """A scope in which bad data warns, if it is on.

    >>> with warned_of_bad_data(True):
    ...     goes_on_with_bad_data()
    True
    """
    before = _BadData.goes_on, _BadData.told
    _BadData.goes_on = before[0] or bool(on)
    try:
        yield
    finally:
        _BadData.goes_on = before[0]
        if not before[0]:
            _BadData.told = before[1]  # the next scope tells it again


@contextmanager
def refused_bad_data() -> Iterator[None]:
    """A scope in which bad data raises, whatever the process does with it.

    >>> with warned_of_bad_data(True), refused_bad_data():
    ...     goes_on_with_bad_data()
    False
    """
    before, _BadData.goes_on = _BadData.goes_on, False
    try:
        yield
    finally:
        _BadData.goes_on = before


def goes_on_with_bad_data() -> bool:
    """Whether this process trains and predicts with bad data, as Keras does.

    >>> goes_on_with_bad_data()
    False
    """
    return _BadData.goes_on


def bad_data(error: DataError) -> None:
    """Raises the error; where the process goes on with bad data, warns of it once.

    >>> bad_data(DataError("x holds NaN.", where="column 'sugars', row 3"))
    Traceback (most recent call last):
    ...
    pronghorn.errors.DataError: x holds NaN.
      where: column 'sugars', row 3
    """
    if not _BadData.goes_on:
        raise error
    warn_once(str(error))


def warn_once(text: str) -> None:
    """Warns, at the line of the user's that led here; the same text only once."""
    if text in _BadData.told:
        return
    _BadData.told |= {text}
    package = os.path.dirname(os.path.abspath(__file__)) + os.sep
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith(package):
        frame, level = frame.f_back, level + 1
    warnings.warn(text, stacklevel=level)


def backend_name() -> str:
    """The backend that models compile for.

    Raises:
        UnknownNameError: if the environment names no backend.
    """
    name = os.environ.get("PRONGHORN_BACKEND", "native")
    if name not in BACKENDS:
        raise UnknownNameError(
            "There is no such backend.",
            where="environment variable PRONGHORN_BACKEND",
            expected=" or ".join(BACKENDS),
            received=repr(name),
            remedy="unset it, or choose one of these",
        )
    return name


def check_threads() -> None:
    """Refuses a number of threads that is none; the engine reads the variable itself.

    Raises:
        ArgumentError: unless it is a whole number from 1 up.
    """
    given = os.environ.get("PRONGHORN_NUM_THREADS", "")
    if given and not (given.isascii() and given.isdigit() and int(given) > 0):
        raise ArgumentError(
            "The number of threads is a whole number from 1 up.",
            where="environment variable PRONGHORN_NUM_THREADS",
            received=repr(given),
            remedy="unset it to use every processor",
        )
