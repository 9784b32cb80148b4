"""`class_weight`: how much a row of each class counts, whatever the table lies in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError
from pronghorn.tabular.targets import Target

__all__ = ["ClassWeight", "check_class_weight", "class_weights"]

ClassWeight = str | Mapping[Any, float]
"""\"balanced\": all classes count alike; or {label: weight}, 1 where it names none."""


def check_class_weight(asked: ClassWeight | None) -> None:
    """Refuses what is wrong whatever the classes are.

    Raises:
        ArgumentError: a text other than "balanced".
    """
    if isinstance(asked, str) and asked != "balanced":
        raise ArgumentError(
            "There is no such class_weight.",
            where="fit(class_weight=)",
            expected="'balanced', or {label: weight}",
            received=repr(asked),
        )


def class_weights(
    asked: ClassWeight, goal: Target, totals: np.ndarray | None
) -> np.ndarray:
    """What a row's weight is multiplied by, class by class.

    Args:
        asked: what `fit` was given.
        goal: the target.
        totals: the sum of the training rows' weights, (classes,); None for numbers.

    Returns:
        float64, (classes,).

    Raises:
        ArgumentError: a target of numbers, a label that the target does not have, a
            text other than "balanced".

    >>> from pronghorn.tabular.targets import fit_target
    >>> goal = fit_target(["no", "yes", "no", "no"], "churn")
    >>> class_weights("balanced", goal, np.array([3.0, 1.0])).round(3).tolist()
    [0.333, 1.0]
    >>> class_weights({"yes": 5}, goal, None).tolist()
    [1.0, 5.0]
    """
    if not goal.classes:
        raise ArgumentError(
            "class_weight is for classes.",
            where="fit(class_weight=)",
            expected="None, for a target of numbers",
            received=repr(asked),
            remedy="sample_weight weighs rows",
        )
    check_class_weight(asked)
    if isinstance(asked, str):
        assert totals is not None
        return np.asarray(1 / np.maximum(totals, 1e-12), np.float64)
    labels = goal.labels.tolist()
    unknown = set(asked) - set(labels)
    if unknown:
        raise ArgumentError(
            f"class_weight names {unknown.pop()!r}, which is no label.",
            where="fit(class_weight=)",
            expected=", ".join(map(repr, labels[:10])),
            received=", ".join(map(repr, asked)),
        )
    return np.array([asked.get(label, 1.0) for label in labels], np.float64)
