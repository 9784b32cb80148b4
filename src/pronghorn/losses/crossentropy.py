"""Cross-entropies as functions of (y_true, y_pred): one value per row.

Probabilities that come straight from a `sigmoid` or `softmax` inside a model are never
used as such: the loss is computed from what went into it, so it stays exact where a
probability rounds to 0 or 1.
"""

from __future__ import annotations

import warnings
from typing import Any

from pronghorn import ops
from pronghorn.errors import ShapeError
from pronghorn.losses.functions import pair
from pronghorn.registry import keras_class
from pronghorn.settings import EPSILON

__all__ = [
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "class_numbers",
    "ignored",
    "sparse_categorical_crossentropy",
]

_known = keras_class("keras.losses", aliases=("keras.metrics",))


@_known
def binary_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """`-mean(y_true * log(y_pred) + (1 - y_true) * log(1 - y_pred))` over an axis.

    Args:
        y_true: 0 or 1, or probabilities.
        y_pred: probabilities, kept between 1e-7 and 1 - 1e-7; or logits.
        from_logits: whether `y_pred` are logits: any numbers, to go into a sigmoid.
        label_smoothing: how far targets are drawn towards 1/2: 0 (default) to 1.
        axis: the axis averaged away. Default the last.

    Example:

    >>> binary_crossentropy([[1.0], [0.0]], [[0.5], [0.5]]).round(4)
    array([0.6931, 0.6931], dtype=float32)
    """
    y_true, y_pred = pair(y_true, y_pred)
    y_true = _towards_half(y_true, label_smoothing)
    y_pred = _logits("binary_crossentropy", y_pred, from_logits)
    values = ops.binary_crossentropy(y_true, y_pred, from_logits=from_logits)
    return ops.mean(values, axis=axis)


@_known
def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """Binary cross-entropy that counts easy rows less (Lin et al., 2018).

    Each value is multiplied by `(1 - p) ** gamma`, p being the probability given to the
    true class.

    Args:
        y_true: 0 or 1, or probabilities.
        y_pred: probabilities, or logits.
        apply_class_balancing: multiply by `alpha` for class 1 and `1 - alpha` for 0.
        alpha: the weight of class 1. Default 0.25.
        gamma: the focus; 0 is the plain cross-entropy. Default 2.
        from_logits: whether `y_pred` are logits.
        label_smoothing: how far targets are drawn towards 1/2.
        axis: the axis averaged away. Default the last.

    Example:

    >>> binary_focal_crossentropy([[1.0]], [[0.5]]).round(4)
    array([0.1733], dtype=float32)
    """
    y_true, y_pred = pair(y_true, y_pred)
    y_true = _towards_half(y_true, label_smoothing)
    if from_logits:
        y_pred = ops.sigmoid(y_pred)
    values = ops.binary_crossentropy(y_true, y_pred)
    given = y_true * y_pred + (1.0 - y_true) * (1.0 - y_pred)
    values = ops.power(1.0 - given, gamma) * values
    if apply_class_balancing:
        values = values * (y_true * alpha + (1.0 - y_true) * (1.0 - alpha))
    return ops.mean(values, axis=axis)


@_known
def categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """`-sum(y_true * log(y_pred))` over the classes.

    Args:
        y_true: one-hot, or one probability per class.
        y_pred: one probability per class (scaled to sum 1), or logits.
        from_logits: whether `y_pred` are logits, to go into a softmax.
        label_smoothing: how far targets are drawn towards `1 / classes`.
        axis: the axis of the classes. Default the last.

    Raises:
        ShapeError: there is only one class: the loss would always be 0.

    Example:

    >>> categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).round(4)
    array([0.6931], dtype=float32)
    """
    y_true, y_pred = pair(y_true, y_pred)
    _several_classes("categorical_crossentropy", y_pred, axis)
    y_true = _towards_even(y_true, label_smoothing)
    y_pred = _logits("categorical_crossentropy", y_pred, from_logits)
    return ops.categorical_crossentropy(
        y_true, y_pred, from_logits=from_logits, axis=axis
    )


