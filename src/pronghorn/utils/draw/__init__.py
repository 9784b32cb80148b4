"""Drawings of units, nets and layer graphs, as SVG, without any other program."""

from pronghorn.utils.draw.drawing import Drawing
from pronghorn.utils.draw.model import draw_model
from pronghorn.utils.draw.unit import draw_unit

__all__ = ["Drawing", "draw_model", "draw_unit"]
