"""Optimizers: a hundred steps of a small net, and single steps on given gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance import data
from tests.conformance.case import (
    Case,
    CaseTable,
    Results,
    arrays,
    jsonable,
    lookup,
    signature,
)

Arguments = dict[str, Any]

SHARED: dict[str, Arguments] = {
    "clipnorm": {"clipnorm": 0.05},
    "clipvalue": {"clipvalue": 0.01},
    "global_clipnorm": {"global_clipnorm": 0.05},
    "ema": {"use_ema": True, "ema_momentum": 0.9},
    "ema_overwrite": {
        "use_ema": True,
        "ema_momentum": 0.8,
        "ema_overwrite_frequency": 7,
    },
    "weight_decay": {"weight_decay": 0.05},
    "accumulate": {"gradient_accumulation_steps": 3},
    "loss_scale": {"loss_scale_factor": 8.0},
}

REQUIRED: dict[str, dict[str, Arguments]] = {
    "SGD": {
        "default": {},
        "momentum": {"learning_rate": 0.05, "momentum": 0.9},
        "nesterov": {"learning_rate": 0.02, "momentum": 0.8, "nesterov": True},
        **SHARED,
    },
    "Adam": {
        "default": {},
        "betas": {"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.95},
        "epsilon": {"learning_rate": 0.01, "epsilon": 0.01},
        "amsgrad": {"learning_rate": 0.02, "beta_2": 0.9, "amsgrad": True},
        **SHARED,
    },
    "AdamW": {
        "default": {},
        "decay": {"learning_rate": 0.01, "weight_decay": 0.1},
        "betas": {"beta_1": 0.85, "beta_2": 0.97, "epsilon": 0.005},
        "amsgrad": {"weight_decay": 0.02, "amsgrad": True, "clipnorm": 0.1},
        "ema": SHARED["ema"],
        "accumulate": SHARED["accumulate"],
    },
    "RMSprop": {
        "default": {},
        "momentum": {"learning_rate": 0.003, "rho": 0.8, "momentum": 0.5},
        "centered": {"rho": 0.85, "epsilon": 0.01, "centered": True},
        "centered_momentum": {"momentum": 0.7, "epsilon": 0.02, "centered": True},
        "weight_decay": SHARED["weight_decay"],
        "ema_overwrite": SHARED["ema_overwrite"],
    },
}

# All that every optimizer takes, in three runs.
TOGETHER: dict[str, Arguments] = {
    "decay and clip": {"weight_decay": 0.05, "clipnorm": 0.05},
    "averages and scale": {**SHARED["ema_overwrite"], "loss_scale_factor": 8.0},
    "accumulate and clip": {"gradient_accumulation_steps": 3, "global_clipnorm": 0.05},
}

FURTHER: dict[str, dict[str, Arguments]] = {
    "Nadam": {
        "default": {},
        "betas": {"beta_1": 0.8, "beta_2": 0.9, "epsilon": 0.01},
        **TOGETHER,
    },
    "Adamax": {
        "default": {},
        "betas": {"beta_1": 0.8, "beta_2": 0.9, "epsilon": 0.01},
        **TOGETHER,
    },
    "Adagrad": {
        "default": {},
        "epsilon": {"epsilon": 0.01, "learning_rate": 0.05},
        "accumulator": {"initial_accumulator_value": 0.5},
        **TOGETHER,
    },
    "Adadelta": {
        "default": {},
        "rho": {"rho": 0.8, "learning_rate": 1.0},
        "epsilon": {"epsilon": 1e-4, "learning_rate": 0.5},
        **TOGETHER,
    },
    "Lion": {"default": {}, "betas": {"beta_1": 0.8, "beta_2": 0.9}, **TOGETHER},
    "Ftrl": {
        "default": {},
        "l1": {"l1_regularization_strength": 0.01},
        "l2": {"l2_regularization_strength": 0.1, "learning_rate": 0.05},
        "shrinkage": {
            "l2_shrinkage_regularization_strength": 0.05,
            "beta": 0.1,
            "learning_rate": 0.05,
        },
        "power": {"learning_rate_power": -0.3, "initial_accumulator_value": 0.4},
        **TOGETHER,
    },
    "Lamb": {
        "default": {},
        "betas": {"beta_1": 0.8, "beta_2": 0.9, "epsilon": 0.01},
        **TOGETHER,
    },
    "Adafactor": {
        "default": {},
        "epsilons": {"epsilon_1": 0.01, "epsilon_2": 0.5, "learning_rate": 0.05},
        "decay": {"beta_2_decay": -0.3, "clip_threshold": 0.4, "learning_rate": 0.5},
        "not relative": {"relative_step": False, "learning_rate": 0.5},
        **TOGETHER,
    },
    "Muon": {
        "default": {},
        "adam": {
            "adam_beta_1": 0.8,
            "adam_beta_2": 0.9,
            "adam_weight_decay": 0.1,
            "adam_lr_ratio": 3.0,
            "epsilon": 0.01,
        },
        "excluded": {"exclude_layers": ["tw"], "learning_rate": 0.01},
        "polynomial": {"muon_a": 3.0, "muon_b": -4.0, "muon_c": 1.5, "ns_steps": 3},
        "momentum": {"momentum": 0.8, "nesterov": False, "rms_rate": None},
        "no decay": {"weight_decay": None, "adam_weight_decay": None},
        **TOGETHER,
    },
    "RMSprop": TOGETHER,
}

SCHEDULES: dict[str, list[Arguments]] = {
    "ExponentialDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 20, "decay_rate": 0.7},
        {
            "initial_learning_rate": 0.1,
            "decay_steps": 15,
            "decay_rate": 0.5,
            "staircase": True,
        },
    ],
    "InverseTimeDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 20, "decay_rate": 0.7},
        {
            "initial_learning_rate": 0.1,
            "decay_steps": 15,
            "decay_rate": 0.5,
            "staircase": True,
        },
    ],
    "PolynomialDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 60, "power": 2.0},
        {"initial_learning_rate": 0.1, "decay_steps": 32, "cycle": True},
        {"initial_learning_rate": 0.1, "decay_steps": 40, "end_learning_rate": 0.03},
    ],
    "PiecewiseConstantDecay": [
        {"boundaries": [20, 60], "values": [0.1, 0.05, 0.01]},
    ],
    "CosineDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 80, "alpha": 0.1},
        {
            "initial_learning_rate": 0.01,
            "decay_steps": 60,
            "warmup_target": 0.1,
            "warmup_steps": 20,
        },
    ],
    "CosineDecayRestarts": [
        {"initial_learning_rate": 0.1, "first_decay_steps": 30},
        {
            "initial_learning_rate": 0.1,
            "first_decay_steps": 16,
            "t_mul": 1.0,
            "m_mul": 0.5,
            "alpha": 0.1,
        },
    ],
}


def build(k: Any, name: str, arguments: Arguments) -> Any:
    """The optimizer of that name; its own name is Keras's default."""
    return lookup(k, f"optimizers.{name}")(**arguments)


