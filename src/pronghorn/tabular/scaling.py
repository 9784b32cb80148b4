"""Layers that bring numeric columns to one scale: robust scaling, quantiles."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn.data.frames import Table
from pronghorn.errors import ArgumentError
from pronghorn.layers.core import whole
from pronghorn.registry import keras_class
from pronghorn.tabular.numeric import NumericColumns

__all__ = ["QuantileTransform", "RobustScaling"]


@keras_class("pronghorn.tabular")
class RobustScaling(NumericColumns):
    """Median to 0, the inner half of the values to length 1, outliers bent inwards.

    With a column's quantiles q of `adapt`'s rows, `z = (x - q(1/2)) * s`, where `s` is
    1 / (q(3/4) - q(1/4)); where these are equal 2 / (max - min), and 0 for a constant
    column. Then the smooth clip `z / sqrt(1 + (z / bound)**2)`, which leaves small
    values as they are and stays within the bound. RealMLP's preprocessing (Holzmueller
    et al., arXiv 2407.04491: robust scaling and smooth clipping).

    Args:
        bound: no result is larger than this. Default 3, as in the paper. None: no
            clipping.
        missing: what NaN is. "error" (default): bad data, which `fit`, `predict` and
            `adapt` refuse. "median": its column's median. "indicator": the same, and
            one more column for each column, 1 where the value was missing and else 0,
            behind all others.
        **kwargs: `name`, `trainable`, and `input_shape` on a first layer.

    Shapes: float (rows, columns) to the same; with "indicator" to (rows, 2 * columns).

    Raises:
        ArgumentError: a bound of 0 or less, another value of `missing`.
        StateError: when it runs before `adapt`.

    Example:

    >>> layer = RobustScaling(bound=None)
    >>> layer.adapt(np.array([[0.0], [1.0], [2.0], [3.0], [100.0]]))
    >>> layer(np.array([[2.0], [4.0]], "float32"))
    array([[0.],
           [1.]], dtype=float32)
    """

    def __init__(
        self, bound: float | None = 3.0, missing: str = "error", **kwargs: Any
    ) -> None:
        super().__init__(missing, **kwargs)
        if bound is not None and not bound > 0:
            raise ArgumentError(
                "The bound of clipped values is positive.",
                where=f"layer {self.name!r}, bound",
                expected="a number above 0, or None for no clipping",
                received=repr(bound),
                remedy="3 is usual",
            )
        self.bound = bound

    def _make(self, columns: int) -> None:
        self.scale = self._statistic("scale", (columns,), "ones")

    def _fit(self, values: np.ndarray, table: Table) -> None:
        lowest, low, high, highest = np.nanquantile(values, [0, 0.25, 0.75, 1], axis=0)
        length = np.where(high > low, high - low, (highest - lowest) / 2)
        inverse = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
        self.scale.assign(np.minimum(inverse, np.finfo(np.float32).max))

    def _encode(self, x: Any) -> Any:
        z = (x - self.median) * self.scale
        if self.bound is None:
            return z
        return z / ops.sqrt(1.0 + ops.square(z * (1.0 / self.bound)))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "bound": self.bound}


@keras_class("pronghorn.tabular")
class QuantileTransform(NumericColumns):
    """Each value as its rank among the training rows, uniform or normal.

    Between the quantiles that `adapt` found, ranks are interpolated on a line, so that
    order is kept; a value that many rows share gets the middle of their ranks, and one
    beyond all training rows the nearest end. The numbers of scikit-learn's
    `QuantileTransformer` without subsampling, but for a smallest or largest value that
    many rows share: there it gives the end.

    Args:
        quantiles: how many; no more than `adapt` has rows are used. Default 256.
        output: "normal" (default): the standard normal numbers of these ranks, at
            most 5.2 away from 0; "uniform": 0 to 1.
        missing: "error" (default), "median" or "indicator", as in `RobustScaling`.
        **kwargs: `name`, `trainable`, and `input_shape` on a first layer.

    Shapes: float (rows, columns) to the same; with "indicator" to (rows, 2 * columns).

    Raises:
        ArgumentError: fewer than 2 quantiles, another output.
        DataError: in `adapt`, for a constant column.
        StateError: when it runs before `adapt`.

    Example:

    >>> layer = QuantileTransform(output="uniform")
    >>> layer.adapt(np.array([[0.0], [1.0], [100.0]]))
    >>> layer(np.array([[0.5], [1.0], [100.0], [1e9]], "float32"))[:, 0]
    array([0.25, 0.5 , 1.  , 1.  ], dtype=float32)
    """

    def __init__(
        self,
        quantiles: int = 256,
        output: str = "normal",
        missing: str = "error",
        **kwargs: Any,
    ) -> None:
        super().__init__(missing, **kwargs)
        self.quantiles = whole(quantiles, "quantiles", "QuantileTransform", least=2)
        if output not in ("normal", "uniform"):
            raise ArgumentError(
                "There is no such distribution of ranks.",
                where=f"layer {self.name!r}, output",
                expected="'normal' or 'uniform'",
                received=repr(output),
            )
        self.output_distribution = output

    def _make(self, columns: int) -> None:
        shape = (columns, self.quantiles - 1)
        self.lower = self._statistic("lower", shape)
        self.inverse = self._statistic("inverse", shape)
        self.step = self._statistic("step", shape)
        self.weight = self._statistic("weight", shape)

    def _fit(self, values: np.ndarray, table: Table) -> None:
        number = min(self.quantiles, len(values))
        points = np.nanquantile(values, np.linspace(0, 1, number), axis=0).T
        points = points.astype(np.float32).astype(np.float64)
        points = np.maximum.accumulate(points, axis=1)  # rounding may have undone it
        self._refuse_constant(points[:, 0] == points[:, -1], table)
        width = np.diff(points, axis=1)
        weight = np.full_like(width, 1 / (number - 1))
        inverse = np.divide(1.0, width, out=np.zeros_like(width), where=width > 0)
        inverse = np.minimum(inverse, np.finfo(np.float32).max)
        parts = (points[:, :-1], inverse, width == 0, weight)
        names = (self.lower, self.inverse, self.step, self.weight)
        unused = ((0, 0), (0, self.quantiles - number))
        for variable, part in zip(names, parts, strict=True):
            variable.assign(np.pad(part.astype(np.float32), unused))

    def _encode(self, x: Any) -> Any:
        from_lower = ops.expand_dims(x, -1) - self.lower
        ramp = ops.clip(from_lower * self.inverse, 0.0, 1.0)
        jump = (ops.sign(from_lower) + 1.0) * (0.5 * self.step)
        rank = ops.sum((ramp + jump) * self.weight, axis=-1)
        if self.output_distribution == "uniform":
            return rank
        inner = ops.clip(2.0 * rank - 1.0, -1.0 + 2e-7, 1.0 - 2e-7)
        return math.sqrt(2.0) * ops.erfinv(inner)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "quantiles": self.quantiles,
            "output": self.output_distribution,
        }
