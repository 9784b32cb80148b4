"""RealMLP's schedules: of the learning rate, of dropout and of weight decay.

All count steps, and end with the step that they are given: the number of epochs times
that of batches in one. They are computed within the step, in the engine: no callback
stops it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pronghorn import config as configs
from pronghorn import ops, random
from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.ir import Variable
from pronghorn.layers.core import whole
from pronghorn.layers.layer import Layer
from pronghorn.optimizers import AdamW
from pronghorn.optimizers.optimizer import LearningRate
from pronghorn.optimizers.schedules import LearningRateSchedule
from pronghorn.optimizers.signature import takes_shared
from pronghorn.registry import keras_class

__all__ = ["CosLog4", "FlatCos", "FlatCosDropout", "ScheduledAdamW"]

_known = keras_class("pronghorn.tabular.schedules")


class _Progress(LearningRateSchedule):
    """A value times a function of the part of the training that is done."""

    _arguments = ("value", "steps", "name")

    def __init__(self, value: float, steps: int, name: str | None = None) -> None:
        self.value = value
        self.steps = whole(steps, "steps", type(self).__name__)
        self.name = name or type(self).__name__

    def __call__(self, step: Any) -> Any:
        """The value of a step, counted from 0: a float32 scalar."""
        done = ops.cast(step, "float32") * (1.0 / self.steps)
        return self._factor(ops.minimum(done, 1.0)) * float(self.value)

    def _factor(self, done: Any) -> Any:
        raise NotImplementedError


@_known
class CosLog4(_Progress):
    """`value * (1 - cos(2 pi log2(1 + 15 t))) / 2`, t from 0 to 1: four growing waves.

    Each wave is twice as long as the one before it; the rate is 0 at the start, between
    waves and at the end. RealMLP's learning rate (Holzmueller et al., arXiv 2407.04491:
    coslog4 schedule).

    Args:
        value: the largest rate.
        steps: of the whole training: epochs times batches in an epoch.
        name: default "CosLog4".

    Raises:
        ArgumentError: steps is no positive whole number.

    Example:

    >>> rate = CosLog4(0.04, steps=30)
    >>> [round(float(rate(step)), 4) for step in (0, 2, 6, 30)]
    [0.0, 0.0, 0.0, 0.0]
    >>> round(max(float(rate(step)) for step in range(30)), 3)
    0.04
    """

    def _factor(self, done: Any) -> Any:
        turn = ops.log(1.0 + 15.0 * done) * (2.0 * math.pi / math.log(2.0))
        return 0.5 * (1.0 - ops.cos(turn))


@_known
class FlatCos(_Progress):
    """`value` in the first half of the training, then half a cosine down to 0.

    RealMLP's schedule of dropout and of weight decay (Holzmueller et al., arXiv
    2407.04491: flat_cos); it is one of the learning rate too.

    Args:
        value: of the first half.
        steps: of the whole training: epochs times batches in an epoch.
        name: default "FlatCos".

    Raises:
        ArgumentError: steps is no positive whole number.

    Example:

    >>> decay = FlatCos(0.02, steps=100)
    >>> [round(float(decay(step)), 4) for step in (0, 50, 75, 100)]
    [0.02, 0.02, 0.01, 0.0]
    """

    def _factor(self, done: Any) -> Any:
        late = ops.maximum(2.0 * done - 1.0, 0.0)
        return 0.5 * (1.0 + ops.cos(math.pi * late))


@_known
class FlatCosDropout(Layer):
    """Dropout whose rate goes down in the second half of the training, by `FlatCos`.

    Elements are set to 0 at random and the rest is scaled up by 1 / (1 - rate). The
    layer counts its own steps of training, which travel in its file. In prediction it
    does nothing.

    Members of an ensemble can differ: then `rate` has a number for each of equal groups
    of them. All groups draw the same numbers, and what a group gets does not depend on
    the others.

    Args:
        rate: of the first half: 0 to 1, 1 left out. RealMLP has 0.15. A sequence has
            one for each group of members, of inputs (rows, members, features).
        steps: of the whole training: epochs times batches in an epoch.
        seed: a whole number; drawn by default.
        **kwargs: those of `Layer`.

    Raises:
        ArgumentError: another rate; steps is no positive whole number.
        ShapeError: inputs whose members are no equal groups.

    Example:

    >>> FlatCosDropout(0.5, steps=100)(np.array([1.0, 2.0], "float32"))
    array([1., 2.], dtype=float32)
    """

    supports_masking = True

    def __init__(
        self,
        rate: float | Sequence[float],
        steps: int,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        grouped = isinstance(rate, (list, tuple)) and len(rate) > 0
        rates: list[Any] = [*rate] if grouped else [rate]  # type: ignore[misc]
        if not all(isinstance(r, (int, float)) and 0 <= r < 1 for r in rates):
            raise ArgumentError(
                "rate is out of its range.",
                where=f"layer {self.name!r}, rate",
                expected="a number from 0 to below 1",
                received=repr(rate),
                remedy="0.1 to 0.5 are usual",
            )
        self.rate = rates if grouped else rate
        self.steps = whole(steps, "steps", "FlatCosDropout")
        self.seed = seed
        self.seed_generator = random.SeedGenerator(seed)
        self._groups = len(rates) if grouped else 0
        self._rates = np.array(rates, np.float32)
        self._schedule = FlatCos(1.0, steps)

    def build(self, input_shape: Any) -> None:
        """Makes the counter of steps."""
        members = input_shape[1] if len(input_shape) == 3 else None
        if self._groups and (members is None or members % self._groups):
            raise ShapeError(
                "The inputs' members are no equal groups.",
                where=f"layer {self.name!r}",
                expected="shape (rows, members, features), the members divisible by "
                f"{self._groups}, the number of rates",
                received=tuple(input_shape),
            )
        self.step = self.add_weight(
            name="step", shape=(), initializer="zeros", dtype="int32", trainable=False
        )
        self.built = True

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        """Any shape to the same shape."""
        if not training:
            return inputs
        now = self._schedule(self.step)
        self.step.assign(self.step + 1)
        shape = ops.shape(inputs)
        if not self._groups:
            rate = now * float(self._rates[0])
            drawn = random.uniform(shape, seed=self.seed_generator)
        else:
            rows, members, features = shape
            rate = now * self._rates[:, None, None]
            alike = (rows, 1, members // self._groups, features)
            drawn = random.uniform(alike, seed=self.seed_generator)
        kept = ops.cast(ops.greater_equal(drawn, rate), "float32") / (1.0 - rate)
        return inputs * (ops.reshape(kept, shape) if self._groups else kept)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "rate": self.rate,
            "steps": self.steps,
            "seed": self.seed,
        }


@_known
class ScheduledAdamW(AdamW):
    """`AdamW` whose weight decay may follow a schedule, and weights their own rates.

    RealMLP's (Holzmueller et al., arXiv 2407.04491): its biases learn at a tenth of the
    rate, its `ScalingLayer` at six times the rate.

    Args:
        learning_rate: a number or a schedule. Default 0.001.
        weight_decay: a number, or a schedule such as `FlatCos(0.02, steps)`; each step
            multiplies weights by `1 - weight_decay * learning_rate`. Default 0.004.
        beta_1: see `Adam`. Default 0.9.
        beta_2: see `Adam`. Default 0.999; RealMLP has 0.95.
        epsilon: see `Adam`. Default 1e-7.
        amsgrad: see `Adam`. Default False.
        factors: weights that learn faster or slower: parts of their paths, such as
            "bias" or "periodic", each with the factor of their learning rate, and of
            their decay with it. The first part that a path holds counts. Default: none.
        decay_factors: the same for the decay alone, on top of it. Default: none. In
            RealMLP's package each factor of the rate is one of the decay once more
            (pytabkit 1.8.0, issue 40): its `ScalingLayer` decays at 36 times the rate.
        rates: for ensembles whose members differ: a factor of the learning rate for
            each of equal groups of members. All weights have the members, or the
            members and something else, as their first axis. Default: none.
        decays: a factor of the weight decay for each group of members. Default: none.
        **shared: see `Optimizer`.

    Raises:
        ArgumentError: weight_decay is None; a factor that is not above 0.
        ShapeError: weights that cannot be cut into the groups.

    Example:

    >>> steps = 256 * 40  # epochs, and batches in one
    >>> optimizer = ScheduledAdamW(
    ...     CosLog4(0.04, steps), FlatCos(0.02, steps), beta_2=0.95
    ... )
    >>> type(optimizer.weight_decay).__name__
    'FlatCos'
    """

    @takes_shared
    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        weight_decay: Any = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        factors: Mapping[str, float] | None = None,
        decay_factors: Mapping[str, float] | None = None,
        rates: Sequence[float] | None = None,
        decays: Sequence[float] | None = None,
        **shared: Any,
    ) -> None:
        super().__init__(
            learning_rate, weight_decay, beta_1, beta_2, epsilon, amsgrad, **shared
        )
        self.rates = None if rates is None else [float(rate) for rate in rates]
        self.decays = None if decays is None else [float(decay) for decay in decays]
        self.factors = dict(factors or {})
        self.decay_factors = dict(decay_factors or {})
        named = {"factors": self.factors, "decay_factors": self.decay_factors}
        for name, part, factor in [
            (name, *item) for name, given in named.items() for item in given.items()
        ]:
            if not factor > 0:
                raise ArgumentError(
                    "A factor of the learning rate is above 0.",
                    where=f"ScheduledAdamW({name}=), {part!r}",
                    expected="a number above 0",
                    received=repr(factor),
                    remedy="layer.trainable = False keeps weights as they are",
                )

    def update_step(
        self, gradient: Any, variable: Variable, learning_rate: Any
    ) -> None:
        """Adam's step at the learning rate of this weight."""
        factor = _factor(self.factors, variable)
        rate = learning_rate if factor == 1.0 else learning_rate * factor
        if self.rates is not None:
            rate = rate * _by_group(self.rates, variable)
        super().update_step(gradient, variable, rate)

    def _apply_weight_decay(self, variables: Any) -> None:
        decay = self.weight_decay
        if isinstance(decay, LearningRateSchedule):
            decay = decay(self.iterations)
        decay = ops.convert_to_tensor(self.learning_rate) * decay
        for variable in filter(self._use_weight_decay, variables):
            share = decay * _factor(self.factors, variable)
            share = share * _factor(self.decay_factors, variable)
            for factors in (self.rates, self.decays):
                if factors is not None:
                    share = share * _by_group(factors, variable)
            variable.assign_sub(variable * share)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "weight_decay": configs.serialize(self.weight_decay),
            "factors": self.factors,
            "decay_factors": self.decay_factors,
            "rates": self.rates,
            "decays": self.decays,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """An optimizer from what `get_config` returned."""
        decay = configs.deserialize(config.get("weight_decay"), custom_objects)
        return super().from_config({**config, "weight_decay": decay}, custom_objects)


def _factor(factors: Mapping[str, float], variable: Variable) -> float:
    path = variable.path
    return next((factor for part, factor in factors.items() if part in path), 1.0)


def _by_group(values: Sequence[float], variable: Variable) -> np.ndarray:
    """A value for each entry of the first axis, of equal groups: (entries, 1, ...)."""
    shape = variable.shape
    length = shape[0] if shape else 1
    if length % len(values):
        raise ShapeError(
            "The weights cannot be cut into groups of members.",
            where=f"optimizer ScheduledAdamW, {variable.path!r}",
            expected=f"a first axis divisible by {len(values)}",
            received=tuple(shape),
            remedy="give rates and decays for nets whose weights all have members",
        )
    spread = np.repeat(np.array(values, np.float32), length // len(values))
    return spread.reshape(-1, *(1 for _ in shape[1:]))
