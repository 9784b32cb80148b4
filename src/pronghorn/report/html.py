"""Elements of HTML and SVG as values: what is not an element is text, and escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any

__all__ = ["Html", "join", "tag"]

VOID = frozenset({"meta", "br", "hr"})
ONE_LINE = str.maketrans({"\x00": " ", "\x0c": " "})


class Html(str):
    """Finished markup. Only `tag`, `join` and fixed texts of this room make one."""

    __slots__ = ()


Child = str | None | Iterable[Any]


def tag(name: str, /, *children: Child, **attributes: Any) -> Html:
    """An element.

    Args:
        name: of the element.
        *children: elements, text, None for nothing, or iterables of these.
        **attributes: a final underscore is dropped, others become hyphens; None leaves
            an attribute out.

    >>> tag("b", "a < b", class_="x")
    '<b class="x">a &lt; b</b>'
    >>> tag("p", [tag("br"), None, "<script>"])
    '<p><br>&lt;script&gt;</p>'
    """
    words = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_escaped(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in VOID:
        return Html(f"<{name}{words}>")
    return Html(f"<{name}{words}>{join(children)}</{name}>")


def join(children: Iterable[Child]) -> Html:
    """Elements and texts one after the other."""
    return Html("".join(map(_one, children)))


def _one(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Html):
        return child
    return _escaped(child) if isinstance(child, str) else join(child)


def _escaped(text: str) -> str:
    return html.escape(text.translate(ONE_LINE), quote=True)
