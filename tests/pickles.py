"""What a pickle asks for, read without running it."""

from __future__ import annotations

import pickletools


def names_in(pickled: bytes) -> set[str]:
    """The names that a pickle asks for."""
    strings: list[str] = []
    found = set()
    for code, value, _ in pickletools.genops(pickled):
        if code.name == "GLOBAL":
            found.add(value)
        if code.name == "STACK_GLOBAL":
            found.add(" ".join(strings[-2:]))
        if isinstance(value, str):
            strings.append(value)
    return found
