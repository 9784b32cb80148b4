"""The page in a real browser: nothing asked for, nothing run, nothing cut off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pronghorn.report import make_report

from ..test_page import BAD, classification, regression

SIZES = [(1400, "light"), (1200, "dark"), (380, "light"), (380, "dark")]
OUTSIDE = """() => [...document.querySelectorAll("body *")]
    .filter(e => !e.closest(".scroll, .net, pre, svg"))
    .filter(e => e.getBoundingClientRect().right > innerWidth + 0.5)
    .map(e => e.outerHTML.slice(0, 80))"""
# Letters as large as they are drawn, of all that is written in charts.
LETTERS = """() => [...document.querySelectorAll(".chart text")].map(e =>
    parseFloat(getComputedStyle(e).fontSize) * e.getScreenCTM().a)"""
# What charts write must lie within them.
CUT_OFF = """() => [...document.querySelectorAll(".chart")].flatMap(svg => {
    const box = svg.getBoundingClientRect();
    return [...svg.querySelectorAll("text")].filter(e => {
        const own = e.getBoundingClientRect();
        return own.left < box.left - 1 || own.right > box.right + 1;
    }).map(e => e.textContent);
})"""
# The contrast of words to what they stand on, the least of all.
CONTRAST = """() => {
    const numbers = text => text.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = e => {
        let layers = [];
        for (let at = e; at; at = at.parentElement) {
            const [r, g, b, a = 1] = numbers(getComputedStyle(at).backgroundColor);
            if (a > 0) layers.push([r, g, b, a]);
            if (a === 1) break;
        }
        return layers.reverse().reduce((under, [r, g, b, a]) =>
            [r, g, b].map((v, i) => v * a + under[i] * (1 - a)), [255, 255, 255]);
    };
    const found = [];
    for (const e of document.querySelectorAll("body *")) {
        const words = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
        if (!words || e.closest("svg") || e.tagName === "STYLE") continue;
        const a = light(numbers(getComputedStyle(e).color)), b = light(ground(e));
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) found.push(ratio.toFixed(2) + " " + e.outerHTML.slice(0, 60));
    }
    return found;
}"""


def opened(browser: Any, path: Path, width: int, scheme: str) -> tuple[Any, list[str]]:
    """The page, and what it said and asked for."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    page = context.new_page()
    heard: list[str] = []
    page.on("request", lambda request: heard.append(request.url))
    page.on("console", lambda message: heard.append(message.text))
    page.on("dialog", lambda dialog: heard.append(dialog.message))
    page.goto(path.as_uri())
    return page, heard


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Pages of both tasks; the names in one are an attack."""
    folder = tmp_path_factory.mktemp("pages")
    made = {
        "numbers": make_report(*regression(name="a rather long name of a column " * 2)),
        "attack": make_report(*regression(name=BAD, town=BAD), title=BAD),
        "classes": make_report(*classification(5)),
        "two": make_report(*classification(2)),
        "many": make_report(*classification(20, 600)),
    }
    for name, report in made.items():
        report.save(folder / f"{name}.html")
    return [folder / f"{name}.html" for name in made]


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_pages_look_as_they_should(
    chromium: Any, pages: list[Path], width: int, scheme: str
) -> None:
    for path in pages:
        page, heard = opened(chromium, path, width, scheme)
        assert heard == [path.as_uri()], "one request, and not a word"
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate(OUTSIDE) == []
        assert min(page.evaluate(LETTERS)) >= 10.5
        assert page.evaluate(CUT_OFF) == []
        assert page.evaluate(CONTRAST) == []
        page.context.close()


def test_dark_is_dark(chromium: Any, pages: list[Path]) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        page, _ = opened(chromium, pages[0], 800, scheme)
        grounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.context.close()
    assert grounds == ["rgb(245, 246, 248)", "rgb(17, 19, 24)"]
