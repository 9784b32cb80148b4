"""A canvas of boxes, lines and text, written as SVG or, pixel by pixel, as PNG."""

from __future__ import annotations

import itertools
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

__all__ = ["CHARACTER", "LINE", "Canvas"]

#: The width of a character and the height of a line, in units of the drawing.
CHARACTER, LINE = 6, 12

# A font of 5 by 8 dots, from the blank to the tilde: five columns a character, the
# lowest bit on top.
_FONT = bytes.fromhex(
    "000000000000005f00000007000700147f147f14242a7f2a122313086462364956205000080703"
    "00001c22410000" + "41221c002a1c7f1c2a08083e080800807030000808080808000060600020"
    "100804023e5149453e00427f4000724949494621414d4b311814127f1027454545393c4a494931"
    "4121110907364949493646494929" + "1e00003600000040340000081422410014141414140041"
    "22140802015909063e415d594e7c1211127c7f494949363e414141227f4141413e7f494949417f"
    "090909013e414151737f0808087f00417f41002040413f017f081422417f404040407f021c027f"
    "7f0408107f3e4141413e7f090909063e4151215e7f09192946264949493203017f01033f404040"
    "3f1f2040201f3f4038403f63140814630304780403615949" + "4d43007f41414102040810200041"
    "41417f040201020440404040400003070800205454784" + "07f284444383844444428384444287f"
    "385454541800087e090218a4a49c787f0804047800447d40002040403d007f10284400" + "00417f"
    "40007c047804787c080404783844444438fc1824241818242418fc7c08040408485454542404043f"
    "44243c4040207c1c2040201c3c4030403c44281028444c9090907c4464544c440008364100000077"
    "0000004136080002010204" + "02"
)
Point = tuple[float, float]


@dataclass
class Canvas:
    """What is to be drawn, in units of which 72 are an inch.

    Attributes:
        width, height: of the picture.
        boxes: (left, top, width, height, whether it is filled).
        paths: points of lines; the last one has an arrow's head.
        texts: (left, top, text, whether it is white).
        frames: (left, top, width, height) of what holds other boxes, below all.
    """

    width: float
    height: float
    boxes: list[tuple[float, float, float, float, bool]] = field(default_factory=list)
    paths: list[Sequence[Point]] = field(default_factory=list)
    texts: list[tuple[float, float, str, bool]] = field(default_factory=list)
    frames: list[tuple[float, float, float, float]] = field(default_factory=list)

    def put(self, other: Canvas, left: float, top: float) -> None:
        """Adds what another canvas holds, its corner at a place."""
        for x, y, w, h in other.frames:
            self.frames.append((x + left, y + top, w, h))
        for points in other.paths:
            self.paths.append([(x + left, y + top) for x, y in points])
        for x, y, w, h, filled in other.boxes:
            self.boxes.append((x + left, y + top, w, h, filled))
        for x, y, text, white in other.texts:
            self.texts.append((x + left, y + top, text, white))

    def svg(self, dpi: float) -> str:
        """The picture as SVG text."""
        scale = dpi / 72
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" '
            f'width="{self.width * scale:.0f}" height="{self.height * scale:.0f}" '
            f'viewBox="0 0 {self.width:g} {self.height:g}">',
            '<rect width="100%" height="100%" fill="white"/>',
        ]
        for x, y, width, height in self.frames:
            parts.append(
                f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" '
                f'fill="none" stroke="black"/>'
            )
        for points in self.paths:
            line = " ".join(f"{x:g},{y:g}" for x, y in points)
            parts.append(f'<polyline points="{line}" fill="none" stroke="black"/>')
            head = " ".join(f"{x:g},{y:g}" for x, y in _head(points))
            parts.append(f'<polygon points="{head}"/>')
        for x, y, width, height, filled in self.boxes:
            fill = "black" if filled else "white"
            parts.append(
                f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" '
                f'fill="{fill}" stroke="black"/>'
            )
        for x, y, text, white in self.texts:
            color = "white" if white else "black"
            # The text is as wide as the box was made for, in whatever font there is.
            parts.append(
                f'<text x="{x:g}" y="{y + 8:g}" font-family="monospace" font-size="10" '
                f'textLength="{len(text) * CHARACTER}" fill="{color}">'
                f"{_escaped(text)}</text>"
            )
        return "\n".join([*parts, "</svg>"]) + "\n"

    def png(self, dpi: float) -> bytes:
        """The picture as the bytes of a PNG file."""
        dot = max(1, round(dpi / 72))
        size = (int(self.height * dot) + dot, int(self.width * dot) + dot)
        image = np.full(size, 255, "uint8")
        edges = [
            [(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)]
            for x, y, w, h in self.frames
        ]
        for points in [*edges, *self.paths]:
            for (x0, y0), (x1, y1) in itertools.pairwise(points):
                steps = int(max(abs(x1 - x0), abs(y1 - y0)) * dot) + 1
                xs = np.rint(np.linspace(x0, x1, steps) * dot).astype(int)
                ys = np.rint(np.linspace(y0, y1, steps) * dot).astype(int)
                for shift in range(dot):
                    image[ys, xs + shift] = image[ys + shift, xs] = 0
        for points in self.paths:
            _fill(image, _head(points), dot)
        for x, y, width, height, filled in self.boxes:
            top, left = int(y * dot), int(x * dot)
            bottom, right = int((y + height) * dot), int((x + width) * dot)
            image[top : bottom + dot, left : right + dot] = 0
            if not filled:
                image[top + dot : bottom, left + dot : right] = 255
        for x, y, text, white in self.texts:
            _write(image, int(x * dot), int(y * dot), text, dot, 255 if white else 0)
        return _png(image, dpi)


