"""Optimizers: a hundred steps of a small net, and single steps on given gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance import data
from tests.conformance.case import Case, CaseTable, Results, arrays, jsonable, lookup

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

FURTHER: dict[str, dict[str, Arguments]] = {
    "Nadam": {"default": {}, "betas": {"beta_1": 0.8, "beta_2": 0.9, "epsilon": 0.01}},
    "Adamax": {"default": {}, "betas": {"beta_1": 0.8, "beta_2": 0.9, "epsilon": 0.01}},
    "Adagrad": {"default": {}, "epsilon": {"epsilon": 0.01, "learning_rate": 0.05}},
    "Adadelta": {"default": {}, "rho": {"rho": 0.8, "learning_rate": 1.0}},
    "Lion": {"default": {}, "betas": {"beta_1": 0.8, "beta_2": 0.9}},
    "Ftrl": {"default": {}, "l1": {"l1_regularization_strength": 0.01}},
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
    ],
    "PolynomialDecay": [
        {"initial_learning_rate": 0.1, "decay_steps": 60, "power": 2.0},
        {"initial_learning_rate": 0.1, "decay_steps": 32, "cycle": True},
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


def cases() -> CaseTable:
    """Every optimizer with every set of arguments."""
    for table, required in ((REQUIRED, True), (FURTHER, False)):
        for name, variants in table.items():
            needs = () if required else (f"optimizers.{name}",)
            for variant, arguments in variants.items():
                yield Case(
                    f"optimizers/{name}/{variant}",
                    lambda k, n=name, a=arguments: train(k, n, a),
                    needs=needs,
                )
                if "accumulate" not in variant:
                    yield Case(
                        f"optimizers/{name}/{variant} single steps",
                        lambda k, n=name, a=arguments: single_steps(k, n, a),
                        needs=needs,
                    )
    for name, sets in SCHEDULES.items():
        for i, arguments in enumerate(sets):
            yield Case(
                f"optimizers/{name}/{i}",
                lambda k, n=name, a=arguments: scheduled(k, n, a),
                needs=(f"optimizers.schedules.{name}",),
            )
    yield Case("optimizers/AdamW/excluded", excluded)
    yield Case("optimizers/get/names", by_name)
    yield Case("optimizers/Adam/assigned rate", assigned_rate)
