"""Layers that keep activations in a range where training works well."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from pronghorn import constraints, initializers, ops, regularizers
from pronghorn.errors import DtypeError, ShapeError, UnsupportedError
from pronghorn.ir.shapes import axes as all_axes
from pronghorn.ir.shapes import axis as one_axis
from pronghorn.layers.core import known_size
from pronghorn.layers.input_spec import InputSpec
from pronghorn.layers.layer import Layer
from pronghorn.layers.parts import add_part, parts_config
from pronghorn.layers.renormalization import (
    add_statistics,
    checked_clipping,
    corrected,
)
from pronghorn.registry import keras_class

__all__ = ["BatchNormalization", "LayerNormalization"]


@keras_class("keras.layers")
class BatchNormalization(Layer):
    """Features with mean 0 and variance 1 over the batch, then scaled and shifted.

    In training the batch's own statistics are used, and moving averages of them are
    kept for prediction (Ioffe and Szegedy, arXiv 1502.03167).

    Args:
        axis: the features. Default -1.
        momentum: of the moving averages. Default 0.99.
        epsilon: added to the variance. Default 1e-3.
        center: learn a shift, beta. Default True.
        scale: learn a scale, gamma. Default True.
        *_initializer, *_regularizer, *_constraint: of the four weights.
        renorm: correct the batch's statistics towards moving averages of them (Ioffe,
            arXiv 1702.03275). Default False.
        renorm_clipping: bounds of that correction: "rmin", "rmax" of the factor, "dmax"
            of the shift. Default none.
        renorm_momentum: of those moving averages. Default 0.99.
        synchronized: must be False.

    Shapes: any to the same; weights (features,): gamma, beta, moving_mean,
    moving_variance.

    Raises:
        ArgumentError: bounds that are none.
        ShapeError: when it is called, for a mask of another number of axes.
    """

    supports_masking = True

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: Any = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if synchronized:
            raise UnsupportedError(
                "There is one process, so there is nothing to synchronize.",
                where=f"layer {self.name!r}, synchronized",
                remedy="leave out synchronized",
            )
        self.axis = int(axis)
        self.momentum = float(momentum)
        self.epsilon = float(epsilon)
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        where = f"layer {self.name!r}"
        self.renorm = bool(renorm)
        self.renorm_clipping = (
            checked_clipping(renorm_clipping, where) if renorm else renorm_clipping
        )
        self.renorm_momentum = renorm_momentum
        self.gamma: Any = None
        self.beta: Any = None

    def build(self, input_shape: Any) -> None:
        """Makes the four weights, and three more where `renorm` needs them."""
        features = known_size(input_shape, self.axis, self)
        if self.scale:
            self.gamma = add_part(self, "gamma", (features,))
        if self.center:
            self.beta = add_part(self, "beta", (features,))
        self.moving_mean = self.add_weight(
            name="moving_mean",
            shape=(features,),
            initializer=self.moving_mean_initializer,
            trainable=False,
        )
        self.moving_variance = self.add_weight(
            name="moving_variance",
            shape=(features,),
            initializer=self.moving_variance_initializer,
            trainable=False,
        )
        if self.renorm:
            add_statistics(self, features)
        rank = len(input_shape)
        place = one_axis(self.axis, rank)
        self.input_spec = InputSpec(ndim=rank, axes={place: features})
        self._reduction_axes = [i for i in range(rank) if i != place]
        self.built = True

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Any shape to the same shape.

        A mask has the inputs' shape without their last axis; in training the
        statistics are of what it keeps, moving averages included.
        """
        if mask is not None and len(mask.shape) != len(inputs.shape) - 1:
            raise ShapeError(
                "The mask does not fit the inputs.",
                expected=f"shape {tuple(inputs.shape)[:-1]}",
                received=f"shape {tuple(mask.shape)}",
                remedy="leave out the last axis, the features, in the mask",
            )
        x = ops.cast(inputs, "float32")
        scale, offset = self.gamma, self.beta
        if training and self.trainable:
            mean, variance = self._moments(x, mask)
            if self.renorm:
                scale, offset = corrected(self, mean, variance)
            else:
                self._move(self.moving_mean, mean)
                self._move(self.moving_variance, variance)
        else:
            mean, variance = self.moving_mean, self.moving_variance
        return ops.batch_normalization(
            x, mean, variance, self.axis, offset, scale, self.epsilon
        )

    def _moments(self, x: Any, mask: Any) -> tuple[Any, Any]:
        axes = self._reduction_axes
        if mask is None:
            return ops.moments(x, axes)
        # `where`, since what is left out may not be finite.
        kept = ops.logical_and(ops.expand_dims(mask, -1), ops.ones_like(x, "bool"))
        zeros = ops.zeros_like(x)
        number = ops.sum(ops.cast(kept, "float32"), axes, keepdims=True) + 1e-7
        mean = ops.sum(ops.where(kept, x, zeros), axes, keepdims=True) / number
        squares = ops.where(kept, ops.square(x - mean), zeros)
        variance = ops.sum(squares, axes, keepdims=True) / number
        return ops.squeeze(mean, axes), ops.squeeze(variance, axes)

    def _move(self, average: Any, value: Any) -> None:
        average.assign(average * self.momentum + value * (1.0 - self.momentum))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "axis": self.axis,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "moving_mean_initializer": initializers.serialize(
                self.moving_mean_initializer
            ),
            "moving_variance_initializer": initializers.serialize(
                self.moving_variance_initializer
            ),
            **parts_config(self, "beta", "gamma"),
            "synchronized": False,
            "renorm": self.renorm,
            "renorm_clipping": self.renorm_clipping,
            "renorm_momentum": self.renorm_momentum,
        }


