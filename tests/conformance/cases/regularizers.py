"""Regularizers and constraints: values, configs, and their part in training."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance import data
from tests.conformance.case import Case, CaseTable, Results, jsonable, lookup

Arguments = dict[str, Any]

REGULARIZERS: dict[str, list[Arguments]] = {
    "L1": [{}, {"l1": 0.05}, {"l1": 0.3}],
    "L2": [{}, {"l2": 0.05}, {"l2": 0.3}],
    "L1L2": [{}, {"l1": 0.02, "l2": 0.1}, {"l2": 0.07}],
}

CONSTRAINTS: dict[str, list[Arguments]] = {
    "MaxNorm": [{}, {"max_value": 0.4}, {"max_value": 0.7, "axis": 1}],
    "NonNeg": [{}],
    "UnitNorm": [{}, {"axis": 1}],
    "MinMaxNorm": [{}, {"min_value": 0.3, "max_value": 0.6, "rate": 0.5, "axis": 1}],
}


def net(k: Any, **first: Any) -> Any:
    """One hidden layer with the given arguments, and an output."""
    return data.seeded(
        k.Sequential(
            [
                k.layers.Input((data.FEATURES,)),
                k.layers.Dense(6, activation="tanh", name="one", **first),
                k.layers.Dense(1, name="out"),
            ]
        )
    )


def regularizer(k: Any, name: str, arguments: Arguments) -> Results:
    """The penalty of a matrix, and its part in training and in `evaluate`."""
    build = lookup(k, f"regularizers.{name}")
    penalty = build(**arguments)
    model = net(k, kernel_regularizer=penalty, bias_regularizer=build(**arguments))
    model.compile(optimizer=k.optimizers.SGD(0.05), loss="mse", metrics=["mse"])
    x, y = data.features(), data.numbers()
    results = data.trained(k, model, x, y, validation_split=0.2)
    return results | {
        "values": np.asarray(penalty(data.draw(5, 4, 3)), "float32"),
        "config": jsonable(penalty.get_config()),
        "history of evaluate": np.asarray(
            model.evaluate(x, y, verbose=0, batch_size=data.BATCH)
        ),
        "history of losses": np.asarray([np.asarray(v) for v in model.losses]),
    }


def activity(k: Any) -> Results:
    """A penalty on a layer's output, divided by the rows of the batch."""
    model = net(k, activity_regularizer=k.regularizers.L2(0.1))
    model.compile(optimizer=k.optimizers.SGD(0.05), loss="mse")
    x, y = data.features(), data.numbers()
    return data.trained(k, model, x, y, validation_split=0.2)


def constraint(k: Any, name: str, arguments: Arguments) -> Results:
    """A constraint's values, and its effect on training."""
    build = lookup(k, f"constraints.{name}")
    model = net(k, kernel_constraint=build(**arguments))
    model.compile(optimizer=k.optimizers.SGD(0.05), loss="mse")
    results = data.trained(k, model, data.features(), data.numbers())
    return results | {
        "values": np.asarray(build(**arguments)(data.draw(6, 4, 3))),
        "config": jsonable(build(**arguments).get_config()),
    }


def names(k: Any) -> Results:
    """What the strings stand for."""
    found = [k.regularizers.get(name) for name in ("l1", "l2", "l1l2", "L1", "L2")]
    found += [k.regularizers.l1(0.1), k.regularizers.l2(0.2)]
    found += [k.regularizers.l1_l2(0.1, 0.2)]
    return {
        "classes": [type(item).__name__ for item in found],
        "configs": [jsonable(item.get_config()) for item in found],
        "none": k.regularizers.get(None),
    }


def cases() -> CaseTable:
    """Every regularizer and constraint."""
    for name, sets in REGULARIZERS.items():
        for i, arguments in enumerate(sets):
            yield Case(
                f"regularizers/{name}/{i}",
                lambda k, n=name, a=arguments: regularizer(k, n, a),
            )
    for name, sets in CONSTRAINTS.items():
        for i, arguments in enumerate(sets):
            yield Case(
                f"regularizers/{name}/{i}",
                lambda k, n=name, a=arguments: constraint(k, n, a),
                needs=(f"constraints.{name}",),
            )
    yield Case("regularizers/L2/activity", activity)
    yield Case("regularizers/get/names", names)
