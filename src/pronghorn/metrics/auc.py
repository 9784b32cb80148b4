"""The area under a curve of decisions over all thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.limits import charge_allocation
from pronghorn.metrics.confusion import Thresholds, parse_thresholds, update_counts
from pronghorn.metrics.metric import Config, Metric
from pronghorn.registry import keras_class
from pronghorn.settings import EPSILON

__all__ = ["AUC"]

_CURVES = ("ROC", "PR", "PRGAIN")
_METHODS = ("interpolation", "majoring", "minoring")
_COUNTS = ("true_positives", "false_positives", "true_negatives", "false_negatives")


@keras_class("keras.metrics")
class AUC(Metric):
    """The area under the ROC or the precision-recall curve, by a Riemann sum.

    For a classifier of yes or no, the ROC area is the chance that a row of class 1 has
    a larger output than a row of class 0.

    Args:
        num_thresholds: how many points the curve has. Default 200, from 0 to 1.
        curve: "ROC" (default), "PR" or "PRGAIN" (Flach and Kull, 2015).
        summation_method: between two points "interpolation" (default; for PR that of
            Davis and Goadrich, 2006), "majoring" or "minoring".
        name: default "auc".
        dtype: see `Metric`.
        thresholds: numbers between 0 and 1 instead of an even grid.
        multi_label: one area per output, then their mean. Default False: all outputs
            are taken together.
        num_labels: number of outputs, for `multi_label`; the first batch tells it
            otherwise.
        label_weights: one weight per output.
        from_logits: whether outputs go through a sigmoid first. Default False.

    Raises:
        ArgumentError: a value that is none of these.

    Example:

    >>> round(float(AUC(num_thresholds=3)([0, 0, 1, 1], [0, 0.5, 0.3, 0.9])), 4)
    0.75
    """

    _direction = "up"

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Sequence[float] | None = None,
        from_logits: bool = False,
    ) -> None:
        super().__init__(dtype, name)
        self.curve = _one_of("curve", str(curve).upper(), _CURVES)
        self.summation_method = _one_of(
            "summation_method", str(summation_method).lower(), _METHODS
        )
        self._given = thresholds is not None
        inner = self._inner(num_thresholds, thresholds)
        self.num_thresholds = len(inner)
        self.thresholds = [-EPSILON, *inner[1:-1], 1.0 + EPSILON]
        self._compare = Thresholds(self.thresholds, inner)
        self.multi_label = multi_label
        self.num_labels = num_labels
        self.label_weights = None if label_weights is None else list(label_weights)
        self._from_logits = from_logits
        self.built = False
        if num_labels and not multi_label:
            raise ArgumentError(
                "num_labels goes with multi_label=True only.",
                where=f"metric {self.name!r}",
                received=f"num_labels={num_labels}",
                remedy="leave it out, or pass multi_label=True",
            )
        if not multi_label or num_labels:
            self.build(num_labels)

    def _inner(self, count: int, given: Sequence[float] | None) -> list[float]:
        if given is not None:
            return [0.0, *sorted(parse_thresholds(list(given), 0.5)), 1.0]
        if count <= 1:
            raise ArgumentError(
                "A curve needs two points or more.",
                where=f"metric {self.name!r}",
                expected="num_thresholds of 2 or more",
                received=f"num_thresholds={count}",
            )
        charge_allocation((count,), "thresholds")
        return [i / (count - 1) for i in range(count)]

    def build(self, labels: int | None) -> None:
        """Makes the state for so many labels; the first batch does it otherwise."""
        shape = (self.num_thresholds,) + (
            (labels,) if self.multi_label and labels else ()
        )
        self._counts = [self.add_variable(shape, name=name) for name in _COUNTS]
        for name, variable in zip(_COUNTS, self._counts, strict=True):
            setattr(self, name, variable)
        self.built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_pred = ops.convert_to_tensor(y_pred)
        if not self.built:
            self.build(self._labels(y_pred))
        weights = None if self.multi_label else self._weights()
        update_counts(
            dict(zip(("tp", "fp", "tn", "fn"), self._counts, strict=True)),
            self._compare,
            y_true,
            ops.sigmoid(y_pred) if self._from_logits else y_pred,
            sample_weight,
            label_weights=weights,
            multi_label=self.multi_label,
        )

    def _labels(self, y_pred: Any) -> int:
        if len(y_pred.shape) != 2:
            raise ShapeError(
                "With multi_label=True, outputs are a table.",
                where=f"metric {self.name!r}",
                expected="outputs of shape (n, labels)",
                received=tuple(y_pred.shape),
            )
        return int(y_pred.shape[1])

    def _weights(self) -> np.ndarray | None:
        given = self.label_weights
        return None if given is None else np.asarray(given, np.float32)

    def result(self) -> Any:
        if self.curve == "PR" and self.summation_method == "interpolation":
            return self.interpolate_pr_auc()
        counts = [variable.value for variable in self._counts]
        x, y = {"ROC": _roc, "PR": _pr, "PRGAIN": _pr_gain}[self.curve](*counts)
        left, right = y[:-1], y[1:]
        heights = {
            "interpolation": lambda: (left + right) / 2.0,
            "minoring": lambda: ops.minimum(left, right),
            "majoring": lambda: ops.maximum(left, right),
        }[self.summation_method]()
        return self._total((x[:-1] - x[1:]) * heights)

    def interpolate_pr_auc(self) -> Any:
        """The area under the precision-recall curve, interpolated between its points.

        Counts grow evenly from one threshold to the next, and precision with them
        (Davis and Goadrich, 2006). `result` is this where the curve is "PR" and the
        method "interpolation"; what the others are made of gives it too.

        >>> metric = AUC(num_thresholds=3, curve="PR")
        >>> metric.update_state([0, 0, 1, 1], [0, 0.5, 0.3, 0.9])
        >>> round(float(metric.interpolate_pr_auc()), 4)
        0.8207
        """
        counts = [variable.value for variable in self._counts]
        return self._total(_interpolated_pr(*counts))

    def _total(self, areas: Any) -> Any:
        if not self.multi_label:
            return ops.sum(areas)
        by_label, weights = ops.sum(areas, axis=0), self._weights()
        if weights is None:
            return ops.mean(by_label)
        return ops.divide_no_nan(ops.sum(by_label * weights), ops.sum(weights))

    def get_config(self) -> Config:
        own = {
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": self.label_weights,
            "from_logits": self._from_logits,
        }
        if self._given:
            own["thresholds"] = self.thresholds[1:-1]
        return {**super().get_config(), **own}


def _roc(tp: Any, fp: Any, tn: Any, fn: Any) -> tuple[Any, Any]:
    return ops.divide_no_nan(fp, fp + tn), ops.divide_no_nan(tp, tp + fn)


def _pr(tp: Any, fp: Any, tn: Any, fn: Any) -> tuple[Any, Any]:
    return ops.divide_no_nan(tp, tp + fn), ops.divide_no_nan(tp, tp + fp)


def _pr_gain(tp: Any, fp: Any, tn: Any, fn: Any) -> tuple[Any, Any]:
    odds = ops.divide_no_nan(tp + fn, tn + fp)
    recall = 1.0 - odds * ops.divide_no_nan(fn, tp)
    precision = 1.0 - odds * ops.divide_no_nan(fp, tp)
    none = ops.equal(tp, 0.0)
    recall = ops.maximum(ops.where(none, 0.0, recall), 0.0)
    return recall, ops.where(none, 1.0, precision)


def _interpolated_pr(tp: Any, fp: Any, tn: Any, fn: Any) -> Any:
    """The areas between neighbouring points (Davis and Goadrich, 2006, section 3)."""
    positive = tp + fp
    d_tp, d_p = tp[:-1] - tp[1:], positive[:-1] - positive[1:]
    slope = ops.divide_no_nan(d_tp, ops.maximum(d_p, 0.0))
    intercept = tp[1:] - slope * positive[1:]
    both = ops.logical_and(
        ops.greater(positive[:-1], 0.0), ops.greater(positive[1:], 0.0)
    )
    ratio = ops.divide_no_nan(positive[:-1], ops.maximum(positive[1:], 0.0))
    growth = ops.log(ops.where(both, ratio, 1.0))
    area = slope * (d_tp + intercept * growth)
    return ops.divide_no_nan(area, ops.maximum(tp[1:] + fn[1:], 0.0))


def _one_of(argument: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ArgumentError(
            f"This is no {argument}.",
            where="metric AUC",
            expected=" or ".join(map(repr, allowed)),
            received=f"{argument}={value!r}",
        )
    return value