def train(k: Any, name: str, arguments: Arguments) -> Results:
    """100 steps with sample weights and a last partial batch."""
    model = data.mlp(k)
    optimizer = build(k, name, arguments)
    model.compile(optimizer=optimizer, loss="mse", metrics=["mae"])
    results = data.trained(
        k, model, data.features(), data.numbers(), sample_weight=data.row_weights()
    )
    slots = optimizer.variables
    return results | {
        "config": jsonable(optimizer.get_config()),
        "slot paths": [variable.path for variable in slots],
        "iterations": int(np.asarray(optimizer.iterations)),
        "weights of slots": [
            array for array in arrays(slots) if array.dtype.kind == "f" and array.ndim
        ],
    }


def single_steps(k: Any, name: str, arguments: Arguments) -> Results:
    """Three eager updates of two variables by given gradients."""
    variables = [
        k.Variable(data.draw(20, 4, 3), name="kernel"),
        k.Variable(data.draw(21, 3), name="bias"),
    ]
    optimizer = build(k, name, arguments)
    optimizer.build(variables)
    for step in range(3):
        gradients = [data.draw(30 + step, 4, 3), data.draw(40 + step, 3)]
        optimizer.apply([k.ops.convert_to_tensor(g) for g in gradients])
    return {
        "weights": arrays(variables),
        "names": [variable.path for variable in optimizer.variables],
        "weights of slots": arrays(optimizer.variables[2:]),
    }


def excluded(k: Any) -> Results:
    """Weight decay that leaves biases and one named layer alone."""
    model = data.mlp(k)
    optimizer = k.optimizers.AdamW(learning_rate=0.01, weight_decay=0.2)
    optimizer.exclude_from_weight_decay(
        var_list=[model.layers[0].kernel], var_names=["bias"]
    )
    model.compile(optimizer=optimizer, loss="mse")
    return data.trained(k, model, data.features(), data.numbers())


