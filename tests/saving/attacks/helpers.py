"""How an attack has to end: one clear error, and next to no memory."""

from __future__ import annotations

import contextlib
import tracemalloc
from collections.abc import Iterator

import pytest

from pronghorn.errors import FileFormatError
from pronghorn.saving import model_from_bytes

MIB = 1 << 20


@contextlib.contextmanager
def refused(match: str = "", most: int = 32 * MIB) -> Iterator[None]:
    """The body raises a FileFormatError with all its parts, and allocates little."""
    tracemalloc.start()
    try:
        with pytest.raises(FileFormatError) as caught:
            yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert match.lower() in str(caught.value).lower()
    for part in ("where", "expected", "received", "remedy"):
        assert getattr(caught.value, part), part
    assert peak < most, f"{peak / MIB:.0f} MiB to refuse a file"


def load(data: bytes):
    """Load an archive from memory."""
    return model_from_bytes(data, label="evil.keras")
