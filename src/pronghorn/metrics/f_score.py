"""F scores: precision and recall in one number."""

from __future__ import annotations

from typing import Any

from pronghorn import ops
from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.losses.functions import pair
from pronghorn.metrics.metric import Config, Metric
from pronghorn.registry import keras_class
from pronghorn.settings import EPSILON

__all__ = ["F1Score", "FBetaScore"]

_known = keras_class("keras.metrics")


@_known
class FBetaScore(Metric):
    """`(1 + beta²) * precision * recall / (beta² * precision + recall)`.

    Args:
        average: of several outputs: None (default) for one score each, "macro" for
            their mean, "weighted" for the mean weighed by the number of targets,
            "micro" to count all outputs together.
        beta: how much more recall counts than precision: a float above 0. Default 1.
        threshold: outputs above it are positive; None (default): the largest of a row.
        name: default "fbeta_score".
        dtype: see `Metric`.

    Raises:
        ArgumentError: a value that is none of these.
        ShapeError: outputs of another rank than 2, when updated.

    Example:

    >>> metric = FBetaScore(beta=2.0, threshold=0.5, average="macro")
    >>> y = [[1, 1, 1], [1, 0, 0], [1, 1, 0]]
    >>> p = [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]]
    >>> round(float(metric(y, p)), 4)
    0.709
    """

    _direction = "up"

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str = "fbeta_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(dtype, name)
        known = (None, "micro", "macro", "weighted")
        _check(average in known, "average", " or ".join(map(repr, known)), average)
        fine = isinstance(beta, float) and beta > 0
        _check(fine, "beta", "a float above 0", beta)
        fine = threshold is None or (
            isinstance(threshold, float) and 0 < threshold <= 1
        )
        _check(fine, "threshold", "a float above 0, up to 1, or None", threshold)
        self.average = average
        self.beta = beta
        self.threshold = threshold
        self.built = False

    def build(self, outputs: int) -> None:
        """Makes the state for so many outputs; the first batch does it otherwise."""
        shape = () if self.average == "micro" else (outputs,)
        self.true_positives = self.add_variable(shape, name="true_positives")
        self.false_positives = self.add_variable(shape, name="false_positives")
        self.false_negatives = self.add_variable(shape, name="false_negatives")
        self.intermediate_weights = self.add_variable(
            shape, name="intermediate_weights"
        )
        self.built = True

    def _build(self, y_true_shape: Any, y_pred_shape: Any) -> None:
        """Makes the state that such targets and outputs need, once."""
        shapes = (y_true_shape, y_pred_shape)
        if any(len(shape) != 2 or shape[-1] is None for shape in shapes):
            raise ShapeError(
                "F scores compare tables of 0 and 1.",
                where=f"metric {self.name!r}",
                expected="targets and outputs of shape (n, classes)",
                received=f"{y_true_shape} and {y_pred_shape}",
                remedy="encode class numbers first: utils.to_categorical(y)",
            )
        if not self.built:
            self.build(int(y_pred_shape[-1]))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = pair(y_true, y_pred)
        self._build(tuple(y_true.shape), tuple(y_pred.shape))
        chosen = ops.cast(self._chosen(y_pred), self._computes)
        found = (
            (self.true_positives, chosen * y_true),
            (self.false_positives, chosen * (1.0 - y_true)),
            (self.false_negatives, (1.0 - chosen) * y_true),
            (self.intermediate_weights, y_true),
        )
        axis = None if self.average == "micro" else 0
        for variable, values in found:
            if sample_weight is not None:
                weight = ops.convert_to_tensor(sample_weight, self._computes)
                values = values * ops.reshape(weight, (-1, 1))
            variable.assign_add(ops.sum(values, axis=axis))

    def _chosen(self, y_pred: Any) -> Any:
        if self.threshold is not None:
            return ops.greater(y_pred, self.threshold)
        largest = ops.max(y_pred, axis=-1, keepdims=True)
        return ops.logical_and(
            ops.greater_equal(y_pred, largest), ops.greater(ops.abs(y_pred), 1e-9)
        )

    def result(self) -> Any:
        tp = self.true_positives.value
        precision = ops.divide(tp, tp + self.false_positives + EPSILON)
        recall = ops.divide(tp, tp + self.false_negatives + EPSILON)
        square = self.beta**2
        score = ops.divide(precision * recall, square * precision + recall + EPSILON)
        score = score * (1.0 + square)
        if self.average == "weighted":
            total = ops.sum(self.intermediate_weights) + EPSILON
            return ops.sum(score * ops.divide(self.intermediate_weights, total))
        return score if self.average is None else ops.mean(score)

    def get_config(self) -> Config:
        own = {k: getattr(self, k) for k in ("average", "beta", "threshold")}
        return {**super().get_config(), **own}


@_known
class F1Score(FBetaScore):
    """The harmonic mean of precision and recall.

    Args:
        average: see `FBetaScore`.
        threshold: see `FBetaScore`.
        name: default "f1_score".
        dtype: see `Metric`.

    Example:

    >>> metric = F1Score(threshold=0.5, average="macro")
    >>> y = [[1, 1, 1], [1, 0, 0], [1, 1, 0]]
    >>> p = [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]]
    >>> round(float(metric(y, p)), 4)
    0.6556
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str = "f1_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(average, 1.0, threshold, name, dtype)

    def get_config(self) -> Config:
        config = super().get_config()
        del config["beta"]
        return config


def _check(fine: bool, argument: str, expected: str, value: Any) -> None:
    if not fine:
        raise ArgumentError(
            f"This is no {argument}.",
            where="F score metric",
            expected=expected,
            received=f"{argument}={value!r}",
        )
