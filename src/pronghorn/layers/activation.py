"""Activations with arguments, as layers."""

from __future__ import annotations

from typing import Any

from pronghorn import activations, constraints, initializers, ops, regularizers
from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.ir.shapes import axes as all_axes
from pronghorn.layers.core import known_size
from pronghorn.layers.input_spec import InputSpec
from pronghorn.layers.layer import Layer
from pronghorn.registry import keras_class

__all__ = ["ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax"]

_LEFT_OUT = -1e9  # its exponential is 0 beside that of any input


class _Stateless(Layer):
    """Base: no weights."""

    supports_masking = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._build_at_init()

    def _not_negative(self, name: str, value: Any) -> None:
        good = isinstance(value, (int, float)) and value >= 0
        if not good:
            raise ArgumentError(
                f"{name} is a number from 0 up.",
                where=f"layer {self.name!r}, {name}",
                expected="a number from 0 up",
                received=repr(value),
                remedy="write a slope below 0 as a positive number",
            )


@keras_class("keras.layers")
class ReLU(_Stateless):
    """`max(x, 0)`, with a slope below, a ceiling and a threshold if wanted.

    Args:
        max_value: ceiling. Default none.
        negative_slope: below the threshold. Default 0.
        threshold: default 0.
    """

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if max_value is not None:
            self._not_negative("max_value", max_value)
        self._not_negative("negative_slope", negative_slope)
        self._not_negative("threshold", threshold)
        self.max_value = max_value
        self.negative_slope = negative_slope
        self.threshold = threshold

    def call(self, inputs: Any) -> Any:
        """Any shape to the same shape."""
        return activations.relu(
            inputs,
            negative_slope=self.negative_slope,
            max_value=self.max_value,
            threshold=self.threshold,
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "max_value": self.max_value,
            "negative_slope": self.negative_slope,
            "threshold": self.threshold,
        }


@keras_class("keras.layers")
class LeakyReLU(_Stateless):
    """`x` above 0, `negative_slope * x` below.

    Args:
        negative_slope: default 0.3. Keras 2's name for it, `alpha`, is understood.
    """

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        negative_slope = kwargs.pop("alpha", negative_slope)
        super().__init__(**kwargs)
        self._not_negative("negative_slope", negative_slope)
        self.negative_slope = negative_slope

    def call(self, inputs: Any) -> Any:
        """Any shape to the same shape."""
        return ops.leaky_relu(inputs, self.negative_slope)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "negative_slope": self.negative_slope}


@keras_class("keras.layers")
class ELU(_Stateless):
    """`x` above 0, `alpha * (exp(x) - 1)` below.

    Args:
        alpha: default 1.
    """

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = alpha

    def call(self, inputs: Any) -> Any:
        """Any shape to the same shape."""
        return ops.elu(inputs, self.alpha)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "alpha": self.alpha}


@keras_class("keras.layers")
class Softmax(_Stateless):
    """Positive numbers along an axis that add up to 1.

    Args:
        axis: one axis or several. Default -1.

    With a mask, which broadcasts to the inputs, what it leaves out is 0; numbers
    above 0.5 count as True.

    Raises:
        ShapeError: when it is called, for a mask that does not broadcast.

    Example:

    >>> import numpy as np
    >>> x = np.array([[1.0, 1.0, 5.0]], "float32")
    >>> Softmax()(x, mask=np.array([[True, True, False]]))
    array([[0.5, 0.5, 0. ]], dtype=float32)
    """

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Any shape to the same shape."""
        if mask is None:
            return ops.softmax(inputs, self.axis)
        self._check_mask(tuple(inputs.shape), tuple(mask.shape))
        if str(mask.dtype) != "bool":
            mask = ops.greater(mask, 0.5)
        # Where all is left out the softmax is even, hence the second `where`.
        kept = ops.softmax(ops.where(mask, inputs, _LEFT_OUT), self.axis)
        return ops.where(mask, kept, 0.0)

    def _check_mask(self, shape: tuple[Any, ...], mask: tuple[Any, ...]) -> None:
        pairs = zip(reversed(mask), reversed(shape))
        fits = all(m == 1 or None in (m, n) or m == n for m, n in pairs)
        if len(mask) > len(shape) or not fits:
            raise ShapeError(
                "The mask does not fit the inputs.",
                where=f"layer {self.name!r}, mask",
                expected=f"a shape that broadcasts to {shape}",
                received=mask,
            )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "axis": self.axis}


@keras_class("keras.layers")
class PReLU(Layer):
    """`x` above 0, `alpha * x` below, with an alpha that is learned for each feature.

    He et al., arXiv 1502.01852.

    Args:
        alpha_initializer: default "zeros".
        alpha_regularizer, alpha_constraint: default none.
        shared_axes: axes along which one alpha serves all; the rows' axis 0 always
            does. Default none.

    Shapes: any to the same; alpha has the shape of one row.

    Example:

    >>> import numpy as np
    >>> PReLU(alpha_initializer="ones")(np.array([[-1.0, 2.0]], "float32"))
    array([[-1.,  2.]], dtype=float32)
    """

    supports_masking = True

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        listed = [shared_axes] if isinstance(shared_axes, int) else shared_axes
        self.shared_axes = None if listed is None else list(listed)

    def build(self, input_shape: Any) -> None:
        """Makes alpha for rows of this shape."""
        rank = len(input_shape)
        shared = all_axes(self.shared_axes or (), rank)
        sizes = [
            1 if i in shared else known_size(input_shape, i, self)
            for i in range(1, rank)
        ]
        self.alpha = self.add_weight(
            name="alpha",
            shape=sizes,
            initializer=self.alpha_initializer,
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
        )
        kept = {i: input_shape[i] for i in range(1, rank) if i not in shared}
        self.input_spec = InputSpec(ndim=rank, axes=kept)
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Any shape to the same shape."""
        return ops.relu(inputs) - self.alpha * ops.relu(-inputs)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "alpha_initializer": initializers.serialize(self.alpha_initializer),
            "alpha_regularizer": regularizers.serialize(self.alpha_regularizer),
            "alpha_constraint": constraints.serialize(self.alpha_constraint),
            "shared_axes": self.shared_axes,
        }
