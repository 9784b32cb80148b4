"""Lion: steps of one size, by the sign of the momentum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from pronghorn import ops
from pronghorn.errors import ArgumentError
from pronghorn.ir import Variable
from pronghorn.optimizers.optimizer import Config, LearningRate, Optimizer, Shared
from pronghorn.optimizers.signature import takes_shared
from pronghorn.registry import keras_class

__all__ = ["Lion"]


@keras_class("keras.optimizers")
class Lion(Optimizer):
    """`w -= learning_rate * sign(beta_1 * m + (1 - beta_1) * g)` (Chen et al., 2023).

    Args:
        learning_rate: default 0.001; a tenth of what Adam wants.
        beta_1: the weight of the momentum in the step. Default 0.9.
        beta_2: how much of the momentum a step keeps. Default 0.99.
        **shared: see `Optimizer`.

    Raises:
        ArgumentError: a beta_1 of 0 or less, or above 1.

    Example:

    >>> import numpy as np
    >>> w = Variable([1.0], name="w")
    >>> Lion(learning_rate=0.5).apply([np.array([5.0])], [w])
    >>> w.numpy()
    array([0.5], dtype=float32)
    """

    @takes_shared
    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, **shared)
        if not 0 < beta_1 <= 1:
            raise ArgumentError(
                "This is no beta_1.",
                where="optimizer Lion",
                expected="a number above 0, up to 1",
                received=f"beta_1={beta_1!r}",
            )
        self.beta_1 = beta_1
        self.beta_2 = beta_2

    def build(self, var_list: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(var_list)
        self._momentums = self.add_optimizer_variables(var_list, "momentum")

    def update_step(
        self, gradient: Any, variable: Variable, learning_rate: Any
    ) -> None:
        m = self._momentums[self._get_variable_index(variable)]
        direction = ops.sign(m * self.beta_1 + gradient * (1.0 - self.beta_1))
        variable.assign_sub(learning_rate * direction)
        m.assign(m * self.beta_2 + gradient * (1.0 - self.beta_2))

    def get_config(self) -> Config:
        return {**super().get_config(), "beta_1": self.beta_1, "beta_2": self.beta_2}
