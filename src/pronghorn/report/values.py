"""All that a report says, as values, before any of it is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pronghorn.data.schema import Schema
from pronghorn.report.alone import Alone
from pronghorn.report.classes import Calibration, Confusion
from pronghorn.report.drift import Drift
from pronghorn.report.findings import Finding
from pronghorn.report.fitting import Curves
from pronghorn.report.importance import Importance
from pronghorn.report.net import Net
from pronghorn.report.residuals import Residuals
from pronghorn.report.roc import Roc
from pronghorn.report.scores import Score
from pronghorn.report.twins import Twins
from pronghorn.report.worst import Worst

__all__ = ["Values"]


@dataclass(frozen=True)
class Values:
    """What a report says.

    Attributes:
        title: of the page.
        schema: of the table.
        seed: of resamples, orders, and of the rows that are drawn where there are many.
        training, holdout: how many rows; training is None where it was not given.
        judged: how many held-out rows the scores are from.
        findings: what to know first.
        curves: of the training.
        baseline: what always says the same, in words.
        scores: of the holdout.
        calibration, confusion, roc: of classes, else None; roc too where the held-out
            rows have one class only.
        residuals: of a regression, else None.
        importance: of the columns.
        worst: rows.
        alone: what each column tells by itself.
        twins: duplicate rows.
        drift: by column; empty without training rows.
        net: its drawing.
        example: one held-out row without the target, as text by column.
        file: the model's file in the lines that show how to use it.
        opened_by: the class of `pronghorn.tabular` whose `load` opens that file, or
            None.
        version: of Pronghorn.
    """

    title: str
    schema: Schema
    seed: int
    training: int | None
    holdout: int
    judged: int
    findings: tuple[Finding, ...]
    curves: tuple[Curves, ...]
    baseline: str
    scores: tuple[Score, ...]
    calibration: Calibration | None
    confusion: Confusion | None
    roc: Roc | None
    residuals: Residuals | None
    importance: Importance
    worst: Worst
    alone: tuple[Alone, ...]
    twins: Twins
    drift: tuple[Drift, ...]
    net: Net
    example: Mapping[str, str | float | None]
    file: str
    opened_by: str | None
    version: str
