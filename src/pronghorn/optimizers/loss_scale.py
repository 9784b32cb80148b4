"""`LossScaleOptimizer`: the loss made large, so that small gradients survive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pronghorn import config as configs
from pronghorn import initializers, ops
from pronghorn.errors import ArgumentError
from pronghorn.ir import Variable
from pronghorn.optimizers.optimizer import Config, Optimizer
from pronghorn.optimizers.signature import SHARED
from pronghorn.optimizers.slots import snapshot
from pronghorn.registry import keras_class

__all__ = ["LossScaleOptimizer"]


@keras_class("keras.optimizers", aliases=("keras.mixed_precision",))
class LossScaleOptimizer(Optimizer):
    """Another optimizer, with a loss scale that follows what the gradients bear.

    The loss is multiplied by the scale, gradients are divided by it. A step whose
    gradients are not finite is left out, and halves the scale; after
    `dynamic_growth_steps` good ones the scale doubles. (Micikevicius et al., 2017.)
    Steps are computed in float32 here, whatever the policy says, so nothing needs it:
    it is there for scripts and files that name it.

    Args:
        inner_optimizer: does the updates.
        initial_scale: default 2 ** 15.
        dynamic_growth_steps: default 2000.
        name: default "loss_scale_optimizer".
        **kwargs: none. Arguments of optimizers belong to the inner one.

    Raises:
        ArgumentError: an argument that it does not have, an inner optimizer that is
            none.

    Example:

    >>> import numpy as np
    >>> from pronghorn.optimizers import SGD
    >>> w, optimizer = Variable([1.0], name="w"), LossScaleOptimizer(SGD(0.5))
    >>> optimizer.build([w])
    >>> optimizer.apply([optimizer.scale_loss(np.array([1.0]))], [w])
    >>> optimizer.apply([np.array([np.inf])], [w])
    >>> float(w.numpy()[0]), float(optimizer.dynamic_scale)
    (0.5, 16384.0)
    """

    def __init__(
        self,
        inner_optimizer: Any,
        initial_scale: float = 2.0**15,
        dynamic_growth_steps: int = 2000,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        # Older files name the shared arguments, all at their defaults.
        others = {
            key: value
            for key, value in kwargs.items()
            if not (key in SHARED and value == SHARED[key])
            and not (key == "dynamic" and value)
        }
        if others or not isinstance(inner_optimizer, Optimizer):
            raise _does_not_fit(inner_optimizer, others)
        super().__init__(0.0, name=name)
        self.inner_optimizer = inner_optimizer
        self.initial_scale = initial_scale
        self.dynamic_growth_steps = dynamic_growth_steps
        inner_optimizer.loss_scale_factor = None  # one scale is enough

    def build(self, var_list: Sequence[Variable]) -> None:
        if self.built:
            return
        self.step_counter = self.add_variable((), dtype="int32", name="step_counter")
        start = initializers.Constant(float(self.initial_scale))
        self.dynamic_scale = self.add_variable((), start, name="dynamic_scale")
        self.inner_optimizer.build(var_list)
        super().build(var_list)

    @property
    def variables(self) -> list[Variable]:
        """Its own state, then the inner optimizer's."""
        return [*self._variables, *self.inner_optimizer.variables]

    @property
    def iterations(self) -> Any:
        """The inner optimizer's number of updates."""
        return self.inner_optimizer.iterations

    @property
    def learning_rate(self) -> Any:
        """The inner optimizer's."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.inner_optimizer.learning_rate = value

    def scale_loss(self, loss: Any) -> Any:
        """The loss that is differentiated."""
        return loss * (self.dynamic_scale.value if self.built else self.initial_scale)

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        self.inner_optimizer.finalize_variable_values(var_list)

    def apply(
        self,
        grads: Sequence[Any],
        trainable_variables: Sequence[Variable] | None = None,
    ) -> None:
        """One step of the inner optimizer, unless a gradient is not finite.

        Args:
            grads: gradients of the scaled loss; None where there is none.
            trainable_variables: by default those that it was built for.
        """
        if not self.built and trainable_variables is not None:
            self.build(list(trainable_variables))
        variables = trainable_variables or self._trainable_variables
        fine: Any = ops.convert_to_tensor(True)
        for gradient in grads:
            if gradient is not None:
                fine = ops.logical_and(fine, ops.all(ops.isfinite(gradient)))
        scale = self.dynamic_scale.value
        unscaled = [None if g is None else ops.divide(g, scale) for g in grads]
        changing = [*variables, *self.inner_optimizer.variables]
        before = [snapshot(v) for v in changing]
        self.inner_optimizer.apply(unscaled, variables)
        for variable, old in zip(changing, before, strict=True):
            variable.assign(ops.where(fine, variable.value, old))
        self._adapt(fine, scale)

    def _adapt(self, fine: Any, scale: Any) -> None:
        count = self.step_counter.value
        due = ops.logical_and(fine, ops.equal(count, self.dynamic_growth_steps - 1))
        counts = ops.logical_and(fine, ops.logical_not(due))
        factor = ops.where(due, 2.0, ops.where(fine, 1.0, 0.5))
        self.dynamic_scale.assign(scale * factor)
        self.step_counter.assign(ops.where(counts, count + 1, 0))

    def get_config(self) -> Config:
        return {
            "name": self.name,
            "inner_optimizer": configs.serialize(self.inner_optimizer),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }

    @classmethod
    def from_config(
        cls, config: Config, custom_objects: Any = None
    ) -> LossScaleOptimizer:
        inner = configs.deserialize(config["inner_optimizer"], custom_objects)
        others = {k: v for k, v in config.items() if k != "inner_optimizer"}
        return cls(inner, **others)


def _does_not_fit(inner: Any, others: dict[str, Any]) -> ArgumentError:
    given = [f"{key}={value!r}" for key, value in others.items()]
    names = ", ".join(f"`{key}`" for key in others) or "`inner_optimizer`"
    return ArgumentError(
        f"LossScaleOptimizer does not take these arguments: {names}.",
        where="LossScaleOptimizer",
        expected="an optimizer, initial_scale, dynamic_growth_steps and name",
        received=", ".join([f"inner_optimizer={inner!r}", *given]),
        remedy="set them on the `inner_optimizer`; for a fixed scale set "
        "`loss_scale_factor` on it",
    )
