"""Schedule-free AdamW: averages of the weights instead of a falling rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from pronghorn import ops
from pronghorn.ir import Variable
from pronghorn.optimizers.adam import Moments
from pronghorn.optimizers.optimizer import Config, LearningRate, Shared
from pronghorn.optimizers.signature import takes_shared
from pronghorn.registry import keras_class

__all__ = ["ScheduleFreeAdamW"]


@keras_class("keras.optimizers")
class ScheduleFreeAdamW(Moments):
    """Adam on one copy of the weights, whose mean they follow (Defazio et al., 2024).

    The weights that gradients are taken at lie between that copy and its mean.

    Args:
        learning_rate: default 0.0025.
        beta_1: how near to the mean. Default 0.9.
        beta_2: how much of the mean squared gradient a step keeps. Default 0.999.
        epsilon: added to the root. Default 1e-8.
        warmup_steps: let the rate grow from 0 for so many steps. Default 0.
        **shared: see `Optimizer`.

    Example:

    >>> import numpy as np
    >>> w = Variable([1.0], name="w")
    >>> ScheduleFreeAdamW(learning_rate=0.1).apply([np.array([5.0])], [w])
    >>> w.numpy().round(4)
    array([0.9], dtype=float32)
    """

    @takes_shared
    def __init__(
        self,
        learning_rate: LearningRate = 0.0025,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        warmup_steps: int = 0,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **shared)
        self.warmup_steps = warmup_steps

    def build(self, var_list: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(var_list)
        names = ["momentum", "velocity"]
        made = self.add_optimizer_variables(var_list, names)
        self._copies, self._velocities = made
        for copy, variable in zip(self._copies, var_list, strict=True):
            copy.assign(variable.value)

    def update_step(
        self, gradient: Any, variable: Variable, learning_rate: Any
    ) -> None:
        index = self._get_variable_index(variable)
        z, v = self._copies[index], self._velocities[index]
        step, near = self._step(), float(self.beta_1)
        if self.warmup_steps > 0:
            grown = ops.minimum(ops.divide(step, float(self.warmup_steps)), 1.0)
            learning_rate = learning_rate * grown
        mean = ops.divide(variable - (1.0 - near) * z, near)
        v.assign_add((ops.square(gradient) - v) * (1.0 - self.beta_2))
        square = ops.divide(v, 1.0 - ops.power(float(self.beta_2), step))
        root = ops.sqrt(square) + self.epsilon
        z.assign_sub(ops.divide(learning_rate * gradient, root))
        weight = ops.divide(1.0, step)
        mean = (1.0 - weight) * mean + weight * z
        variable.assign((1.0 - near) * z + near * mean)

    def get_config(self) -> Config:
        return {**super().get_config(), "warmup_steps": self.warmup_steps}