@_known
def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """Categorical cross-entropy that counts easy rows less (Lin et al., 2018).

    Args:
        y_true: one-hot, or one probability per class.
        y_pred: one probability per class, or logits.
        alpha: a factor of all values. Default 0.25.
        gamma: the focus. Default 2.
        from_logits: whether `y_pred` are logits.
        label_smoothing: how far targets are drawn towards `1 / classes`.
        axis: the axis of the classes. Default the last.

    Example:

    >>> categorical_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).round(4)
    array([0.0433], dtype=float32)
    """
    y_true, y_pred = pair(y_true, y_pred)
    _several_classes("categorical_focal_crossentropy", y_pred, axis)
    y_true = _towards_even(y_true, label_smoothing)
    if from_logits:
        y_pred = ops.softmax(y_pred, axis=axis)
    p = y_pred / ops.sum(y_pred, axis=axis, keepdims=True)
    p = ops.clip(p, EPSILON, 1.0 - EPSILON)
    values = alpha * ops.power(1.0 - p, gamma) * (-y_true * ops.log(p))
    return ops.sum(values, axis=axis)


@_known
def sparse_categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Any:
    """`-log(y_pred)` of the class that `y_true` names.

    Args:
        y_true: class numbers, from 0: shape `(n,)` or `(n, 1)`.
        y_pred: shape `(n, classes)`: one probability per class, or logits.
        from_logits: whether `y_pred` are logits, to go into a softmax.
        ignore_class: a class number whose rows have loss 0; -1 for instance.
        axis: the axis of the classes: the last.

    Example:

    >>> sparse_categorical_crossentropy([1], [[0.5, 0.5]]).round(4)
    array([0.6931], dtype=float32)
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = class_numbers(y_true, y_pred)
    logits = _logits("sparse_categorical_crossentropy", y_pred, from_logits)
    if ignore_class is None:
        return ops.sparse_categorical_crossentropy(
            y_true, logits, from_logits=from_logits, axis=axis
        )
    counts = ops.logical_not(ignored(y_true, y_pred, ignore_class))
    values = ops.sparse_categorical_crossentropy(
        ops.where(counts, y_true, 0), logits, from_logits=from_logits, axis=axis
    )
    return ops.where(counts, values, 0.0)


def ignored(y_true: Any, y_pred: Any, ignore_class: int) -> Any:
    """Whether each row's class is the ignored one.

    >>> ignored([[-1], [0]], [[0.5, 0.5], [0.5, 0.5]], -1).tolist()
    [True, False]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    return ops.equal(class_numbers(y_true, y_pred), ignore_class)


def class_numbers(y_true: Any, y_pred: Any) -> Any:
    """Class numbers as int32, with one axis less than the outputs.

    >>> class_numbers([[1.0], [0.0]], [[0.5, 0.5], [0.5, 0.5]]).tolist()
    [1, 0]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(y_true, "int32")
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1:
        return ops.squeeze(y_true, -1)
    return y_true


def _towards_half(y_true: Any, smoothing: float) -> Any:
    return y_true * (1.0 - smoothing) + 0.5 * smoothing if smoothing else y_true


def _towards_even(y_true: Any, smoothing: float) -> Any:
    if not smoothing:
        return y_true
    return y_true * (1.0 - smoothing) + smoothing / int(y_true.shape[-1])


def _logits(loss: str, y_pred: Any, from_logits: bool) -> Any:
    """The logits, also where a model's activation already turned them around."""
    logits = getattr(y_pred, "logits", None)
    if not from_logits or logits is None:
        return y_pred
    warnings.warn(
        f"{loss} was told from_logits=True, but the model ends with a sigmoid or "
        "softmax; the loss is computed from what goes into it. Leave from_logits "
        "out, or leave the last activation out.",
        stacklevel=3,
    )
    return logits


def _several_classes(loss: str, y_pred: Any, axis: int) -> None:
    if y_pred.shape[axis] == 1:
        raise ShapeError(
            f"{loss} needs two classes or more: with one, the loss is always 0.",
            where=f"loss or metric {loss}",
            expected="outputs of shape (n, classes)",
            received=f"outputs of shape {tuple(y_pred.shape)}",
            remedy="use binary_crossentropy for yes or no in one output",
        )
