"""The losses as functions of (y_true, y_pred): one value per row.

`y_true` and `y_pred` have the same shape; `(n,)` goes with `(n, 1)`. The last axis is
averaged (or summed) away, so a batch of shape `(n, units)` gives `(n,)`.
"""

from __future__ import annotations

import math
from typing import Any

from pronghorn import ops
from pronghorn.errors import ShapeError
from pronghorn.losses.loss import same_rank
from pronghorn.registry import keras_class
from pronghorn.settings import EPSILON

__all__ = [
    "categorical_hinge",
    "cosine_similarity",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "pair",
    "poisson",
    "squared_hinge",
]

_known = keras_class("keras.losses", aliases=("keras.metrics",))


def pair(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Targets and outputs as tensors of one dtype and one shape.

    Raises:
        ShapeError: they cannot be compared value by value.

    Example:

    >>> [t.shape for t in pair([1, 2], [[1.0], [2.0]])]
    [(2, 1), (2, 1)]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    if not str(y_pred.dtype).startswith("float"):
        y_pred = ops.cast(y_pred, "float32")
    y_true = ops.convert_to_tensor(y_true, y_pred.dtype)
    y_true, y_pred = same_rank(y_true, y_pred)
    true, pred = tuple(y_true.shape), tuple(y_pred.shape)
    fits = len(true) == len(pred) and all(
        a == b or a is None or b is None for a, b in zip(true, pred, strict=True)
    )
    if not fits:
        raise ShapeError(
            "Targets and outputs do not have the same shape.",
            where="y_true and y_pred of a loss or metric",
            expected=f"y_true of the shape of y_pred, {pred}",
            received=f"y_true of shape {true}",
            remedy="give the last layer one unit per target; for class numbers as "
            "targets use sparse_categorical_crossentropy",
        )
    return y_true, y_pred


@_known
def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """`mean((y_true - y_pred)²)` over the last axis.

    >>> mean_squared_error([[0.0, 0.0]], [[1.0, 3.0]]).tolist()
    [5.0]
    """
    y_true, y_pred = pair(y_true, y_pred)
    return ops.mean(ops.square(y_true - y_pred), axis=-1)


@_known
def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """`mean(|y_true - y_pred|)` over the last axis.

    >>> mean_absolute_error([[0.0, 0.0]], [[1.0, -3.0]]).tolist()
    [2.0]
    """
    y_true, y_pred = pair(y_true, y_pred)
    return ops.mean(ops.abs(y_true - y_pred), axis=-1)


@_known
def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Any:
    """`100 * mean(|y_true - y_pred| / |y_true|)` over the last axis.

    A target nearer to 0 than 1e-7 counts as 1e-7.

    >>> mean_absolute_percentage_error([[2.0, 4.0]], [[1.0, 5.0]]).tolist()
    [37.5]
    """
    y_true, y_pred = pair(y_true, y_pred)
    size = ops.maximum(ops.abs(y_true), EPSILON)
    return 100.0 * ops.mean(ops.abs(ops.divide(y_true - y_pred, size)), axis=-1)


@_known
def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Any:
    """`mean((log(y_true + 1) - log(y_pred + 1))²)` over the last axis.

    Values below 1e-7 count as 1e-7.

    >>> e = math.e
    >>> mean_squared_logarithmic_error([[e - 1]], [[0.0]]).round(5).tolist()
    [1.0]
    """
    y_true, y_pred = pair(y_true, y_pred)
    logs = [ops.log(ops.maximum(y, EPSILON) + 1.0) for y in (y_pred, y_true)]
    return ops.mean(ops.square(logs[0] - logs[1]), axis=-1)


@_known
def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Any:
    """Half the square of small errors, a line for large ones (Huber, 1964).

    Args:
        y_true: targets.
        y_pred: outputs.
        delta: the size from which an error is large. Default 1.

    Example:

    >>> huber([[0.0], [0.0]], [[1.0], [3.0]]).tolist()
    [0.5, 2.5]
    """
    y_true, y_pred = pair(y_true, y_pred)
    error = y_pred - y_true
    size = ops.abs(error)
    large = delta * size - 0.5 * delta * delta
    return ops.mean(ops.where(size <= delta, 0.5 * ops.square(error), large), axis=-1)


@_known
def log_cosh(y_true: Any, y_pred: Any) -> Any:
    """`mean(log(cosh(y_pred - y_true)))` over the last axis.

    Near half the square for small errors, `|error| - log(2)` for large ones.

    >>> log_cosh([[0.0]], [[0.0]]).tolist()
    [0.0]
    """
    y_true, y_pred = pair(y_true, y_pred)
    error = y_pred - y_true
    return ops.mean(error + ops.softplus(-2.0 * error) - math.log(2.0), axis=-1)


@_known
def kl_divergence(y_true: Any, y_pred: Any) -> Any:
    """`sum(y_true * log(y_true / y_pred))` over the last axis.

    Both are probabilities, kept between 1e-7 and 1.

    >>> kl_divergence([[0.5, 0.5]], [[0.5, 0.5]]).tolist()
    [0.0]
    """
    y_true, y_pred = pair(y_true, y_pred)
    y_true = ops.clip(y_true, EPSILON, 1.0)
    y_pred = ops.clip(y_pred, EPSILON, 1.0)
    return ops.sum(y_true * ops.log(y_true / y_pred), axis=-1)


@_known
def poisson(y_true: Any, y_pred: Any) -> Any:
    """`mean(y_pred - y_true * log(y_pred))` over the last axis, for counts.

    The model's output is the expected count: end it with `exponential` or `softplus`.

    >>> poisson([[1.0]], [[1.0]]).round(5).tolist()
    [1.0]
    """
    y_true, y_pred = pair(y_true, y_pred)
    return ops.mean(y_pred - y_true * ops.log(y_pred + EPSILON), axis=-1)


@keras_class("keras.losses")
def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Minus the cosine of the angle between two vectors: -1 where they agree.

    Args:
        y_true: targets.
        y_pred: outputs.
        axis: the axis of a vector. Default the last.

    Example:

    >>> cosine_similarity([[3.0, 4.0]], [[6.0, 8.0]]).round(5).tolist()
    [-1.0]
    """
    y_true, y_pred = pair(y_true, y_pred)
    y_true, y_pred = (ops.normalize(y, axis=axis) for y in (y_true, y_pred))
    return -ops.sum(y_true * y_pred, axis=axis)


@_known
def hinge(y_true: Any, y_pred: Any) -> Any:
    """`mean(max(1 - y_true * y_pred, 0))` over the last axis.

    Targets are -1 and 1; 0 and 1 are taken for them.

    >>> hinge([[1.0], [-1.0]], [[0.5], [0.5]]).tolist()
    [0.5, 1.5]
    """
    y_true, y_pred = pair(y_true, y_pred)
    signs = _as_signs(y_true)
    return ops.mean(ops.maximum(1.0 - signs * y_pred, 0.0), axis=-1)


@_known
def squared_hinge(y_true: Any, y_pred: Any) -> Any:
    """`mean(max(1 - y_true * y_pred, 0)²)` over the last axis.

    Targets are -1 and 1; 0 and 1 are taken for them.

    >>> squared_hinge([[1.0], [-1.0]], [[0.5], [0.5]]).tolist()
    [0.25, 2.25]
    """
    y_true, y_pred = pair(y_true, y_pred)
    signs = _as_signs(y_true)
    return ops.mean(ops.square(ops.maximum(1.0 - signs * y_pred, 0.0)), axis=-1)


@_known
def categorical_hinge(y_true: Any, y_pred: Any) -> Any:
    """`max(neg - pos + 1, 0)`: by how much another class comes near the true one.

    `y_true` is one-hot; pos is the true class's output, neg the largest of the others.

    >>> categorical_hinge([[0.0, 1.0]], [[0.5, 0.75]]).tolist()
    [0.75]
    """
    y_true, y_pred = pair(y_true, y_pred)
    positive = ops.sum(y_true * y_pred, axis=-1)
    negative = ops.max((1.0 - y_true) * y_pred, axis=-1)
    return ops.maximum(negative - positive + 1.0, 0.0)


def _as_signs(y_true: Any) -> Any:
    """Targets 0 and 1 as -1 and 1, if a whole batch has no others."""
    binary = ops.logical_or(ops.equal(y_true, 0.0), ops.equal(y_true, 1.0))
    return ops.where(ops.all(binary), 2.0 * y_true - 1.0, y_true)
