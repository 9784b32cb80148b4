"""Settings of the process, from its environment.

| variable | meaning |
|---|---|
| `PRONGHORN_BACKEND` | `native` (default) or `reference` |
| `PRONGHORN_NUM_THREADS` | threads of the engine; then `OMP_NUM_THREADS`, then cores |
| `PRONGHORN_ISA` | instruction set of the engine's kernels |
| `KERAS_HOME` | folder of downloaded files; `.keras` in the user's own by default |
| `PRONGHORN_DEBUG` | any value: the command line shows the traceback of a bug |
"""

from __future__ import annotations

import os

from pronghorn.errors import ArgumentError, UnknownNameError

__all__ = ["BACKENDS", "EPSILON", "backend_name", "check_threads"]

BACKENDS = ("native", "reference")
EPSILON = 1e-7  # Keras's fuzz factor


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
