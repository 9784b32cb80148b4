"""Questions about a model that is there."""

from __future__ import annotations

from typing import Any

__all__ = ["backend_of"]


def backend_of(model: Any) -> str:
    """What a model computes on: "native" (C++) or "reference" (NumPy).

    Example:

    >>> from pronghorn import Sequential
    >>> model = Sequential()
    >>> model.run_eagerly = True
    >>> backend_of(model)
    'reference'
    """
    name: str = model._programs.backend(model).name
    return name