def scheduled(k: Any, name: str, arguments: Arguments) -> Results:
    """A schedule's values, and SGD that follows it."""
    schedule = lookup(k, f"optimizers.schedules.{name}")(**arguments)
    values = [np.asarray(schedule(step), "float32") for step in range(0, 120, 7)]
    model = data.mlp(k)
    model.compile(optimizer=k.optimizers.SGD(schedule, momentum=0.5), loss="mse")
    return data.trained(k, model, data.features(), data.numbers()) | {
        "values": np.asarray(values, "float32"),
        "config": jsonable(schedule.get_config()),
    }


SIGNED = (
    *dict.fromkeys([*REQUIRED, *FURTHER]),
    "ScheduleFreeAdamW",
    "LossScaleOptimizer",
)


def by_name(k: Any) -> Results:
    """What the strings of `compile` stand for."""
    names = ["sgd", "adam", "adamw", "rmsprop", "SGD", "Adam", "AdamW", "RMSprop"]
    found = [k.optimizers.get(name) for name in names]
    return {
        "classes": [type(optimizer).__name__ for optimizer in found],
        "configs": [
            {key: value for key, value in o.get_config().items() if key != "name"}
            for o in found
        ],
    }


def assigned_rate(k: Any) -> Results:
    """A learning rate assigned between two fits; slots and iterations go on."""
    model = data.mlp(k)
    model.compile(optimizer=k.optimizers.Adam(0.01), loss="mse")
    first = data.trained(k, model, data.features(), data.numbers(), epochs=3)
    model.optimizer.learning_rate = 0.002
    second = data.trained(k, model, data.features(), data.numbers(), epochs=3)
    return {
        "weights first": first["weights"],
        "weights second": second["weights"],
        "history": second["history"],
        "iterations": int(np.asarray(model.optimizer.iterations)),
        "rate": np.asarray(model.optimizer.learning_rate, "float32"),
    }


def loss_scaled(k: Any, grows: int) -> Results:
    """A loss scale that grows every so many steps; gradients that are not finite."""
    model = data.mlp(k)
    inner = k.optimizers.Adam(0.01, clipnorm=0.5)
    optimizer = k.optimizers.LossScaleOptimizer(
        inner, initial_scale=64.0, dynamic_growth_steps=grows
    )
    model.compile(optimizer=optimizer, loss="mse")
    results = data.trained(k, model, data.features(), data.numbers())
    scale = float(np.asarray(optimizer.dynamic_scale))
    bad = [np.full(v.shape, np.inf, "float32") for v in model.trainable_variables]
    optimizer.apply([k.ops.convert_to_tensor(g) for g in bad])
    return results | {
        "weights left": arrays(model.get_weights()),
        "scales": [scale, float(np.asarray(optimizer.dynamic_scale))],
        "counter": int(np.asarray(optimizer.step_counter)),
        "iterations": int(np.asarray(optimizer.iterations)),
        "config": jsonable(optimizer.get_config()),
        "shapes": [list(v.shape) for v in optimizer.variables],
        "rate": float(np.asarray(optimizer.learning_rate)),
        "scaled": float(np.asarray(optimizer.scale_loss(np.float32(2.0)))),
    }


def cases() -> CaseTable:
    """Every optimizer with every set of arguments."""
    for table in (REQUIRED, FURTHER):
        for name, variants in table.items():
            for variant, arguments in variants.items():
                yield Case(
                    f"optimizers/{name}/{variant}",
                    lambda k, n=name, a=arguments: train(k, n, a),
                )
                if variant not in TOGETHER and "accumulate" not in variant:
                    yield Case(
                        f"optimizers/{name}/{variant} single steps",
                        lambda k, n=name, a=arguments: single_steps(k, n, a),
                    )
    for name in SIGNED:
        path = f"optimizers.{name}"
        yield Case(f"optimizers/{name}/signature", lambda k, p=path: signature(k, p))
    for name, sets in SCHEDULES.items():
        path = f"optimizers.schedules.{name}"
        yield Case(f"optimizers/{name}/signature", lambda k, p=path: signature(k, p))
        for i, arguments in enumerate(sets):
            yield Case(
                f"optimizers/{name}/{i}",
                lambda k, n=name, a=arguments: scheduled(k, n, a),
                needs=(f"optimizers.schedules.{name}",),
            )
    yield Case("optimizers/AdamW/excluded", excluded)
    yield Case("optimizers/get/names", by_name)
    yield Case("optimizers/Adam/assigned rate", assigned_rate)
    for grows in (7, 2000):
        yield Case(
            f"optimizers/LossScaleOptimizer/grows after {grows}",
            lambda k, g=grows: loss_scaled(k, g),
        )
