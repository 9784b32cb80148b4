"""Cross-entropy for labels that are sometimes wrong."""

from __future__ import annotations

from typing import Any

from pronghorn import ops
from pronghorn.errors import ArgumentError
from pronghorn.losses.crossentropy import class_numbers
from pronghorn.losses.loss import FixedLoss
from pronghorn.registry import keras_class

__all__ = [
    "CategoricalGeneralizedCrossEntropy",
    "categorical_generalized_cross_entropy",
]

_known = keras_class("keras.losses")


@_known
def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float) -> Any:
    """`(1 - p ** q) / q` of the true class's probability p (arXiv 1805.07836).

    Args:
        y_true: class numbers, `(n,)` or `(n, 1)`.
        y_pred: probabilities, `(n, classes)`.
        q: between 0, where it is cross-entropy, and 1, the mean absolute error.

    Returns:
        `(n,)`.

    Example:

    >>> y, p = [1, 0], [[0.75, 0.25], [1.0, 0.0]]
    >>> categorical_generalized_cross_entropy(y, p, q=0.5).tolist()
    [1.0, 0.0]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    ids = class_numbers(y_true, y_pred)
    chosen = ops.one_hot(ids, int(y_pred.shape[-1]), dtype=y_pred.dtype)
    p = ops.sum(y_pred * chosen, axis=-1)
    return (1.0 - ops.power(p, q)) / q


@_known
class CategoricalGeneralizedCrossEntropy(FixedLoss):
    """Cross-entropy that wrong labels pull less (Zhang and Sabuncu, 1805.07836).

    Args:
        q: between 0, where it is cross-entropy, and 1, the mean absolute error, both
            excluded. Default 0.5.
        reduction: see `Loss`.
        name: default "categorical_generalized_cross_entropy".
        dtype: see `Loss`.

    Raises:
        ArgumentError: another q.

    Example:

    >>> float(CategoricalGeneralizedCrossEntropy()([1], [[0.75, 0.25]]))
    1.0
    """

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_generalized_cross_entropy",
        dtype: Any = None,
    ) -> None:
        if not 0 < q < 1:
            raise ArgumentError(
                "q must be between 0 and 1.",
                where="argument q of CategoricalGeneralizedCrossEntropy",
                expected="a number above 0 and below 1",
                received=f"q={q!r}",
                remedy="use SparseCategoricalCrossentropy for q = 0",
            )
        super().__init__(
            categorical_generalized_cross_entropy, reduction, name, dtype, q=q
        )
