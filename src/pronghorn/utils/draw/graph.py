"""The layer graph: a box for each layer, with what it gives and its parameters."""

from __future__ import annotations

from typing import Any

from pronghorn.models.summary import count_params
from pronghorn.utils.draw.chain import activation_of
from pronghorn.utils.draw.drawing import Drawing
from pronghorn.utils.draw.sheet import Sheet
from pronghorn.utils.draw.words import Label, as_text, plain, shortened, width
from pronghorn.utils.plot.graph import flow_of
from pronghorn.utils.plot.layout import place

__all__ = ["picture"]

SIZE, LINE, PAD, HEAD = 13.0, 19.0, 10.0, 27.0
ROOM = 260.0


def picture(model: Any) -> Drawing:
    """The model's layers and what feeds what, from top to bottom."""
    operations, edges = flow_of(model)
    labels = [_lines(operation) for operation in operations]
    sizes = [
        (
            max(width(line, SIZE) for line in lines) * 1.06 + 2 * PAD,
            HEAD + LINE * (len(lines) - 1) + (6 if len(lines) > 1 else 0),
        )
        for lines in labels
    ]
    placed = place(sizes, edges, ortho=True)
    sheet = Sheet()
    for route in placed.routes:
        sheet.line([*route[:-1], (route[-1][0], route[-1][1] - 6)], "ink", 1.3)
        sheet.arrow((route[-1][0], route[-1][1] - 9), route[-1], "ink", 1.3)
    for lines, (w, h), (x, y) in zip(labels, sizes, placed.centres, strict=True):
        left, top = x - w / 2, y - h / 2
        sheet.head(left, top, w, HEAD, 6)
        sheet.box(left, top, w, h, "ink", 6)
        sheet.text(x, top + HEAD / 2, lines[0], SIZE, kind="strong")
        for i, line in enumerate(lines[1:]):
            sheet.text(x, top + HEAD + LINE * (i + 0.5) + 3, line, SIZE)
    told = [f"{as_text(labels[a][0])} feeds {as_text(labels[b][0])}" for a, b in edges]
    said = "; ".join(told) or as_text(labels[0][0])
    return sheet.drawing(f"The layers of {model.name}", f"Boxes of layers: {said}.")


def _lines(operation: Any) -> list[Label]:
    """What stands in a layer's box; the first line is its head."""
    kind = type(operation).__name__
    lines = [kind if kind == operation.name else f"{operation.name}: {kind}"]
    activation = activation_of(operation)
    if activation and activation != kind:
        lines.append(activation)
    calls = getattr(operation, "_inbound_nodes", ())
    if calls:
        shapes = [str(tuple(t.shape)) for t in calls[0].output_tensors]
        lines.append(", ".join(shapes))
    count = count_params(getattr(operation, "weights", ()))
    if count:
        lines.append(f"{count:,} parameter" + ("s" if count > 1 else ""))
    return [shortened(plain(line), SIZE, ROOM) for line in lines]
