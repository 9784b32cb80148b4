"""LAMB: Adam's step, as long as the layer's weights are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pronghorn import ops
from pronghorn.ir import Variable
from pronghorn.optimizers.adam import Moments
from pronghorn.registry import keras_class

__all__ = ["Lamb"]


@keras_class("keras.optimizers")
class Lamb(Moments):
    """Adam's step, scaled by the norm of the variable over its own (You et al., 2019).

    Made for large batches.

    Args:
        learning_rate: default 0.001.
        beta_1: how much of the mean gradient a step keeps. Default 0.9.
        beta_2: how much of the mean squared gradient it keeps. Default 0.999.
        epsilon: added to the root. Default 1e-7.
        **shared: see `Optimizer`.

    Example:

    >>> import numpy as np
    >>> w = Variable([2.0], name="w")
    >>> Lamb(learning_rate=0.1).apply([np.array([5.0])], [w])
    >>> w.numpy().round(4)
    array([1.8], dtype=float32)
    """

    def build(self, var_list: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(var_list)
        names = ["momentum", "velocity"]
        made = self.add_optimizer_variables(var_list, names)
        self._momentums, self._velocities = made

    def update_step(
        self, gradient: Any, variable: Variable, learning_rate: Any
    ) -> None:
        index = self._get_variable_index(variable)
        m, v = self._momentums[index], self._velocities[index]
        step = self._step()
        m.assign_add((gradient - m) * (1.0 - self.beta_1))
        v.assign_add((ops.square(gradient) - v) * (1.0 - self.beta_2))
        mean = ops.divide(m, 1.0 - ops.power(float(self.beta_1), step))
        square = ops.divide(v, 1.0 - ops.power(float(self.beta_2), step))
        change = ops.divide(mean, ops.sqrt(square) + self.epsilon)
        length, step_length = _norm(variable), _norm(change)
        moves = ops.logical_and(ops.greater(length, 0.0), ops.greater(step_length, 0.0))
        # where the step is 0 the quotient is not used, and must not be infinite
        ratio = ops.divide(length, ops.where(moves, step_length, 1.0))
        ratio = ops.where(moves, ratio, 1.0)
        variable.assign_sub(ratio * learning_rate * change)


def _norm(x: Any) -> Any:
    return ops.sqrt(ops.sum(ops.square(x)))
