"""RealMLP's schedules: of the learning rate, of dropout and of weight decay.

All count steps, and end with the step that they are given: the number of epochs times
that of batches in one. They are computed within the step, in the engine: no callback
stops it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pronghorn import config as configs
from pronghorn import ops, random
from pronghorn.errors import ArgumentError
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

    Args:
        rate: of the first half: 0 to 1, 1 left out. RealMLP has 0.15.
        steps: of the whole training: epochs times batches in an epoch.
        seed: a whole number; drawn by default.
        **kwargs: those of `Layer`.

    Raises:
        ArgumentError: another rate; steps is no positive whole number.

    Example:

    >>> import numpy as np
    >>> FlatCosDropout(0.5, steps=100)(np.array([1.0, 2.0], "float32"))
    array([1., 2.], dtype=float32)
    """

    supports_masking = True

    def __init__(
        self, rate: float, steps: int, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if not isinstance(rate, (int, float)) or not 0 <= rate < 1:
            raise ArgumentError(
                "rate is out of its range.",
                where=f"layer {self.name!r}, rate",
                expected="a number from 0 to below 1",
                received=repr(rate),
                remedy="0.1 to 0.5 are usual",
            )
        self.rate = rate
        self.steps = whole(steps, "steps", "FlatCosDropout")
        self.seed = seed
        self.seed_generator = random.SeedGenerator(seed)
        self._schedule = FlatCos(rate, steps)

    def build(self, input_shape: Any) -> None:
        """Makes the counter of steps."""
        self.step = self.add_weight(
            name="step", shape=(), initializer="zeros", dtype="int32", trainable=False
        )
        self.built = True

    def call(self, inputs: Any, training: bool | None = False) -> Any:
        """Any shape to the same shape."""
        if not training:
            return inputs
        rate = self._schedule(self.step)
        self.step.assign(self.step + 1)
        drawn = random.uniform(ops.shape(inputs), seed=self.seed_generator)
        kept = ops.cast(ops.greater_equal(drawn, rate), "float32")
        return inputs * (kept / (1.0 - rate))

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
        **shared: see `Optimizer`.

    Raises:
        ArgumentError: weight_decay is None; a factor that is not above 0.

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
        **shared: Any,
    ) -> None:
        super().__init__(
            learning_rate, weight_decay, beta_1, beta_2, epsilon, amsgrad, **shared
        )
        self.factors = dict(factors or {})
        for part, factor in self.factors.items():
            if not factor > 0:
                raise ArgumentError(
                    "A factor of the learning rate is above 0.",
                    where=f"ScheduledAdamW(factors=), {part!r}",
                    expected="a number above 0",
                    received=repr(factor),
                    remedy="layer.trainable = False keeps weights as they are",
                )

    def update_step(
        self, gradient: Any, variable: Variable, learning_rate: Any
    ) -> None:
        """Adam's step at the learning rate of this weight."""
        factor = self._factor(variable)
        rate = learning_rate if factor == 1.0 else learning_rate * factor
        super().update_step(gradient, variable, rate)

    def _factor(self, variable: Variable) -> float:
        path = variable.path
        return next((f for part, f in self.factors.items() if part in path), 1.0)

    def _apply_weight_decay(self, variables: Any) -> None:
        decay = self.weight_decay
        if isinstance(decay, LearningRateSchedule):
            decay = decay(self.iterations)
        decay = ops.convert_to_tensor(self.learning_rate) * decay
        for variable in filter(self._use_weight_decay, variables):
            variable.assign_sub(variable * (decay * self._factor(variable)))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "weight_decay": configs.serialize(self.weight_decay),
            "factors": self.factors,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """An optimizer from what `get_config` returned."""
        decay = configs.deserialize(config.get("weight_decay"), custom_objects)
        return super().from_config({**config, "weight_decay": decay}, custom_objects)
