"""A limit on what variables may take while a file is read.

A file's config asks for sizes; its weights prove them. The loader sets the limit from
the weights that the file really holds, so that a config of a few bytes that asks for
terabytes is refused before anything is allocated.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pronghorn.errors import FileFormatError

__all__ = ["allocation_limit", "charge_allocation"]

_state = threading.local()


@contextmanager
def allocation_limit(elements: int, where: str) -> Iterator[None]:
    """Within it, variables of more elements altogether are refused before they exist.

    Args:
        elements: numbers that may be allocated.
        where: what to name in the error.

    Example:

    >>> with allocation_limit(10, "m.keras"):
    ...     charge_allocation((1000, 1000), "kernel")
    Traceback (most recent call last):
    ...
    pronghorn.errors.FileFormatError: The config asks for larger variables than...
    """
    outer = getattr(_state, "limit", None)
    _state.limit = [elements, elements, where]
    try:
        yield
    finally:
        _state.limit = outer


def charge_allocation(shape: Sequence[int], name: str) -> None:
    """Count a variable against the `allocation_limit` around, if there is one.

    Args:
        shape: the variable's dimensions.
        name: what to call it in the error.

    Raises:
        FileFormatError: the limit is exceeded; nothing was allocated.

    >>> charge_allocation((2, 3), "kernel")
    """
    limit = getattr(_state, "limit", None)
    if limit is None:
        return
    limit[0] -= math.prod(int(d) for d in shape)
    if limit[0] < 0:
        raise FileFormatError(
            "The config asks for larger variables than the file holds weights for.",
            where=f"{limit[2]}: variable {name!r} of shape {tuple(shape)}",
            expected=f"at most {limit[1]} numbers in all, as in the weights",
            received=f"{math.prod(int(d) for d in shape)} for this one",
            remedy="do not trust this file: its config and its weights disagree",
        )
