"""Losses of how far two sets of values overlap: Dice and Tversky.

They count over all axes by default, the batch included: one value for a batch. With
`axis` the named axes are counted together, `axis=-1` for one value per row of a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pronghorn import ops
from pronghorn.losses.functions import pair
from pronghorn.losses.loss import FixedLoss
from pronghorn.registry import keras_class
from pronghorn.settings import EPSILON

__all__ = ["Dice", "Tversky", "dice", "tversky"]

Axis = int | Sequence[int] | None
Reduction = str | None

_MEAN = "sum_over_batch_size"
_known = keras_class("keras.losses")


@_known
def dice(y_true: Any, y_pred: Any, axis: Axis = None) -> Any:
    """`1 - 2 * sum(y_true * y_pred) / (sum(y_true) + sum(y_pred))`.

    Args:
        y_true: 0 or 1, or shares between.
        y_pred: probabilities, of the same shape.
        axis: the axes that are summed. Default all, the batch included.

    Returns:
        One value for each element of the axes that are left; a scalar by default.

    Example:

    >>> loss = dice([[1.0, 1.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 0.0]])
    >>> round(float(loss), 4)
    0.3333
    """
    y_true, y_pred = pair(y_true, y_pred)
    both = ops.sum(y_true * y_pred, axis=axis)
    either = ops.sum(y_true, axis=axis) + ops.sum(y_pred, axis=axis)
    return 1.0 - ops.divide(2.0 * both, either + EPSILON)


@_known
def tversky(
    y_true: Any,
    y_pred: Any,
    alpha: float = 0.5,
    beta: float = 0.5,
    axis: Axis = None,
) -> Any:
    """`1 - both / (both + alpha * missed + beta * extra)` (arXiv 1706.05721).

    Args:
        y_true: 0 or 1, or shares between.
        y_pred: probabilities, of the same shape.
        alpha: what a target that is not predicted weighs. Default 0.5.
        beta: what a prediction without a target weighs. Default 0.5; with both at 0.5
            this is `dice`.
        axis: the axes that are summed. Default all, the batch included.

    Returns:
        One value for each element of the axes that are left; a scalar by default.

    Example:

    >>> y, p = [[1.0, 1.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 0.0]]
    >>> round(float(tversky(y, p, alpha=1.0)), 4)
    0.5
    """
    y_true, y_pred = pair(y_true, y_pred)
    both = ops.sum(y_true * y_pred, axis=axis)
    missed = ops.sum(y_true * (1.0 - y_pred), axis=axis)
    extra = ops.sum((1.0 - y_true) * y_pred, axis=axis)
    return 1.0 - ops.divide(both, both + missed * alpha + extra * beta + EPSILON)


@_known
class Dice(FixedLoss):
    """One minus twice the overlap over the sum of both (Dice, 1945).

    Args:
        reduction: see `Loss`.
        name: default "dice".
        axis: the axes that are summed. Default all, the batch included.
        dtype: see `Loss`.

    Example:

    >>> round(float(Dice()([[1.0, 1.0]], [[1.0, 0.0]])), 4)
    0.3333
    """

    def __init__(
        self,
        reduction: Reduction = _MEAN,
        name: str = "dice",
        axis: Axis = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(dice, reduction, name, dtype, axis=axis)


@_known
class Tversky(FixedLoss):
    """Dice with a weight for each of the two mistakes (arXiv 1706.05721).

    Args:
        alpha: what a target that is not predicted weighs. Default 0.5.
        beta: what a prediction without a target weighs. Default 0.5.
        reduction: see `Loss`.
        name: default "tversky".
        axis: the axes that are summed. Default all, the batch included.
        dtype: see `Loss`.

    Example:

    >>> round(float(Tversky(alpha=1.0)([[1.0, 1.0]], [[1.0, 0.0]])), 4)
    0.5
    """

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: Reduction = _MEAN,
        name: str = "tversky",
        axis: Axis = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            tversky, reduction, name, dtype, alpha=alpha, beta=beta, axis=axis
        )
