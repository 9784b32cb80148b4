"""How nets for tables are built and trained: RealMLP's choices, by preset."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from pronghorn.errors import ArgumentError, closest

__all__ = ["PRESETS", "Preset", "preset"]


@dataclass(frozen=True)
class Preset:
    """One way to build and train an ensemble of nets for a table.

    The defaults are RealMLP-TD's (Holzmueller et al., arXiv 2407.04491, table A.1):
    dense layers in the NTK parametrization drawn by the data, a learned scale of each
    feature, parametric activations, periodic embeddings, dropout and weight decay that
    go down in the second half, a learning rate of four growing waves, and the weights
    of the epoch that was best on the validation rows.

    Attributes:
        members: nets that are trained side by side as one; predictions are their mean.
        hidden: the units of the hidden layers.
        epochs: passes over the training rows.
        batch_size: rows per step.
        rate: the largest learning rate, for classes and for numbers.
        decay: weight decay of the first half.
        dropout: rate of the first half.
        smoothing: how much of a label is spread over all classes.
        periodic: whether numbers are embedded as waves.
        one_hot: columns of at most this many categories are one-hot.
        embedding: the numbers that stand for a category of the others.
        folds: 0: one validation part for all members. Otherwise each member is
            validated by its own fold of the rows, and trained on the others.
    """

    members: int = 1
    hidden: tuple[int, ...] = (256, 256, 256)
    epochs: int = 256
    batch_size: int = 256
    rate: tuple[float, float] = (0.04, 0.2)
    decay: float = 0.02
    dropout: float = 0.15
    smoothing: float = 0.1
    periodic: bool = True
    one_hot: int = 9
    embedding: int = 8
    folds: int = 0


PRESETS = {
    "fast": Preset(hidden=(128, 128), epochs=24),
    "default": Preset(members=2, epochs=64),
    "best": Preset(members=8, epochs=128, folds=8),
}


def preset(name: str | Preset, **changes: object) -> Preset:
    """A preset by its name, with some of its values replaced.

    Args:
        name: "fast", "default" or "best", or a `Preset`.
        **changes: attributes to replace; None keeps what the preset has.

    Raises:
        ArgumentError: no such preset, or no such attribute.

    Example:

    >>> preset("fast", epochs=10).epochs
    10
    """
    if not isinstance(name, Preset):
        if name not in PRESETS:
            raise ArgumentError(
                f"There is no preset {name!r}.",
                where="preset",
                expected=", ".join(map(repr, PRESETS)),
                received=repr(name),
                remedy=closest(str(name), PRESETS),
            )
        name = PRESETS[name]
    known = Preset.__dataclass_fields__
    for key in changes:
        if key not in known:
            raise ArgumentError(
                f"A preset has no {key!r}.",
                where="preset",
                expected=", ".join(known),
                received=key,
                remedy=closest(key, known),
            )
    given: dict[str, Any] = {k: v for k, v in changes.items() if v is not None}
    return replace(name, **given)
