"""Arguments of optimizers: the weights after each of some steps, and the state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import pronghorn
from pronghorn import optimizers
from tests.conformance import data
from tests.conformance.arguments.row import Arguments, Idle, Made, Row, With

STEPS = 6

# What all optimizers take. Averages are seen where they take the place of weights.
SHARED: Arguments = {
    "learning_rate": 0.3,
    "weight_decay": 0.2,
    "clipnorm": 0.01,
    "clipvalue": 0.01,
    "global_clipnorm": 0.01,
    "use_ema": True,
    "ema_momentum": With(0.5, use_ema=True),
    "ema_overwrite_frequency": With(2, use_ema=True),
    "loss_scale_factor": 8.0,
    "gradient_accumulation_steps": 2,
    "name": "another",
}
BETAS: Arguments = {"beta_1": 0.5, "beta_2": 0.6, "epsilon": 0.1}

OWN: dict[str, Arguments] = {
    "Adadelta": {"rho": 0.5, "epsilon": 0.1},
    "Adafactor": {
        "beta_2_decay": -0.3,
        "epsilon_1": 0.1,
        "epsilon_2": With(0.9, relative_step=True),
        "clip_threshold": 0.1,
        "relative_step": Idle("`Adafactor(relative_step=)`"),
    },
    "Adagrad": {"initial_accumulator_value": 0.5, "epsilon": 0.1},
    "Adam": {**BETAS, "amsgrad": True},
    "AdamW": {**BETAS, "amsgrad": True},
    "Adamax": BETAS,
    "Ftrl": {
        "learning_rate_power": -0.3,
        "initial_accumulator_value": 0.5,
        "l1_regularization_strength": 0.2,
        "l2_regularization_strength": 0.2,
        "l2_shrinkage_regularization_strength": 0.2,
        "beta": 0.5,
    },
    "Lamb": BETAS,
    "Lion": {"beta_1": 0.2, "beta_2": 0.3},
    "Muon": {
        "adam_beta_1": 0.5,
        "adam_beta_2": 0.6,
        "adam_weight_decay": With(0.5, weight_decay=0.1),
        "epsilon": 0.1,
        "exclude_layers": ["kernel"],
        "exclude_embeddings": False,
        "muon_a": 2.0,
        "muon_b": -3.0,
        "muon_c": 1.0,
        "adam_lr_ratio": 0.5,
        "momentum": 0.3,
        "ns_steps": 2,
        "nesterov": False,
        "rms_rate": 0.5,
    },
    "Nadam": BETAS,
    "RMSprop": {"rho": 0.5, "momentum": 0.4, "epsilon": 0.1, "centered": True},
    "SGD": {"momentum": 0.5, "nesterov": With(True, momentum=0.5)},
    "ScheduleFreeAdamW": {**BETAS, "warmup_steps": 3},
}


def slopes(step: int) -> list[np.ndarray]:
    """Gradients of a matrix, of a table of embeddings and of a vector."""
    shapes = ((4, 3), (5, 3), (3,))
    return [data.draw(90 + 3 * step + i, *shape) for i, shape in enumerate(shapes)]


def weights() -> list[Any]:
    """The variables of a dense layer behind an embedding."""
    named = (("dense/kernel", 4), ("embedding/embeddings", 5), ("dense/bias", None))
    made = []
    for i, (path, rows) in enumerate(named):
        shape = (3,) if rows is None else (rows, 3)
        variable = pronghorn.Variable(
            data.draw(95 + i, *shape), name=path.rpartition("/")[2]
        )
        variable.path = path
        made.append(variable)
    return made


def stepped(make: Callable[[], Any]) -> Any:
    """The weights along some steps, what the state is then, and the average."""
    optimizer, found = make(), weights()
    optimizer.build(found)
    seen: list[Any] = [optimizer.name, float(np.asarray(optimizer.scale_loss(1.0)))]
    for step in range(STEPS):
        optimizer.apply(slopes(step), found)
        seen.append([np.array(v) for v in found])
    seen.append([np.array(v) for v in optimizer.variables])
    optimizer.finalize_variable_values(found)
    return [*seen, [np.array(v) for v in found]]


def shared_out(make: Callable[[], Any]) -> Any:
    """Which optimizer a map gives each weight."""
    of = make()
    return [of(variable).name for variable in weights()]


def two(rate: float) -> Made:
    """A map of two optimizers, of which one has this rate."""
    sgd = optimizers.SGD
    return Made(
        lambda: optimizers.OptimizerMap(sgd(0.1), {"dense/.*": sgd(rate, name="deep")})
    )


def rows() -> Iterator[Row]:
    """The rows of this room."""
    for name, changes in OWN.items():
        yield Row(f"optimizers.{name}", stepped, {}, {**SHARED, **changes})
    inner = Made(lambda: optimizers.SGD(0.1))
    yield Row(
        "optimizers.LossScaleOptimizer",
        stepped,
        {"inner_optimizer": inner},
        {
            "name": "another",
            "inner_optimizer": Made(lambda: optimizers.SGD(0.2)),
            "initial_scale": 4.0,
            "dynamic_growth_steps": 2,
        },
    )
    yield Row(
        "optimizers.MultiOptimizer",
        stepped,
        {"optimizer_map": two(0.2)},
        {"optimizer_map": two(0.3), "loss_scale_factor": 8.0, "name": "another"},
    )
    yield Row(
        "optimizers.OptimizerMap",
        shared_out,
        {"default_optimizer": Made(lambda: optimizers.SGD(0.1))},
        {
            "default_optimizer": Made(lambda: optimizers.Adam(0.1)),
            "optimizer_map": Made(lambda: {"dense/.*": optimizers.Adam(0.1)}),
        },
    )
    yield Row("optimizers.Optimizer", stepped, {"learning_rate": 0.1}, SHARED, Plain)


class Plain(optimizers.Optimizer):
    """An optimizer of one's own."""

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Down the slope."""
        variable.assign(variable - learning_rate * gradient)
