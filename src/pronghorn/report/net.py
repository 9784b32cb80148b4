"""The net of a model: its drawing, and how large it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pronghorn.errors import PronghornError
from pronghorn.models.summary import count_params
from pronghorn.utils import Drawing

__all__ = ["Net", "net_of"]


@dataclass(frozen=True)
class Net:
    """What is shown of a net.

    Attributes:
        drawing: None where it cannot be drawn.
        summary: the table of layers, as text.
        parameters: how many numbers it holds.
    """

    drawing: Drawing | None
    summary: str
    parameters: int


def net_of(net: Any) -> Net:
    """Draws the layers of a built model."""
    lines: list[str] = []
    net.summary(line_length=80, print_fn=lines.append)
    try:
        drawing = net.draw("layers")
    except PronghornError:  # a model with a call of its own has no graph of layers
        drawing = None
    return Net(drawing, "\n".join(lines), count_params(net.weights))
