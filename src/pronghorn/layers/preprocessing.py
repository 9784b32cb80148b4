"""Layers that look at the data before training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from pronghorn import config as configs
from pronghorn import ops
from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.ir.shapes import axis as one_axis
from pronghorn.layers.adapting import number_batches
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
        shapes = [np.shape(v) for v in (mean, variance)]
        if shapes[0] != shapes[1] or len(shapes[0]) > len(self.axis):
            raise ArgumentError(
                "mean and variance have one shape, that of the axes.",
                where=f"layer {self.name!r}",
                expected=f"numbers, or arrays of at most {len(self.axis)} axes",
                received=f"shapes {shapes[0]} and {shapes[1]}",
                remedy="choose axis= for them",
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
        """Takes the mean and variance of `data`.

        Args:
            data: an array or a frame of numbers, or batches of rows: a list of arrays,
                a generator, a `PyDataset`, any iterable. Of batches (x, y) x counts.

        Raises:
            DataError: for text, NaN or infinite values, naming column and rows; no
                batch.
            ShapeError: if the layer was built for another width, or a batch has one.
            DtypeError: a batch that is no array.
        """
        if self.input_mean is not None:
            raise ArgumentError(
                "This layer was given its mean and variance.",
                where=f"layer {self.name!r}",
                remedy="leave out mean= and variance= to adapt it",
            )
        number, mean, variance = 0, 0.0, 0.0
        for array in number_batches(data, f"layer {self.name!r}"):
            if not self.built:
                self._ensure_built((None, *array.shape[1:]))
            self._check_width(array)
            reduced = tuple(i for i in range(array.ndim) if i not in self._kept)
            values = array.astype(np.float64)
            more = prod(array.shape[i] for i in reduced)
            middle, spread = values.mean(axis=reduced), values.var(axis=reduced)
            if number:  # Chan, Golub and LeVeque, STAN-CS-79-773: two parts as one
                share = more / (number + more)
                change = middle - mean
                middle = mean + change * share
                spread = spread * share + variance * (1 - share)
                spread = spread + change**2 * share * (1 - share)
            number, mean, variance = number + more, middle, spread
        self.adapt_mean.assign(mean)
        self.adapt_variance.assign(variance)

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
        return (
            np.broadcast_to(mean, self._spread),
            np.broadcast_to(variance, self._spread),
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "axis": self.axis,
            "invert": self.invert,
            "mean": configs.serialize(np.array(self.input_mean).tolist()),
            "variance": configs.serialize(np.array(self.input_variance).tolist()),
        }


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
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Rescaling:
        """A layer from what `get_config` gave."""
        given = {
            key: configs.deserialize(config[key], custom_objects)
            for key in ("scale", "offset")
        }
        return cls(**{**config, **given})
