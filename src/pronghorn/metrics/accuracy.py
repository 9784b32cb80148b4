"""How often the outputs are right."""

from __future__ import annotations

from typing import Any

from pronghorn import ops
from pronghorn.losses.functions import pair
from pronghorn.metrics.reduction import Fixed
from pronghorn.registry import keras_class

__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "SparseCategoricalAccuracy",
    "SparseTopKCategoricalAccuracy",
    "TopKCategoricalAccuracy",
    "accuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "sparse_categorical_accuracy",
    "sparse_top_k_categorical_accuracy",
    "top_k_categorical_accuracy",
]

_known = keras_class("keras.metrics")


def accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where outputs equal targets, else 0.

    >>> accuracy([1, 2], [1, 3]).tolist()
    [1.0, 0.0]
    """
    y_true, y_pred = pair(y_true, y_pred)
    return ops.cast(ops.equal(y_true, y_pred), "float32")


@_known
def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any:
    """1 where an output lies on its target's side of the threshold, else 0.

    Args:
        y_true: 0 or 1.
        y_pred: probabilities, of the same shape.
        threshold: outputs above it mean 1. Default 0.5.

    Example:

    >>> binary_accuracy([[1], [1], [0]], [[0.9], [0.4], [0.1]]).tolist()
    [[1.0], [0.0], [1.0]]
    """
    y_true, y_pred = pair(y_true, y_pred)
    above = ops.cast(ops.greater(y_pred, threshold), y_true.dtype)
    return ops.cast(ops.equal(y_true, above), "float32")


@_known
def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where the largest output is the target's class, else 0.

    `y_true` is one-hot, `(n, classes)` as `y_pred`; the result is `(n,)`.

    >>> categorical_accuracy([[0, 1], [1, 0]], [[0.1, 0.9], [0.2, 0.8]]).tolist()
    [1.0, 0.0]
    """
    return _hits(ops.argmax(y_true, axis=-1), y_pred)


@_known
def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """1 where the largest output is the target's class, else 0.

    `y_true` holds class numbers, `(n,)` or `(n, 1)`; the result is `(n,)`.

    >>> sparse_categorical_accuracy([[1], [0]], [[0.1, 0.9], [0.2, 0.8]]).tolist()
    [1.0, 0.0]
    """
    return _hits(_class_numbers(y_true, y_pred), y_pred)


@_known
def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Any:
    """1 where the target's class is among the `k` largest outputs, else 0.

    Args:
        y_true: one-hot, `(n, classes)`.
        y_pred: `(n, classes)`.
        k: default 5.

    Example:

    >>> top_k_categorical_accuracy([[0, 0, 1]], [[0.5, 0.2, 0.3]], k=2).tolist()
    [1.0]
    """
    return _among(ops.argmax(y_true, axis=-1), y_pred, k)


@_known
def sparse_top_k_categorical_accuracy(
    y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False
) -> Any:
    """1 where the target's class is among the `k` largest outputs, else 0.

    Args:
        y_true: class numbers, `(n,)` or `(n, 1)`.
        y_pred: `(n, classes)`; or class numbers, best first, with `from_sorted_ids`.
        k: default 5.
        from_sorted_ids: whether `y_pred` are class numbers. Default False.

    Example:

    >>> sparse_top_k_categorical_accuracy([2], [[0.5, 0.2, 0.3]], k=2).tolist()
    [1.0]
    """
    ids = _class_numbers(y_true, y_pred)
    if not from_sorted_ids:
        return _among(ids, y_pred, k)
    first = ops.cast(ops.convert_to_tensor(y_pred)[:, :k], "int32")
    found = ops.any(ops.equal(ops.expand_dims(ids, -1), first), axis=-1)
    return ops.cast(found, "float32")


@_known
class Accuracy(Fixed):
    """How often outputs equal targets.

    Args:
        name: default "accuracy".
        dtype: see `Metric`.

    Example:

    >>> float(Accuracy()([1, 2, 3, 4], [0, 2, 3, 4]))
    0.75
    """

    _direction = "up"

    def __init__(self, name: str = "accuracy", dtype: Any = None) -> None:
        super().__init__(accuracy, name, dtype)


@_known
class BinaryAccuracy(Fixed):
    """How often an output lies on its target's side of the threshold.

    Args:
        name: default "binary_accuracy".
        dtype: see `Metric`.
        threshold: outputs above it mean 1. Default 0.5.

    Example:

    >>> float(BinaryAccuracy()([[1], [1], [0], [0]], [[0.98], [1], [0], [0.6]]))
    0.75
    """

    _direction = "up"

    def __init__(
        self, name: str = "binary_accuracy", dtype: Any = None, threshold: float = 0.5
    ) -> None:
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)


@_known
class CategoricalAccuracy(Fixed):
    """How often the largest output is the target's class; targets are one-hot.

    Args:
        name: default "categorical_accuracy".
        dtype: see `Metric`.

    Example:

    >>> float(CategoricalAccuracy()([[0, 1], [1, 0]], [[0.1, 0.9], [0.2, 0.8]]))
    0.5
    """

    _direction = "up"

    def __init__(self, name: str = "categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(categorical_accuracy, name, dtype)


@_known
class SparseCategoricalAccuracy(Fixed):
    """How often the largest output is the target's class; targets are class numbers.

    Args:
        name: default "sparse_categorical_accuracy".
        dtype: see `Metric`.

    Example:

    >>> float(SparseCategoricalAccuracy()([1, 0], [[0.1, 0.9], [0.2, 0.8]]))
    0.5
    """

    _direction = "up"

    def __init__(
        self, name: str = "sparse_categorical_accuracy", dtype: Any = None
    ) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype)


@_known
class TopKCategoricalAccuracy(Fixed):
    """How often the target's class is among the k largest outputs; one-hot targets.

    Args:
        k: default 5.
        name: default "top_k_categorical_accuracy".
        dtype: see `Metric`.

    Example:

    >>> float(TopKCategoricalAccuracy(k=2)([[0, 0, 1]], [[0.5, 0.2, 0.3]]))
    1.0
    """

    _direction = "up"

    def __init__(
        self, k: int = 5, name: str = "top_k_categorical_accuracy", dtype: Any = None
    ) -> None:
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)


@_known
class SparseTopKCategoricalAccuracy(Fixed):
    """How often the target's class number is among the k largest outputs.

    Args:
        k: default 5.
        name: default "sparse_top_k_categorical_accuracy".
        dtype: see `Metric`.
        from_sorted_ids: whether outputs are class numbers, best first.

    Example:

    >>> float(SparseTopKCategoricalAccuracy(k=2)([2], [[0.5, 0.2, 0.3]]))
    1.0
    """

    _direction = "up"

    def __init__(
        self,
        k: int = 5,
        name: str = "sparse_top_k_categorical_accuracy",
        dtype: Any = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(
            sparse_top_k_categorical_accuracy,
            name,
            dtype,
            k=k,
            from_sorted_ids=from_sorted_ids,
        )


def _class_numbers(y_true: Any, y_pred: Any) -> Any:
    ids = ops.cast(y_true, "int32")
    rank = len(ops.convert_to_tensor(y_pred).shape)
    drop = len(ids.shape) == rank and ids.shape[-1] == 1
    return ops.squeeze(ids, -1) if drop else ids


def _hits(ids: Any, y_pred: Any) -> Any:
    return ops.cast(ops.equal(ids, ops.argmax(y_pred, axis=-1)), "float32")


def _among(ids: Any, y_pred: Any, k: int) -> Any:
    return ops.cast(ops.in_top_k(ids, y_pred, k), "float32")
