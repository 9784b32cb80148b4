"""Sums and means over rows, and metrics made of a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pronghorn import config as configs
from pronghorn import ops
from pronghorn.ir.masks import mask_of
from pronghorn.losses.loss import masked_weight, same_rank
from pronghorn.metrics.metric import Config, Metric
from pronghorn.registry import keras_class

__all__ = ["Fixed", "Mean", "MeanMetricWrapper", "Sum"]

_known = keras_class("keras.metrics")


@_known
class Sum(Metric):
    """The sum of the values, weighed if weights are given.

    Args:
        name: default "sum".
        dtype: see `Metric`.

    Example:

    >>> metric = Sum()
    >>> metric.update_state([1, 3, 5, 7], sample_weight=[1, 1, 0, 0])
    >>> float(metric.result())
    4.0
    """

    def __init__(self, name: str = "sum", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable((), "zeros", self._computes, "total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        rows, _ = _by_row(values, sample_weight, ops.sum, self._computes)
        self.total.assign_add(ops.sum(rows))

    def result(self) -> Any:
        return ops.add(self.total.value, 0.0)  # eager: a value, not the storage


@_known
class Mean(Metric):
    """The mean of the values, weighed if weights are given.

    Args:
        name: default "mean".
        dtype: see `Metric`.

    Example:

    >>> metric = Mean()
    >>> metric.update_state([1, 3, 5, 7], sample_weight=[1, 1, 0, 0])
    >>> float(metric.result())
    2.0
    """

    def __init__(self, name: str = "mean", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable((), "zeros", self._computes, "total")
        self.count = self.add_variable((), "zeros", self._computes, "count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        rows, weights = _by_row(values, sample_weight, ops.mean, self._computes)
        self.total.assign_add(ops.sum(rows))
        if weights is not None:
            count = ops.sum(weights)
        else:
            count = ops.shape(rows)[0] if len(rows.shape) else 1
        self.count.assign_add(ops.cast(count, self._computes))

    def result(self) -> Any:
        return ops.divide_no_nan(self.total.value, self.count.value)


@_known
class MeanMetricWrapper(Mean):
    """The mean of a function of targets and outputs.

    Args:
        fn: `(y_true, y_pred, **kwargs)`, which returns one value per row.
        name: default: the class name in snake case.
        dtype: see `Metric`.
        **kwargs: more arguments for `fn`.

    Example:

    >>> metric = MeanMetricWrapper(lambda t, p: ops.abs(ops.subtract(t, p)), "gap")
    >>> metric.update_state([1.0, 2.0], [1.5, 5.0])
    >>> float(metric.result())
    1.75
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name or "mean_metric_wrapper", dtype)
        self._fn = fn
        self._fn_kwargs = kwargs

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        values = self._fn(y_true, y_pred, **self._fn_kwargs)
        mask = mask_of(y_pred)
        if mask is not None:
            sample_weight = masked_weight(sample_weight, mask, self._computes, "sum")
        super().update_state(values, sample_weight=sample_weight)

    def get_config(self) -> Config:
        config = {**super().get_config(), "fn": configs.serialize(self._fn)}
        return {**config, **configs.serialize(self._fn_kwargs)}

    @classmethod
    def from_config(cls, config: Config) -> Metric:
        if "fn" in config:
            config = configs.deserialize(config)
        return cls(**config)


class Fixed(MeanMetricWrapper):
    """A mean whose function is fixed: files hold the arguments only."""

    def get_config(self) -> Config:
        return {"name": self.name, "dtype": self.dtype, **self._fn_kwargs}

    def __getattr__(self, name: str) -> Any:
        # the function's arguments are attributes: `BinaryAccuracy().threshold`
        arguments = self.__dict__.get("_fn_kwargs", {})
        if name in arguments:
            return arguments[name]
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")


def _by_row(
    values: Any, sample_weight: Any, reduce: Callable[..., Any], dtype: str
) -> tuple[Any, Any]:
    """One weighed value per row, and the weights' sum or mean per row."""
    mask = mask_of(values)
    values = ops.cast(values, dtype)
    if sample_weight is None:
        return _rest(values, 1, reduce), None
    weight = masked_weight(sample_weight, mask, dtype, "sum")
    values, weight = same_rank(values, weight)
    rank = len(weight.shape)
    values = _rest(values, rank, reduce)
    weight = ops.broadcast_to(weight, ops.shape(values))
    values = _rest(values * weight, 1, reduce)
    return values, _rest(weight, 1, reduce) if rank > 1 else weight


def _rest(values: Any, first: int, reduce: Callable[..., Any]) -> Any:
    """The axes from `first` on, reduced."""
    rank = len(values.shape)
    return reduce(values, axis=tuple(range(first, rank))) if rank > first else values