def _head(points: Sequence[Point]) -> list[Point]:
    """The arrow's head: a triangle whose tip is the last point."""
    (x0, y0), (x1, y1) = points[-2:]
    length = max(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5, 1e-9)
    dx, dy = (x1 - x0) / length, (y1 - y0) / length
    back = (x1 - 6 * dx, y1 - 6 * dy)
    return [
        (x1, y1),
        (back[0] - 2.5 * dy, back[1] + 2.5 * dx),
        (back[0] + 2.5 * dy, back[1] - 2.5 * dx),
    ]


def _fill(image: np.ndarray, corners: Sequence[Point], dot: int) -> None:
    """Blackens a triangle: what lies on one side of all its edges."""
    points = np.array(corners) * dot
    left, top = np.floor(points.min(0)).astype(int)
    right, bottom = np.ceil(points.max(0)).astype(int) + 1
    ys, xs = np.mgrid[top:bottom, left:right]
    sides = [
        (b[0] - a[0]) * (ys - a[1]) - (b[1] - a[1]) * (xs - a[0])
        for a, b in zip(points, np.roll(points, -1, 0), strict=True)
    ]
    inside = np.all(np.array(sides) >= 0, 0) | np.all(np.array(sides) <= 0, 0)
    image[top:bottom, left:right][inside] = 0


def _write(
    image: np.ndarray, left: int, top: int, text: str, dot: int, ink: int
) -> None:
    for i, character in enumerate(text):
        code = ord(character) if " " <= character <= "~" else ord("?")
        columns = np.frombuffer(_FONT, "uint8")[5 * (code - 32) : 5 * (code - 31)]
        dots = np.unpackbits(columns[:, None], axis=1, bitorder="little").T == 1
        dots = dots.repeat(dot, 0).repeat(dot, 1)
        x = left + i * CHARACTER * dot
        image[top : top + 8 * dot, x : x + 5 * dot][dots] = ink


def _png(image: np.ndarray, dpi: float) -> bytes:
    """A grey picture as PNG: each row begins with the number of its filter, none."""
    height, width = image.shape
    rows = np.concatenate([np.zeros((height, 1), "uint8"), image], axis=1)
    per_metre = round(dpi / 0.0254)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + _checksum(kind + data)
        for kind, data in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
            (b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)),
            (b"IDAT", zlib.compress(rows.tobytes(), 9)),
            (b"IEND", b""),
        )
    )


def _checksum(data: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(data))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
