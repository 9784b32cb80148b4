"""The losses as classes: what `compile(loss=...)` takes, and what files name.

All take `reduction`, `name` and `dtype` as `pronghorn.losses.Loss` describes them; the
formulas stand in `pronghorn.losses.functions` and `pronghorn.losses.crossentropy`.
"""

from __future__ import annotations

from typing import Any

from pronghorn import ops
from pronghorn.losses.crossentropy import (
    binary_crossentropy,
    binary_focal_crossentropy,
    categorical_crossentropy,
    categorical_focal_crossentropy,
    ignored,
    sparse_categorical_crossentropy,
)
from pronghorn.losses.functions import (
    categorical_hinge,
    cosine_similarity,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    squared_hinge,
)
from pronghorn.losses.loss import FixedLoss
from pronghorn.registry import keras_class

__all__ = [
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalHinge",
    "CosineSimilarity",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
]

Reduction = str | None

_MEAN = "sum_over_batch_size"
_known = keras_class("keras.losses")


@_known
class MeanSquaredError(FixedLoss):
    """The mean of squared errors: `mean((y_true - y_pred)²)`.

    >>> float(MeanSquaredError()([[0.0], [0.0]], [[1.0], [3.0]]))
    5.0
    """

    def __init__(
        self,
        reduction: Reduction = _MEAN,
        name: str = "mean_squared_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_squared_error, reduction, name, dtype)


@_known
class MeanAbsoluteError(FixedLoss):
    """The mean of absolute errors: `mean(|y_true - y_pred|)`.

    >>> float(MeanAbsoluteError()([[0.0], [0.0]], [[1.0], [-3.0]]))
    2.0
    """

    def __init__(
        self,
        reduction: Reduction = _MEAN,
        name: str = "mean_absolute_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_absolute_error, reduction, name, dtype)


@_known
class MeanAbsolutePercentageError(FixedLoss):
    """The mean error in percent of the target.

    >>> float(MeanAbsolutePercentageError()([[2.0], [4.0]], [[1.0], [5.0]]))
    37.5
    """

    def __init__(
        self,
        reduction: Reduction = _MEAN,
        name: str = "mean_absolute_percentage_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_absolute_percentage_error, reduction, name, dtype)


@_known
class MeanSquaredLogarithmicError(FixedLoss):
    """The mean of squared differences of `log(1 + y)`, for y of 0 or more.

    >>> float(MeanSquaredLogarithmicError()([[1.0], [2.0]], [[1.0], [2.0]]))
    0.0
    """

    def __init__(
        self,
        reduction: Reduction = _MEAN,
        name: str = "mean_squared_logarithmic_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_squared_logarithmic_error, reduction, name, dtype)


@_known
class LogCosh(FixedLoss):
    """The mean of `log(cosh(y_pred - y_true))`.

    >>> float(LogCosh()([[1.0], [2.0]], [[1.0], [2.0]]))
    0.0
    """

    def __init__(
        self, reduction: Reduction = _MEAN, name: str = "log_cosh", dtype: Any = None
    ) -> None:
        super().__init__(log_cosh, reduction, name, dtype)


@_known
class Hinge(FixedLoss):
    """The mean of `max(1 - y_true * y_pred, 0)`; targets are -1 and 1, or 0 and 1.

    >>> float(Hinge()([[1.0], [-1.0]], [[0.5], [0.5]]))
    1.0
    """

    def __init__(
        self, reduction: Reduction = _MEAN, name: str = "hinge", dtype: Any = None
    ) -> None:
        super().__init__(hinge, reduction, name, dtype)


@_known
class SquaredHinge(FixedLoss):
    """The mean of `max(1 - y_true * y_pred, 0)²`; targets are -1 and 1, or 0 and 1.

    >>> float(SquaredHinge()([[1.0], [-1.0]], [[0.5], [0.5]]))
    1.25
    """

    def __init__(
        self,
        reduction: Reduction = _MEAN,
        name: str = "squared_hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(squared_hinge, reduction, name, dtype)


@_known
class CategoricalHinge(FixedLoss):
    """By how much another class comes near the true one; targets are one-hot.

    >>> float(CategoricalHinge()([[0.0, 1.0]], [[0.5, 0.75]]))
    0.75
    """

    def __init__(
        self,
        reduction: Reduction = _MEAN,
        name: str = "categorical_hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(categorical_hinge, reduction, name, dtype)


@_known
class KLDivergence(FixedLoss):
    """The Kullback-Leibler divergence of probabilities: `sum(t * log(t / p))`.

    >>> float(KLDivergence()([[0.5, 0.5]], [[0.5, 0.5]]))
    0.0
    """

    def __init__(
        self,
        reduction: Reduction = _MEAN,
        name: str = "kl_divergence",
        dtype: Any = None,
    ) -> None:
        super().__init__(kl_divergence, reduction, name, dtype)


@_known
class Poisson(FixedLoss):
    """The Poisson loss of counts: `mean(y_pred - y_true * log(y_pred))`.

    >>> float(Poisson()([[0.0], [0.0]], [[1.0], [2.0]]))
    1.5
    """

    def __init__(
        self, reduction: Reduction = _MEAN, name: str = "poisson", dtype: Any = None
    ) -> None:
        super().__init__(poisson, reduction, name, dtype)


@_known
class Huber(FixedLoss):
    """Half the square of small errors, a line for large ones (Huber, 1964).

    Args:
        delta: the size from which an error is large. Default 1.
        reduction: see `Loss`.
        name: default "huber_loss".
        dtype: see `Loss`.

    Example:

    >>> float(Huber()([[0.0], [0.0]], [[1.0], [3.0]]))
    1.5
    """

    def __init__(
        self,
        delta: float = 1.0,
        reduction: Reduction = _MEAN,
        name: str = "huber_loss",
        dtype: Any = None,
    ) -> None:
        super().__init__(huber, reduction, name, dtype, delta=delta)


@_known
class CosineSimilarity(FixedLoss):
    """Minus the cosine of the angle between targets and outputs.

    Args:
        axis: the axis of a vector. Default the last.
        reduction: see `Loss`.
        name: default "cosine_similarity".
        dtype: see `Loss`.

    Example:

    >>> round(float(CosineSimilarity()([[3.0, 4.0]], [[6.0, 8.0]])), 5)
    -1.0
    """

    def __init__(
        self,
        axis: int = -1,
        reduction: Reduction = _MEAN,
        name: str = "cosine_similarity",
        dtype: Any = None,
    ) -> None:
        super().__init__(cosine_similarity, reduction, name, dtype, axis=axis)


@_known
class BinaryCrossentropy(FixedLoss):
    """Cross-entropy of yes or no, one output for each question.

    Args:
        from_logits: whether outputs are logits, not probabilities. Default False.
        label_smoothing: how far targets are drawn towards 1/2. Default 0.
        axis: the axis averaged away. Default the last.
        reduction: see `Loss`.
        name: default "binary_crossentropy".
        dtype: see `Loss`.

    Example:

    >>> round(float(BinaryCrossentropy()([[1.0], [0.0]], [[0.5], [0.5]])), 4)
    0.6931
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: Reduction = _MEAN,
        name: str = "binary_crossentropy",
        dtype: Any = None,
    ) -> None:
        arguments = {"from_logits": from_logits, "label_smoothing": label_smoothing}
        super().__init__(
            binary_crossentropy, reduction, name, dtype, axis=axis, **arguments
        )


@_known
class BinaryFocalCrossentropy(FixedLoss):
    """Binary cross-entropy that counts easy rows less (Lin et al., 2018).

    Args:
        apply_class_balancing: weigh the classes by alpha and 1 - alpha.
        alpha: the weight of class 1. Default 0.25.
        gamma: the focus; 0 is the plain cross-entropy. Default 2.
        from_logits: whether outputs are logits. Default False.
        label_smoothing: how far targets are drawn towards 1/2. Default 0.
        axis: the axis averaged away. Default the last.
        reduction: see `Loss`.
        name: default "binary_focal_crossentropy".
        dtype: see `Loss`.

    Example:

    >>> round(float(BinaryFocalCrossentropy()([[1.0]], [[0.5]])), 4)
    0.1733
    """

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: Reduction = _MEAN,
        name: str = "binary_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            binary_focal_crossentropy,
            reduction,
            name,
            dtype,
            apply_class_balancing=apply_class_balancing,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


@_known
class CategoricalCrossentropy(FixedLoss):
    """Cross-entropy of one out of several classes; targets are one-hot.

    Args:
        from_logits: whether outputs are logits, not probabilities. Default False.
        label_smoothing: how far targets are drawn towards 1 / classes. Default 0.
        axis: the axis of the classes. Default the last.
        reduction: see `Loss`.
        name: default "categorical_crossentropy".
        dtype: see `Loss`.

    Example:

    >>> round(float(CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
    0.6931
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: Reduction = _MEAN,
        name: str = "categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        arguments = {"from_logits": from_logits, "label_smoothing": label_smoothing}
        super().__init__(
            categorical_crossentropy, reduction, name, dtype, axis=axis, **arguments
        )


@_known
class CategoricalFocalCrossentropy(FixedLoss):
    """Categorical cross-entropy that counts easy rows less (Lin et al., 2018).

    Args:
        alpha: a factor of all values. Default 0.25.
        gamma: the focus. Default 2.
        from_logits: whether outputs are logits. Default False.
        label_smoothing: how far targets are drawn towards 1 / classes. Default 0.
        axis: the axis of the classes. Default the last.
        reduction: see `Loss`.
        name: default "categorical_focal_crossentropy".
        dtype: see `Loss`.

    Example:

    >>> round(float(CategoricalFocalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
    0.0433
    """

    def __init__(
        self,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: Reduction = _MEAN,
        name: str = "categorical_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            categorical_focal_crossentropy,
            reduction,
            name,
            dtype,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


@_known
class SparseCategoricalCrossentropy(FixedLoss):
    """Cross-entropy of one out of several classes; targets are class numbers.

    Args:
        from_logits: whether outputs are logits, not probabilities. Default False.
        ignore_class: a class number whose rows do not count; -1 for instance.
        reduction: see `Loss`.
        axis: the axis of the classes: the last.
        name: default "sparse_categorical_crossentropy".
        dtype: see `Loss`.

    Example:

    >>> round(float(SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])), 4)
    0.6931
    """

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: Reduction = _MEAN,
        axis: int = -1,
        name: str = "sparse_categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            sparse_categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )

    def _mask(self, y_true: Any, y_pred: Any) -> Any:
        if self.ignore_class is None:
            return None
        return ops.logical_not(ignored(y_true, y_pred, self.ignore_class))
