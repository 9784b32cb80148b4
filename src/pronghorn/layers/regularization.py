"""Layers that keep a network from learning its training rows by heart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pronghorn import random
from pronghorn.errors import ArgumentError
from pronghorn.layers.layer import Layer
from pronghorn.registry import keras_class

__all__ = ["Dropout"]


@keras_class("keras.layers")
class Dropout(Layer):
    """Sets elements to 0 at random in training, and scales the rest up.

    Srivastava et al., JMLR 15 (2014). In prediction it does nothing.

    Args:
        rate: the probability of being dropped, 0 to 1.
        noise_shape: the shape of the mask; 1 shares a draw along an axis.
        seed: a whole number; drawn by default.

    Raises:
        ArgumentError: if `rate` is not between 0 and 1.
    """

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not isinstance(rate, (int, float)) or not 0 <= rate <= 1:
            raise ArgumentError(
                "A dropout rate is a probability.",
                where=f"layer {self.name!r}, rate",
                expected="a number from 0 to 1",
                received=repr(rate),
                remedy="0.2 to 0.5 are usual",
            )
        self.rate = rate
        self.seed = seed
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)
        if rate > 0:
            self.seed_generator = random.SeedGenerator(seed)
        self.built = True

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        """Any shape to the same shape."""
        if not training or self.rate == 0:
            return inputs
        if self.rate == 1:
            return inputs * 0.0
        return random.dropout(inputs, self.rate, self.noise_shape, self.seed_generator)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "rate": self.rate,
            "seed": self.seed,
            "noise_shape": self.noise_shape,
        }
