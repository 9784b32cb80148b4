"""The circle loss: rows of one class near each other, rows of others far away."""

from __future__ import annotations

from typing import Any

from pronghorn import ops
from pronghorn.errors import UnsupportedError
from pronghorn.ir import Batch
from pronghorn.losses.loss import FixedLoss
from pronghorn.registry import keras_class

__all__ = ["Circle", "circle"]

_NONE = -1e30  # of a pair that does not count: exp() of it is 0, and slopes are finite
_known = keras_class("keras.losses")


@_known
def circle(
    y_true: Any,
    y_pred: Any,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Any:
    """The circle loss of each row (Sun et al., arXiv 2002.10857).

    Args:
        y_true: class numbers, `(n,)` or `(n, 1)`.
        y_pred: rows of length 1, `(n, width)`.
        ref_labels: the classes of the rows that are compared with, `(m,)`. Default
            `y_true`.
        ref_embeddings: those rows, `(m, width)`. Default `y_pred`.
        remove_diagonal: whether row i is not compared with reference i. Default True.
        gamma: the factor of the distances. Default 80.
        margin: how near and how far is enough. Default 0.4.

    Returns:
        `(n,)`.

    Raises:
        UnsupportedError: a batch inside a trace compared with itself: a graph has one
            axis of unknown length. Give references, or call it on arrays.

    Example:

    >>> circle([0, 1, 0], [[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]]).round(1)
    array([105.6,   0. ,  83.2], dtype=float32)
    """
    y_pred = ops.convert_to_tensor(y_pred)
    own = ops.reshape(ops.cast(y_true, "int32"), (-1, 1))
    rows = y_pred if ref_embeddings is None else ops.convert_to_tensor(ref_embeddings)
    _check_rows(y_pred, rows)
    others = own if ref_labels is None else ops.cast(ref_labels, "int32")
    same = ops.equal(own, ops.reshape(others, (1, -1)))
    far = ops.logical_not(same)
    if remove_diagonal:
        same = ops.logical_and(same, _off_diagonal(same))
    distance = ops.maximum(1.0 - ops.matmul(y_pred, ops.transpose(rows)), 0.0)
    pull = gamma * ops.maximum(margin + distance, 0.0) * (distance - margin)
    push = gamma * ops.maximum(1.0 + margin - distance, 0.0) * (1 - margin - distance)
    near = ops.logsumexp(ops.where(same, pull, _NONE), axis=1)
    away = ops.logsumexp(ops.where(far, push, _NONE), axis=1)
    return ops.softplus(near + away)


def _off_diagonal(pairs: Any) -> Any:
    n, m = ops.shape(pairs)
    first = ops.reshape(ops.arange(n), (-1, 1))
    return ops.not_equal(first, ops.reshape(ops.arange(m), (1, -1)))


def _check_rows(y_pred: Any, rows: Any) -> None:
    both = (ops.shape(y_pred)[0], ops.shape(rows)[0])
    if all(isinstance(d, Batch) for d in both):
        raise UnsupportedError(
            "The circle loss compares each row of a batch with each other row.",
            where="losses.circle",
            expected="arrays, or ref_labels and ref_embeddings of a fixed number",
            received="a batch inside a trace",
            remedy="call circle on arrays, give references, or train a classifier "
            "with SparseCategoricalCrossentropy and use its last hidden layer",
        )


@_known
class Circle(FixedLoss):
    """Rows of one class near each other, rows of others far (arXiv 2002.10857).

    The mean is over the rows whose loss is above 0. It works on arrays; inside `fit`
    it raises, since a batch would be compared with itself (see `circle`).

    Args:
        gamma: the factor of the distances. Default 80.
        margin: how near and how far is enough. Default 0.4.
        remove_diagonal: whether a row is not compared with itself. Default True.
        reduction: see `Loss`.
        name: default "circle".
        dtype: see `Loss`.

    Example:

    >>> rows = [[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]]
    >>> round(float(Circle()([0, 1, 0], rows)), 2)
    94.4
    """

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str = "circle",
        dtype: Any = None,
    ) -> None:
        arguments = {
            "gamma": gamma,
            "margin": margin,
            "remove_diagonal": remove_diagonal,
        }
        super().__init__(circle, reduction, name, dtype, **arguments)

    def _mask(self, y_true: Any, y_pred: Any) -> Any:
        return ops.greater(self.call(y_true, y_pred), 0.0)
