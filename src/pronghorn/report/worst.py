"""The rows that the model is the most wrong about, as the table shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pronghorn.data.numerals import fixed
from pronghorn.data.raw import RawTable
from pronghorn.report.answers import Answers

__all__ = ["Worst", "worst_of"]

SHOWN = 10


@dataclass(frozen=True)
class Worst:
    """Rows by their loss, the largest first.

    Attributes:
        rows: their numbers in the holdout, from 0.
        names: of the columns shown.
        values: raw values as text, a tuple for each row.
        truth, predicted: as text.
        loss: the error (predicted minus true), or minus the logarithm of the true
            class's chance.
    """

    rows: tuple[int, ...]
    names: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    truth: tuple[str, ...]
    predicted: tuple[str, ...]
    loss: tuple[float, ...]


def worst_of(holdout: RawTable, answers: Answers, first: Sequence[str]) -> Worst:
    """The ten rows of the largest loss.

    Args:
        holdout: all held-out rows.
        answers: to these.
        first: names of columns, the first to be shown.
    """
    target = answers.target
    order = np.argsort(-answers.losses, kind="stable")[:SHOWN]
    rows = answers.rows[order]
    others = [n for n in holdout.columns if n != target.name and n not in first]
    names = (*first, *others)
    shown = [holdout.columns[name].take(rows).text() for name in names]
    truth, predicted = answers.truth[order], answers.predicted[order]
    if answers.chances is None:
        numbers = fixed([*truth.tolist(), *predicted.tolist()])
        said = numbers[: len(order)], numbers[len(order) :]
        loss = predicted - truth
    else:
        labels = target.labels
        said = (
            [labels[i] for i in truth],
            [
                f"{labels[i]} ({answers.chances[row, i]:.1%})"
                for row, i in zip(order, predicted, strict=True)
            ],
        )
        loss = answers.losses[order]
    return Worst(
        tuple(rows.tolist()),
        names,
        tuple(zip(*shown, strict=True)),
        tuple(said[0]),
        tuple(said[1]),
        tuple(loss.tolist()),
    )
