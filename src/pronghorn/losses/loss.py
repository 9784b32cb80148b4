"""`Loss`, and how the losses of rows become one number."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

from pronghorn import config as configs
from pronghorn import ops
from pronghorn.errors import ArgumentError, PronghornError
from pronghorn.ir import dtypes
from pronghorn.ir.masks import mask_of
from pronghorn.ir.tracer import is_symbolic
from pronghorn.naming import auto_name
from pronghorn.preferences import floatx
from pronghorn.registry import keras_class
from pronghorn.tree import is_nested, traverse

__all__ = [
    "FixedLoss",
    "Loss",
    "LossFunctionWrapper",
    "in_dtype",
    "masked_weight",
    "same_rank",
    "told_dtype",
]

Config = dict[str, Any]

NARROW = ("float16", "bfloat16")
REDUCTIONS = (
    "sum_over_batch_size",
    "sum",
    "mean",
    "mean_with_sample_weight",
    "none",
    None,
)


@keras_class("keras.losses", aliases=("keras",))
class Loss:
    """Base of all losses: a callable `(y_true, y_pred, sample_weight=None)`.

    A subclass defines `call(y_true, y_pred)`, written in `pronghorn.ops`, which returns
    one value per row; `Loss` weighs and reduces them.

    Args:
        name: default: the class name in snake case.
        reduction: what becomes of the values: "sum_over_batch_size" (default) and
            "mean": their sum by their number; "sum"; "mean_with_sample_weight": their
            sum by the sum of the weights; "none" or None: they are returned.
        dtype: of the result. Default `config.floatx()`. What is computed is float32, or
            float64 of arrays and in `fit`, which then runs on the reference backend;
            for 16 bits arrays get their result rounded to them.

    Raises:
        ArgumentError: another reduction.

    Example:

    >>> class Quartic(Loss):
    ...     def call(self, y_true, y_pred):
    ...         return ops.mean(ops.square(ops.square(y_pred - y_true)), axis=-1)
    >>> float(Quartic()([[0.0], [0.0]], [[1.0], [2.0]]))
    8.5
    """

    def __init__(
        self,
        name: str | None = None,
        reduction: str | None = "sum_over_batch_size",
        dtype: Any = None,
    ) -> None:
        self.name = name or auto_name(type(self).__name__)
        self.reduction = check_reduction(reduction)
        self._dtype = told_dtype(dtype)
        self._computes = dtypes.standard(self._dtype)

    @property
    def dtype(self) -> str:
        """The dtype of the result."""
        return self._dtype

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The loss of a batch.

        Args:
            y_true: targets.
            y_pred: the model's outputs; what their mask leaves out does not count.
            sample_weight: one weight per row, or per value of `call`; None for 1.

        Returns:
            A scalar; with reduction "none" one value per row.
        """
        mask = mask_of(y_pred)
        y_true, y_pred = self._tensors(y_true), self._tensors(y_pred)
        values = self.call(y_true, y_pred)
        for other in (mask_of(values), self._mask(y_true, y_pred)):
            mask = _both(mask, other)
        values = ops.convert_to_tensor(values, self._computes)
        weight = masked_weight(sample_weight, mask, self._computes, self.reduction)
        if weight is not None:
            values, weight = same_rank(values, weight)
            values = values * weight
        return in_dtype(_reduce(values, weight, self.reduction), self._dtype)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The values of the rows; for subclasses to define."""
        raise NotImplementedError(f"{type(self).__name__} must define call")

    def _tensors(self, value: Any) -> Any:
        def tensor(part: Any) -> Any:
            if isinstance(part, (list, tuple)) and not any(map(_holds_tensors, part)):
                return ops.convert_to_tensor(part, self._computes)
            is_part = isinstance(part, (Mapping, list, tuple))
            return None if is_part else ops.convert_to_tensor(part, self._computes)

        return traverse(tensor, value)

    def _mask(self, y_true: Any, y_pred: Any) -> Any:
        """Which values count; None for all."""
        return None

    def get_config(self) -> Config:
        """The constructor's arguments."""
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config: Config) -> Loss:
        """A loss from what `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


@keras_class("keras.src.losses.losses")
class LossFunctionWrapper(Loss):
    """A loss made of a function `(y_true, y_pred, **arguments)`.

    Args:
        fn: returns one value per row.
        reduction: see `Loss`.
        name: see `Loss`.
        dtype: see `Loss`.
        **kwargs: more arguments for `fn`.

    Example:

    >>> def gap(y_true, y_pred):
    ...     return ops.max(ops.abs(y_true - y_pred), axis=-1)
    >>> float(LossFunctionWrapper(gap, name="gap")([[0.0, 0.0]], [[1.0, 3.0]]))
    3.0
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.fn = fn
        self._fn_kwargs = kwargs

    def call(self, y_true: Any, y_pred: Any) -> Any:
        if not is_nested(y_pred):
            y_true, y_pred = same_rank(y_true, y_pred)
        try:
            return self.fn(y_true, y_pred, **self._fn_kwargs)
        except PronghornError as error:
            error.within(f"loss {self.name!r}")
            raise

    def get_config(self) -> Config:
        config = {**super().get_config(), "fn": configs.serialize(self.fn)}
        return {**config, **configs.serialize(self._fn_kwargs)}

    @classmethod
    def from_config(cls, config: Config) -> Loss:
        if "fn" in config:
            config = configs.deserialize(config)
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, kwargs={self._fn_kwargs}>"


