"""Which arguments of constructors are looked at, and what is looked at, by room."""

from __future__ import annotations

from collections.abc import Iterator

from tests.conformance.arguments import (
    callbacks,
    layers,
    numbers,
    optimizers,
    preparing,
)
from tests.conformance.arguments.row import Row

ROOMS = (
    "layers",
    "losses",
    "metrics",
    "optimizers",
    "optimizers.schedules",
    "initializers",
    "regularizers",
    "constraints",
    "callbacks",
)


def rows() -> Iterator[Row]:
    """The rows of all rooms."""
    for module in (callbacks, layers, numbers, optimizers, preparing):
        yield from module.rows()
