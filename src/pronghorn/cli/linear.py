"""A linear unit's weights, in the units of the table it was trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pronghorn.data.numerals import fixed
from pronghorn.data.schema import Schema
from pronghorn.models import Model
from pronghorn.tabular.prepare import all_feature_names

__all__ = ["Unit", "linear_unit"]


@dataclass(frozen=True)
class Unit:
    """prediction = weights . features + bias, everything in the table's own units.

    Attributes:
        names: what each feature means.
        outputs: the target, or for classes what a column of weights speaks for.
        weights: float64, (features, outputs).
        bias: float64, (outputs,).
        notes: how to read the features that are no plain numbers.
    """

    names: tuple[str, ...]
    outputs: tuple[str, ...]
    weights: np.ndarray
    bias: np.ndarray
    notes: tuple[str, ...]


def linear_unit(model: Model, schema: Schema) -> Unit | None:
    """Undoes the scaling of inputs and target; None for a net with hidden layers."""
    if not schema.net.get("linear"):
        return None
    weights, bias = (np.asarray(w, np.float64) for w in model.get_weights())
    used = schema.used
    center = np.concatenate([np.array(c.encoder["center"]) for c in used])
    scale = np.concatenate([np.array(c.encoder["scale"]) for c in used])
    target = schema.target
    own = weights / scale[:, None] * target.scale
    own_bias = bias * target.scale + target.center - center @ own
    return Unit(
        tuple(all_feature_names(schema)),
        _outputs(schema),
        own,
        own_bias,
        _notes(schema),
    )


def _outputs(schema: Schema) -> tuple[str, ...]:
    target = schema.target
    if target.task == "regression":
        return (target.name,)
    labels = target.labels if len(target.labels) > 2 else target.labels[1:]
    return tuple(f"log-odds of {label}" for label in labels)


def _notes(schema: Schema) -> tuple[str, ...]:
    notes = [
        f"where {c.name} is missing, its median {fixed([c.encoder['fill']])[0]} "
        "stands for it"
        for c in schema.used
        if c.encoder["missing"] and c.encoder["type"] == "numeric"
    ]
    return tuple(notes)
