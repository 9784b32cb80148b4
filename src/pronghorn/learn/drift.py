"""How far new rows are from those that a model was trained on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["drift"]


def drift(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, float]:
    """The stability index of each number, and the share of words never seen.

    PSI is the sum of (q - p) ln(q / p) over ten parts of the rows `before` (Siddiqi,
    Credit Risk Scorecards, 2006); half a row is added to each part, so that none is 0.

    Args:
        before: columns of the training rows, arrays of numbers or of text.
        now: the same columns of new rows.

    >>> old = {"age": np.arange(100.0), "port": np.array(["S", "C"] * 50)}
    >>> new = {"age": np.arange(100.0), "port": np.array(["S", "Belfast"] * 50)}
    >>> {name: float(value) for name, value in drift(old, new).items()}
    {'age: PSI': 0.0, 'port: unseen': 0.5}
    """
    found = {}
    for name, column in before.items():
        if np.issubdtype(column.dtype, np.number):
            edges = np.unique(np.quantile(column, np.arange(0.1, 1, 0.1)))
            counts = [
                np.bincount(np.digitize(each, edges), minlength=len(edges) + 1) + 0.5
                for each in (column, now[name])
            ]
            p, q = (count / count.sum() for count in counts)
            found[f"{name}: PSI"] = float(((q - p) * np.log(q / p)).sum())
        else:
            found[f"{name}: unseen"] = float((~np.isin(now[name], column)).mean())
    return found