class FixedLoss(LossFunctionWrapper):
    """A loss whose function is fixed: files hold the arguments only."""

    def get_config(self) -> Config:
        return {"name": self.name, "reduction": self.reduction, **self._fn_kwargs}

    def __getattr__(self, name: str) -> Any:
        # the function's arguments are attributes: `Huber(2.0).delta`
        arguments = self.__dict__.get("_fn_kwargs", {})
        if name in arguments:
            return arguments[name]
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")


def check_reduction(reduction: str | None) -> str | None:
    """The reduction, if there is one of that name."""
    if reduction not in REDUCTIONS:
        raise ArgumentError(
            "There is no such reduction.",
            where="argument reduction of a loss",
            expected=" or ".join(map(repr, REDUCTIONS)),
            received=f"reduction={reduction!r}",
            remedy="leave it out for the mean over the batch",
        )
    return reduction


def told_dtype(dtype: Any) -> str:
    """The name of a dtype, or of a policy's compute dtype; `config.floatx()` for None.

    One of 16 bits warns: what is computed is float32, as a processor does.

    >>> told_dtype(None), told_dtype("float64"), told_dtype(int)
    ('float32', 'float64', 'int32')
    """
    name = getattr(dtype, "compute_dtype", dtype) or floatx()
    if str(name) not in NARROW:
        return dtypes.standard(name)
    warnings.warn(f"{name} is computed in float32 on a processor.", stacklevel=4)
    return str(name)


def in_dtype(value: Any, dtype: str) -> Any:
    """A result in the dtype that was asked for: an array of 16 bits is rounded.

    Within a trace, and where the dtype is that of the computation, it stays as it is.

    >>> import numpy as np
    >>> in_dtype(np.float32(1 / 3), "float16")
    array(0.3333, dtype=float16)
    """
    if dtype not in NARROW or is_symbolic(value):
        return value
    return ops.cast(value, dtype)


def same_rank(x: Any, y: Any, expand_rank_1: bool = True) -> tuple[Any, Any]:
    """Two tensors with the same number of axes, where one has a last axis of 1 more.

    A tensor of rank 1 is expanded, so that `(n,)` and `(n, 1)` become `(n, 1)` twice;
    otherwise the last axis of 1 is dropped.

    Args:
        x: a tensor.
        y: another.
        expand_rank_1: False drops the axis there too.

    Example:

    >>> import numpy as np
    >>> [t.shape for t in same_rank(np.ones(3), np.ones((3, 1)))]
    [(3, 1), (3, 1)]
    """
    if len(x.shape) == len(y.shape) + 1 and x.shape[-1] == 1:
        if len(y.shape) == 1 and expand_rank_1:
            return x, ops.expand_dims(y, -1)
        return ops.squeeze(x, -1), y
    if len(y.shape) == len(x.shape) + 1 and y.shape[-1] == 1:
        y, x = same_rank(y, x, expand_rank_1)
    return x, y


def masked_weight(
    sample_weight: Any, mask: Any, dtype: str, reduction: str | None
) -> Any:
    """The weights of values of which a mask says what counts; None for 1.

    Args:
        sample_weight: of the caller, or None.
        mask: True for what counts; None for all.
        dtype: of the weights.
        reduction: of the values: where it is a mean by their number, the weights are
            larger by as much as the mask leaves out.

    >>> import numpy as np
    >>> masked_weight(None, np.array([True, False]), "float32", "mean")
    array([2., 0.], dtype=float32)
    """
    weight = sample_weight
    if weight is not None:
        weight = ops.convert_to_tensor(weight, dtype)
    if mask is None:
        return weight
    valid = ops.cast(mask, dtype)
    if reduction in ("mean", "sum_over_batch_size"):
        # the mean is over the values that count
        valid = valid * ops.divide_no_nan(1.0, ops.mean(valid))
    if weight is None:
        return valid
    valid, weight = same_rank(valid, weight)
    return valid * weight


def _both(mask: Any, other: Any) -> Any:
    if mask is None or other is None:
        return other if mask is None else mask
    return ops.logical_and(mask, other)


def _holds_tensors(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_holds_tensors, value))
    return hasattr(value, "shape") or isinstance(value, Mapping)


def _reduce(values: Any, weight: Any, reduction: str | None) -> Any:
    if reduction in (None, "none") or tuple(values.shape) in ((), (0,)):
        return values
    if reduction == "sum":
        return ops.sum(values)
    if reduction == "mean_with_sample_weight" and weight is not None:
        return ops.divide_no_nan(ops.sum(values), ops.sum(weight))
    return ops.mean(values)
