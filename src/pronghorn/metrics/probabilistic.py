"""Losses that serve as metrics too: cross-entropies, hinges, Poisson, divergence."""

from __future__ import annotations

from typing import Any

from pronghorn import ops
from pronghorn.losses import crossentropy as ce
from pronghorn.losses import functions as f
from pronghorn.losses.loss import same_rank
from pronghorn.metrics.reduction import Fixed
from pronghorn.registry import keras_class

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "Hinge",
    "KLDivergence",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
]

_known = keras_class("keras.metrics")


@_known
class BinaryCrossentropy(Fixed):
    """The mean cross-entropy of yes or no.

    Args:
        name: default "binary_crossentropy".
        dtype: see `Metric`.
        from_logits: whether outputs are logits. Default False.
        label_smoothing: how far targets are drawn towards 1/2. Default 0.

    Example:

    >>> round(float(BinaryCrossentropy()([[1.0], [0.0]], [[0.5], [0.5]])), 4)
    0.6931
    """

    _direction = "down"

    def __init__(
        self,
        name: str = "binary_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        super().__init__(
            ce.binary_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
        )


@_known
class CategoricalCrossentropy(Fixed):
    """The mean cross-entropy of one out of several classes; targets are one-hot.

    Args:
        name: default "categorical_crossentropy".
        dtype: see `Metric`.
        from_logits: whether outputs are logits. Default False.
        label_smoothing: how far targets are drawn towards 1 / classes. Default 0.
        axis: the axis of the classes. Default the last.

    Example:

    >>> round(float(CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
    0.6931
    """

    _direction = "down"

    def __init__(
        self,
        name: str = "categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        super().__init__(
            ce.categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


@_known
class SparseCategoricalCrossentropy(Fixed):
    """The mean cross-entropy of one out of several classes; targets are class numbers.

    Args:
        name: default "sparse_categorical_crossentropy".
        dtype: see `Metric`.
        from_logits: whether outputs are logits. Default False.
        ignore_class: a class number whose rows have loss 0; with sample weights they
            do not count at all.
        axis: the axis of the classes: the last.

    Example:

    >>> round(float(SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])), 4)
    0.6931
    """

    _direction = "down"

    def __init__(
        self,
        name: str = "sparse_categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(
            ce.sparse_categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        if sample_weight is not None and self.ignore_class is not None:
            left_out = ce.ignored(y_true, y_pred, self.ignore_class)
            counts = ops.cast(ops.logical_not(left_out), self._computes)
            weight = ops.convert_to_tensor(sample_weight, self._computes)
            counts, weight = same_rank(counts, weight)
            sample_weight = counts * weight
        super().update_state(y_true, y_pred, sample_weight)


@_known
class KLDivergence(Fixed):
    """The mean Kullback-Leibler divergence of probabilities.

    >>> float(KLDivergence()([[0.5, 0.5]], [[0.5, 0.5]]))
    0.0
    """

    _direction = "down"

    def __init__(self, name: str = "kl_divergence", dtype: Any = None) -> None:
        super().__init__(f.kl_divergence, name, dtype)


@_known
class Poisson(Fixed):
    """The mean Poisson loss of counts.

    >>> float(Poisson()([[0.0], [0.0]], [[1.0], [2.0]]))
    1.5
    """

    _direction = "down"

    def __init__(self, name: str = "poisson", dtype: Any = None) -> None:
        super().__init__(f.poisson, name, dtype)


@_known
class Hinge(Fixed):
    """The mean of `max(1 - y_true * y_pred, 0)`.

    >>> float(Hinge()([[1.0], [-1.0]], [[0.5], [0.5]]))
    1.0
    """

    _direction = "down"

    def __init__(self, name: str = "hinge", dtype: Any = None) -> None:
        super().__init__(f.hinge, name, dtype)


@_known
class SquaredHinge(Fixed):
    """The mean of `max(1 - y_true * y_pred, 0)²`.

    >>> float(SquaredHinge()([[1.0], [-1.0]], [[0.5], [0.5]]))
    1.25
    """

    _direction = "down"

    def __init__(self, name: str = "squared_hinge", dtype: Any = None) -> None:
        super().__init__(f.squared_hinge, name, dtype)


@_known
class CategoricalHinge(Fixed):
    """By how much another class comes near the true one, on the mean.

    >>> float(CategoricalHinge()([[0.0, 1.0]], [[0.5, 0.75]]))
    0.75
    """

    _direction = "down"

    def __init__(self, name: str = "categorical_hinge", dtype: Any = None) -> None:
        super().__init__(f.categorical_hinge, name, dtype)
