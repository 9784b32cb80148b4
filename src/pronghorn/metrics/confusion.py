"""Counts of right and wrong decisions, and what is made of them.

Outputs become decisions by thresholds. All thresholds are counted at once, with shapes
that do not depend on the data: outputs are compared with the vector of thresholds, and
a matrix product adds up the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.ir import Variable
from pronghorn.limits import charge_allocation
from pronghorn.losses.loss import same_rank
from pronghorn.metrics.metric import Config, Metric
from pronghorn.registry import keras_class
from pronghorn.settings import EPSILON

__all__ = [
    "FalseNegatives",
    "FalsePositives",
    "Precision",
    "PrecisionAtRecall",
    "Recall",
    "RecallAtPrecision",
    "SensitivityAtSpecificity",
    "SpecificityAtSensitivity",
    "Thresholds",
    "TrueNegatives",
    "TruePositives",
    "update_counts",
]

Given = float | Sequence[float] | None

_LOWEST = -1e10  # what outputs beyond the top k count as
_known = keras_class("keras.metrics")


class Thresholds:
    """What outputs are compared with.

    Args:
        values: the thresholds, ascending.
        inside: the same without the margin that AUC adds at both ends.

    Attributes:
        count: how many there are.
        even: whether they divide 0..1 evenly. Then an output counts by its place on
            the grid, as in Keras, so that both round alike.
    """

    def __init__(
        self, values: Sequence[float], inside: Sequence[float] | None = None
    ) -> None:
        inner = np.asarray(values if inside is None else inside, float)
        grid = np.arange(len(inner), dtype=np.float32) / max(len(inner) - 1, 1)
        self.count = len(inner)
        self.even = len(inner) > 2 and np.allclose(inner, grid, atol=EPSILON)
        self._values = np.asarray(values, np.float32)
        if self.even:
            self._values = np.arange(self.count, dtype=np.float32)
            # below a first threshold under 0 lies nothing
            self._values[0] = -1.0 if values[0] < 0 else 0.0

    def above(self, outputs: Any, axis: int) -> Any:
        """1 where an output is above a threshold, else 0; `axis` counts thresholds.

        Args:
            outputs: a tensor with an axis of length 1 at `axis`.
            axis: where the thresholds go.
        """
        shape = [1] * len(outputs.shape)
        shape[axis] = self.count
        if self.even:
            outputs = ops.clip(outputs, 0.0, 1.0) * (self.count - 1.0)
        return ops.cast(ops.greater(outputs, self._values.reshape(shape)), "float32")


def update_counts(
    counts: dict[str, Variable],
    thresholds: Thresholds,
    y_true: Any,
    y_pred: Any,
    sample_weight: Any = None,
    top_k: int | None = None,
    class_id: int | None = None,
    label_weights: Any = None,
    multi_label: bool = False,
) -> None:
    """Adds a batch's decisions to variables.

    Args:
        counts: "tp", "fp", "tn", "fn": the variables that count true and false
            positives and negatives, of shape `(thresholds,)`.
        thresholds: what outputs are compared with.
        y_true: 0 or 1.
        y_pred: probabilities, of the same shape.
        sample_weight: one weight per row or per output.
        top_k: only the k largest outputs of a row can be positive.
        class_id: only this output counts.
        label_weights: one weight per output.
        multi_label: count each output by itself: shapes `(thresholds, outputs)`.
    """
    y_true, y_pred = ops.cast(y_true, "float32"), ops.cast(y_pred, "float32")
    y_pred, y_true = same_rank(y_pred, y_true)
    _check_shapes(y_true, y_pred)
    weight = _weights(y_true, y_pred, sample_weight, label_weights)
    if top_k is not None:
        y_pred = _only_top(y_pred, top_k)
    if class_id is not None:
        y_true, y_pred, weight = _one_class(class_id, y_true, y_pred, weight)
    labels = ops.cast(ops.not_equal(y_true, 0.0), "float32")
    true, false = labels, 1.0 - labels
    if weight is not None:
        true, false = true * weight, false * weight
    count = _by_label if multi_label else _together
    (tp, all_true), (fp, all_false) = count(thresholds, y_pred, true, false)
    found = {"tp": tp, "fp": fp, "fn": all_true - tp, "tn": all_false - fp}
    for name, variable in counts.items():
        variable.assign_add(found[name])


Counted = tuple[tuple[Any, Any], tuple[Any, Any]]


def _together(thresholds: Thresholds, y_pred: Any, true: Any, false: Any) -> Counted:
    columns = ops.concatenate(
        [ops.reshape(true, (-1, 1)), ops.reshape(false, (-1, 1))], axis=1
    )
    above = thresholds.above(ops.reshape(y_pred, (-1, 1)), axis=1)
    sums = ops.matmul(ops.transpose(columns), above)
    totals = ops.sum(columns, axis=0)
    return (sums[0], totals[0]), (sums[1], totals[1])


def _by_label(thresholds: Thresholds, y_pred: Any, true: Any, false: Any) -> Counted:
    above = thresholds.above(ops.expand_dims(y_pred, 1), axis=1)
    pairs = [
        (ops.sum(ops.expand_dims(y, 1) * above, axis=0), ops.sum(y, axis=0))
        for y in (true, false)
    ]
    return pairs[0], pairs[1]


def _weights(y_true: Any, y_pred: Any, sample_weight: Any, labels: Any) -> Any:
    """The weight of each output, or None where all are 1."""
    weight = None
    if sample_weight is not None:
        given = ops.expand_dims(ops.cast(sample_weight, "float32"), -1)
        _, given = same_rank(y_true, given, expand_rank_1=False)
        weight = ops.broadcast_to(given, ops.shape(y_pred))
    if labels is None:
        return weight
    spread = ops.broadcast_to(ops.expand_dims(labels, 0), ops.shape(y_pred))
    return spread if weight is None else weight * spread


def _only_top(y_pred: Any, k: int) -> Any:
    """Outputs beyond the k largest of a row, replaced by a very low number."""
    size = int(y_pred.shape[-1])
    one, other = ops.expand_dims(y_pred, -1), ops.expand_dims(y_pred, -2)
    earlier = np.tri(size, k=-1, dtype=bool)  # of equals, the first goes first
    beats = ops.logical_or(
        ops.greater(other, one), ops.logical_and(ops.equal(other, one), earlier)
    )
    rank = ops.sum(ops.cast(beats, "float32"), axis=-1)
    return ops.where(ops.less(rank, float(k)), y_pred, _LOWEST)


def _one_class(class_id: int, *tensors: Any) -> list[Any]:
    if len(tensors[0].shape) == 1:
        raise ShapeError(
            "There are no classes to choose from.",
            where=f"class_id={class_id} of a metric",
            expected="outputs of shape (n, classes)",
            received=f"outputs of shape {tuple(tensors[0].shape)}",
            remedy="leave class_id out",
        )
    return [
        None if t is None else t[..., class_id : class_id + 1 or None] for t in tensors
    ]


def _check_shapes(y_true: Any, y_pred: Any) -> None:
    true, pred = tuple(y_true.shape), tuple(y_pred.shape)
    if len(true) != len(pred) or any(
        a != b and None not in (a, b) for a, b in zip(true, pred, strict=True)
    ):
        raise ShapeError(
            "Targets and outputs do not have the same shape.",
            where="y_true and y_pred of a metric",
            expected=f"y_true of shape {pred}: 0 or 1 for each output",
            received=f"y_true of shape {true}",
            remedy="one-hot encode class numbers",
        )


def parse_thresholds(given: Given, default: float) -> list[float]:
    """Thresholds as a list, each between 0 and 1.

    Raises:
        ArgumentError: one is not.

    Example:

    >>> parse_thresholds(None, 0.5), parse_thresholds([0.2, 0.8], 0.5)
    ([0.5], [0.2, 0.8])
    """
    if given is None:
        return [default]
    values = [given] if isinstance(given, (int, float)) else list(given)
    if any(t is None or not 0 <= t <= 1 for t in values):
        raise ArgumentError(
            "A threshold lies between 0 and 1.",
            where="argument thresholds of a metric",
            expected="numbers from 0 to 1",
            received=f"thresholds={given!r}",
            remedy="give probabilities; put a sigmoid at the end of the model",
        )
    return values


class _Count(Metric):
    """One of the four counts."""

    _kind: str

    def __init__(
        self, thresholds: Given = None, name: str | None = None, dtype: Any = None
    ) -> None:
        super().__init__(dtype, name)
        self.init_thresholds = thresholds
        self.thresholds = parse_thresholds(thresholds, 0.5)
        self._compare = Thresholds(self.thresholds)
        self.accumulator = self.add_variable(
            (len(self.thresholds),), name="accumulator"
        )

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        counts = {self._kind: self.accumulator}
        update_counts(counts, self._compare, y_true, y_pred, sample_weight)

    def result(self) -> Any:
        value = self.accumulator.value
        return value[0] if len(self.thresholds) == 1 else value

    def get_config(self) -> Config:
        return {**super().get_config(), "thresholds": self.init_thresholds}


@_known
class TruePositives(_Count):
    """How many targets of 1 have an output above the threshold.

    Args:
        thresholds: a number or a list; one result each. Default 0.5.
        name: default "true_positives".
        dtype: see `Metric`.

    Example:

    >>> float(TruePositives()([0, 1, 1, 1], [1, 0, 1, 1]))
    2.0
    """

    _kind = "tp"


@_known
class FalsePositives(_Count):
    """How many targets of 0 have an output above the threshold.

    >>> float(FalsePositives()([0, 1, 0, 0], [0, 0, 1, 1]))
    2.0
    """

    _kind = "fp"


@_known
class TrueNegatives(_Count):
    """How many targets of 0 have an output up to the threshold.

    >>> float(TrueNegatives()([0, 1, 0, 0], [1, 1, 0, 0]))
    2.0
    """

    _kind = "tn"


@_known
class FalseNegatives(_Count):
    """How many targets of 1 have an output up to the threshold.

    >>> float(FalseNegatives()([0, 1, 1, 1], [0, 1, 0, 0]))
    2.0
    """

    _kind = "fn"


class _Share(Metric):
    """True positives as a share of themselves and of another count."""

    _direction = "up"
    _other: tuple[str, str]  # its key, its name

    def __init__(
        self,
        thresholds: Given = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(dtype, name)
        self.init_thresholds = thresholds
        self.top_k = top_k
        self.class_id = class_id
        self.thresholds = parse_thresholds(
            thresholds, 0.5 if top_k is None else _LOWEST
        )
        self._compare = Thresholds(self.thresholds)
        shape = (len(self.thresholds),)
        self.true_positives = self.add_variable(shape, name="true_positives")
        setattr(self, self._other[1], self.add_variable(shape, name=self._other[1]))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        key, name = self._other
        update_counts(
            {"tp": self.true_positives, key: getattr(self, name)},
            self._compare,
            y_true,
            y_pred,
            sample_weight,
            self.top_k,
            self.class_id,
        )

    def result(self) -> Any:
        other = getattr(self, self._other[1])
        share = ops.divide_no_nan(self.true_positives, self.true_positives + other)
        return share[0] if len(self.thresholds) == 1 else share

    def get_config(self) -> Config:
        own = {
            "thresholds": self.init_thresholds,
            "top_k": self.top_k,
            "class_id": self.class_id,
        }
        return {**super().get_config(), **own}


@_known
class Precision(_Share):
    """Of the outputs above the threshold, the share whose target is 1.

    Args:
        thresholds: a number or a list; one result each. Default 0.5.
        top_k: instead of a threshold, the k largest outputs of a row are positive.
        class_id: only this output counts.
        name: default "precision".
        dtype: see `Metric`.

    Example:

    >>> round(float(Precision()([0, 1, 1, 1], [1, 0, 1, 1])), 4)
    0.6667
    """

    _other = ("fp", "false_positives")


@_known
class Recall(_Share):
    """Of the targets of 1, the share whose output is above the threshold.

    Args:
        thresholds: a number or a list; one result each. Default 0.5.
        top_k: instead of a threshold, the k largest outputs of a row are positive.
        class_id: only this output counts.
        name: default "recall".
        dtype: see `Metric`.

    Example:

    >>> round(float(Recall()([0, 1, 1, 1], [1, 0, 1, 1])), 4)
    0.6667
    """

    _other = ("fn", "false_negatives")


class _AtValue(Metric):
    """The best of one share over the thresholds where another is high enough."""

    _direction = "up"
    _argument: str

    def __init__(
        self,
        value: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(dtype, name)
        _in_unit_interval(self._argument, value)
        if num_thresholds <= 0:
            raise ArgumentError(
                "There must be a threshold.",
                where=f"metric {self.name!r}",
                expected="num_thresholds of 1 or more",
                received=f"num_thresholds={num_thresholds}",
            )
        self.value = value
        setattr(self, self._argument, value)  # Keras has it under both names
        self.num_thresholds = num_thresholds
        self.class_id = class_id
        charge_allocation((num_thresholds,), "thresholds")
        steps = max(num_thresholds - 1, 1)
        self.thresholds = [i / steps for i in range(num_thresholds)]
        if num_thresholds == 1:
            self.thresholds = [0.5]
        self._compare = Thresholds(self.thresholds)
        self._counts = {
            key: self.add_variable((num_thresholds,), name=name)
            for key, name in (
                ("tp", "true_positives"),
                ("fp", "false_positives"),
                ("tn", "true_negatives"),
                ("fn", "false_negatives"),
            )
        }

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        update_counts(
            self._counts,
            self._compare,
            y_true,
            y_pred,
            sample_weight,
            class_id=self.class_id,
        )

    def _share(self, key: str, other: str) -> Any:
        part = self._counts[key].value
        return ops.divide_no_nan(part, part + self._counts[other].value)

    def _best(self, wanted: Any, constrained: Any) -> Any:
        feasible = ops.greater_equal(constrained, self.value)
        return ops.max(ops.where(feasible, wanted, 0.0))

    def get_config(self) -> Config:
        own = {
            self._argument: self.value,
            "num_thresholds": self.num_thresholds,
            "class_id": self.class_id,
        }
        return {**super().get_config(), **own}


@_known
class SensitivityAtSpecificity(_AtValue):
    """The largest recall at thresholds where the specificity is high enough.

    Args:
        specificity: the least share of targets of 0 found, 0 to 1.
        num_thresholds: how many are tried. Default 200.
        class_id: only this output counts.
        name: default "sensitivity_at_specificity".
        dtype: see `Metric`.

    Example:

    >>> metric = SensitivityAtSpecificity(0.5)
    >>> float(metric([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]))
    0.5
    """

    _argument = "specificity"

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(specificity, num_thresholds, class_id, name, dtype)

    def result(self) -> Any:
        return self._best(self._share("tp", "fn"), self._share("tn", "fp"))


@_known
class SpecificityAtSensitivity(_AtValue):
    """The largest specificity at thresholds where the recall is high enough.

    >>> metric = SpecificityAtSensitivity(0.5)
    >>> round(float(metric([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8])), 4)
    0.6667
    """

    _argument = "sensitivity"

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)

    def result(self) -> Any:
        return self._best(self._share("tn", "fp"), self._share("tp", "fn"))


@_known
class PrecisionAtRecall(_AtValue):
    """The largest precision at thresholds where the recall is high enough.

    >>> float(PrecisionAtRecall(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]))
    0.5
    """

    _argument = "recall"

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(recall, num_thresholds, class_id, name, dtype)

    def result(self) -> Any:
        return self._best(self._share("tp", "fp"), self._share("tp", "fn"))


@_known
class RecallAtPrecision(_AtValue):
    """The largest recall at thresholds where the precision is high enough.

    >>> float(RecallAtPrecision(0.8)([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]))
    0.5
    """

    _argument = "precision"

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(precision, num_thresholds, class_id, name, dtype)

    def result(self) -> Any:
        return self._best(self._share("tp", "fn"), self._share("tp", "fp"))


def _in_unit_interval(argument: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise ArgumentError(
            f"This is no {argument}.",
            where=f"argument {argument} of a metric",
            expected="a number from 0 to 1",
            received=f"{argument}={value!r}",
        )
