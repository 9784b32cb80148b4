"""Numeric columns as piecewise-linear functions of their values."""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn import activations, ops
from pronghorn.data.frames import Table
from pronghorn.errors import ArgumentError
from pronghorn.initializers import RandomUniform
from pronghorn.layers.core import whole
from pronghorn.registry import keras_class
from pronghorn.tabular.numeric import NumericColumns

__all__ = ["PiecewiseLinearEmbedding", "PiecewiseLinearEncoding", "uniform_of"]

# Beyond every float32, so that it bounds nothing.
_NO_BOUND = float(np.finfo(np.float32).max)


def uniform_of(fan_in: int) -> RandomUniform:
    """Uniform within 1 / sqrt(fan_in): what the papers' linear layers begin with.

    One for each weight: an initializer gives the same numbers each time.
    """
    return RandomUniform(-(fan_in**-0.5), fan_in**-0.5)


@keras_class("pronghorn.tabular")
class PiecewiseLinearEncoding(NumericColumns):
    """Each column as a number for each of its bins: a ramp in it, then 1.

    Bin t from b(t-1) to b(t) gives `(x - b(t-1)) / (b(t) - b(t-1))`, at least 0 but for
    the first bin and at most 1 but for the last (Gorishniy et al., arXiv 2203.05556,
    equation 1). The bins lie between quantiles (section 3.2.1); quantiles that are
    equal make one edge, and the numbers of bins that are left over are 0.

    Args:
        bins: how many for each column. Default 48.
        missing: "error" (default), "median" or "indicator", as in `RobustScaling`.
        spread: makes values edges that are so frequent that quantiles would be equal,
            and gives the edges left over to the quantiles of the other values, as
            LightGBM does. Default False, as the paper has it.
        **kwargs: `name`, `trainable`, and `input_shape` on a first layer.

    Shapes: float (rows, columns) to (rows, columns * bins), the bins of a column side
    by side; with "indicator" one more for each column at the end.

    Raises:
        ArgumentError: if `bins` is no positive whole number.
        DataError: in `adapt`, for a constant column.
        StateError: when it runs before `adapt`.

    Example:

    >>> layer = PiecewiseLinearEncoding(bins=2)
    >>> layer.adapt(np.array([[0.0], [1.0], [3.0]]))
    >>> layer(np.array([[0.5], [2.0], [5.0]], "float32"))
    array([[0.5, 0. ],
           [1. , 0.5],
           [1. , 2. ]], dtype=float32)
    """

    def __init__(
        self,
        bins: int = 48,
        missing: str = "error",
        spread: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(missing, **kwargs)
        self.bins = whole(bins, "bins", type(self).__name__)
        self.spread = bool(spread)

    def _make(self, columns: int) -> None:
        shape = (columns, self.bins)
        self.lower = self._statistic("lower", shape)
        self.inverse = self._statistic("inverse", shape)
        self.least = self._statistic("least", shape)
        self.most = self._statistic("most", shape)

    def _fit(self, values: np.ndarray, table: Table) -> None:
        shape = (values.shape[1], self.bins)
        lower, inverse, least = (np.zeros(shape, np.float32) for _ in range(3))
        most = np.ones(shape, np.float32)
        edges = [self._edges(column) for column in values.T]
        self._refuse_constant(np.array([len(one) < 2 for one in edges]), table)
        for i, one in enumerate(edges):
            number = len(one) - 1
            lower[i, :number] = one[:-1]
            width = np.diff(one.astype(np.float64))
            inverse[i, :number] = np.minimum(1.0 / width, _NO_BOUND)
            least[i, 0], most[i, number - 1] = -_NO_BOUND, _NO_BOUND
        found = (lower, inverse, least, most)
        statistics = (self.lower, self.inverse, self.least, self.most)
        for variable, array in zip(statistics, found, strict=True):
            variable.assign(array)

    def _edges(self, column: np.ndarray) -> np.ndarray:
        """Where the bins of a column meet: different numbers in order, as float32."""
        if not self.spread:
            points = np.nanquantile(column, np.linspace(0, 1, self.bins + 1))
            return np.unique(points.astype(np.float32))
        levels, counts = np.unique(column[~np.isnan(column)], return_counts=True)
        frequent = counts * self.bins > counts.sum()
        others = np.repeat(levels[~frequent], counts[~frequent])
        left = self.bins + 1 - int(frequent.sum())
        edges = levels[frequent]
        if len(others):
            points = np.quantile(others, np.linspace(0, 1, left))
            edges = np.concatenate([edges, points])
        return np.unique(edges.astype(np.float32))

    def _bins_of(self, x: Any) -> Any:
        """(rows, columns) to (rows, columns, bins)."""
        ramp = (ops.expand_dims(x, -1) - self.lower) * self.inverse
        return ops.minimum(ops.maximum(ramp, self.least), self.most)

    def _encode(self, x: Any) -> Any:
        return ops.reshape(self._bins_of(x), (-1, self._width(x.shape[-1])))

    def _width(self, columns: int) -> int:
        return columns * self.bins

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "bins": self.bins, "spread": self.spread}


