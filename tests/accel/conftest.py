"""Keras's names in this process, for one test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pronghorn import accel


@pytest.fixture
def installed() -> Iterator[None]:
    """`accel` in place, and everything as it was afterwards."""
    accel.install()
    yield
    accel.uninstall()
