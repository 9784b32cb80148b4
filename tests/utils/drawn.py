"""Reads a drawing's SVG as a picture: its texts, its lines, and what each covers."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from collections.abc import Iterator

SVG = "{http://www.w3.org/2000/svg}"
Box = tuple[float, float, float, float]


def root_of(svg: str) -> ET.Element:
    """The picture's root; fails where the text is no XML, or no picture in words."""
    root = ET.fromstring(svg)
    assert root.tag == f"{SVG}svg" and root.attrib["role"] == "img"
    title, description = root[0], root[1]
    assert title.tag == f"{SVG}title" and description.tag == f"{SVG}desc"
    assert title.text and description.text
    told = root.attrib["aria-labelledby"].split()
    assert told == [title.attrib["id"], description.attrib["id"]]
    return root


def texts(svg: str) -> list[str]:
    """What stands in the picture, without what pointers are told."""
    found = []
    for node in root_of(svg).iter(f"{SVG}text"):
        parts = [node.text or ""]
        for inner in node:
            if inner.tag == f"{SVG}tspan":
                parts += [inner.text or "", inner.tail or ""]
        found.append("".join(parts))
    return found


def hints(svg: str) -> list[str]:
    """What a pointer that rests on a shape is told."""
    return [node.text or "" for node in root_of(svg).iter(f"{SVG}title")][1:]


def count(svg: str, tag: str, kind: str | None = None) -> int:
    """How many shapes there are, of one class."""
    nodes = root_of(svg).iter(f"{SVG}{tag}")
    return sum(kind is None or node.attrib.get("class") == kind for node in nodes)


def boxes(svg: str) -> Iterator[tuple[str, Box]]:
    """Every shape's tag and what it covers; a character is 0.58 of its size wide."""
    for node in root_of(svg).iter():
        tag, at = node.tag.removeprefix(SVG), node.attrib
        if tag == "circle":
            x, y, r = (float(at[name]) for name in ("cx", "cy", "r"))
            yield tag, (x - r, y - r, x + r, y + r)
        elif tag == "rect":
            x, y, w, h = (float(at[name]) for name in ("x", "y", "width", "height"))
            yield tag, (x, y, x + w, y + h)
        elif tag in ("polyline", "polygon"):
            points = [tuple(map(float, p.split(","))) for p in at["points"].split()]
            xs, ys = [p[0] for p in points], [p[1] for p in points]
            yield tag, (min(xs), min(ys), max(xs), max(ys))
        elif tag == "text":
            yield tag, _text_box(node)


def _text_box(node: ET.Element) -> Box:
    size = float(node.attrib["font-size"])
    letters = "".join(
        part
        for inner in [node, *(n for n in node if n.tag == f"{SVG}tspan")]
        for part in (inner.text or "", "" if inner is node else inner.tail or "")
    )
    wide = 0.58 * size * len(letters)
    x, y = float(node.attrib["x"]), float(node.attrib["y"])
    left = (
        x - {"start": 0.0, "middle": wide / 2, "end": wide}[node.attrib["text-anchor"]]
    )
    return left, y - 0.8 * size, left + wide, y + 0.25 * size


def outside(svg: str) -> list[str]:
    """The shapes that the viewBox cuts."""
    left, top, wide, high = map(float, root_of(svg).attrib["viewBox"].split())
    return [
        f"{tag} {box}"
        for tag, box in boxes(svg)
        if box[0] < left or box[1] < top or box[2] > left + wide or box[3] > top + high
    ]


def overlaps(svg: str, tag: str) -> list[tuple[Box, Box]]:
    """The pairs of shapes of a kind that lie on one another."""
    found = [box for name, box in boxes(svg) if name == tag]
    return [
        (a, b)
        for a, b in itertools.combinations(found, 2)
        if min(a[2], b[2]) - max(a[0], b[0]) > 0.5
        and min(a[3], b[3]) - max(a[1], b[1]) > 0.5
    ]
