"""Adafactor: squared gradients kept by row and column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from pronghorn import ops
from pronghorn.ir import Variable
from pronghorn.optimizers.optimizer import Config, LearningRate, Optimizer, Shared
from pronghorn.optimizers.signature import takes_shared
from pronghorn.registry import keras_class

__all__ = ["Adafactor"]

_OWN = ("beta_2_decay", "epsilon_1", "epsilon_2", "clip_threshold", "relative_step")


@keras_class("keras.optimizers")
class Adafactor(Optimizer):
    """Divides gradients by roots of factored mean squares (Shazeer and Stern, 2018).

    The last two dimensions of a variable have a mean square each, whose product stands
    for the whole; vectors keep theirs in full. Steps are relative to the size of the
    variable.

    Args:
        learning_rate: the longest relative step. Default 0.001.
        beta_2_decay: the power of the step's number by which the mean squares forget.
            Default -0.8.
        epsilon_1: added to squared gradients. Default 1e-30.
        epsilon_2: the least size that a variable counts for. Default 1e-3.
        clip_threshold: the largest root mean square of a step, before its scaling.
            Default 1.
        relative_step: bound the rate by the root of the step's number. Default True.
            The step has this bound anyway, here as in Keras, so it changes nothing.
        **shared: see `Optimizer`.

    Example:

    >>> import numpy as np
    >>> w = Variable([2.0], name="w")
    >>> Adafactor(learning_rate=0.1).apply([np.array([5.0])], [w])
    >>> w.numpy().round(4)
    array([1.8], dtype=float32)
    """

    @takes_shared
    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.beta_2_decay = beta_2_decay
        self.epsilon_1 = epsilon_1
        self.epsilon_2 = epsilon_2
        self.clip_threshold = clip_threshold
        self.relative_step = relative_step

    def build(self, var_list: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(var_list)
        self._rows: list[Variable] = []
        self._columns: list[Variable] = []
        self._velocities: list[Variable] = []
        for variable in var_list:
            shape, name = variable.shape, variable.name
            # Keras's files hold two numbers without a use for each vector.
            factored = len(shape) > 1
            row = shape[:-1] if factored else ()
            column = (*shape[:-2], shape[-1]) if factored else ()
            dtype = variable.dtype if factored else "int32"
            self._rows.append(self.add_variable(row, dtype=dtype, name=name))
            self._columns.append(self.add_variable(column, dtype=dtype, name=name))
            velocity = self.add_variable_from_reference(variable, "velocity")
            self._velocities.append(velocity)

    def update_step(
        self, gradient: Any, variable: Variable, learning_rate: Any
    ) -> None:
        index = self._get_variable_index(variable)
        step = ops.cast(self.iterations + 1, "float32")
        slowest = ops.divide(1.0, ops.sqrt(step))
        relative = ops.minimum(learning_rate, slowest)
        alpha = ops.maximum(self.epsilon_2, _size(variable)) * relative
        keep = 1.0 - ops.power(step, float(self.beta_2_decay))
        square = ops.square(gradient) + self.epsilon_1
        v = self._velocities[index]
        if variable.ndim > 1:
            r, c = self._rows[index], self._columns[index]
            r.assign(keep * r + (1.0 - keep) * ops.mean(square, axis=-1))
            c.assign(keep * c + (1.0 - keep) * ops.mean(square, axis=-2))
            share = ops.divide(r, ops.mean(r, axis=-1, keepdims=True))
            v.assign(ops.expand_dims(share, -1) * ops.expand_dims(c, -2))
        else:
            v.assign(keep * v + (1.0 - keep) * square)
        change = ops.divide(gradient, ops.sqrt(v))
        excess = ops.divide(_size(change), self.clip_threshold)
        variable.assign_sub(alpha * ops.divide(change, ops.maximum(1.0, excess)))

    def get_config(self) -> Config:
        return {**super().get_config(), **{name: getattr(self, name) for name in _OWN}}


def _size(x: Any) -> Any:
    """The root mean square of all elements."""
    return ops.sqrt(ops.mean(ops.square(x)))
