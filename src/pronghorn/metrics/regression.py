"""How far outputs are from amounts."""

from __future__ import annotations

from typing import Any

from pronghorn import ops
from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.losses import functions as f
from pronghorn.losses.functions import pair
from pronghorn.metrics.metric import Config, Metric
from pronghorn.metrics.reduction import Fixed, Mean
from pronghorn.registry import keras_class

__all__ = [
    "CosineSimilarity",
    "LogCoshError",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "R2Score",
    "RootMeanSquaredError",
    "cosine_similarity",
]

_known = keras_class("keras.metrics")


@_known
class MeanSquaredError(Fixed):
    """The mean of squared errors.

    >>> float(MeanSquaredError()([[0.0], [0.0]], [[1.0], [3.0]]))
    5.0
    """

    _direction = "down"

    def __init__(self, name: str = "mean_squared_error", dtype: Any = None) -> None:
        super().__init__(f.mean_squared_error, name, dtype)


@_known
class RootMeanSquaredError(Mean):
    """The square root of the mean of squared errors: in the target's own unit.

    >>> float(RootMeanSquaredError()([[0.0], [0.0]], [[3.0], [3.0]]))
    3.0
    """

    _direction = "down"

    def __init__(
        self, name: str = "root_mean_squared_error", dtype: Any = None
    ) -> None:
        super().__init__(name, dtype)

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        y_true, y_pred = pair(y_true, y_pred)
        super().update_state(ops.square(y_pred - y_true), sample_weight=sample_weight)

    def result(self) -> Any:
        return ops.sqrt(super().result())


@_known
class MeanAbsoluteError(Fixed):
    """The mean of absolute errors.

    >>> float(MeanAbsoluteError()([[0.0], [0.0]], [[1.0], [-3.0]]))
    2.0
    """

    _direction = "down"

    def __init__(self, name: str = "mean_absolute_error", dtype: Any = None) -> None:
        super().__init__(f.mean_absolute_error, name, dtype)


@_known
class MeanAbsolutePercentageError(Fixed):
    """The mean error in percent of the target.

    >>> float(MeanAbsolutePercentageError()([[2.0], [4.0]], [[1.0], [5.0]]))
    37.5
    """

    _direction = "down"

    def __init__(
        self, name: str = "mean_absolute_percentage_error", dtype: Any = None
    ) -> None:
        super().__init__(f.mean_absolute_percentage_error, name, dtype)


@_known
class MeanSquaredLogarithmicError(Fixed):
    """The mean of squared differences of `log(1 + y)`, for y of 0 or more.

    >>> float(MeanSquaredLogarithmicError()([[1.0]], [[1.0]]))
    0.0
    """

    _direction = "down"

    def __init__(
        self, name: str = "mean_squared_logarithmic_error", dtype: Any = None
    ) -> None:
        super().__init__(f.mean_squared_logarithmic_error, name, dtype)


@_known
class LogCoshError(Fixed):
    """The mean of `log(cosh(y_pred - y_true))`.

    >>> float(LogCoshError()([[1.0]], [[1.0]]))
    0.0
    """

    _direction = "down"

    def __init__(self, name: str = "logcosh", dtype: Any = None) -> None:
        super().__init__(f.log_cosh, name, dtype)


def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """The cosine of the angle between two vectors: 1 where they agree.

    >>> cosine_similarity([[3.0, 4.0]], [[6.0, 8.0]]).round(5).tolist()
    [1.0]
    """
    return -f.cosine_similarity(y_true, y_pred, axis)


@_known
class CosineSimilarity(Fixed):
    """The mean cosine of the angle between targets and outputs.

    Args:
        name: default "cosine_similarity".
        dtype: see `Metric`.
        axis: the axis of a vector. Default the last.

    Example:

    >>> round(float(CosineSimilarity()([[3.0, 4.0]], [[6.0, 8.0]])), 5)
    1.0
    """

    _direction = "up"

    def __init__(
        self, name: str = "cosine_similarity", dtype: Any = None, axis: int = -1
    ) -> None:
        super().__init__(cosine_similarity, name, dtype, axis=axis)


