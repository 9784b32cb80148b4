"""Normalization of each row by itself: groups of features, lengths, mean squares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pronghorn import constraints, initializers, ops, regularizers
from pronghorn.errors import ArgumentError, DtypeError
from pronghorn.ir.shapes import axes as all_axes
from pronghorn.ir.shapes import axis as one_axis
from pronghorn.layers.core import known_size
from pronghorn.layers.input_spec import InputSpec
from pronghorn.layers.layer import Layer
from pronghorn.layers.parts import add_part, parts_config
from pronghorn.registry import keras_class

__all__ = ["GroupNormalization", "RMSNormalization", "UnitNormalization"]

Axis = int | Sequence[int]


@keras_class("keras.layers")
class GroupNormalization(Layer):
    """Each row's groups of features with mean 0 and variance 1, scaled and shifted.

    Wu and He, arXiv 1803.08494.

    Args:
        groups: the number of groups; -1: one for each feature. Default 32.
        axis: the features. Default -1.
        epsilon: added to the variance. Default 1e-3.
        center: learn a shift, beta. Default True.
        scale: learn a scale, gamma. Default True.
        *_initializer, *_regularizer, *_constraint: of the two weights.

    Shapes: any to the same; weights (features,).

    Raises:
        ArgumentError: if the features cannot be split into so many groups.

    Example:

    >>> import numpy as np
    >>> row = np.array([[0.0, 2.0, 10.0, 30.0]], "float32")
    >>> GroupNormalization(2, epsilon=0.0)(row)
    array([[-1.,  1., -1.,  1.]], dtype=float32)
    """

    supports_masking = True

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not isinstance(groups, int) or (groups < 1 and groups != -1):
            raise self._refused(groups, "a whole number from 1 up, or -1")
        self.groups = groups
        self.axis = axis
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.gamma: Any = None
        self.beta: Any = None

    def _refused(self, groups: Any, expected: str) -> ArgumentError:
        return ArgumentError(
            "The features cannot be grouped so.",
            where=f"layer {self.name!r}, groups",
            expected=expected,
            received=repr(groups),
            remedy="choose a divisor of the number of features",
        )

    def build(self, input_shape: Any) -> None:
        """Makes gamma and beta."""
        features = known_size(input_shape, self.axis, self)
        self.groups = features if self.groups == -1 else self.groups
        if features % self.groups:
            raise self._refused(self.groups, f"a divisor of {features} features")
        if self.scale:
            self.gamma = add_part(self, "gamma", (features,))
        if self.center:
            self.beta = add_part(self, "beta", (features,))
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: features})
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Any shape to the same shape."""
        shape = ops.shape(inputs)
        place = one_axis(self.axis, len(shape))
        size = known_size(inputs.shape, place, self) // self.groups
        split = (*shape[:place], self.groups, size, *shape[place + 1 :])
        spread = [1] * len(split)
        spread[place : place + 2] = self.groups, size
        x = ops.reshape(ops.cast(inputs, "float32"), split)
        within = [i for i in range(1, len(split)) if i != place]
        mean, variance = ops.moments(x, within, keepdims=True)
        inverse = ops.rsqrt(variance + self.epsilon)
        if self.gamma is not None:
            inverse = inverse * ops.reshape(self.gamma, spread)
        x = (x - mean) * inverse
        if self.beta is not None:
            x = x + ops.reshape(self.beta, spread)
        return ops.reshape(x, shape)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "groups": self.groups,
            "axis": self.axis,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            **parts_config(self, "beta", "gamma"),
        }


@keras_class("keras.layers")
class RMSNormalization(Layer):
    """Each row divided by the root of its mean square, then scaled.

    Zhang and Sennrich, arXiv 1910.07467.

    Args:
        axis: the features, one axis or several. Default -1.
        epsilon: added to the mean square. Default 1e-6.

    Example:

    >>> import numpy as np
    >>> RMSNormalization()(np.array([[3.0, -3.0]], "float32")).round(3)
    array([[ 1., -1.]], dtype=float32)
    """

    def __init__(self, axis: Axis = -1, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis if isinstance(axis, int) else list(axis)
        self.epsilon = epsilon

    def build(self, input_shape: Any) -> None:
        """Makes the scale, of the features' shape."""
        self.axis = [self.axis] if isinstance(self.axis, int) else sorted(self.axis)
        sizes = [known_size(input_shape, i, self) for i in self.axis]
        self.scale = self.add_weight(name="scale", shape=sizes, initializer="ones")
        self.built = True

    def call(self, x: Any) -> Any:
        """Any shape to the same shape."""
        value = ops.cast(x, "float32")
        axes = all_axes(self.axis, value.ndim)
        square = ops.mean(ops.square(value), axes, keepdims=True)
        shape = value.shape
        spread = [shape[i] if i in axes else 1 for i in range(value.ndim)]
        scale = ops.reshape(self.scale, spread)
        return value * ops.rsqrt(square + self.epsilon) * scale

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "axis": self.axis, "epsilon": self.epsilon}


@keras_class("keras.layers")
class UnitNormalization(Layer):
    """Each row divided by its length, so that its length is 1.

    Args:
        axis: the features, one axis or several. Default -1.

    Raises:
        DtypeError: an axis that is no whole number.

    Example:

    >>> import numpy as np
    >>> UnitNormalization()(np.array([[3.0, 4.0]], "float32")).round(3)
    array([[0.6, 0.8]], dtype=float32)
    """

    supports_masking = True

    def __init__(self, axis: Axis = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(axis, (int, list, tuple)):
            raise DtypeError(
                "axis is a whole number, or a list of them.",
                where=f"layer {self.name!r}, axis",
                expected="-1, or [1, 2]",
                received=repr(axis),
            )
        self.axis = axis if isinstance(axis, int) else list(axis)
        self._build_at_init()

    def call(self, inputs: Any) -> Any:
        """Any shape to the same shape."""
        return ops.normalize(inputs, axis=self.axis, order=2, epsilon=1e-12)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "axis": self.axis}
