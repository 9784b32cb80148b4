"""`keras.device` and `keras.name_scope`: scopes that have nothing to change here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pronghorn.errors import ArgumentError

__all__ = ["device", "name_scope"]


@contextmanager
def device(device_name: str) -> Iterator[None]:
    """A scope whose code runs where all does: on the processor.

    Args:
        device_name: such as "cpu:0"; another one is as good.

    Raises:
        ArgumentError: no text.

    Example:

    >>> with device("cpu:0"):
    ...     print("here")
    here
    """
    if not isinstance(device_name, str):
        raise ArgumentError(
            "A device is meant by its name.",
            where="device(device_name=)",
            expected='text such as "cpu:0"',
            received=repr(device_name),
            remedy='write device("cpu:0")',
        )
    yield


@contextmanager
def name_scope(name: str, **kwargs: Any) -> Iterator[None]:
    """A scope for names; variables keep those that their layers give them.

    Args:
        name: text without a slash.
        **kwargs: Keras's `caller`, `deduplicate` and `override_parent`.

    Raises:
        ArgumentError: no text, or one with a slash.

    Example:

    >>> with name_scope("encoder"):
    ...     print("here")
    here
    """
    if not isinstance(name, str) or "/" in name:
        raise ArgumentError(
            "A scope's name is text without a slash.",
            where="name_scope(name=)",
            expected="text such as 'encoder'",
            received=repr(name),
        )
    yield
