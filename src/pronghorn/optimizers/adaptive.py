"""RMSprop, Adagrad, Adadelta: rates that follow the size of each weight's gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from pronghorn import ops
from pronghorn.initializers import Constant
from pronghorn.ir import Variable
from pronghorn.optimizers.optimizer import Config, LearningRate, Optimizer, Shared
from pronghorn.optimizers.signature import takes_shared
from pronghorn.registry import keras_class

__all__ = ["Adadelta", "Adagrad", "RMSprop"]

_known = keras_class("keras.optimizers")


@_known
class RMSprop(Optimizer):
    """Divides the gradient by the root of its mean square (Hinton, 2012).

    Args:
        learning_rate: default 0.001.
        rho: how much of the mean square a step keeps. Default 0.9.
        momentum: how much of the last change a step repeats. Default 0.
        epsilon: added to the mean square, under the root. Default 1e-7.
        centered: divide by the standard deviation instead. Default False.
        **shared: see `Optimizer`.

    Example:

    >>> import numpy as np
    >>> w = Variable([1.0], name="w")
    >>> RMSprop(learning_rate=0.1).apply([np.array([5.0])], [w])
    >>> w.numpy().round(4)
    array([0.6838], dtype=float32)
    """

    @takes_shared
    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.rho = rho
        self.momentum = momentum
        self.epsilon = epsilon
        self.centered = centered

    def build(self, var_list: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(var_list)
        self._velocities = self.add_optimizer_variables(var_list, "velocity")
        if self.momentum > 0:
            self._momentums = self.add_optimizer_variables(var_list, "momentum")
        if self.centered:
            self._means = self.add_optimizer_variables(var_list, "average_gradient")

    def update_step(
        self, gradient: Any, variable: Variable, learning_rate: Any
    ) -> None:
        index = self._get_variable_index(variable)
        v, rho = self._velocities[index], self.rho
        v.assign(rho * v + (1.0 - rho) * ops.square(gradient))
        spread = v + self.epsilon
        if self.centered:
            mean = self._means[index]
            mean.assign(rho * mean + (1.0 - rho) * gradient)
            spread = v - ops.square(mean) + self.epsilon
        change = ops.divide(learning_rate * gradient, ops.sqrt(spread))
        if self.momentum > 0:
            m = self._momentums[index]
            m.assign(self.momentum * m + change)
            change = m.value
        variable.assign_sub(change)

    def get_config(self) -> Config:
        own = ("rho", "momentum", "epsilon", "centered")
        return {**super().get_config(), **{k: getattr(self, k) for k in own}}


@_known
class Adagrad(Optimizer):
    """Divides the gradient by the root of the sum of its squares (Duchi et al., 2011).

    Args:
        learning_rate: default 0.001.
        initial_accumulator_value: what the sum starts from. Default 0.1.
        epsilon: added to the sum, under the root. Default 1e-7.
        **shared: see `Optimizer`.

    Example:

    >>> import numpy as np
    >>> w = Variable([1.0], name="w")
    >>> Adagrad(0.1, initial_accumulator_value=0.0).apply([np.array([5.0])], [w])
    >>> w.numpy().round(4)
    array([0.9], dtype=float32)
    """

    @takes_shared
    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = epsilon

    def build(self, var_list: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(var_list)
        start = Constant(self.initial_accumulator_value)
        self._sums = self.add_optimizer_variables(var_list, "accumulator", start)

    def update_step(
        self, gradient: Any, variable: Variable, learning_rate: Any
    ) -> None:
        total = self._sums[self._get_variable_index(variable)]
        total.assign_add(ops.square(gradient))
        root = ops.sqrt(total + self.epsilon)
        variable.assign_sub(ops.divide(learning_rate * gradient, root))

    def get_config(self) -> Config:
        own = ("initial_accumulator_value", "epsilon")
        return {**super().get_config(), **{k: getattr(self, k) for k in own}}


@_known
class Adadelta(Optimizer):
    """Scales the gradient by the size of recent changes over its own (Zeiler, 2012).

    Args:
        learning_rate: default 0.001; the paper's is 1.
        rho: how much of the mean squares a step keeps. Default 0.95.
        epsilon: added to the mean squares, under the root. Default 1e-7.
        **shared: see `Optimizer`.

    Example:

    >>> import numpy as np
    >>> w = Variable([1.0], name="w")
    >>> Adadelta(learning_rate=1.0).apply([np.array([5.0])], [w])
    >>> w.numpy().round(4)
    array([0.9986], dtype=float32)
    """

    @takes_shared
    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.rho = rho
        self.epsilon = epsilon

    def build(self, var_list: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(var_list)
        names = ["accumulated_grad", "accumulated_delta_var"]
        made = self.add_optimizer_variables(var_list, names)
        self._gradients, self._changes = made

    def update_step(self, grad: Any, variable: Variable, learning_rate: Any) -> None:
        index = self._get_variable_index(variable)
        g, d, rho = self._gradients[index], self._changes[index], self.rho
        g.assign(rho * g + (1.0 - rho) * ops.square(grad))
        recent = ops.sqrt(d + self.epsilon) * grad
        change = -ops.divide(recent, ops.sqrt(g + self.epsilon))
        d.assign(rho * d + (1.0 - rho) * ops.square(change))
        variable.assign_add(learning_rate * change)

    def get_config(self) -> Config:
        return {**super().get_config(), "rho": self.rho, "epsilon": self.epsilon}
