"""How nets for tables are built and trained: RealMLP's choices, by preset."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from pronghorn.errors import ArgumentError, closest

__all__ = ["PRESETS", "ByRows", "Numbers", "Preset", "preset"]

Numbers = float | tuple[float, ...]
"""One for all members, or one for each of equal groups of them."""

BATCHES = ((1_024, 64), (8_192, 128), (30_000, 256), (100_000, 512))
"""Of tables of so many rows, how many make a step."""

MOST_ROWS = 1_024
"""The same, of larger tables."""


@dataclass(frozen=True)
class ByRows:
    """A whole number that gets smaller as tables grow: `total / rows`, within bounds.

    Attributes:
        total: epochs: how many rows are passed over in the whole training. Members: so
            many rows times members at the most.
        least: however large the table.
        most: however small.

    Example:

    >>> epochs = ByRows(640_000, least=48, most=256)
    >>> [epochs.at(rows) for rows in (500, 5_000, 50_000)]
    [256, 128, 48]
    """

    total: int
    least: int
    most: int

    def at(self, rows: int) -> int:
        """For a table of so many training rows."""
        return min(max(self.total // max(rows, 1), self.least), self.most)


@dataclass(frozen=True)
class Preset:
    """One way to build and train an ensemble of nets for a table.

    The defaults are RealMLP-TD's (Holzmueller et al., arXiv 2407.04491, table A.1):
    dense layers in the NTK parametrization drawn by the data, a learned scale of each
    feature, parametric activations, periodic embeddings, dropout and weight decay that
    go down in the second half, a learning rate of four growing waves, and the weights
    of the epoch that was best on the validation rows.

    Members may differ in rate, decay, dropout and smoothing: a tuple then has a number
    for each of equal groups of members.

    Attributes:
        members: nets that are trained side by side as one; predictions are their mean.
            A number, or one that follows the number of training rows (`at`).
        hidden: the units of the hidden layers.
        epochs: passes over the training rows. A number, or one that follows theirs.
        batch_size: rows per step. None: by the number of training rows, 64 of up to
            1,024, 128 of up to 8,192, 256 of up to 30,000, 512 of up to 100,000, then
            1,024 (pytabkit 1.8.0's "auto").
        rate: the largest learning rate, for classes and for numbers.
        decay: weight decay of the first half.
        dropout: rate of the first half.
        smoothing: how much of a label is spread over all classes.
        periodic: whether numbers are embedded as waves.
        deviation: of the waves' frequencies at first.
        pieces: into how many pieces numbers are cut too, at the most: a ramp for each,
            between quantiles (Gorishniy et al., arXiv 2203.05556, section 3.2). There
            is one for each 200 training rows, 8 at the least; 0 is none.
        mixed: where numbers have waves and pieces, whether half of the members see them
            as waves, and half in pieces. Otherwise each sees both.
        one_hot: columns of at most this many categories are one-hot.
        embedding: the numbers that stand for a category of the others.
        folds: 0: one validation part for all members. Otherwise each member is
            validated by its own fold of the rows, and trained on the others.
    """

    members: int | ByRows = 1
    hidden: tuple[int, ...] = (256, 256, 256)
    epochs: int | ByRows = 256
    batch_size: int | None = 256
    rate: tuple[Numbers, Numbers] = (0.04, 0.2)
    decay: Numbers = 0.02
    dropout: Numbers = 0.15
    smoothing: Numbers = 0.1
    periodic: bool = True
    deviation: float = 0.1
    pieces: int = 0
    mixed: bool = False
    one_hot: int = 9
    embedding: int = 8
    folds: int = 0

    def at(self, rows: int) -> Preset:
        """The same with whole numbers, for a table of so many training rows."""

        def settled(value: int | ByRows) -> int:
            return value.at(rows) if isinstance(value, ByRows) else value

        size = self.batch_size
        if size is None:
            size = next((size for most, size in BATCHES if rows <= most), MOST_ROWS)
        return replace(
            self,
            members=settled(self.members),
            epochs=settled(self.epochs),
            batch_size=size,
        )


PRESETS = {
    "fast": Preset(
        hidden=(64, 64),
        epochs=ByRows(160_000, least=8, most=40),
        batch_size=None,
        rate=(0.06, 0.2),
        dropout=0.0,
        periodic=False,
        pieces=32,
    ),
    "default": Preset(
        members=4,
        hidden=(64, 64, 64),
        epochs=ByRows(640_000, least=32, most=64),
        batch_size=None,
        pieces=48,
        mixed=True,
    ),
    "best": Preset(
        members=16,
        hidden=(64, 64, 64),
        epochs=ByRows(768_000, least=48, most=96),
        batch_size=None,
        pieces=48,
        mixed=True,
        folds=8,
    ),
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
