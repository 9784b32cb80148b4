"""Elements: what is no element is text, and escaped."""

from __future__ import annotations

from pronghorn.report.html import Html, join, tag


def test_text_is_escaped_wherever_it_stands() -> None:
    bad = "<script>alert('\"x\"')</script>"
    made = tag("p", bad, [bad, [bad]], title=bad)
    assert "<script" not in made and made.count("&lt;script&gt;") == 4
    assert made.count('"') == 2, "only the attribute's own quotation marks"


def test_elements_are_not_escaped_twice() -> None:
    assert tag("p", tag("b", "&")) == "<p><b>&amp;</b></p>"
    assert isinstance(join(["a", None, tag("br")]), Html)


def test_names_of_attributes() -> None:
    made = tag("td", "1", class_="x", aria_label="y", scope=None)
    assert made == '<td class="x" aria-label="y">1</td>'


def test_empty_elements_have_no_end() -> None:
    assert tag("meta", name="viewport") == '<meta name="viewport">'
