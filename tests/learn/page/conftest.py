"""Opens live figures, and asks of each page that it had nothing to complain of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed")

from tests.learn.page.gallery import figures
from tests.learn.page.shown import Shown


@pytest.fixture
def show(chromium: Any) -> Iterator[Callable[..., Shown]]:
    """Opens a figure of the gallery, by its name, in a page of its own."""
    opened = []

    def open_it(name: str, width: int = 1000, **settings: Any) -> Shown:
        size = {"width": width, "height": 900}
        page = chromium.new_page(viewport=size, **settings)
        opened.append(Shown(page, figures()[name]()))
        return opened[-1]

    yield open_it
    for shown in opened:
        shown.page.close()
    assert [each.messages for each in opened] == [[]] * len(opened)
    assert [each.strangers for each in opened] == [[]] * len(opened)
