"""Adam and its relatives: moments of the gradient, corrected for their start at 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from pronghorn import ops
from pronghorn.errors import ArgumentError
from pronghorn.ir import Variable
from pronghorn.optimizers.optimizer import Config, LearningRate, Optimizer, Shared
from pronghorn.optimizers.signature import takes_shared
from pronghorn.registry import keras_class

__all__ = ["Adam", "AdamW", "Adamax", "Moments", "Nadam"]

_known = keras_class("keras.optimizers")


class Moments(Optimizer):
    """The arguments that Adam and its relatives share."""

    @takes_shared
    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon

    def _step(self, ahead: int = 1) -> Any:
        """The number of this update, counted from 1 (or from `ahead`)."""
        return ops.cast(self.iterations + ahead, "float32")

    def get_config(self) -> Config:
        own = {k: getattr(self, k) for k in ("beta_1", "beta_2", "epsilon")}
        return {**super().get_config(), **own}


@_known
class Adam(Moments):
    """Steps by the mean gradient over the root of the mean squared gradient.

    (Kingma and Ba, 2014; epsilon is the "epsilon hat" of its section 2.)

    Args:
        learning_rate: default 0.001.
        beta_1: how much of the mean gradient a step keeps. Default 0.9.
        beta_2: how much of the mean squared gradient it keeps. Default 0.999.
        epsilon: added to the root. Default 1e-7.
        amsgrad: use the largest mean square so far (Reddi et al., 2018).
        **shared: see `Optimizer`.

    Example:

    >>> import numpy as np
    >>> w = Variable([1.0], name="w")
    >>> Adam(learning_rate=0.1).apply([np.array([5.0])], [w])
    >>> w.numpy().round(4)
    array([0.9], dtype=float32)
    """

    @takes_shared
    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **shared)
        self.amsgrad = amsgrad

    def build(self, var_list: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(var_list)
        names = ["momentum", "velocity"]
        made = self.add_optimizer_variables(var_list, names)
        self._momentums, self._velocities = made
        if self.amsgrad:
            self._largest = self.add_optimizer_variables(var_list, "velocity_hat")

    def update_step(
        self, gradient: Any, variable: Variable, learning_rate: Any
    ) -> None:
        index = self._get_variable_index(variable)
        m, v = self._momentums[index], self._velocities[index]
        step = self._step()
        start_1 = 1.0 - ops.power(float(self.beta_1), step)
        start_2 = 1.0 - ops.power(float(self.beta_2), step)
        alpha = ops.divide(learning_rate * ops.sqrt(start_2), start_1)
        m.assign_add((gradient - m) * (1.0 - self.beta_1))
        v.assign_add((ops.square(gradient) - v) * (1.0 - self.beta_2))
        if self.amsgrad:
            largest = self._largest[index]
            largest.assign(ops.maximum(largest, v))
            v = largest
        variable.assign_sub(ops.divide(m * alpha, ops.sqrt(v) + self.epsilon))

    def get_config(self) -> Config:
        return {**super().get_config(), "amsgrad": self.amsgrad}


@_known
class AdamW(Adam):
    """Adam with weight decay apart from the gradient (Loshchilov and Hutter, 2017).

    Args:
        learning_rate: default 0.001.
        weight_decay: default 0.004.
        beta_1: see `Adam`.
        beta_2: see `Adam`.
        epsilon: see `Adam`.
        amsgrad: see `Adam`.
        **shared: see `Optimizer`.

    Raises:
        ArgumentError: weight_decay is None.

    Example:

    >>> import numpy as np
    >>> w = Variable([1.0], name="w")
    >>> AdamW(0.1, weight_decay=0.5).apply([np.array([5.0])], [w])
    >>> w.numpy().round(4)
    array([0.85], dtype=float32)
    """

    @takes_shared
    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **shared: Any,
    ) -> None:
        if weight_decay is None:
            raise ArgumentError(
                "Argument `weight_decay` must be a float. Received: weight_decay=None.",
                where="optimizer AdamW",
                expected="a number",
                received="weight_decay=None",
                remedy="use Adam for none",
            )
        super().__init__(
            learning_rate,
            beta_1,
            beta_2,
            epsilon,
            amsgrad,
            weight_decay=weight_decay,
            **shared,
        )


@_known
class Adamax(Moments):
    """Adam with the largest gradient instead of the root mean square.

    (Kingma and Ba, 2014, section 7.)

    Args:
        learning_rate: default 0.001.
        beta_1: see `Adam`.
        beta_2: how much of the largest gradient a step keeps. Default 0.999.
        epsilon: added to the largest gradient. Default 1e-7.
        **shared: see `Optimizer`.

    Example:

    >>> import numpy as np
    >>> w = Variable([1.0], name="w")
    >>> Adamax(learning_rate=0.1).apply([np.array([5.0])], [w])
    >>> w.numpy().round(4)
    array([0.9], dtype=float32)
    """

    def build(self, var_list: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(var_list)
        self._m, self._u = self.add_optimizer_variables(var_list, ["momentum", "norm"])

    def update_step(
        self, gradient: Any, variable: Variable, learning_rate: Any
    ) -> None:
        index = self._get_variable_index(variable)
        m, u = self._m[index], self._u[index]
        start = 1.0 - ops.power(float(self.beta_1), self._step())
        m.assign_add((gradient - m) * (1.0 - self.beta_1))
        u.assign(ops.maximum(self.beta_2 * u, ops.abs(gradient)))
        change = ops.divide(learning_rate * m, start * (u + self.epsilon))
        variable.assign_sub(change)


@_known
class Nadam(Moments):
    """Adam with Nesterov momentum (Dozat, 2015).

    Args:
        learning_rate: default 0.001.
        beta_1: see `Adam`.
        beta_2: see `Adam`.
        epsilon: see `Adam`.
        **shared: see `Optimizer`.

    Example:

    >>> import numpy as np
    >>> w = Variable([1.0], name="w")
    >>> Nadam(learning_rate=0.1).apply([np.array([5.0])], [w])
    >>> bool(w.numpy()[0] < 0.95)
    True
    """

    def build(self, var_list: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(var_list)
        names = ["momentum", "velocity"]
        made = self.add_optimizer_variables(var_list, names)
        self._momentums, self._velocities = made
        self._u_product = self.add_variable((), "ones", name="u_product")

    def _update_steps(
        self, grads: list[Any], variables: list[Variable], learning_rate: Any
    ) -> None:
        self._u_product.assign(self._u_product * self._beta_at(1))
        super()._update_steps(grads, variables, learning_rate)

    def _beta_at(self, ahead: int) -> Any:
        """The momentum of this update (1) or the next (2): it grows with time."""
        return self.beta_1 * (1.0 - 0.5 * ops.power(0.96, self._step(ahead)))

    def update_step(
        self, gradient: Any, variable: Variable, learning_rate: Any
    ) -> None:
        index = self._get_variable_index(variable)
        m, v = self._momentums[index], self._velocities[index]
        now, coming = self._beta_at(1), self._beta_at(2)
        product = self._u_product.value
        start = 1.0 - ops.power(float(self.beta_2), self._step())
        m.assign_add((gradient - m) * (1.0 - self.beta_1))
        v.assign_add((ops.square(gradient) - v) * (1.0 - self.beta_2))
        from_mean = ops.divide(coming * m, 1.0 - product * coming)
        from_now = ops.divide((1.0 - now) * gradient, 1.0 - product)
        root = ops.sqrt(ops.divide(v, start)) + self.epsilon
        change = ops.divide((from_mean + from_now) * learning_rate, root)
        variable.assign_sub(change)
