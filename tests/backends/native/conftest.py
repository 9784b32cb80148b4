"""The engine's threads and sharing, as they were before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pronghorn.backends import native


@pytest.fixture(autouse=True)
def threads_as_before() -> Iterator[None]:
    before = native.info()["threads"]
    yield
    if native.info()["threads"] != before:
        native.set_threads(before)
