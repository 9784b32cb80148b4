"""How far predicted and true classes overlap: intersection over union."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from pronghorn import ops
from pronghorn.errors import ArgumentError
from pronghorn.metrics.metric import Config, Metric
from pronghorn.registry import keras_class
from pronghorn.settings import EPSILON

__all__ = ["BinaryIoU", "IoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU"]

_known = keras_class("keras.metrics")


@_known
class IoU(Metric):
    """Of each class, rows right over rows that are it or taken for it; their mean.

    Classes outside of the range and rows of `ignore_class` do not count; a class that
    never came does not count in the mean.

    Args:
        num_classes: how many classes there are.
        target_class_ids: the classes whose mean is the result.
        name: default: the class name in snake case.
        dtype: of the counts. Default int32, in which weights are cut to whole numbers.
        ignore_class: a class number whose rows do not count.
        sparse_y_true: whether targets are class numbers. Default True.
        sparse_y_pred: whether outputs are class numbers. Default True.
        axis: the axis of the classes where they are not. Default the last.

    Raises:
        ArgumentError: a target class that there is not.

    Example:

    >>> metric = IoU(num_classes=2, target_class_ids=[0])
    >>> round(float(metric([0, 0, 1, 1], [0, 1, 0, 1])), 4)
    0.3333
    """

    _direction = "up"
    _own: tuple[str, ...] = (
        "num_classes",
        "target_class_ids",
        "ignore_class",
        "sparse_y_true",
        "sparse_y_pred",
        "axis",
    )

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(dtype or "int32", name)
        if any(not 0 <= i < num_classes for i in target_class_ids):
            raise ArgumentError(
                "There is no such class.",
                where="argument target_class_ids of a metric",
                expected=f"class numbers from 0 to {num_classes - 1}",
                received=f"target_class_ids={list(target_class_ids)}",
                remedy="number the classes from 0, or raise num_classes",
            )
        self.num_classes = num_classes
        self.target_class_ids = list(target_class_ids)
        self.ignore_class = ignore_class
        self.sparse_y_true = sparse_y_true
        self.sparse_y_pred = sparse_y_pred
        self.axis = axis
        self.total_cm = self.add_variable(
            (num_classes, num_classes),
            dtype=self._computes,
            name="total_confusion_matrix",
        )

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        true = self._classes(y_true, self.sparse_y_true)
        pred = self._classes(y_pred, self.sparse_y_pred)
        # A class outside of the range is a row of zeros, and counts nowhere.
        rows = ops.one_hot(true, self.num_classes)
        if self.ignore_class is not None:
            counts = ops.cast(ops.not_equal(true, self.ignore_class), "float32")
            rows = rows * ops.expand_dims(counts, 1)
        if sample_weight is not None:
            weight = ops.reshape(self._weight(sample_weight), (-1, 1))
            rows = rows * ops.cast(weight, "float32")
        columns = ops.one_hot(pred, self.num_classes)
        matrix = ops.matmul(ops.transpose(rows), columns)
        self.total_cm.assign_add(ops.cast(matrix, self._computes))

    def _classes(self, y: Any, sparse: bool) -> Any:
        numbers = ops.convert_to_tensor(y) if sparse else ops.argmax(y, axis=self.axis)
        return ops.reshape(ops.cast(numbers, "int32"), (-1,))

    def _weight(self, sample_weight: Any) -> Any:
        kind = str(getattr(sample_weight, "dtype", ""))
        if "float" in kind and not self._computes.startswith("float"):
            warnings.warn(
                f"Metric {self.name!r} counts in whole numbers: fractions of the "
                "weights are cut off. Make it with dtype='float32' to keep them.",
                stacklevel=3,
            )
        return ops.convert_to_tensor(sample_weight, self._computes)

    def result(self) -> Any:
        matrix = ops.cast(self.total_cm.value, "float32")
        diagonal = ops.eye(self.num_classes, dtype="float32")
        right = ops.sum(matrix * diagonal, axis=0)
        union = ops.sum(matrix, axis=0) + ops.sum(matrix, axis=1) - right
        wanted = ops.take(right, self.target_class_ids, axis=0)
        union = ops.take(union, self.target_class_ids, axis=0)
        share = ops.divide_no_nan(wanted, union)
        seen = ops.sum(ops.cast(ops.greater(union, 0.0), "float32"))
        return ops.divide(ops.sum(share), seen + EPSILON)

    def get_config(self) -> Config:
        return {**super().get_config(), **{k: getattr(self, k) for k in self._own}}


@_known
class BinaryIoU(IoU):
    """Intersection over union of classes 0 and 1, of outputs above a threshold.

    Args:
        target_class_ids: 0, 1 or both. Default both: their mean.
        threshold: outputs of it or above are class 1. Default 0.5.
        name: default: the class name in snake case.
        dtype: see `IoU`.

    Example:

    >>> metric = BinaryIoU(threshold=0.3)
    >>> round(float(metric([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7])), 4)
    0.3333
    """

    _own = ("target_class_ids", "threshold")

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        outputs = ops.cast(y_pred, "float32")
        above = ops.greater_equal(outputs, self.threshold)
        super().update_state(y_true, ops.cast(above, "int32"), sample_weight)


@_known
class MeanIoU(IoU):
    """Intersection over union, the mean of all classes that came.

    Args:
        num_classes: how many classes there are.
        name: default: the class name in snake case.
        dtype: see `IoU`.
        ignore_class: see `IoU`.
        sparse_y_true: see `IoU`.
        sparse_y_pred: see `IoU`.
        axis: see `IoU`.

    Example:

    >>> round(float(MeanIoU(num_classes=2)([0, 0, 1, 1], [0, 1, 0, 1])), 4)
    0.3333
    """

    _own: tuple[str, ...] = (
        "num_classes",
        "ignore_class",
        "sparse_y_true",
        "sparse_y_pred",
        "axis",
    )

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes,
            range(num_classes),
            name,
            dtype,
            ignore_class,
            sparse_y_true,
            sparse_y_pred,
            axis,
        )


@_known
class OneHotIoU(IoU):
    """Intersection over union where targets are one-hot.

    Args:
        num_classes: how many classes there are.
        target_class_ids: the classes whose mean is the result.
        name: default: the class name in snake case.
        dtype: see `IoU`.
        ignore_class: see `IoU`.
        sparse_y_pred: whether outputs are class numbers. Default False.
        axis: see `IoU`.

    Example:

    >>> metric = OneHotIoU(num_classes=2, target_class_ids=[0])
    >>> round(float(metric([[1, 0], [0, 1]], [[0.9, 0.1], [0.3, 0.7]])), 4)
    1.0
    """

    _own = ("num_classes", "target_class_ids", "ignore_class", "sparse_y_pred", "axis")

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes,
            target_class_ids,
            name,
            dtype,
            ignore_class,
            False,
            sparse_y_pred,
            axis,
        )


@_known
class OneHotMeanIoU(MeanIoU):
    """Intersection over union of all classes, where targets are one-hot.

    Args:
        num_classes: how many classes there are.
        name: default: the class name in snake case.
        dtype: see `IoU`.
        ignore_class: see `IoU`.
        sparse_y_pred: whether outputs are class numbers. Default False.
        axis: see `IoU`.

    Example:

    >>> metric = OneHotMeanIoU(num_classes=2)
    >>> round(float(metric([[1, 0], [0, 1]], [[0.9, 0.1], [0.3, 0.7]])), 4)
    1.0
    """

    _own = ("num_classes", "ignore_class", "sparse_y_pred", "axis")

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis
        )
