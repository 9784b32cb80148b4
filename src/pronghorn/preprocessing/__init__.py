"""`keras.preprocessing`, as far as it is about numbers: `sequence`."""

from __future__ import annotations

from typing import Any

from pronghorn.absent import refusal as _refusal
from pronghorn.preprocessing import sequence

__all__ = ["sequence"]


def __getattr__(name: str) -> Any:
    refused = _refusal(name, "preprocessing")
    if refused is not None:
        raise refused
    raise AttributeError(f"module 'pronghorn.preprocessing' has no attribute {name!r}")
