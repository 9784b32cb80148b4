"""Learning rates that follow the number of the step.

Pass one as an optimizer's `learning_rate`. It is computed inside the step, from the
optimizer's `iterations`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from pronghorn import config as configs
from pronghorn import ops
from pronghorn.errors import ArgumentError
from pronghorn.lookup import from_config
from pronghorn.registry import keras_class

__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "serialize",
]

Config = dict[str, Any]

_known = keras_class("keras.optimizers.schedules")


@_known
class LearningRateSchedule:
    """Base of all schedules: a callable from the step's number to the rate.

    A subclass defines `__call__`, written in `pronghorn.ops`, and `get_config` if its
    models are to be saved.

    Example:

    >>> class Warmup(LearningRateSchedule):
    ...     def __call__(self, step):
    ...         return 0.1 * ops.minimum(ops.cast(step, "float32") / 10.0, 1.0)
    >>> round(float(Warmup()(5)), 4)
    0.05
    """

    _arguments: tuple[str, ...] | None = None

    def __call__(self, step: Any) -> Any:
        """The rate of a step, counted from 0: a float32 scalar."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__")

    def get_config(self) -> Config:
        """The constructor's arguments."""
        if self._arguments is None:
            raise NotImplementedError(f"{type(self).__name__} must define get_config")
        return {name: getattr(self, name) for name in self._arguments}

    @classmethod
    def from_config(cls, config: Config) -> LearningRateSchedule:
        """A schedule from what `get_config` returned."""
        return cls(**config)


class _Decay(LearningRateSchedule):
    """What `ExponentialDecay` and `InverseTimeDecay` share."""

    _arguments = (
        "initial_learning_rate",
        "decay_steps",
        "decay_rate",
        "staircase",
        "name",
    )

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool,
        name: str,
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = _positive("decay_steps", decay_steps)
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def _periods(self, step: Any) -> Any:
        periods = ops.divide(_float(step), float(self.decay_steps))
        return ops.floor(periods) if self.staircase else periods


@_known
class ExponentialDecay(_Decay):
    """`initial_learning_rate * decay_rate ** (step / decay_steps)`.

    Args:
        initial_learning_rate: the rate of step 0.
        decay_steps: after so many steps, the rate is `decay_rate` of what it was.
        decay_rate: the factor.
        staircase: change only every `decay_steps` steps. Default False.
        name: default "ExponentialDecay".

    Raises:
        ArgumentError: decay_steps of 0 or less.

    Example:

    >>> round(float(ExponentialDecay(0.1, 10, 0.5)(20)), 6)
    0.025
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        super().__init__(
            initial_learning_rate, decay_steps, decay_rate, staircase, name
        )

    def __call__(self, step: Any) -> Any:
        decay = ops.power(float(self.decay_rate), self._periods(step))
        return ops.multiply(float(self.initial_learning_rate), decay)


@_known
class InverseTimeDecay(_Decay):
    """`initial_learning_rate / (1 + decay_rate * step / decay_steps)`.

    Args:
        initial_learning_rate: the rate of step 0.
        decay_steps: the unit of time, in steps.
        decay_rate: the factor of time.
        staircase: change only every `decay_steps` steps. Default False.
        name: default "InverseTimeDecay".

    Raises:
        ArgumentError: decay_steps of 0 or less.

    Example:

    >>> round(float(InverseTimeDecay(0.1, 10, 1.0)(10)), 6)
    0.05
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        super().__init__(
            initial_learning_rate, decay_steps, decay_rate, staircase, name
        )

    def __call__(self, step: Any) -> Any:
        slower = 1.0 + ops.multiply(float(self.decay_rate), self._periods(step))
        return ops.divide(float(self.initial_learning_rate), slower)


@_known
class PiecewiseConstantDecay(LearningRateSchedule):
    """One rate up to each boundary.

    Args:
        boundaries: numbers of steps, ascending; a boundary belongs to the rate before.
        values: rates, one more than boundaries.
        name: default "PiecewiseConstant".

    Raises:
        ArgumentError: another number of values.

    Example:

    >>> schedule = PiecewiseConstantDecay([10, 20], [1.0, 0.5, 0.25])
    >>> [float(schedule(step)) for step in (10, 11, 21)]
    [1.0, 0.5, 0.25]
    """

    _arguments = ("boundaries", "values", "name")

    def __init__(
        self,
        boundaries: Sequence[float],
        values: Sequence[float],
        name: str = "PiecewiseConstant",
    ) -> None:
        if len(boundaries) != len(values) - 1:
            raise ArgumentError(
                "A schedule in pieces has one value more than boundaries.",
                where="PiecewiseConstantDecay",
                expected=f"{len(boundaries) + 1} values",
                received=f"{len(values)} values, {len(boundaries)} boundaries",
            )
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def __call__(self, step: Any) -> Any:
        now = _float(step)
        rate: Any = ops.convert_to_tensor(float(self.values[-1]))
        for boundary, value in reversed(
            list(zip(self.boundaries, self.values, strict=False))
        ):
            rate = ops.where(ops.less_equal(now, float(boundary)), float(value), rate)
        return rate


