"""Layers that keep a network from learning its training rows by heart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pronghorn import ops, random, regularizers
from pronghorn.errors import ArgumentError
from pronghorn.layers.input_spec import InputSpec
from pronghorn.layers.layer import Layer
from pronghorn.registry import keras_class

__all__ = [
    "ActivityRegularization",
    "AlphaDropout",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "SpatialDropout1D",
]

# Klambauer et al., arXiv 1706.02515: `selu`'s slope below 0, and its scale.
_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805


def _probability(value: Any, name: str, layer: Layer, remedy: str) -> None:
    if not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ArgumentError(
            f"{name} is out of its range.",
            where=f"layer {layer.name!r}, {name}",
            expected="a number from 0 to 1",
            received=repr(value),
            remedy=remedy,
        )


def _below_one(rate: float, layer: Layer) -> None:
    """Raises for a rate of 1, which no scale of what stays makes up for."""
    if rate == 1:
        raise ArgumentError(
            "With a rate of 1 nothing of the inputs is left.",
            where=f"layer {layer.name!r}, rate",
            expected="a rate below 1",
            received=rate,
            remedy="0.2 to 0.5 are usual",
        )


class _Drawing(Layer):
    """What layers that draw numbers in training begin with."""

    supports_masking = True

    def _draw_by(self, amount: float, seed: int | None) -> None:
        """Makes the generator, where anything is drawn at all."""
        self.seed = seed
        if amount > 0:
            self.seed_generator = random.SeedGenerator(seed)
        self._build_at_init()


class _Dropping(_Drawing):
    """The arguments of layers that drop elements by a mask."""

    _usual: str  # rates, as an error recommends them

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        _probability(rate, "rate", self, self._usual)
        self.rate = rate
        self.noise_shape = _noise_shape(noise_shape, self)
        self._draw_by(rate, seed)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "rate": self.rate,
            "seed": self.seed,
            "noise_shape": self.noise_shape,
        }


@keras_class("keras.layers")
class Dropout(_Dropping):
    """Sets elements to 0 at random in training, and scales the rest up.

    Srivastava et al., JMLR 15 (2014). In prediction it does nothing.

    Args:
        rate: the probability of being dropped, 0 to 1.
        noise_shape: the shape of the mask; 1 shares a draw along an axis.
        seed: a whole number; drawn by default.

    Raises:
        ArgumentError: if `rate` is not between 0 and 1.
    """

    _usual = "0.2 to 0.5 are usual"

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        """Any shape to the same shape."""
        if not training or self.rate == 0:
            return inputs
        if self.rate == 1:
            return inputs * 0.0
        return random.dropout(inputs, self.rate, self.noise_shape, self.seed_generator)


def _noise_shape(value: Any, layer: Layer) -> tuple[int | None, ...] | None:
    """The shape of a mask: sizes from 1 up, None where it is the input's."""
    if value is None:
        return None
    sizes = tuple(value) if isinstance(value, Sequence) else (0,)
    if not all(d is None or (isinstance(d, int) and d > 0) for d in sizes):
        raise ArgumentError(
            "noise_shape holds the sizes of the mask.",
            where=f"layer {layer.name!r}, noise_shape",
            expected="whole numbers from 1 up, None for the input's own size",
            received=repr(value),
            remedy="write noise_shape=(None, 1), say, for one draw a row",
        )
    return sizes


@keras_class("keras.layers")
class SpatialDropout1D(Dropout):
    """Dropout of whole columns: one draw for all steps of a row's feature.

    Tompson et al., arXiv 1411.4280.

    Args:
        rate: the probability of being dropped, 0 to 1.
        seed: a whole number; drawn by default.

    Shapes: (rows, steps, features) to the same.

    Raises:
        ArgumentError: if `rate` is not between 0 and 1.

    Example:

    >>> import numpy as np
    >>> layer = SpatialDropout1D(0.5, seed=1)
    >>> out = layer(np.ones((2, 5, 3), "float32"), training=True)
    >>> bool((out == out[:, :1]).all())
    True
    """

    def __init__(
        self,
        rate: float,
        seed: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(rate, seed=seed, name=name, dtype=dtype)
        self.noise_shape = (None, 1, None)
        self.input_spec = InputSpec(ndim=3)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "rate": self.rate,
            "seed": self.seed,
            "name": self.name,
            "dtype": self.dtype,
        }


