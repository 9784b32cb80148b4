"""`Metric`: a number that is accumulated over batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from pronghorn import initializers
from pronghorn.errors import ArgumentError, StateError
from pronghorn.ir import Variable, dtypes
from pronghorn.limits import charge_allocation
from pronghorn.losses.loss import in_dtype, told_dtype
from pronghorn.naming import auto_name
from pronghorn.registry import keras_class
from pronghorn.tree import flatten, map_structure

__all__ = ["Config", "Metric"]

Config = dict[str, Any]


@keras_class("keras.metrics", aliases=("keras",))
class Metric:
    """Base of all metrics.

    A subclass makes its state with `add_variable` and defines `update_state` and
    `result`, written in `pronghorn.ops`: then both are part of the traced step.

    Args:
        dtype: of the result. Default `config.floatx()`. State and computation are
            float32 where that is narrower; with float64 `fit` runs on the reference
            backend.
        name: default: the class name in snake case.

    Example:

    >>> from pronghorn import ops
    >>> class Largest(Metric):
    ...     def __init__(self, **kwargs):
    ...         super().__init__(**kwargs)
    ...         self.top = self.add_variable((), "zeros", name="top")
    ...     def update_state(self, y_true, y_pred, sample_weight=None):
    ...         error = ops.max(ops.abs(ops.subtract(y_true, y_pred)))
    ...         self.top.assign(ops.maximum(self.top, error))
    ...     def result(self):
    ...         return self.top.value
    >>> metric = Largest()
    >>> metric.update_state([1.0, 2.0], [1.5, 5.0])
    >>> metric.update_state([1.0], [2.0])
    >>> float(metric.result())
    3.0
    """

    _direction: str | None = None  # "up" where more is better, "down" where less is

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "result" in vars(cls):
            setattr(cls, "result", _rounded(vars(cls)["result"]))  # noqa: B010

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        self.name = name or auto_name(type(self).__name__)
        self._dtype = told_dtype(dtype)
        self._computes = dtypes.standard(self._dtype)
        self._variables: list[Variable] = []
        self._metrics: list[Metric] = []

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, (Metric, Variable)):
            self._track(value)
        elif isinstance(value, (list, tuple, dict)) and name not in _BOOKS:
            for item in flatten(value):
                if isinstance(item, (Metric, Variable)):
                    self._track(item)
        super().__setattr__(name, value)

    def _track(self, item: Any) -> None:
        kind = "_metrics" if isinstance(item, Metric) else "_variables"
        _add_once(self._tracked(kind), item)

    def _tracked(self, kind: str) -> list[Any]:
        found: list[Any] | None = self.__dict__.get(kind)
        if found is None:
            raise StateError(
                "A metric's state was set before the metric was ready.",
                where=f"metric {type(self).__name__}",
                expected="super().__init__() as the first line of __init__",
                remedy="add that line",
            )
        return found

    @property
    def dtype(self) -> str:
        """The dtype of the result."""
        return self._dtype

    @property
    def variables(self) -> list[Variable]:
        """The state: own variables, then those of metrics kept as attributes.

        Lists, tuples and dicts count with what is in them when they are set.
        """
        inner = [v for metric in self._metrics for v in metric.variables]
        return [*self._variables, *inner]

    def add_variable(
        self,
        shape: Sequence[int] = (),
        initializer: Any = "zeros",
        dtype: Any = None,
        name: str | None = None,
    ) -> Variable:
        """A new variable of the state.

        Args:
            shape: default a scalar.
            initializer: its value at first. Default zeros.
            dtype: default float32.
            name: default "variable".
        """
        variables = self._tracked("_variables")
        charge_allocation(tuple(shape), f"{self.name}/{name}")
        variable = Variable(
            initializers.get(initializer) or initializers.Zeros(),
            shape=tuple(shape),
            dtype=dtype,
            trainable=False,
            name=name,
        )
        variable.path = f"{self.name.replace('/', '>')}/{variable.name}"
        variables.append(variable)
        return variable

    add_weight = add_variable

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Adds a batch to the state; for subclasses to define."""
        raise NotImplementedError(f"{type(self).__name__} must define update_state")

    def result(self) -> Any:
        """The metric of all batches so far; for subclasses to define."""
        raise NotImplementedError(f"{type(self).__name__} must define result")

    def reset_state(self) -> None:
        """Forgets all batches: the state becomes zeros."""
        for variable in self.variables:
            variable.assign(np.zeros(variable.shape, variable.storage.dtype))

    def stateless_update_state(
        self, metric_variables: Sequence[Any], *args: Any, **kwargs: Any
    ) -> list[Any]:
        """Adds a batch to a state that is given, and gives the state after it.

        The metric's own variables keep their values.

        Args:
            metric_variables: one value for each of `variables`.
            *args: for `update_state`.
            **kwargs: for `update_state`.

        Raises:
            ArgumentError: another number of values than there are variables.

        Example:

        >>> from pronghorn.metrics import Sum
        >>> metric = Sum()
        >>> state = metric.stateless_reset_state()
        >>> state = metric.stateless_update_state(state, [1.0, 2.0])
        >>> float(metric.stateless_result(state)), float(metric.result())
        (3.0, 0.0)
        """
        with _Lent(self, metric_variables) as state:
            self.update_state(*args, **kwargs)
            return state.values()

    def stateless_result(self, metric_variables: Sequence[Any]) -> Any:
        """The result of a state that is given.

        Args:
            metric_variables: one value for each of `variables`.

        Raises:
            ArgumentError: another number of values than there are variables.
        """
        with _Lent(self, metric_variables):
            return self.result()

    def stateless_reset_state(self) -> list[Any]:
        """The state before the first batch; the metric's own stays as it is."""
        with _Lent(self, [v.value for v in self.variables]) as state:
            self.reset_state()
            return state.values()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Adds a batch, and gives the result."""
        self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self) -> Config:
        """The constructor's arguments."""
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: Config) -> Metric:
        """A metric from what `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


_BOOKS = ("_metrics", "_variables")  # where what is tracked is written down


class _Lent:
    """A metric whose variables hold other values for a while."""

    def __init__(self, metric: Metric, values: Sequence[Any]) -> None:
        self.variables = metric.variables
        if len(values) != len(self.variables):
            raise ArgumentError(
                "A metric's state has one value for each of its variables.",
                where=f"argument metric_variables of metric {metric.name!r}",
                expected=f"{len(self.variables)} values",
                received=f"{len(values)} values",
                remedy="begin with metric.stateless_reset_state()",
            )
        self._given = list(values)
        self._kept = self.values()

    def values(self) -> list[Any]:
        """What the variables hold now: arrays of their own, or tensors in a trace."""
        return [
            np.array(v) if isinstance(v, np.ndarray) else v
            for v in (variable.value for variable in self.variables)
        ]

    def __enter__(self) -> _Lent:
        self._assign(self._given)
        return self

    def __exit__(self, *_: object) -> None:
        self._assign(self._kept)

    def _assign(self, values: list[Any]) -> None:
        for variable, value in zip(self.variables, values, strict=True):
            variable.assign(value)


def _rounded(result: Callable[[Metric], Any]) -> Callable[[Metric], Any]:
    """A class's `result`, in the dtype of the metric where that has 16 bits."""

    @wraps(result)
    def told(self: Metric) -> Any:
        value, dtype = result(self), self.__dict__.get("_dtype", "float32")
        if "16" not in dtype:
            return value
        return map_structure(lambda part: in_dtype(part, dtype), value)

    return told


def _add_once(items: list[Any], item: Any) -> None:
    if not any(known is item for known in items):
        items.append(item)
