"""The layers that every dense network is made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn import (
    activations,
    constraints,
    initializers,
    ops,
    regularizers,
)
from pronghorn.errors import ArgumentError
from pronghorn.ir.shapes import axis as one_axis
from pronghorn.layers.input_spec import InputSpec
from pronghorn.layers.layer import Layer
from pronghorn.layers.parts import add_part, no_language_models, parts_config
from pronghorn.registry import keras_class

__all__ = ["Activation", "Dense", "Embedding", "Identity"]


def whole(value: Any, name: str, where: str, least: int = 1) -> int:
    """An argument that must be a whole number from `least` up."""
    good = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not good or value < least:
        raise ArgumentError(
            f"{name} must be a whole number from {least} up.",
            where=f"{where}({name}=)",
            expected=f"a whole number from {least} up",
            received=repr(value),
            remedy=f"write {name}={max(least, 1)}, say",
        )
    return int(value)


@keras_class("keras.layers")
class Dense(Layer):
    """`activation(x @ kernel + bias)`: `units` linear units side by side.

    Args:
        units: the number of outputs.
        activation: by name or function; None is linear.
        use_bias: default True.
        kernel_initializer: default "glorot_uniform".
        bias_initializer: default "zeros".
        kernel_regularizer, bias_regularizer, activity_regularizer: default none.
        kernel_constraint, bias_constraint: default none.
        **kwargs: `name`, `trainable`, and `input_shape` on a first layer.

    Shapes: (rows, ..., features) to (rows, ..., units); kernel (features, units).

    Raises:
        ArgumentError: if `units` is no positive whole number.

    Example:

    >>> unit = Dense(1, kernel_initializer="ones")
    >>> unit(np.array([[2.0, 3.0]], "float32"))
    array([[5.]], dtype=float32)
    """

    supports_masking = True

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        units = whole(units, "units", "Dense")
        no_language_models(
            "Dense",
            lora_rank=lora_rank,
            lora_alpha=lora_alpha,
            quantization_config=quantization_config,
        )
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.units = units
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.bias: Any = None
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        """Makes kernel and bias for inputs with this number of features."""
        features = known_size(input_shape, -1, self)
        self.kernel = add_part(self, "kernel", (features, self.units))
        if self.use_bias:
            self.bias = add_part(self, "bias", (self.units,))
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features})
        self.built = True

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """(rows, ..., features) to (rows, ..., units)."""
        x = ops.matmul(inputs, self.kernel)
        if self.bias is not None:
            x = x + self.bias
        return x if self.activation is None else self.activation(x)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            **parts_config(self, "kernel", "bias"),
            "quantization_config": None,
        }


def known_size(shape: Any, axis: int, layer: Layer) -> int:
    """The size along an axis, which a layer needs to make its weights."""
    if not shape or shape[one_axis(axis, len(shape))] is None:
        raise ArgumentError(
            "A layer needs to know the number of features.",
            where=f"layer {layer.name!r}",
            expected=f"a known size along axis {axis}",
            received=f"shape {shape}",
            remedy="give the first layer input_shape=[number of columns]",
        )
    return int(shape[axis])


@keras_class("keras.layers")
class Activation(Layer):
    """An activation function as a layer.

    Args:
        activation: by name or function.

    Example:

    >>> Activation("relu")(np.array([-1.0, 2.0], "float32"))
    array([0., 2.], dtype=float32)
    """

    supports_masking = True

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)
        self._build_at_init()

    def call(self, inputs: Any) -> Any:
        """Any shape to the same shape."""
        return self.activation(inputs)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "activation": activations.serialize(self.activation),
        }


@keras_class("keras.layers")
class Identity(Layer):
    """The inputs as they are."""

    supports_masking = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._build_at_init()

    def call(self, inputs: Any) -> Any:
        """Any shape to the same shape."""
        return inputs


@keras_class("keras.layers")
class Embedding(Layer):
    """A row of numbers for each whole number: how a category enters a network.

    Args:
        input_dim: the number of categories; ids run from 0 to input_dim - 1.
        output_dim: the length of each row.
        embeddings_initializer: default "uniform".
        embeddings_regularizer, embeddings_constraint: default none.
        mask_zero: id 0 is padding, which the outputs' mask leaves out: see `Masking`.
            Default False.

    Shapes: int (rows, ...) to float (rows, ..., output_dim); the mask, if any, has the
    shape of the ids.

    Raises:
        DataError: when it runs, for an id outside of the range.

    Example:

    >>> Embedding(10, 4)(np.array([[1, 2, 9]])).shape
    (1, 3, 4)
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        no_language_models(
            "Embedding",
            lora_rank=lora_rank,
            lora_alpha=lora_alpha,
            quantization_config=quantization_config,
        )
        length = kwargs.pop("input_length", None)
        if length is not None:
            kwargs.setdefault("input_shape", (length,))
        super().__init__(**kwargs)
        self.input_dim = whole(input_dim, "input_dim", "Embedding")
        self.output_dim = whole(output_dim, "output_dim", "Embedding")
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.supports_masking = bool(mask_zero)
        self.mask_zero = mask_zero
        if weights is not None:
            self.build()
            self.set_weights(weights if isinstance(weights, list) else [weights])

    def build(self, input_shape: Any = None) -> None:
        """Makes the table, of the same shape for any input."""
        if not self.built:
            self.embeddings = add_part(
                self, "embeddings", (self.input_dim, self.output_dim)
            )
        self.built = True

    def call(self, inputs: Any) -> Any:
        """int (rows, ...) to float (rows, ..., output_dim)."""
        return ops.take(self.embeddings, ops.cast(inputs, "int32"), axis=0)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """True where the id is not 0; None without `mask_zero`: every id counts."""
        return ops.not_equal(inputs, 0) if self.mask_zero else None

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "input_dim": self.input_dim,
            "output_dim": self.output_dim,
            "embeddings_initializer": initializers.serialize(
                self.embeddings_initializer
            ),
            "embeddings_regularizer": regularizers.serialize(
                self.embeddings_regularizer
            ),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            "embeddings_constraint": constraints.serialize(self.embeddings_constraint),
            "mask_zero": self.mask_zero,
            "quantization_config": None,
        }