@_known
class PolynomialDecay(LearningRateSchedule):
    """From one rate to another along `(1 - step / decay_steps) ** power`.

    Args:
        initial_learning_rate: the rate of step 0.
        decay_steps: after so many steps the end is reached.
        end_learning_rate: the rate at the end. Default 0.0001.
        power: default 1: a straight line.
        cycle: start anew beyond the end, each time with more steps. Default False.
        name: default "PolynomialDecay".

    Raises:
        ArgumentError: decay_steps of 0 or less.

    Example:

    >>> round(float(PolynomialDecay(0.1, 10, 0.0)(5)), 6)
    0.05
    """

    _arguments = (
        "initial_learning_rate",
        "decay_steps",
        "end_learning_rate",
        "power",
        "cycle",
        "name",
    )

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = _positive("decay_steps", decay_steps)
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        self.name = name

    def __call__(self, step: Any) -> Any:
        now, steps = _float(step), float(self.decay_steps)
        if self.cycle:
            times = ops.ceil(ops.divide(now, steps))
            steps = steps * ops.where(ops.equal(now, 0.0), 1.0, times)
        else:
            now = ops.minimum(now, steps)
        left = ops.power(1.0 - ops.divide(now, steps), float(self.power))
        fall = float(self.initial_learning_rate - self.end_learning_rate)
        return fall * left + float(self.end_learning_rate)


@_known
class CosineDecay(LearningRateSchedule):
    """Down along half a cosine, after a linear warm-up if one is wanted.

    (Loshchilov and Hutter, 2016.)

    Args:
        initial_learning_rate: the rate of step 0.
        decay_steps: how long the way down is, in steps.
        alpha: the last rate, as a share of the first one of the way down. Default 0.
        name: default "CosineDecay".
        warmup_target: the rate at the end of the warm-up; None (default) for none.
        warmup_steps: how long the warm-up is, in steps. Default 0.

    Raises:
        ArgumentError: decay_steps of 0 or less.

    Example:

    >>> round(float(CosineDecay(0.1, 10)(5)), 6)
    0.05
    """

    _arguments = (
        "initial_learning_rate",
        "decay_steps",
        "alpha",
        "name",
        "warmup_target",
        "warmup_steps",
    )

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = _positive("decay_steps", decay_steps)
        self.alpha = alpha
        self.name = name
        self.warmup_target = warmup_target
        self.warmup_steps = warmup_steps

    def __call__(self, step: Any) -> Any:
        now, steps = _float(step), float(self.decay_steps)
        first = float(self.initial_learning_rate)
        if self.warmup_target is None:
            return self._down(ops.minimum(now, steps), first)
        target, warmup = float(self.warmup_target), float(self.warmup_steps)
        now = ops.minimum(now, steps + warmup)
        down = self._down(now - warmup, target)
        if not warmup:
            return down
        up = (target - first) * (now / warmup) + first
        return ops.where(ops.less(now, warmup), up, down)

    def _down(self, step: Any, first: float) -> Any:
        wave = 0.5 * (1.0 + ops.cos(math.pi * (step / float(self.decay_steps))))
        return first * ((1.0 - self.alpha) * wave + self.alpha)


@_known
class CosineDecayRestarts(LearningRateSchedule):
    """Down along half a cosine, again and again (Loshchilov and Hutter, 2016).

    Args:
        initial_learning_rate: the rate of step 0.
        first_decay_steps: how long the first way down is, in steps.
        t_mul: each way down is so many times as long as the one before. Default 2.
        m_mul: each starts at so many times the rate of the one before. Default 1.
        alpha: the last rate, as a share of the first. Default 0.
        name: default "SGDRDecay".

    Raises:
        ArgumentError: first_decay_steps of 0 or less.

    Example:

    >>> schedule = CosineDecayRestarts(0.1, 10)
    >>> round(float(schedule(5)), 6), round(float(schedule(20)), 6)
    (0.05, 0.05)
    """

    _arguments = (
        "initial_learning_rate",
        "first_decay_steps",
        "t_mul",
        "m_mul",
        "alpha",
        "name",
    )

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: int,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = _positive("first_decay_steps", first_decay_steps)
        self.t_mul = t_mul
        self.m_mul = m_mul
        self.alpha = alpha
        self.name = name

    def __call__(self, step: Any) -> Any:
        restarts, part = self._place(_float(step) / float(self.first_decay_steps))
        height = ops.power(float(self.m_mul), restarts)
        wave = 0.5 * height * (1.0 + ops.cos(math.pi * part))
        share = (1.0 - self.alpha) * wave + self.alpha
        return float(self.initial_learning_rate) * share

    def _place(self, done: Any) -> tuple[Any, Any]:
        """The number of restarts so far, and the part of this way down that is done."""
        growth = float(self.t_mul)
        if growth == 1.0:
            restarts = ops.floor(done)
            return restarts, done - restarts
        inner = ops.log(1.0 - done * (1.0 - growth))
        restarts = ops.floor(ops.divide(inner, math.log(growth)))
        power = ops.power(growth, restarts)
        before = (1.0 - power) / (1.0 - growth)
        return restarts, ops.divide(done - before, power)


def _float(step: Any) -> Any:
    return ops.cast(step, "float32")


def _positive(name: str, value: Any) -> Any:
    if not value > 0:
        raise ArgumentError(
            "A schedule needs time.",
            where=f"argument {name} of a learning rate schedule",
            expected="a number above 0",
            received=f"{name}={value!r}",
        )
    return value


_NAMES: dict[str, Any] = {
    cls.__name__: cls
    for cls in (
        CosineDecay,
        CosineDecayRestarts,
        ExponentialDecay,
        InverseTimeDecay,
        PiecewiseConstantDecay,
        PolynomialDecay,
    )
}


def serialize(learning_rate_schedule: LearningRateSchedule) -> Any:
    """What a file says for a schedule."""
    return configs.serialize(learning_rate_schedule)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The schedule that `serialize` described.

    >>> deserialize(serialize(ExponentialDecay(0.1, 10, 0.5))).decay_rate
    0.5
    """
    example = "pronghorn.optimizers.schedules.ExponentialDecay(0.1, 1000, 0.9)"
    kind = "learning rate schedule"
    return from_config(kind, config, _NAMES, example, custom_objects)
