"""Gradient descent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from pronghorn.errors import ArgumentError
from pronghorn.ir import Variable
from pronghorn.optimizers.optimizer import Config, LearningRate, Optimizer, Shared
from pronghorn.optimizers.signature import takes_shared
from pronghorn.registry import keras_class

__all__ = ["SGD"]


@keras_class("keras.optimizers")
class SGD(Optimizer):
    """Stochastic gradient descent, with momentum if wanted.

    Without momentum `w -= learning_rate * g`. With momentum a velocity
    `v = momentum * v - learning_rate * g` is added to w; with `nesterov`,
    `momentum * v - learning_rate * g` is, with the new v.

    Args:
        learning_rate: default 0.01.
        momentum: 0 (default) to 1.
        nesterov: default False.
        **shared: see `Optimizer`.

    Raises:
        ArgumentError: a momentum outside of 0 to 1.

    Example:

    >>> import numpy as np
    >>> w = Variable([1.0], name="w")
    >>> SGD(learning_rate=0.5).apply([np.array([1.0])], [w])
    >>> w.numpy()
    array([0.5], dtype=float32)
    """

    @takes_shared
    def __init__(
        self,
        learning_rate: LearningRate = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, **shared)
        if not 0 <= momentum <= 1:
            raise ArgumentError(
                "`momentum` must be a float between [0, 1].",
                where="optimizer SGD",
                expected="a number from 0 to 1",
                received=f"momentum={momentum!r}",
            )
        self.momentum = momentum
        self.nesterov = nesterov

    def build(self, variables: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        self.momentums: list[Variable] = []
        if self.momentum:
            self.momentums = self.add_optimizer_variables(variables, "momentum")

    def update_step(
        self, gradient: Any, variable: Variable, learning_rate: Any
    ) -> None:
        change = gradient * learning_rate
        if not self.momentum:
            variable.assign_sub(change)
            return
        velocity = self.momentums[self._get_variable_index(variable)]
        velocity.assign(velocity * self.momentum - change)
        if self.nesterov:
            variable.assign_add(velocity * self.momentum - change)
        else:
            variable.assign_add(velocity.value)

    def get_config(self) -> Config:
        own = {"momentum": self.momentum, "nesterov": self.nesterov}
        return {**super().get_config(), **own}
