"""Muon: momentum made orthogonal, for matrices; Adam for all other weights."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from pronghorn import ops
from pronghorn.errors import ShapeError
from pronghorn.ir import Variable
from pronghorn.optimizers.optimizer import Config, LearningRate, Optimizer
from pronghorn.optimizers.signature import takes_shared
from pronghorn.registry import keras_class

__all__ = ["Muon"]

_OWN = (
    "adam_beta_1",
    "adam_beta_2",
    "epsilon",
    "exclude_layers",
    "muon_a",
    "muon_b",
    "muon_c",
    "adam_lr_ratio",
    "momentum",
    "ns_steps",
    "nesterov",
    "exclude_embeddings",
    "adam_weight_decay",
    "rms_rate",
)


@keras_class("keras.optimizers")
class Muon(Optimizer):
    """Momentum, made nearly orthogonal, for matrices; `AdamW` for all other weights.

    (Jordan et al., 2024; the scale of `rms_rate` is that of Liu et al., 2025,
    arXiv 2502.16982.) Name the layer of the outputs in `exclude_layers`.

    Args:
        learning_rate: default 0.001.
        adam_beta_1, adam_beta_2, epsilon: of `Adam`.
        adam_weight_decay: the decay of the weights that Adam updates. Default 0.004.
        weight_decay: the decay of the matrices. Default 0.004.
        clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor, gradient_accumulation_steps,
            name: see `Optimizer`.
        exclude_layers: patterns; weights whose path has one of them are for Adam.
        exclude_embeddings: weights with "embedding" in their path are for Adam.
            Default True.
        muon_a, muon_b, muon_c: of the polynomial that makes matrices orthogonal.
        adam_lr_ratio: Adam's rate, as a multiple of the learning rate. Default 1.
        momentum: how much of the momentum a step keeps. Default 0.95.
        ns_steps: how often the polynomial is applied. Default 5.
        nesterov: look ahead along the momentum. Default True.
        rms_rate: scale steps to this root mean square, so that rates that suit Adam
            suit matrices. Default 0.2; None for no scale.

    Example:

    >>> import numpy as np
    >>> w = Variable(np.zeros((2, 2)), name="kernel")
    >>> Muon(learning_rate=1.0, rms_rate=None).apply([np.eye(2)], [w])
    >>> bool(abs(w.numpy() + np.eye(2)).max() < 0.3)  # the step is nearly orthogonal
    True
    """

    @takes_shared
    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.7750,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            learning_rate,
            weight_decay,
            clipnorm,
            clipvalue,
            global_clipnorm,
            use_ema,
            ema_momentum,
            ema_overwrite_frequency,
            loss_scale_factor,
            gradient_accumulation_steps,
            name,
            **kwargs,
        )
        self.adam_beta_1 = adam_beta_1
        self.adam_beta_2 = adam_beta_2
        self.adam_weight_decay = adam_weight_decay
        self.epsilon = epsilon
        self.exclude_layers = exclude_layers or []
        self.exclude_embeddings = exclude_embeddings
        self.muon_a = muon_a
        self.muon_b = muon_b
        self.muon_c = muon_c
        self.adam_lr_ratio = adam_lr_ratio
        self.momentum = momentum
        self.ns_steps = ns_steps
        self.nesterov = nesterov
        self.rms_rate = rms_rate

    def build(self, var_list: Sequence[Variable]) -> None:
        if self.built:
            return
        super().build(var_list)
        self._momentums: list[Variable] = []
        self._velocities: list[Variable | None] = []
        for v in var_list:
            self._momentums.append(self.add_variable_from_reference(v, "momentum"))
            self._velocities.append(
                self.add_variable_from_reference(v, "velocity")
                if self._should_use_adamw(v)
                else None
            )

    def _should_use_adamw(self, variable: Variable) -> bool:
        path = variable.path
        return (
            variable.ndim != 2
            or (self.exclude_embeddings and "embedding" in path.lower())
            or any(re.search(pattern, path) for pattern in self.exclude_layers)
        )

    def _weight_decay_of(self, variable: Variable) -> float | None:
        adam = self._should_use_adamw(variable)
        return self.adam_weight_decay if adam else self.weight_decay

    def update_step(
        self, gradient: Any, variable: Variable, learning_rate: Any
    ) -> None:
        index = self._get_variable_index(variable)
        m, v = self._momentums[index], self._velocities[index]
        if v is not None:
            rate = learning_rate * float(self.adam_lr_ratio)
            self._adam_step(gradient, variable, rate, m, v)
            return
        m.assign_add(gradient + m * (self.momentum - 1.0))
        direction = gradient + self.momentum * m if self.nesterov else m.value
        change = self.zeropower_via_newtonschulz5(direction, self.ns_steps)
        variable.assign_sub(self.lr_adjust(learning_rate * change))

    def _adam_step(
        self, gradient: Any, variable: Variable, rate: Any, m: Variable, v: Variable
    ) -> None:
        step = ops.cast(self.iterations + 1, "float32")
        start_1 = 1.0 - ops.power(float(self.adam_beta_1), step)
        start_2 = 1.0 - ops.power(float(self.adam_beta_2), step)
        alpha = ops.divide(rate * ops.sqrt(start_2), start_1)
        m.assign_add((gradient - m) * (1.0 - self.adam_beta_1))
        v.assign_add((ops.square(gradient) - v) * (1.0 - self.adam_beta_2))
        variable.assign_sub(ops.divide(m * alpha, ops.sqrt(v) + self.epsilon))

    def lr_adjust(self, x: Any) -> Any:
        """A matrix's step, scaled as `rms_rate` says: a tensor of the same shape."""
        if self.rms_rate is None:
            return x
        return x * (math.sqrt(max(x.shape)) * self.rms_rate)

    def zeropower_via_newtonschulz5(self, x: Any, steps: int) -> Any:
        """A matrix near the orthogonal one that is nearest.

        Args:
            x: a matrix.
            steps: how often the polynomial is applied.

        Raises:
            ShapeError: x is no matrix.
        """
        if len(x.shape) != 2:
            raise ShapeError(
                "Only a matrix can be made orthogonal.",
                where=f"optimizer {self.name!r}",
                expected="a tensor of 2 dimensions",
                received=f"shape {tuple(x.shape)}",
                remedy="leave other weights to AdamW",
            )
        tall = x.shape[0] > x.shape[1]
        if tall:
            x = ops.transpose(x)
        x = ops.divide(x, ops.sqrt(ops.sum(ops.square(x))) + 1e-7)
        for _ in range(steps):
            gram = ops.matmul(x, ops.transpose(x))
            mixed = self.muon_b * gram + self.muon_c * ops.matmul(gram, gram)
            x = self.muon_a * x + ops.matmul(mixed, x)
        return ops.transpose(x) if tall else x

    def get_config(self) -> Config:
        return {**super().get_config(), **{name: getattr(self, name) for name in _OWN}}
