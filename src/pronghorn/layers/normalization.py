"""Layers that keep activations in a range where training works well."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from pronghorn import constraints, initializers, ops, regularizers
from pronghorn.errors import ArgumentError, DtypeError, ShapeError
from pronghorn.ir.shapes import axes as all_axes
from pronghorn.ir.shapes import axis as one_axis
from pronghorn.layers.core import known_size
from pronghorn.layers.input_spec import InputSpec
from pronghorn.layers.layer import Layer
from pronghorn.layers.parts import add_part, parts_config
from pronghorn.layers.renormalization import Renormalization, clipping
from pronghorn.registry import keras_class

__all__ = ["BatchNormalization", "LayerNormalization"]


@keras_class("keras.layers")
class BatchNormalization(Renormalization, Layer):
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
        renorm: correct the batch's statistics towards slowly moving ones (Ioffe, arXiv
            1702.03275), so that training normalizes as prediction does. Default False.
        renorm_clipping: bounds of the corrections `r` and `d`: a dict of "rmin",
            "rmax" and "dmax", each as you like. Default none.
        renorm_momentum: of the slowly moving statistics. Default 0.99.
        synchronized: only False.

    Shapes: any to the same; weights (features,): gamma, beta, moving_mean,
    moving_variance; with `renorm` moving_stddev, renorm_mean, renorm_stddev.

    Raises:
        ArgumentError: `synchronized`, or bounds that are none.
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
            raise ArgumentError(
                "Statistics of several machines belong to Keras on TensorFlow.",
                where=f"layer {self.name!r}, synchronized",
                expected="False",
                received="True",
                remedy="leave it out: training is one program on one machine",
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
        self.synchronized = False
        self.renorm = renorm
        self.renorm_clipping = (
            clipping(renorm_clipping, self.name) if renorm else renorm_clipping
        )
        self.renorm_momentum = renorm_momentum
        self.gamma: Any = None
        self.beta: Any = None

    def build(self, input_shape: Any) -> None:
        """Makes the four weights."""
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
            self._make_renorm_weights(features)
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
        gamma, beta = self.gamma, self.beta
        if training and self.trainable and self.renorm:
            mean, variance = self._moments(x, mask)
            gamma, beta = self._renormalized(mean, variance, gamma, beta)
        elif training and self.trainable:
            mean, variance = self._moments(x, mask)
            self._move_by(self.moving_mean, mean, self.momentum)
            self._move_by(self.moving_variance, variance, self.momentum)
        else:
            mean, variance = self.moving_mean, self.moving_variance
        return ops.batch_normalization(
            x, mean, variance, self.axis, beta, gamma, self.epsilon
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
        rms_scaling: leave the mean in, and beta out. It warns: the name says something
            else, which `RMSNormalization` does. Default False.
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
        rms_scaling = bool(kwargs.pop("rms_scaling", False))
        super().__init__(**kwargs)
        if rms_scaling:
            warnings.warn(
                f"Layer {self.name!r}: rms_scaling divides by the standard deviation, "
                "not by the root mean square; RMSNormalization does that.",
                stacklevel=2,
            )
        self.rms_scaling = rms_scaling
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
