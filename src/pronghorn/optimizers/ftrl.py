"""FTRL: follow the regularized leader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from pronghorn import ops
from pronghorn.initializers import Constant
from pronghorn.ir import Variable
from pronghorn.optimizers.optimizer import Config, LearningRate, Optimizer, Shared
from pronghorn.optimizers.signature import takes_shared
from pronghorn.registry import keras_class

__all__ = ["Ftrl"]

_OWN = (
    "learning_rate_power",
    "initial_accumulator_value",
    "l1_regularization_strength",
    "l2_regularization_strength",
    "l2_shrinkage_regularization_strength",
    "beta",
)


@keras_class("keras.optimizers")
class Ftrl(Optimizer):
    """Minimises all gradients so far, plus L1 and L2 (McMahan et al., 2013).

    Made for wide linear models of rare features: L1 sets weights to exactly 0.

    Args:
        learning_rate: default 0.001.
        learning_rate_power: how the rate falls with the sum of squared gradients, 0 or
            less. Default -0.5: by its root.
        initial_accumulator_value: what that sum starts from, 0 or more. Default 0.1.
        l1_regularization_strength: 0 or more. Default 0.
        l2_regularization_strength: keeps weights near 0; 0 or more. Default 0.
        l2_shrinkage_regularization_strength: a penalty in the loss itself, 0 or more.
            Default 0.
        beta: the paper's beta. Default 0.
        **shared: see `Optimizer`.

    Raises:
        ArgumentError: an argument out of its range.

    Example:

    >>> import numpy as np
    >>> w = Variable([0.0], name="w")
    >>> Ftrl(learning_rate=0.1).apply([np.array([5.0])], [w])
    >>> w.numpy().round(4)
    array([-0.0998], dtype=float32)
    """

    @takes_shared
    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta
        for name in _OWN[:-1]:
            sign = -1 if name == "learning_rate_power" else 1
            self._require(
                sign * getattr(self, name) >= 0,
                f"a number of 0 or {'less' if sign < 0 else 'more'} for {name}",
                f"{name}={getattr(self, name)!r}",
            )

    def build(self, var_list: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(var_list)
        start = Constant(self.initial_accumulator_value)
        names = ["accumulator", "linear"]
        made = self.add_optimizer_variables(var_list, names, [start, "zeros"])
        self._sums, self._linears = made

    def update_step(
        self, gradient: Any, variable: Variable, learning_rate: Any
    ) -> None:
        index = self._get_variable_index(variable)
        total, z = self._sums[index], self._linears[index]
        shrinkage = 2.0 * self.l2_shrinkage_regularization_strength
        before = ops.power(total.value, -self.learning_rate_power)
        total.assign_add(ops.square(gradient))
        after = ops.power(total.value, -self.learning_rate_power)
        pulled = ops.divide(after - before, learning_rate) * variable
        z.assign_add(gradient + variable * shrinkage - pulled)
        l2 = self.l2_regularization_strength + ops.divide(
            self.beta, 2.0 * learning_rate
        )
        steepness = ops.divide(after, learning_rate) + 2.0 * l2
        l1 = self.l1_regularization_strength
        variable.assign(ops.divide(ops.clip(z, -l1, l1) - z, steepness))

    def get_config(self) -> Config:
        return {**super().get_config(), **{name: getattr(self, name) for name in _OWN}}
