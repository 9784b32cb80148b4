"""How far outputs go up and down with the targets."""

from __future__ import annotations

from typing import Any

from pronghorn import ops
from pronghorn.losses.functions import pair
from pronghorn.metrics.reduction import Fixed
from pronghorn.registry import keras_class
from pronghorn.settings import EPSILON

__all__ = [
    "ConcordanceCorrelation",
    "PearsonCorrelation",
    "concordance_correlation",
    "pearson_correlation",
]

_known = keras_class("keras.metrics")


@_known
def pearson_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Pearson's correlation along `axis`: 1 where outputs follow a rising line.

    Args:
        y_true: targets.
        y_pred: outputs, of the same shape.
        axis: the axis of a series. Default the last.

    Returns:
        One value for each series; NaN where one of them is constant.

    Example:

    >>> pearson_correlation([[0.0, 1.0, 2.0]], [[1.0, 3.0, 5.0]]).round(4).tolist()
    [1.0]
    """
    y_true, y_pred = pair(y_true, y_pred)
    return ops.mean(_scaled(y_true, axis) * _scaled(y_pred, axis), axis=axis)


def _scaled(y: Any, axis: int) -> Any:
    centered = y - ops.mean(y, axis=axis, keepdims=True)
    return ops.divide(centered, ops.std(centered, axis=axis, keepdims=True))


@_known
def concordance_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Lin's concordance (1989): 1 where outputs equal targets, less where they only
    follow them.

    Args:
        y_true: targets.
        y_pred: outputs, of the same shape.
        axis: the axis of a series. Default the last.

    Returns:
        One value for each series.

    Example:

    >>> concordance_correlation([[0.0, 1.0, 2.0]], [[0.0, 1.0, 2.0]]).round(4).tolist()
    [1.0]
    """
    y_true, y_pred = pair(y_true, y_pred)
    first = ops.mean(y_true, axis=axis, keepdims=True)
    second = ops.mean(y_pred, axis=axis, keepdims=True)
    together = (y_true - first) * (y_pred - second)
    apart = ops.var(y_true, axis=axis, keepdims=True)
    apart = apart + ops.var(y_pred, axis=axis, keepdims=True)
    apart = apart + ops.square(first - second) + EPSILON
    return ops.mean(ops.divide(2.0 * together, apart), axis=axis)


@_known
class PearsonCorrelation(Fixed):
    """The mean of Pearson's correlation of each series of targets and outputs.

    Args:
        name: default "pearson_correlation".
        dtype: see `Metric`.
        axis: the axis of a series. Default the last.

    Example:

    >>> metric = PearsonCorrelation()
    >>> round(float(metric([[0.0, 1.0, 2.0]], [[1.0, 3.0, 5.0]])), 4)
    1.0
    """

    _direction = "up"

    def __init__(
        self, name: str = "pearson_correlation", dtype: Any = None, axis: int = -1
    ) -> None:
        super().__init__(pearson_correlation, name, dtype, axis=axis)


@_known
class ConcordanceCorrelation(Fixed):
    """The mean of Lin's concordance of each series of targets and outputs.

    Args:
        name: default "concordance_correlation".
        dtype: see `Metric`.
        axis: the axis of a series. Default the last.

    Example:

    >>> metric = ConcordanceCorrelation()
    >>> round(float(metric([[0.0, 1.0, 2.0]], [[0.0, 1.0, 2.0]])), 4)
    1.0
    """

    _direction = "up"

    def __init__(
        self, name: str = "concordance_correlation", dtype: Any = None, axis: int = -1
    ) -> None:
        super().__init__(concordance_correlation, name, dtype, axis=axis)