@keras_class("keras.layers")
class AlphaDropout(_Dropping):
    """Dropout that keeps the mean and variance of what `selu` gives.

    Dropped elements become selu's lowest value, and the whole is scaled and shifted
    back (Klambauer et al., arXiv 1706.02515). In prediction it does nothing.

    Args:
        rate: the probability of being dropped, 0 to 1.
        noise_shape: the shape of the mask; 1 shares a draw along an axis.
        seed: a whole number; drawn by default.

    Raises:
        ArgumentError: if `rate` is not between 0 and 1.

    Example:

    >>> import numpy as np
    >>> AlphaDropout(0.5)(np.array([1.0, 2.0], "float32"))
    array([1., 2.], dtype=float32)
    """

    _usual = "0.05 to 0.1 are usual"

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        """Any shape to the same shape."""
        if not training or self.rate == 0:
            return inputs
        _below_one(self.rate, self)
        shape = ops.shape(inputs)
        if self.noise_shape is not None:
            pairs = zip(self.noise_shape, shape, strict=True)
            shape = tuple(size if given is None else given for given, size in pairs)
        drawn = random.uniform(shape, seed=self.seed_generator)
        kept = ops.cast(ops.greater_equal(drawn, self.rate), "float32")
        lowest = -_SELU_ALPHA * _SELU_SCALE
        scale = ((1 - self.rate) * (1 + self.rate * lowest**2)) ** -0.5
        shift = -scale * lowest * self.rate
        return scale * (inputs * kept + lowest * (1.0 - kept)) + shift


@keras_class("keras.layers")
class GaussianDropout(_Drawing):
    """Multiplies by normal numbers of mean 1 in training.

    Their deviation is `sqrt(rate / (1 - rate))`, that of a dropout of this rate
    (Srivastava et al., JMLR 15, 2014). In prediction it does nothing.

    Args:
        rate: 0 to 1, 1 left out.
        seed: a whole number; drawn by default.

    Raises:
        ArgumentError: if `rate` is not between 0 and 1.

    Example:

    >>> import numpy as np
    >>> GaussianDropout(0.5)(np.array([1.0, 2.0], "float32"))
    array([1., 2.], dtype=float32)
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        _probability(rate, "rate", self, "0.2 to 0.5 are usual")
        self.rate = rate
        self._draw_by(rate, seed)

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        """Any shape to the same shape."""
        if not training or self.rate == 0:
            return inputs
        _below_one(self.rate, self)
        deviation = math.sqrt(self.rate / (1.0 - self.rate))
        return inputs * random.normal(
            ops.shape(inputs), 1.0, deviation, seed=self.seed_generator
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}


@keras_class("keras.layers")
class GaussianNoise(_Drawing):
    """Adds normal numbers of mean 0 in training; in prediction it does nothing.

    Args:
        stddev: their standard deviation, 0 to 1.
        seed: a whole number; drawn by default.

    Raises:
        ArgumentError: if `stddev` is not between 0 and 1.

    Example:

    >>> import numpy as np
    >>> GaussianNoise(0.1)(np.array([1.0, 2.0], "float32"))
    array([1., 2.], dtype=float32)
    """

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        _probability(stddev, "stddev", self, "scale the inputs to deviation 1 first")
        self.stddev = stddev
        self._draw_by(stddev, seed)

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        """Any shape to the same shape."""
        if not training or self.stddev == 0:
            return inputs
        return inputs + random.normal(
            ops.shape(inputs), 0.0, self.stddev, seed=self.seed_generator
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "stddev": self.stddev, "seed": self.seed}


@keras_class("keras.layers")
class ActivityRegularization(Layer):
    """The inputs as they are, with a penalty on their size added to the loss.

    Args:
        l1: factor of the sum of absolute values. Default 0.
        l2: factor of the sum of squares. Default 0.

    The penalty is divided by the number of rows.

    Example:

    >>> import numpy as np
    >>> layer = ActivityRegularization(l2=0.5)
    >>> _ = layer(np.array([[1.0, 2.0]], "float32"))
    >>> float(layer.losses[0])
    2.5
    """

    supports_masking = True

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(activity_regularizer=regularizers.L1L2(l1=l1, l2=l2), **kwargs)
        self.l1 = l1
        self.l2 = l2
        self._build_at_init()

    def call(self, inputs: Any) -> Any:
        """Any shape to the same shape."""
        return inputs

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        config.pop("activity_regularizer", None)
        return {**config, "l1": self.l1, "l2": self.l2}
