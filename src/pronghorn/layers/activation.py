"""Activations with arguments, as layers."""

from __future__ import annotations

from typing import Any

from pronghorn import activations, ops
from pronghorn.layers.layer import Layer
from pronghorn.registry import keras_class

__all__ = ["ELU", "LeakyReLU", "ReLU", "Softmax"]


class _Stateless(Layer):
    """Base: no weights."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.built = True


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
        axis: default -1.
    """

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Any) -> Any:
        """Any shape to the same shape."""
        return ops.softmax(inputs, self.axis)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "axis": self.axis}
