"""Layers that look at the data before training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn import config as configs
from pronghorn import ops
from pronghorn.data.frames import to_matrix
from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.ir.shapes import axis as one_axis
from pronghorn.layers.layer import Layer
from pronghorn.registry import keras_class
from pronghorn.settings import EPSILON

__all__ = ["Normalization", "Rescaling"]


@keras_class("keras.layers")
class Normalization(Layer):
    """`(x - mean) / sqrt(variance)`, with the mean and variance of given data.

    Args:
        axis: the axes that keep their own mean and variance. Default -1: each column.
            None: one mean and variance for all.
        mean, variance: given instead of `adapt`.
        invert: undo the scaling instead. Default False.

    Example:

    >>> layer = Normalization()
    >>> layer.adapt(np.array([[0.0], [2.0]]))
    >>> layer(np.array([[4.0]], "float32"))
    array([[3.]], dtype=float32)
    """

    supports_masking = True

    def __init__(
        self,
        axis: int | Sequence[int] | None = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        listed = () if axis is None else axis
        self.axis = (listed,) if isinstance(listed, int) else tuple(listed)
        if (mean is None) != (variance is None):
            raise ArgumentError(
                "mean and variance are given together.",
                where=f"layer {self.name!r}",
                received=f"mean={mean}, variance={variance}",
            )
        self.input_mean = mean
        self.input_variance = variance
        self.invert = invert

    def build(self, input_shape: Any) -> None:
        """Makes mean, variance and count, unless they were given."""
        rank = len(input_shape)
        kept = sorted(one_axis(i, rank) for i in self.axis)
        if any(input_shape[i] is None for i in kept):
            raise ShapeError(
                "Normalization needs the sizes along its axes.",
                where=f"layer {self.name!r}",
                expected=f"known sizes along {self.axis}",
                received=tuple(input_shape),
            )
        self._kept = tuple(kept)
        self._spread = tuple(d if i in kept else 1 for i, d in enumerate(input_shape))
        if self.input_mean is None:
            shape = tuple(input_shape[i] for i in kept)
            self.adapt_mean = self._constant("mean", shape, "zeros", "float32")
            self.adapt_variance = self._constant("variance", shape, "ones", "float32")
            self.count = self._constant("count", (), "zeros", "int32")
        self.built = True

    def _constant(self, name: str, shape: Any, initializer: str, dtype: str) -> Any:
        return self.add_weight(
            name=name,
            shape=shape,
            initializer=initializer,
            dtype=dtype,
            trainable=False,
        )

    def adapt(self, data: Any) -> None:
        """Takes the mean and variance of `data`: an array or a frame of numbers.

        Raises:
            DataError: for text, NaN or infinite values, naming column and rows.
            StateError, ShapeError: if the layer was built for another width.
        """
        array = np.asarray(data) if _is_plain(data) else to_matrix(data).array
        if not self.built:
            self._ensure_built((None, *array.shape[1:]))
        if self.input_mean is not None:
            raise ArgumentError(
                "This layer was given its mean and variance.",
                where=f"layer {self.name!r}",
                remedy="leave out mean= and variance= to adapt it",
            )
        self._check_width(array)
        reduced = tuple(i for i in range(array.ndim) if i not in self._kept)
        values = array.astype(np.float64)
        if not np.isfinite(values).all():
            to_matrix(array)  # names the column and the rows
        self.adapt_mean.assign(values.mean(axis=reduced))
        self.adapt_variance.assign(values.var(axis=reduced))

    def _check_width(self, array: np.ndarray) -> None:
        for i in self._kept:
            if array.ndim != len(self._spread) or array.shape[i] != self._spread[i]:
                raise ShapeError(
                    "The data does not fit the layer.",
                    where=f"layer {self.name!r}, adapt",
                    expected=f"size {self._spread[i]} along axis {i}",
                    received=array.shape,
                )

    def call(self, inputs: Any) -> Any:
        """Any shape to the same shape."""
        x = ops.cast(inputs, "float32")
        mean, variance = self._statistics()
        deviation = ops.maximum(ops.sqrt(variance), EPSILON)
        return mean + x * deviation if self.invert else (x - mean) / deviation

    @property
    def mean(self) -> Any:
        """The mean in the shape that inputs are scaled by; None before `build`."""
        return self._statistics()[0] if self.built else None

    @property
    def variance(self) -> Any:
        """The variance, likewise."""
        return self._statistics()[1] if self.built else None

    def _statistics(self) -> tuple[Any, Any]:
        if self.input_mean is None:
            return (
                ops.reshape(self.adapt_mean, self._spread),
                ops.reshape(self.adapt_variance, self._spread),
            )
        given = (self.input_mean, self.input_variance)
        mean, variance = (np.asarray(v, np.float32) for v in given)
        if mean.ndim:
            shape = [1] * len(self._spread)
            for i in range(1, mean.ndim + 1):
                shape[self._kept[-i]] = mean.shape[-i]
            mean, variance = mean.reshape(shape), variance.reshape(shape)
        return mean, variance

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "axis": self.axis,
            "invert": self.invert,
            "mean": configs.serialize(np.array(self.input_mean).tolist()),
            "variance": configs.serialize(np.array(self.input_variance).tolist()),
        }


def _is_plain(data: Any) -> bool:
    return (
        isinstance(data, (np.ndarray, list)) and np.asarray(data).dtype.kind in "fiub"
    )


@keras_class("keras.layers")
class Rescaling(Layer):
    """`x * scale + offset`, with numbers that are given.

    Args:
        scale: a number, or an array that broadcasts.
        offset: likewise. Default 0.

    Example:

    >>> Rescaling(0.5, offset=1.0)(np.array([0.0, 5.0], "float32"))
    array([1. , 3.5], dtype=float32)
    """

    supports_masking = True

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale
        self.offset = offset

    def call(self, inputs: Any) -> Any:
        """Any shape to the same shape."""
        scale, offset = (np.asarray(v, np.float32) for v in (self.scale, self.offset))
        return ops.cast(inputs, "float32") * scale + offset

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "scale": configs.serialize(self.scale),
            "offset": configs.serialize(self.offset),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Rescaling:
        """A layer from what `get_config` gave."""
        given = {key: configs.deserialize(config[key]) for key in ("scale", "offset")}
        return cls(**{**config, **given})
