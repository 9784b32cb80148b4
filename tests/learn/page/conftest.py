"""A real Chromium for the figures: started once, a new page for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

NAMES = "chromium chromium-browser google-chrome".split()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium as the machine has it; skips where it or Playwright is absent."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="no browser: Playwright is not installed"
    )
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no browser: none of " + ", ".join(NAMES) + " is on the path")
    with playwright.sync_playwright() as driver:
        # Containers give no user namespaces, which Chromium's sandbox is made of.
        chromium = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def show(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens a figure in a page; at the end the page must have had nothing to say."""
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    from tests.learn.page.shown import Shown
    from tests.learn.page.gallery import figures

    opened = []

    def open_it(name: str, width: int = 1000, **settings: Any) -> Shown:
        page = browser.new_page(viewport={"width": width, "height": 900}, **settings)
        shown = Shown(page, figures()[name]())
        opened.append(shown)
        return shown

    yield open_it
    for shown in opened:
        shown.page.close()
    for shown in opened:
        assert shown.messages == [] and shown.strangers == []
