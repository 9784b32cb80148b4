"""The graph is made of few primitives, so that a new backend is a small work."""

from __future__ import annotations

import pytest

import pronghorn.ops  # noqa: F401  (declares them)
from pronghorn.ir import Primitive, primitives

MOST = 45


def check(count: int) -> None:
    """Raise where there are too many."""
    if count > MOST:
        raise AssertionError(f"{count} primitives, over {MOST}: compose the new one")


def test_primitives_are_few() -> None:
    found = primitives()
    assert len(found) > 10, "the reader must find them"
    check(len(found))


def test_every_primitive_is_declared_whole() -> None:
    for one in dict(primitives()).values():
        assert isinstance(one, Primitive)
        assert callable(one.value) and callable(one.shape), one.name


def test_too_many_are_refused() -> None:
    check(MOST)
    with pytest.raises(AssertionError, match="46 primitives"):
        check(MOST + 1)