@_known
class R2Score(Metric):
    """The share of the targets' variance that the outputs explain: 1 at best.

    Args:
        class_aggregation: of several outputs: "uniform_average" (default) their mean,
            "variance_weighted_average", or None for one score each.
        num_regressors: number of inputs, for the adjusted score; 0 (default) for the
            plain one. With no more rows than inputs + 1, the score is the plain one.
        name: default "r2_score".
        dtype: see `Metric`.

    Raises:
        ArgumentError: another aggregation, or a negative number.
        ShapeError: outputs of another rank than 2, when updated.

    Example:

    >>> round(float(R2Score()([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])), 4)
    0.5714
    """

    _direction = "up"

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str = "r2_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(dtype, name)
        known = (None, "uniform_average", "variance_weighted_average")
        if class_aggregation not in known:
            raise _argument("class_aggregation", known, class_aggregation)
        if num_regressors < 0:
            raise _argument("num_regressors", ("0 or more",), num_regressors)
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors
        self.num_samples = self.add_variable(name="num_samples")
        self.built = False

    def build(self, outputs: int) -> None:
        """Makes the state for so many outputs; the first batch does it otherwise."""
        shape = (outputs,)
        self.squared_sum = self.add_variable(shape, name="squared_sum")
        self.sum = self.add_variable(shape, name="sum")
        self.total_mse = self.add_variable(shape, name="residual")
        self.count = self.add_variable(shape, name="count")
        self.built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = pair(y_true, y_pred)
        if len(y_pred.shape) != 2:
            raise ShapeError(
                "R2Score compares tables of numbers.",
                where=f"metric {self.name!r}",
                expected="outputs of shape (n, outputs)",
                received=tuple(y_pred.shape),
            )
        if not self.built:
            self.build(int(y_pred.shape[-1]))
        weight = ops.ones_like(y_true)
        if sample_weight is not None:
            given = ops.convert_to_tensor(sample_weight, self._computes)
            given = ops.expand_dims(given, 1) if len(given.shape) == 1 else given
            weight = ops.broadcast_to(given, ops.shape(y_true))
        weighed = y_true * weight
        self.sum.assign_add(ops.sum(weighed, axis=0))
        self.squared_sum.assign_add(ops.sum(y_true * weighed, axis=0))
        errors = ops.square(y_true - y_pred) * weight
        self.total_mse.assign_add(ops.sum(errors, axis=0))
        self.count.assign_add(ops.sum(weight, axis=0))
        self.num_samples.assign_add(ops.cast(ops.size(y_true), self._computes))

    def result(self) -> Any:
        mean = ops.divide(self.sum, self.count)
        total = self.squared_sum - self.sum * mean
        raw = 1.0 - ops.divide(self.total_mse, total)
        score = ops.where(ops.isinf(raw), 0.0, raw)
        if self.class_aggregation == "uniform_average":
            score = ops.mean(score)
        elif self.class_aggregation is not None:
            score = ops.divide(ops.sum(total * score), ops.sum(total))
        return self._adjusted(score) if self.num_regressors else score

    def _adjusted(self, score: Any) -> Any:
        rows = self.num_samples.value
        left = rows - self.num_regressors - 1.0
        enough = ops.greater(left, 0.0)
        adjusted = 1.0 - ops.divide(
            (1.0 - score) * (rows - 1.0), ops.where(enough, left, 1.0)
        )
        return ops.where(enough, adjusted, score)

    def get_config(self) -> Config:
        own = {
            "class_aggregation": self.class_aggregation,
            "num_regressors": self.num_regressors,
        }
        return {**super().get_config(), **own}


def _argument(name: str, allowed: tuple[Any, ...], value: Any) -> ArgumentError:
    return ArgumentError(
        f"This is no {name}.",
        where="metric R2Score",
        expected=" or ".join(map(str, allowed)),
        received=f"{name}={value!r}",
    )
