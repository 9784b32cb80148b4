"""A real Chromium, started once for all tests that look at pages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

NAMES = "chromium chromium-browser google-chrome".split()
# Containers have no user namespaces, which the sandbox needs, and little shared memory.
WORDS = ["--no-sandbox", "--disable-dev-shm-usage"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Chromium without a window: what `PRONGHORN_BROWSER` names, or the machine's."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="no browser: Playwright is not installed"
    )
    named = [os.environ.get("PRONGHORN_BROWSER"), *map(shutil.which, NAMES)]
    found = next(filter(None, named), None)
    if found is None:
        pytest.skip("no browser: PRONGHORN_BROWSER names no Chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=WORDS)
        yield browser
        browser.close()
