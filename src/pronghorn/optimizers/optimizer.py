"""`Optimizer`: how gradients change variables.

All arithmetic is in `pronghorn.ops` on variables. Called on arrays it computes at once;
called while a step is traced it becomes part of the step, and the engine runs the
updates of all variables as one fused pass.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypedDict

from pronghorn import config as configs
from pronghorn import initializers, ops
from pronghorn.errors import ArgumentError, ShapeError, StateError
from pronghorn.ir import Variable
from pronghorn.ir.tracer import suspended
from pronghorn.naming import auto_name
from pronghorn.optimizers.arguments import no_others, rate, whole
from pronghorn.optimizers.clipping import clip_gradients
from pronghorn.optimizers.schedules import LearningRateSchedule
from pronghorn.optimizers.signature import SHARED, takes_shared
from pronghorn.optimizers.slots import snapshot, without
from pronghorn.optimizers.state import State
from pronghorn.registry import keras_class

__all__ = ["Config", "LearningRate", "Optimizer", "Shared", "present"]

Config = dict[str, Any]
LearningRate = float | LearningRateSchedule


class Shared(TypedDict, total=False):
    """The arguments that every optimizer takes; see `Optimizer`."""

    weight_decay: float | None
    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    loss_scale_factor: float | None
    gradient_accumulation_steps: int | None
    name: str | None


_KEYS = ("name", "learning_rate", *(key for key in SHARED if key != "name"))


class _ScheduledError(StateError, TypeError):
    """The learning rate is no variable; Keras raises a TypeError."""


@keras_class("keras.optimizers", aliases=("keras",))
class Optimizer(State):
    """Base of all optimizers.

    A subclass makes its own variables in `build` and defines `update_step`.

    Args:
        learning_rate: a number, a schedule of the step, or a function without
            arguments. `fit` calls a function once, as it traces its step: what it
            computes from variables follows them, a plain number stays.
        weight_decay: each step multiplies weights by `1 - weight_decay * learning_rate`
            before the update.
        clipnorm: the largest norm of one variable's gradient.
        clipvalue: the largest absolute value in a gradient.
        global_clipnorm: the largest norm of all gradients together. Of the three, one
            at most.
        use_ema: keep exponential moving averages of the variables, and set the
            variables to them when training ends.
        ema_momentum: how much of the average a step keeps, 0 to 1. Default 0.99.
        ema_overwrite_frequency: set the variables to the averages every so many steps.
        loss_scale_factor: the loss is multiplied by it, gradients are divided by it.
        gradient_accumulation_steps: update once in so many steps (2 or more), with the
            mean of their gradients.
        name: default: the class name in snake case.

    Raises:
        ArgumentError: a value that does not fit.

    Example:

    >>> class Halving(Optimizer):
    ...     def update_step(self, gradient, variable, learning_rate):
    ...         self.assign(variable, 0.5 * variable)
    >>> v = Variable([2.0], name="v")
    >>> Halving(0.1).apply([np.ones(1)], [v])
    >>> v.numpy()
    array([1.], dtype=float32)
    """

    @takes_shared
    def __init__(
        self,
        learning_rate: LearningRate,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        no_others(type(self).__name__, kwargs)
        self._variables: list[Variable] = []
        self.name = name or auto_name(type(self).__name__)
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.use_ema = use_ema
        self.ema_momentum = ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self.built = False
        self._check_arguments()
        self._trainable_variables: list[Variable] = []
        self._indices: dict[int, int] = {}
        self._model_variables_moving_average: list[Variable] = []
        self.averages_shown = False  # whether they have changed places
        self._accumulated_gradients: list[Variable] = []
        self._undecayed: set[int] = set()
        self._undecayed_names: re.Pattern[str] | None = None
        self._iterations = self.add_variable((), dtype="int32", name="iteration")
        self._learning_rate: Variable | Callable[..., Any]
        if callable(learning_rate):
            self._learning_rate = learning_rate
        else:
            value = initializers.Constant(rate(type(self).__name__, learning_rate))
            self._learning_rate = self.add_variable((), value, name="learning_rate")

    def _check_arguments(self) -> None:
        clips = ("clipnorm", "clipvalue", "global_clipnorm")
        given = [
            f"{n}={getattr(self, n)}" for n in clips if getattr(self, n) is not None
        ]
        steps, every = self.gradient_accumulation_steps, self.ema_overwrite_frequency
        self._require(
            len(given) < 2,
            "one of them, or none",
            *given,
            message="Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be "
            "given.",
        )
        self._require(
            not steps or (whole(steps) and steps >= 2),
            "a whole number of 2 or more for gradient_accumulation_steps",
            f"gradient_accumulation_steps={steps!r}",
        )
        if self.use_ema:
            self._require(
                0 <= self.ema_momentum <= 1,
                "ema_momentum from 0 to 1",
                f"ema_momentum={self.ema_momentum!r}",
            )
            self._require(
                not every or (whole(every) and every >= 1),
                "a whole number of 1 or more, or None, for ema_overwrite_frequency",
                f"ema_overwrite_frequency={every!r}",
            )

    def _require(
        self,
        fine: bool,
        expected: str,
        *received: str,
        message: str = "An argument of the optimizer does not fit.",
    ) -> None:
        if not fine:
            raise ArgumentError(
                message,
                where=f"optimizer {type(self).__name__}",
                expected=expected,
                received=", ".join(received),
            )

    # ------------------------------------------------------------------ variables

    @property
    def iterations(self) -> Any:
        """The number of updates so far: an int32 variable.

        With `gradient_accumulation_steps` a tensor: the number of steps, divided.
        """
        steps = self.gradient_accumulation_steps
        return ops.floor_divide(self._iterations, steps) if steps else self._iterations

    @property
    def learning_rate(self) -> Any:
        """The rate now: a float32 variable, or what the schedule or function says.

        Setting a number changes the rate from the next step on, also of a model that is
        compiled.
        """
        if isinstance(self._learning_rate, LearningRateSchedule):
            return self._learning_rate(self._iterations)
        if isinstance(self._learning_rate, Variable):
            return self._learning_rate
        return self._learning_rate()

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        current = self._learning_rate
        if callable(value):
            self._learning_rate = value
            self._variables = [v for v in self._variables if v is not current]
        elif isinstance(current, Variable):
            current.assign(value)
        else:
            raise _ScheduledError(
                "This optimizer was created with a `LearningRateSchedule` or a "
                "function: its rate follows that schedule, and cannot be set.",
                where=f"optimizer {self.name!r}",
                expected="an optimizer made with a number as learning_rate",
                received=f"{type(current).__name__} as its learning_rate",
                remedy="make the optimizer with learning_rate=0.001, say",
            )

    @property
    def lr(self) -> Any:
        """`learning_rate`, by the name that Keras 2 had for it."""
        return self.learning_rate

    @lr.setter
    def lr(self, value: Any) -> None:
        self.learning_rate = value

    def build(self, variables: Sequence[Variable]) -> None:
        """Makes the state that belongs to these variables.

        A subclass calls it first, and then adds its own (`add_optimizer_variables`).
        """
        self._trainable_variables = list(variables)
        self._indices = {id(v): i for i, v in enumerate(variables)}
        if self.use_ema:
            self._model_variables_moving_average = self.add_optimizer_variables(
                variables, "average"
            )
        if self.gradient_accumulation_steps:
            self._accumulated_gradients = self.add_optimizer_variables(
                variables, "gradient_accumulator"
            )
        self.built = True

    def _get_variable_index(self, variable: Variable) -> int:
        return self._indices[id(variable)]

    # ------------------------------------------------------------------ updates

    def assign(self, variable: Variable, value: Any) -> None:
        """Sets a variable."""
        variable.assign(value)

    def assign_add(self, variable: Variable, value: Any) -> None:
        """Adds to a variable."""
        variable.assign_add(value)

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """Subtracts from a variable."""
        variable.assign_sub(value)

    def update_step(
        self, gradient: Any, variable: Variable, learning_rate: Any
    ) -> None:
        """Changes one variable by its gradient; for subclasses to define.

        Args:
            gradient: a tensor of the variable's shape and dtype.
            variable: one of those that `build` got.
            learning_rate: a scalar tensor.
        """
        raise NotImplementedError(f"{type(self).__name__} must define update_step")

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> Any:
        """`apply` on pairs of gradient and variable; returns the iterations."""
        pairs = list(grads_and_vars)
        self.apply([g for g, _ in pairs], [v for _, v in pairs])
        return self._iterations

    def apply(
        self,
        grads: Sequence[Any],
        trainable_variables: Sequence[Variable] | None = None,
    ) -> None:
        """One step: changes the variables by their gradients.

        Args:
            grads: one gradient per variable; None for one that the loss does not
                depend on.
            trainable_variables: the variables; by default those that it was built for.

        Raises:
            StateError: there are no variables yet, or unknown ones.
        """
        if not (grads := list(grads)):
            return
        grads, variables = self._paired(grads, trainable_variables)
        if self.loss_scale_factor is not None:
            grads = [g / self.loss_scale_factor for g in grads]
        grads = [ops.cast(g, v.dtype) for g, v in zip(grads, variables, strict=True)]
        self._apply(grads, variables)
        for variable in variables:
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable.value))
        self._iterations.assign_add(1)

    def _paired(
        self, grads: list[Any], trainable_variables: Sequence[Variable] | None
    ) -> tuple[list[Any], list[Variable]]:
        """The gradients that there are, and their variables; builds the state first."""
        if trainable_variables is not None:
            variables = list(trainable_variables)
            if not self.built:
                with suspended():  # the state is there before the step
                    self.build(variables)
        else:
            variables = self._trainable_variables
        self._check_known(grads, variables)
        return present(grads, variables)

    def stateless_apply(
        self,
        optimizer_variables: Sequence[Any],
        grads: Sequence[Any],
        trainable_variables: Sequence[Any],
    ) -> tuple[list[Any], list[Any]]:
        """What `apply` would make of given values; no variable changes.

        Args:
            optimizer_variables: values of the state, in the order of `variables`.
            grads: one gradient per variable.
            trainable_variables: values of the variables that it was built for.

        Returns:
            (the variables' new values, the state's new values).

        Raises:
            StateError: it is not built.
            ShapeError: another number of values.
        """
        own, theirs = self.variables, self._trainable_variables
        self._check_values(own, optimizer_variables, "optimizer_variables")
        self._check_values(theirs, trainable_variables, "trainable_variables")
        touched = [*theirs, *own]
        before = [snapshot(v) for v in touched]
        try:
            values = [*trainable_variables, *optimizer_variables]
            for variable, value in zip(touched, values, strict=True):
                variable.assign(value)
            self.apply(grads)
            after = [snapshot(v) for v in touched]
        finally:
            for variable, value in zip(touched, before, strict=True):
                variable.assign(value)
        return after[: len(theirs)], after[len(theirs) :]

    def _check_values(
        self, variables: Sequence[Variable], values: Sequence[Any], name: str
    ) -> None:
        if not self.built:
            raise StateError(
                "The optimizer has no state yet.",
                where=f"stateless_apply of optimizer {self.name!r}",
                expected="a call after build(trainable_variables)",
                received="a call before it",
                remedy="call build(variables) first",
            )
        if len(values) != len(variables):
            raise ShapeError(
                "These are not the values of the optimizer's variables.",
                where=f"stateless_apply of optimizer {self.name!r}, argument {name}",
                expected=f"{len(variables)} values",
                received=f"{len(values)}",
                remedy=f"pass one for each of its {name}",
            )

    def _check_known(self, grads: list[Any], variables: list[Variable]) -> None:
        known = all(id(v) in self._indices for v in variables)
        if self.built and known and len(grads) == len(variables):
            return
        raise StateError(
            "The optimizer was not built for these variables.",
            where=f"optimizer {self.name!r}",
            expected=f"gradients for {len(self._trainable_variables)} variables",
            received=f"{len(grads)} gradients for {len(variables)} variables",
            remedy="call build(variables) first; for other variables make a new "
            "optimizer (compile the model again)",
        )

    def _apply(self, grads: list[Any], variables: list[Variable]) -> None:
        if self.gradient_accumulation_steps:
            self._accumulate(grads, variables, self.gradient_accumulation_steps)
        else:
            self._update(grads, variables)
        if self.use_ema:
            self._update_averages()

    def _update(self, grads: list[Any], variables: list[Variable]) -> None:
        grads = self._clip_gradients(grads)
        self._apply_weight_decay(variables)
        now = ops.convert_to_tensor(self.learning_rate)
        self._update_steps(grads, variables, now)

    def _clip_gradients(self, grads: list[Any]) -> list[Any]:
        bounds = self.clipnorm, self.clipvalue, self.global_clipnorm
        return clip_gradients(grads, *bounds)

    def _apply_weight_decay(self, variables: Sequence[Variable]) -> None:
        now = ops.convert_to_tensor(self.learning_rate)
        for variable in filter(self._use_weight_decay, variables):
            factor = self._weight_decay_of(variable)
            if factor is not None:
                variable.assign_sub(variable * float(factor) * now)

    def _weight_decay_of(self, variable: Variable) -> float | None:
        return self.weight_decay

    def _update_steps(
        self, grads: list[Any], variables: list[Variable], learning_rate: Any
    ) -> None:
        for gradient, variable in zip(grads, variables, strict=True):
            self.update_step(gradient, variable, learning_rate)

    def _accumulate(
        self, grads: list[Any], variables: list[Variable], steps: int
    ) -> None:
        """An update with the mean gradient that takes effect once in `steps`."""
        due = ops.equal(ops.mod(self._iterations + 1, steps), 0)
        sums = [
            self._accumulated_gradients[self._get_variable_index(v)] for v in variables
        ]
        totals = [g + s for g, s in zip(grads, sums, strict=True)]
        fixed = (
            self._iterations,
            self._learning_rate,
            *self._model_variables_moving_average,
        )
        changing = without([*variables, *self._variables], *fixed, *sums)
        before = [snapshot(v) for v in changing]
        self._update([t / steps for t in totals], variables)
        for variable, old in zip(changing, before, strict=True):
            variable.assign(ops.where(due, variable.value, old))
        for accumulator, total in zip(sums, totals, strict=True):
            accumulator.assign(ops.where(due, 0.0, total))

    def _update_averages(self) -> None:
        iterations = self.iterations
        started = ops.cast(ops.not_equal(iterations, 0), "float32")
        momentum = started * self.ema_momentum
        pairs = list(
            zip(
                self._trainable_variables,
                self._model_variables_moving_average,
                strict=True,
            )
        )
        for variable, average in pairs:
            average.assign(momentum * average + (1.0 - momentum) * variable)
        if not self.ema_overwrite_frequency:
            return
        left = ops.mod(iterations + 1, self.ema_overwrite_frequency)
        due = ops.equal(left, 0)
        for variable, average in pairs:
            variable.assign(ops.where(due, average, variable))

    @property
    def keeps_averages(self) -> bool:
        """Whether there are averages of the variables: with `use_ema`, once built."""
        return bool(self._model_variables_moving_average)

    def swap_averages(self) -> None:
        """Lets variables and their averages change places, until it is called again."""
        pairs = list(
            zip(
                self._trainable_variables,
                self._model_variables_moving_average,
                strict=True,
            )
        )
        for variable, average in pairs:
            before = variable.numpy()
            variable.assign(average.numpy())
            average.assign(before)
        self.averages_shown = not self.averages_shown

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """What ends training: with `use_ema`, variables become their averages."""
        if not self.use_ema:
            return
        for variable in var_list:
            average = self._model_variables_moving_average[
                self._get_variable_index(variable)
            ]
            if self.averages_shown:
                average.assign(variable.numpy())
            else:
                variable.assign(average)
        self.averages_shown = False

    def scale_loss(self, loss: Any) -> Any:
        """The loss that is differentiated: times `loss_scale_factor`, if given."""
        factor = self.loss_scale_factor
        return loss if factor is None else loss * factor

    def exclude_from_weight_decay(
        self,
        var_list: Sequence[Variable] | None = None,
        var_names: Sequence[str] | None = None,
    ) -> None:
        """Leaves variables out of weight decay; to be called before `build`.

        Args:
            var_list: variables.
            var_names: patterns; a variable whose name has one of them is left out:
                `["bias"]`.

        Raises:
            StateError: the optimizer is built.
        """
        if self.built:
            raise StateError(
                "The optimizer is built already.",
                where=f"exclude_from_weight_decay of optimizer {self.name!r}",
                expected="a call before compile or build",
                received="a call after it",
                remedy="make a new optimizer, exclude the variables, then compile",
            )
        self._undecayed = {id(v) for v in var_list or ()}
        names = "|".join(sorted(set(var_names or ())))
        self._undecayed_names = re.compile(names) if names else None

    def _use_weight_decay(self, variable: Variable) -> bool:
        pattern = self._undecayed_names
        named = pattern is not None and pattern.search(variable.name) is not None
        return not named and id(variable) not in self._undecayed

    # ------------------------------------------------------------------ saving

    def get_config(self) -> Config:
        """The constructor's arguments."""
        config: Config = {key: getattr(self, key, None) for key in _KEYS}
        current = self._learning_rate
        config["learning_rate"] = (
            float(current.numpy())
            if isinstance(current, Variable)
            else configs.serialize(current)
        )
        return config

    @classmethod
    def from_config(cls, config: Config, custom_objects: Any = None) -> Optimizer:
        """An optimizer from what `get_config` returned; without its state."""
        given = config.get("learning_rate")
        if isinstance(given, dict):
            schedule = configs.deserialize(given, custom_objects)
            config = {**config, "learning_rate": schedule}
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def present(
    grads: list[Any], variables: list[Variable]
) -> tuple[list[Any], list[Variable]]:
    """What has a gradient, with a warning about what has none."""
    missing = [v.path for g, v in zip(grads, variables, strict=True) if g is None]
    if len(missing) == len(variables):
        raise ArgumentError(
            "No gradients provided for any variable. There is nothing to train.",
            where="gradients given to the optimizer",
            expected="a gradient for one variable or more",
            received="None for " + ", ".join(missing),
            remedy="check that the loss uses the model's outputs, and that the layers "
            "are trainable",
        )
    if missing:
        warnings.warn(
            f"The loss does not depend on {', '.join(missing)}: no update there.",
            stacklevel=4,
        )
    pairs = [(g, v) for g, v in zip(grads, variables, strict=True) if g is not None]
    return [g for g, _ in pairs], [v for _, v in pairs]