@keras_class("keras.layers")
class LayerNormalization(Layer):
    """Each row's features with mean 0 and variance 1, then scaled and shifted.

    Ba et al., arXiv 1607.06450.

    Args:
        axis: the features, one axis or several. Default -1.
        epsilon: added to the variance. Default 1e-3.
        center: learn a shift, beta. Default True.
        scale: learn a scale, gamma. Default True.
        *_initializer, *_regularizer, *_constraint: of the two weights.
        **kwargs: `name`, `trainable`; and Keras's older `rms_scaling`, which divides
            by the deviation without taking off the mean, has no beta, and warns.
    """

    supports_masking = True

    def __init__(
        self,
        axis: Any = -1,
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
        self.rms_scaling = bool(kwargs.pop("rms_scaling", False))
        super().__init__(**kwargs)
        if self.rms_scaling:
            warnings.warn(
                "LayerNormalization(rms_scaling=True) divides by the deviation, which "
                "is no root mean square; RMSNormalization divides by that.",
                stacklevel=2,
            )
        self.axis = _axes(axis, self.name)
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

    def build(self, input_shape: Any) -> None:
        """Makes gamma and beta."""
        self.axis = [self.axis] if isinstance(self.axis, int) else self.axis
        axes = all_axes(self.axis, len(input_shape))
        shape = tuple(known_size(input_shape, i, self) for i in axes)
        if self.scale or self.rms_scaling:
            self.gamma = add_part(self, "gamma", shape)
        if self.center and not self.rms_scaling:
            self.beta = add_part(self, "beta", shape)
        # Axes as they were given: from the end they fit inputs of other ranks too.
        self.input_spec = InputSpec(axes={i: input_shape[i] for i in self.axis})
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Any shape to the same shape."""
        x = ops.cast(inputs, "float32")
        axes = all_axes(self.axis, x.ndim)
        mean, variance = ops.moments(x, axes, keepdims=True)
        inverse = ops.rsqrt(variance + self.epsilon)
        spread = [d if i in axes else 1 for i, d in enumerate(ops.shape(x))]
        if self.gamma is not None:
            inverse = inverse * ops.reshape(self.gamma, spread)
        x = (x if self.rms_scaling else x - mean) * inverse
        return x if self.beta is None else x + ops.reshape(self.beta, spread)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "axis": self.axis,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "rms_scaling": self.rms_scaling,
            **parts_config(self, "beta", "gamma"),
        }


def _axes(axis: Any, name: str) -> Any:
    """One axis, or a list of them."""
    listed = isinstance(axis, (list, tuple))
    if all(isinstance(i, (int, np.integer)) for i in (axis if listed else [axis])):
        return list(axis) if listed else int(axis)
    raise DtypeError(
        "The axis is no whole number.",
        where=f"layer {name!r}, axis",
        expected="a whole number, or a list of them",
        received=repr(axis),
        remedy="write axis=-1 for the features",
    )
