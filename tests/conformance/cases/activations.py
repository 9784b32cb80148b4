"""Activations: values on a grid, with their arguments, and a hundred steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance import data
from tests.conformance.case import Case, CaseTable, Results, lookup

Arguments = dict[str, Any]

REQUIRED: dict[str, list[Arguments]] = {
    "relu": [
        {},
        {"negative_slope": 0.1, "max_value": 3.0},
        {"threshold": 0.5},
        {"negative_slope": 0.3, "max_value": 6.0, "threshold": 1.0},
    ],
    "sigmoid": [{}],
    "tanh": [{}],
    "softmax": [{}, {"axis": 0}, {"axis": -2}],
    "selu": [{}],
    "elu": [{}, {"alpha": 0.5}, {"alpha": 1.7}],
    "gelu": [{}, {"approximate": True}],
    "silu": [{}],
    "softplus": [{}],
    "linear": [{}],
    "leaky_relu": [{}, {"negative_slope": 0.01}, {"negative_slope": 0.6}],
    "mish": [{}],
}

FURTHER: dict[str, list[Arguments]] = {
    "swish": [{}],
    "relu6": [{}],
    "softsign": [{}],
    "exponential": [{}],
    "hard_sigmoid": [{}],
    "hard_silu": [{}],
    "hard_tanh": [{}],
    "hard_shrink": [{}, {"threshold": 1.0}],
    "soft_shrink": [{}, {"threshold": 1.0}],
    "tanh_shrink": [{}],
    "log_sigmoid": [{}],
    "log_softmax": [{}, {"axis": 0}],
    "celu": [{}, {"alpha": 0.5}],
    "squareplus": [{}, {"b": 2}],
    "sparse_plus": [{}],
    "sparse_sigmoid": [{}],
}

NAMES = [
    "relu",
    "sigmoid",
    "tanh",
    "softmax",
    "selu",
    "elu",
    "gelu",
    "silu",
    "swish",
    "softplus",
    "linear",
    "leaky_relu",
    "mish",
    None,
]


def grid() -> np.ndarray:
    """Values from -9 to 9, zero and both sides of each kink, float32 (7, 13)."""
    points = np.linspace(-9, 9, 89)
    return np.append(points, [0.0, 1e-3]).astype("float32").reshape(7, 13)


def values(k: Any, name: str, sets: list[Arguments]) -> Results:
    """The function on the grid, for each set of arguments."""
    function = lookup(k, f"activations.{name}")
    return {f"values {a}": np.asarray(function(grid(), **a)) for a in sets}


def train(k: Any, name: str, rate: float) -> Results:
    """Its gradient: a hundred steps of SGD through two layers that use it."""
    layers = k.layers
    model = data.seeded(
        k.Sequential(
            [
                layers.Input((data.FEATURES,)),
                layers.Dense(7, activation=name, name="one"),
                layers.Dense(6, name="two"),
                layers.Activation(name, name="activation"),
                layers.Dense(2, name="out"),
            ]
        )
    )
    model.compile(optimizer=k.optimizers.SGD(rate), loss="mse")
    return data.trained(k, model, data.features(), data.numbers(2))


def at_zero(k: Any, name: str) -> Results:
    """The slope at exactly zero, where a formula may have a seam: of zero weights."""
    layers = k.layers
    model = k.Sequential(
        [
            layers.Input((data.FEATURES,)),
            layers.Dense(4, kernel_initializer="zeros", name="one"),
            layers.Activation(name),
            layers.Dense(1, name="out"),
        ]
    )
    out = [data.draw(5, 4, 1), data.draw(6, 1)]
    model.layers[-1].set_weights(out)
    model.compile(optimizer=k.optimizers.SGD(0.1), loss="mse")
    x, y = data.features(), data.numbers()
    return data.trained(k, model, x, y, epochs=1, batch_size=data.ROWS)


def sparsemax(k: Any) -> Results:
    """Where one entry takes all; see docs/differences.md for several."""
    x = 10 * grid()
    return {
        "last axis": np.asarray(k.activations.sparsemax(x)),
        "first axis": np.asarray(k.activations.sparsemax(x, axis=0)),
    }


def names(k: Any) -> Results:
    """What the strings stand for, and how a function is written into a config."""
    found = [k.activations.get(name) for name in NAMES]
    return {
        "functions": [function.__name__ for function in found],
        "serialized": [k.activations.serialize(function) for function in found],
    }


def cases() -> CaseTable:
    """Every activation."""
    for table, required in ((REQUIRED, True), (FURTHER, False)):
        for name, sets in table.items():
            needs = () if required else (f"activations.{name}",)
            yield Case(
                f"activations/{name}/values",
                lambda k, n=name, s=sets: values(k, n, s),
                needs=needs,
            )
            yield Case(
                f"activations/{name}/at zero",
                lambda k, n=name: at_zero(k, n),
                needs=needs,
            )
            if name == "exponential":
                continue  # of itself it diverges
            yield Case(
                f"activations/{name}/training",
                lambda k, n=name, r=0.05 if required else 0.002: train(k, n, r),
                needs=needs,
            )
    yield Case("activations/sparsemax/values", sparsemax)
    yield Case("activations/get/names", names)
