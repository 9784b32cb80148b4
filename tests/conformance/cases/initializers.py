"""Initializers: spread and bounds of large draws, exact values of constant ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance.case import Case, CaseTable, Results, jsonable, lookup

Arguments = dict[str, Any]

SHAPES = ((500, 400), (250, 800))  # 200,000 draws: a bound is met to 1e-4
SCALING = ("GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal")
SCALING += ("LecunUniform", "LecunNormal")

RANDOM: dict[str, list[Arguments]] = {
    **{name: [{"seed": 1}, {"seed": 2}, {"seed": 77}] for name in SCALING},
    "RandomNormal": [
        {"seed": 1},
        {"mean": 1.0, "stddev": 0.2, "seed": 3},
        {"mean": -0.5, "stddev": 2.0, "seed": 4},
    ],
    "RandomUniform": [
        {"seed": 1},
        {"minval": 0.0, "maxval": 2.0, "seed": 3},
        {"minval": -1.0, "maxval": -0.5, "seed": 4},
    ],
    "TruncatedNormal": [
        {"seed": 1},
        {"mean": 1.0, "stddev": 0.2, "seed": 3},
        {"mean": -0.5, "stddev": 2.0, "seed": 4},
    ],
    "VarianceScaling": [
        {"seed": 1},
        {"scale": 2.0, "mode": "fan_out", "distribution": "uniform", "seed": 3},
        {
            "scale": 0.5,
            "mode": "fan_avg",
            "distribution": "untruncated_normal",
            "seed": 4,
        },
        {
            "scale": 3.0,
            "mode": "fan_avg",
            "distribution": "truncated_normal",
            "seed": 5,
        },
    ],
}

EXACT: dict[str, list[Arguments]] = {
    "Zeros": [{}],
    "Ones": [{}],
    "Constant": [{}, {"value": 2.5}, {"value": -1.0}],
}

NAMES = [
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "lecun_uniform",
    "lecun_normal",
    "random_normal",
    "random_uniform",
    "truncated_normal",
    "variance_scaling",
    "normal",
    "uniform",
    "zeros",
    "ones",
    "GlorotUniform",
    "HeNormal",
    "TruncatedNormal",
    "Zeros",
]


def spread(values: np.ndarray) -> Results:
    """Mean, deviation and bounds, against the deviation: near 1 or 0."""
    values = values.astype("float64")
    return {
        "stats deviation": np.asarray([values.std()]),
        "stats mean": np.asarray([values.mean() + 10 * values.std()]),
        "stats bounds": np.asarray([values.min(), values.max()]),
    }


def random(k: Any, name: str, arguments: Arguments) -> Results:
    """Statistics of the draws, and that a seed gives the same ones again."""
    build = lookup(k, f"initializers.{name}")
    initializer = build(**arguments)
    results: Results = {"config": jsonable(initializer.get_config())}
    for shape in SHAPES:
        values = np.asarray(initializer(shape))
        found = spread(values)
        if unbounded(initializer):
            del found["stats bounds"]
        results |= {f"{key} {shape}": value for key, value in found.items()}
        again = np.asarray(build(**arguments)(shape))
        results[f"same {shape}"] = bool((values == again).all())
        results[f"type {shape}"] = [str(values.dtype), list(values.shape)]
    other = build(**(arguments | {"seed": 1234}))
    results["other seed differs"] = not bool((np.asarray(other(shape)) == values).all())
    return results


def unbounded(initializer: Any) -> bool:
    """Whether the draws have no bound to compare."""
    distribution = getattr(initializer, "distribution", "")
    normal = type(initializer).__name__ == "RandomNormal"
    return normal or distribution == "untruncated_normal"


def fans(k: Any) -> Results:
    """The bound of Glorot's uniform for vectors, matrices and deeper shapes."""
    results: Results = {}
    for shape in ((40000,), (200, 200), (40, 50, 20), (10, 10, 20, 20)):
        values = np.asarray(k.initializers.GlorotUniform(seed=1)(shape))
        results[f"stats bounds {shape}"] = np.asarray([values.min(), values.max()])
    return results


def exact(k: Any, name: str, arguments: Arguments) -> Results:
    """The values themselves."""
    initializer = lookup(k, f"initializers.{name}")(**arguments)
    return {
        "values": np.asarray(initializer((3, 2))),
        "integers": np.asarray(initializer((3,), dtype="int32")),
        "config": jsonable(initializer.get_config()),
    }


def names(k: Any) -> Results:
    """What the strings stand for."""
    found = [k.initializers.get(name) for name in NAMES]
    return {
        "classes": [type(initializer).__name__ for initializer in found],
        "configs": [jsonable(initializer.get_config()) for initializer in found],
    }


def cases() -> CaseTable:
    """Every initializer."""
    close = {"stats bounds": 2.5e-4, "stats": 0.01}
    for name, sets in RANDOM.items():
        for i, arguments in enumerate(sets):
            yield Case(
                f"initializers/{name}/{i}",
                lambda k, n=name, a=arguments: random(k, n, a),
                tolerances=close,
            )
    for name, sets in EXACT.items():
        for i, arguments in enumerate(sets):
            yield Case(
                f"initializers/{name}/{i}",
                lambda k, n=name, a=arguments: exact(k, n, a),
            )
    yield Case(
        "initializers/GlorotUniform/fans", fans, tolerances={"stats bounds": 2e-3}
    )
    yield Case("initializers/get/names", names)
