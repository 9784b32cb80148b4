"""Layers that turn numbers and ids into classes, and classes into columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn.errors import ArgumentError, ShapeError, StateError, UnsupportedError
from pronghorn.ir.variable import structure_changed
from pronghorn.layers.adapting import number_batches
from pronghorn.layers.by_shape import ByShape
from pronghorn.layers.core import whole
from pronghorn.layers.layer import Layer
from pronghorn.registry import keras_class

__all__ = ["CategoryEncoding", "Discretization"]

_COLUMNS = ("one_hot", "multi_hot", "count")


def _mode(value: Any, known: Sequence[str], layer: Layer, sparse: bool) -> str:
    if value not in known:
        raise ArgumentError(
            "There is no such way to give classes out.",
            where=f"layer {layer.name!r}, output_mode",
            expected=" or ".join(map(repr, known)),
            received=repr(value),
        )
    if sparse:
        raise UnsupportedError(
            "Arrays are dense here.",
            where=f"layer {layer.name!r}, sparse",
            expected="False",
            received=repr(sparse),
            remedy="leave it out; for many classes use layers.Embedding",
        )
    return str(value)


def _encoded(
    ids: Any,
    mode: str,
    depth: int,
    dtype: str = "float32",
    weights: Any = None,
    axis: int = -2,
) -> Any:
    """Classes as columns of 0 and 1, or of how often each comes along an axis."""
    if ids.ndim == 0:
        ids = ops.expand_dims(ids, -1)
    if mode == "one_hot":
        single = ids.ndim > 1 and ids.shape[-1] == 1
        columns = ops.one_hot(ops.squeeze(ids, -1) if single else ids, depth)
        return ops.cast(columns, dtype)
    columns = ops.one_hot(ids, depth)
    if mode == "multi_hot":
        return ops.cast(ops.max(columns, axis=axis), dtype)
    if weights is not None:
        columns = columns * ops.expand_dims(ops.cast(weights, "float32"), -1)
    counts = ops.sum(columns, axis=axis)
    return counts if weights is not None else ops.cast(counts, dtype)


@keras_class("keras.layers")
class CategoryEncoding(Layer):
    """Class ids as columns of numbers, one for each class.

    Args:
        num_tokens: the number of classes; ids run from 0 to num_tokens - 1, others
            leave all columns 0.
        output_mode: "multi_hot" (default): 1 for each class of a row; "one_hot": a
            set of columns for each id; "count": how often a class comes in a row.
        sparse: only False.
        dtype: of the output; default "float32".

    Shapes: int (rows, ids) to float (rows, num_tokens); "one_hot" of more than one id
    a row to (rows, ids, num_tokens).

    Raises:
        ArgumentError: another mode, or no positive number of classes.

    Example:

    >>> CategoryEncoding(4, output_mode="count")(np.array([[0, 2, 2]]))
    array([[1., 0., 2., 0.]], dtype=float32)
    """

    def __init__(
        self,
        num_tokens: int | None = None,
        output_mode: str = "multi_hot",
        sparse: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        output_mode = "multi_hot" if output_mode == "binary" else output_mode
        self.output_mode = _mode(output_mode, _COLUMNS, self, sparse)
        self.num_tokens = whole(num_tokens, "num_tokens", "CategoryEncoding")
        self.sparse = sparse

    def call(self, inputs: Any, count_weights: Any = None) -> Any:
        """int (rows, ids) to float (rows, num_tokens)."""
        if count_weights is not None and self.output_mode != "count":
            raise ArgumentError(
                "Weights belong to counts.",
                where=f"layer {self.name!r}, count_weights",
                expected=f"None, for output_mode={self.output_mode!r}",
                received="weights",
                remedy='write output_mode="count"',
            )
        return self._encode(inputs, count_weights)

    def _encode(self, inputs: Any, count_weights: Any = None) -> Any:
        ids = ops.cast(inputs, "int32")
        if ids.ndim > 2 and self.output_mode == "count":
            raise ShapeError(
                "Counts are of one row's ids.",
                expected="at most two axes: rows and ids",
                received=f"shape {tuple(ids.shape)}",
                remedy="flatten the ids first",
            )
        return _encoded(
            ids, self.output_mode, self.num_tokens, self.dtype, count_weights
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "num_tokens": self.num_tokens,
            "output_mode": self.output_mode,
        }


@keras_class("keras.layers")
class Discretization(ByShape):
    """Numbers as the ids of the bins that they fall into.

    The bin of `x` is the number of boundaries that are at most `x`.

    Args:
        bin_boundaries: the boundaries, increasing: one fewer than there are bins.
        num_bins: instead: how many bins `adapt` makes, with about as many values in
            each.
        epsilon: how exact the quantiles of `adapt` are. Default 0.01.
        output_mode: "int" (default), or the modes of `CategoryEncoding`.
        sparse: only False.

    Shapes: float (rows, ...) to int of the same; (rows, values) to (rows, bins), and
    (rows, values, ...) to (rows, ..., bins), with "multi_hot" and "count"; "one_hot" to
    (..., bins), in place of a last axis of size 1.

    Raises:
        ArgumentError: unless one of `bin_boundaries` and `num_bins` is given.
        StateError: when it is called before `adapt`.

    Example:

    >>> Discretization([0.0, 1.0])(np.array([-3.0, 0.0, 0.5, 2.0], "float32"))
    array([0, 1, 1, 2], dtype=int32)
    """

    def __init__(
        self,
        bin_boundaries: Sequence[float] | None = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        sparse: bool = False,
        dtype: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.output_mode = _mode(output_mode, ("int", *_COLUMNS), self, sparse)
        if (num_bins is None) == (bin_boundaries is None):
            raise ArgumentError(
                "Bins are given by their boundaries, or by their number.",
                where=f"layer {self.name!r}",
                expected="one of bin_boundaries and num_bins",
                received=f"bin_boundaries={bin_boundaries}, num_bins={num_bins}",
                remedy="with num_bins, call adapt(data) before the first use",
            )
        self.num_bins = num_bins
        if num_bins is not None:
            self.num_bins = whole(num_bins, "num_bins", "Discretization")
        self.bin_boundaries = self._checked(bin_boundaries)
        self.epsilon = epsilon
        self.sparse = sparse
        self._revision = 0

    def _checked(self, boundaries: Any) -> list[float] | None:
        if boundaries is None:
            return None
        listed = [float(b) for b in boundaries]
        if not np.isfinite(listed).all() or (np.diff(listed) < 0).any():
            raise ArgumentError(
                "Boundaries are finite and increasing.",
                where=f"layer {self.name!r}, bin_boundaries",
                expected="such as [0.0, 1.0, 2.5]",
                received=repr(listed),
                remedy="sort them",
            )
        return listed

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Finds boundaries that put about as many values of `data` into each bin.

        Args:
            data: an array or a frame of numbers, or an iterable of arrays; of tuples
                the first array counts.
            steps: how many arrays of an iterable to look at. Default all.

        Raises:
            ArgumentError: if the layer was given its boundaries.
            DataError: for text, NaN or infinite values, naming column and rows.
        """
        if self.num_bins is None:
            raise ArgumentError(
                "This layer was given its boundaries.",
                where=f"layer {self.name!r}, adapt",
                remedy="write num_bins= instead of bin_boundaries= to adapt it",
            )
        summary = np.zeros((2, 0), np.float32)
        for part in number_batches(data, f"layer {self.name!r}", steps):
            values = part.astype(np.float32)
            both = np.concatenate([_summary(values, self.epsilon), summary], axis=1)
            both = both[:, np.argsort(both[0])]
            summary = _compressed(both, self.epsilon)
        bins = _compressed(summary, 1.0 / self.num_bins)
        self.bin_boundaries = bins[0, :-1].tolist()
        self._revision += 1
        structure_changed()  # programs hold the boundaries as constants

    def call(self, inputs: Any) -> Any:
        """float (rows, ...) to the ids of bins."""
        if self.bin_boundaries is None:
            raise StateError(
                "The layer does not know its bins.",
                where=f"layer {self.name!r}",
                expected="boundaries",
                received="a layer that was not adapted",
                remedy="call adapt(data) first, or give bin_boundaries=",
            )
        x = ops.expand_dims(ops.cast(inputs, "float32"), -1)
        reached = ops.greater_equal(x, np.array(self.bin_boundaries, np.float32))
        ids = ops.cast(ops.sum(ops.cast(reached, "float32"), axis=-1), "int32")
        if self.output_mode == "int":
            return ids
        axis = min(ids.ndim, 2) - 1
        depth = len(self.bin_boundaries) + 1
        return _encoded(ids, self.output_mode, depth, self.output_dtype, axis=axis)

    @property
    def output_dtype(self) -> str:
        """The dtype of what comes out: that of the layer, int32 for ids."""
        return "int32" if self.output_mode == "int" else self.compute_dtype

    def _output_dtype(self, inputs: Any) -> str:
        return self.output_dtype

    def compute_output_shape(self, input_shape: Any) -> Any:
        """As above; before `adapt` there are `num_bins` columns."""
        shape = tuple(input_shape)
        if self.output_mode == "int":
            return shape
        bins = self.bin_boundaries
        depth = self.num_bins if bins is None else len(bins) + 1
        if self.output_mode == "one_hot":
            single = len(shape) > 1 and shape[-1] == 1
            return (*(shape[:-1] if single else shape), depth)
        return (shape[0], *shape[2:], depth) if len(shape) > 1 else (depth,)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, and the boundaries that `adapt` found."""
        return {
            "bin_boundaries": self.bin_boundaries,
            "num_bins": self.num_bins,
            "epsilon": self.epsilon,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
            "name": self.name,
            "dtype": self.dtype,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer from what `get_config` gave; adapted, if that one was."""
        boundaries = config.get("bin_boundaries")
        if boundaries is None or config.get("num_bins") is None:
            return cls(**config)
        layer = cls(**{**config, "bin_boundaries": None})
        layer.bin_boundaries = layer._checked(boundaries)
        return layer


def _summary(values: np.ndarray, epsilon: float) -> np.ndarray:
    """Quantiles of values, and how many each stands for: (2, about 1/epsilon)."""
    ordered = np.sort(values.reshape(-1))
    step = max(ordered.size * epsilon, 1)
    points = ordered[int(step - 1) :: int(step)]
    made = np.empty((2, points.size), np.float32)
    made[0], made[1] = points, step
    return made


def _compressed(summary: np.ndarray, epsilon: float) -> np.ndarray:
    """A summary with only as many quantiles as `epsilon` asks for."""
    if summary.shape[1] * epsilon < 1:
        return summary
    shares = epsilon + np.arange(0.0, 1.0, epsilon)
    counts = summary[1].cumsum()
    reached = counts / counts[-1]
    made = np.empty((2, shares.size), np.float32)
    made[0] = np.interp(shares, reached, summary[0])
    weights = np.interp(shares, reached, counts)
    weights[1:] -= weights[:-1].copy()
    made[1] = weights
    return made