@keras_class("pronghorn.tabular")
class PiecewiseLinearEmbedding(PiecewiseLinearEncoding):
    """Each column as `units` learned piecewise-linear functions of its value.

    A linear layer of its own for each column, over the column's
    `PiecewiseLinearEncoding` (Gorishniy et al., arXiv 2203.05556, sections 3.2, 3.4).

    Args:
        units: how many functions of each column.
        bins: default 48.
        activation: of the piecewise-linear part, by name or function; None (default)
            is linear.
        version: "A": linear layers with biases, uniform within 1 / sqrt(bins) at first.
            "B" (default; TabM, arXiv 2410.24210): a linear function of the value, and
            the piecewise-linear part added to it, whose weights begin at 0.
        missing: "error" (default), "median" or "indicator", as in `RobustScaling`.
        spread: as in `PiecewiseLinearEncoding`. Default False.
        **kwargs: `name`, `trainable`, and `input_shape` on a first layer.

    Shapes: float (rows, columns) to (rows, columns * units), the functions of a column
    side by side; with "indicator" one more for each column at the end.

    Raises:
        ArgumentError: if `units` or `bins` is no positive whole number; another
            version.
        DataError: in `adapt`, for a constant column.
        StateError: when it runs before `adapt`.

    Example:

    >>> layer = PiecewiseLinearEmbedding(8, bins=4)
    >>> layer.adapt(np.random.default_rng(0).normal(size=(100, 3)))
    >>> layer(np.zeros((2, 3), "float32")).shape
    (2, 24)
    """

    def __init__(
        self,
        units: int,
        bins: int = 48,
        activation: Any = None,
        version: str = "B",
        missing: str = "error",
        spread: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(bins, missing, spread, **kwargs)
        self.units = whole(units, "units", "PiecewiseLinearEmbedding")
        self.activation = activations.get(activation)
        if version not in ("A", "B"):
            raise ArgumentError(
                "There is no such version of the embedding.",
                where=f"layer {self.name!r}, version",
                expected="'A' or 'B'",
                received=repr(version),
                remedy='"B" begins as a linear function and is the usual choice',
            )
        self.version = version

    def _make(self, columns: int) -> None:
        super()._make(columns)
        ours = self.version == "B"
        first = "zeros" if ours else uniform_of(self.bins)
        self.kernel = self.add_weight(
            name="kernel", shape=(columns, self.bins, self.units), initializer=first
        )
        fan_in = self.units if ours else self.bins
        shape = (columns, self.units)
        self.bias = self.add_weight(
            name="bias", shape=shape, initializer=uniform_of(fan_in)
        )
        if ours:
            self.slope = self.add_weight(
                name="slope", shape=shape, initializer=uniform_of(fan_in)
            )

    def _encode(self, x: Any) -> Any:
        y = ops.einsum("nck,cku->ncu", self._bins_of(x), self.kernel)
        y = y + self.bias if self.version == "A" else y
        y = y if self.activation is None else self.activation(y)
        if self.version == "B":
            y = y + (ops.expand_dims(x, -1) * self.slope + self.bias)
        return ops.reshape(y, (-1, self._width(x.shape[-1])))

    def _width(self, columns: int) -> int:
        return columns * self.units

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "version": self.version,
        }
