"""Settings of the process, from its environment.

| variable | meaning |
|---|---|
| `PRONGHORN_BACKEND` | `native` (default) or `reference` |
| `PRONGHORN_NUM_THREADS` | threads of the engine; then `OMP_NUM_THREADS`, then cores |
| `PRONGHORN_ISA` | instruction set of the engine's kernels |
| `PRONGHORN_DATA` | a folder with data sets |
| `PRONGHORN_HOME` | a folder for caches |
"""

from __future__ import annotations

import os

from pronghorn.errors import UnknownNameError

__all__ = ["BACKENDS", "EPSILON", "FLOATX", "backend_name"]

BACKENDS = ("native", "reference")
EPSILON = 1e-7  # Keras's fuzz factor
FLOATX = "float32"


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
