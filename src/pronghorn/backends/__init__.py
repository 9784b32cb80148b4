"""What runs graphs: `native` (C++), and `reference` (NumPy), the oracle."""

from __future__ import annotations

import importlib

from pronghorn import settings
from pronghorn.backends.base import Backend, Executable
from pronghorn.backends.reference import ReferenceBackend

__all__ = ["Backend", "Executable", "ReferenceBackend", "select"]


def select(name: str | None = None) -> Backend:
    """A backend by name; by default the one of `PRONGHORN_BACKEND`, else native.

    Example:

    >>> select("reference").name
    'reference'
    """
    if (name or settings.backend_name()) == "reference":
        return ReferenceBackend()
    settings.check_threads()
    # Loaded when first needed, so that importing pronghorn loads no engine.
    native = importlib.import_module("pronghorn.backends.native")
    backend: Backend = native.NativeBackend()
    return backend
