"""The tables that come with scikit-learn: no download, where it is installed."""

from __future__ import annotations

import importlib
from typing import Any

from pronghorn.datasets.table import Table
from pronghorn.errors import MissingDependencyError

__all__ = ["PREFIX", "SCIKIT", "frame"]

PREFIX = "sklearn/"
_LICENCE = "BSD-3-Clause for scikit-learn"

SCIKIT = (
    Table(
        name="sklearn/breast_cancer",
        rows=569,
        columns=31,
        target="target",
        task="binary",
        source="UCI Breast Cancer Wisconsin (Diagnostic), in scikit-learn",
        licence=_LICENCE,
        quirks=("target is 0 for malignant and 1 for benign",),
    ),
    Table(
        name="sklearn/diabetes",
        rows=442,
        columns=11,
        target="target",
        task="regression",
        source="Efron and others 2004, in scikit-learn",
        licence=_LICENCE,
        quirks=("each input is centred, and its squares add up to 1",),
    ),
    Table(
        name="sklearn/digits",
        rows=1797,
        columns=65,
        target="target",
        task="multiclass",
        source="UCI Optical Recognition of Handwritten Digits, in scikit-learn",
        licence=_LICENCE,
        quirks=("64 pixels of 8 x 8, from 0 to 16; three are 0 in every row",),
    ),
    Table(
        name="sklearn/iris",
        rows=150,
        columns=5,
        target="target",
        task="multiclass",
        source="Fisher 1936, in scikit-learn",
        licence=_LICENCE,
        quirks=("target is 0 for setosa, 1 for versicolor, 2 for virginica",),
    ),
    Table(
        name="sklearn/wine",
        rows=178,
        columns=14,
        target="target",
        task="multiclass",
        source="UCI Wine, in scikit-learn",
        licence=_LICENCE,
    ),
)


def frame(table: Table) -> Any:
    """The data frame of one of them.

    Raises:
        MissingDependencyError: scikit-learn is not installed.
    """
    try:
        sets = importlib.import_module("sklearn.datasets")
    except ImportError as error:
        raise MissingDependencyError(
            "This table comes with scikit-learn, which is not installed.",
            where=f"datasets.load({table.name!r})",
            remedy="pip install scikit-learn",
        ) from error
    load = getattr(sets, f"load_{table.name.removeprefix(PREFIX)}")
    return load(as_frame=True).frame
