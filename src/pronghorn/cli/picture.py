"""The drawing of a model that `train` made."""

from __future__ import annotations

from pronghorn.cli.linear import linear_unit
from pronghorn.data.schema import Schema
from pronghorn.models import Model
from pronghorn.tabular.prepare import all_feature_names
from pronghorn.utils import Drawing, draw_unit

__all__ = ["picture"]


def picture(model: Model, schema: Schema) -> Drawing:
    """A linear unit with its weights in the table's own units; else the net."""
    if "preset" in schema.net:
        drawn: Drawing = model.draw()
        return drawn
    unit = linear_unit(model, schema)
    if unit is None or len(unit.outputs) > 1:
        names = list(all_feature_names(schema))
        shapes = [tuple(tensor.shape) for tensor in getattr(model, "inputs", ())]
        one = shapes == [(None, len(names))]
        made: Drawing = model.draw(inputs=names if one else None)
        return made
    return draw_unit(
        unit.weights[:, 0], float(unit.bias[0]), unit.names, output=unit.outputs[0]
    )
