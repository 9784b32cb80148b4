"""Layers beyond the first table: einsum, wrappers, groups, products, encodings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.conformance import data
from tests.conformance.case import Case, CaseTable, Results, arrays, jsonable, lookup
from tests.conformance.cases.layers import ROWS, call, describe, net

Build = Callable[[Any], Any]
Shape = tuple[int, ...]


def made(name: str, **arguments: Any) -> Build:
    """What makes a layer of `keras.layers`."""
    return lambda k: lookup(k, f"layers.{name}")(name="layer", **arguments)


def around(name: str, inner: str, given: dict[str, Any], **arguments: Any) -> Build:
    """What makes a layer around another."""
    return lambda k: lookup(k, f"layers.{name}")(
        lookup(k, f"layers.{inner}")(name="inner", **given), name="layer", **arguments
    )


def double(x: Any, by: float = 2.0) -> Any:
    """The function of a Lambda."""
    return x * by


# name: makers and the shapes of one row
TABLE: dict[str, list[tuple[Build, Shape]]] = {
    "GroupNormalization": [
        (made("GroupNormalization", groups=2), (6,)),
        (made("GroupNormalization", groups=3, epsilon=0.1, center=False), (4, 6)),
        (made("GroupNormalization", groups=-1, scale=False), (4, 6)),
        (made("GroupNormalization", groups=2, axis=1, beta_initializer="ones"), (4, 3)),
        (
            made(
                "GroupNormalization",
                groups=1,
                gamma_initializer="zeros",
                gamma_regularizer="l2",
                beta_regularizer="l1",
                gamma_constraint="non_neg",
                beta_constraint="max_norm",
            ),
            (6,),
        ),
    ],
    "RMSNormalization": [
        (made("RMSNormalization", axis=[1, 2]), (3, 5)),
        (made("RMSNormalization", axis=[2], epsilon=0.01), (3, 5)),
    ],
    "UnitNormalization": [
        (made("UnitNormalization", axis=[1, 2]), (3, 5)),
        (made("UnitNormalization", axis=1), (3, 5)),
    ],
    "PReLU": [
        (made("PReLU", shared_axes=[1]), (3, 5)),
        (made("PReLU", shared_axes=1, alpha_initializer="ones"), (3, 5)),
        (made("PReLU", alpha_regularizer="l2", alpha_constraint="non_neg"), (5,)),
    ],
    "Reshape": [(made("Reshape", target_shape=(2, -1, 3)), (3, 4))],
    "Permute": [(made("Permute", dims=(3, 1, 2)), (2, 3, 4))],
    "Rescaling": [
        (made("Rescaling", scale=[1.0, 2.0, 0.5], offset=[0.0, 1.0, 2.0]), (3,))
    ],
    "SpatialDropout1D": [(made("SpatialDropout1D", rate=0.0, seed=3), (4, 3))],
    "EinsumDense": [
        (made("EinsumDense", equation="ab,bc->ac", output_shape=4), (5,)),
        (
            made(
                "EinsumDense",
                equation="abc,cd->abd",
                output_shape=(3, 4),
                bias_axes="d",
                activation="tanh",
                kernel_initializer="he_normal",
                bias_initializer="ones",
            ),
            (3, 5),
        ),
        (
            made(
                "EinsumDense",
                equation="...x,xy->...y",
                output_shape=4,
                bias_axes="y",
                kernel_regularizer="l2",
                bias_regularizer="l1",
                activity_regularizer="l2",
            ),
            (3, 5),
        ),
        (
            made(
                "EinsumDense",
                equation="ab...,bc->ac...",
                output_shape=(4,),
                bias_axes="c",
                kernel_constraint="max_norm",
                bias_constraint="non_neg",
            ),
            (3, 5),
        ),
        (
            made(
                "EinsumDense",
                equation="abc,bcde->ade",
                output_shape=(2, 3),
                bias_axes="e",
            ),
            (3, 5),
        ),
        (
            made("EinsumDense", equation="abc,cb->abc", output_shape=(3, 5)),
            (3, 5),
        ),
    ],
    "TimeDistributed": [
        (
            around("TimeDistributed", "Dense", {"units": 4, "activation": "tanh"}),
            (3, 5),
        ),
        (around("TimeDistributed", "BatchNormalization", {}), (3, 5)),
        (around("TimeDistributed", "Flatten", {}), (3, 2, 5)),
    ],
    "Lambda": [
        (lambda k: k.layers.Lambda(double, name="layer"), (5,)),
        (
            lambda k: k.layers.Lambda(
                double, output_shape=(5,), arguments={"by": 3.0}, name="layer"
            ),
            (5,),
        ),
    ],
}


# sets of arguments, and the ids or numbers that they are given
ENCODINGS: list[tuple[str, dict[str, Any], str]] = [
    *(
        ("CategoryEncoding", {"num_tokens": 5, "output_mode": mode}, ids)
        for mode in ("one_hot", "multi_hot", "count")
        for ids in ("ids", "one id")
    ),
    ("CategoryEncoding", {"num_tokens": 5, "output_mode": "one_hot"}, "flat ids"),
    *(
        (
            "Discretization",
            {"bin_boundaries": [-0.5, 0.0, 1.25], "output_mode": mode},
            numbers,
        )
        for mode in ("int", "one_hot", "multi_hot", "count")
        for numbers in ("numbers", "one number")
    ),
    ("Discretization", {"num_bins": 4}, "numbers"),
    ("Discretization", {"num_bins": 7, "epsilon": 0.1}, "numbers"),
    ("Discretization", {"num_bins": 3, "output_mode": "one_hot"}, "one number"),
]


def encode(k: Any, name: str, arguments: dict[str, Any], kind: str) -> Results:
    """An encoding layer, adapted where it has to be, alone and first in a net."""
    layer = lookup(k, f"layers.{name}")(name="layer", **arguments)
    width = 1 if "one " in kind else 3
    x = data.draw(61, data.ROWS, width)
    if "id" in kind:
        x = np.random.RandomState(9).randint(0, 5, x.shape).astype("int32")
    if "num_bins" in arguments:
        layer.adapt(3 * data.draw(64, 500, width) + 1)
    x = x[:, 0] if "flat" in kind else x
    inputs = k.Input(x.shape[1:], dtype=x.dtype.name, name="x")
    hidden = layer(inputs)
    results: Results = {
        "config": jsonable(layer.get_config()),
        "values": np.asarray(layer(x), "float32"),
        "output shape": jsonable(hidden.shape),
    }
    hidden = k.layers.Rescaling(1.0, name="float")(hidden)
    if len(hidden.shape) > 2:
        hidden = k.layers.Flatten(name="flat")(hidden)
    model = data.seeded(k.Model(inputs, k.layers.Dense(1, name="after")(hidden)))
    model.compile(optimizer=k.optimizers.SGD(0.02), loss="mse")
    return results | data.trained(k, model, x, data.numbers())


def alone(k: Any, build: Build, shape: Shape) -> Results:
    """A layer alone: what it is, and its output while training and not."""
    layer = build(k)
    x = data.draw(60, ROWS, *shape)
    layer.build((None, *shape))
    results = describe(layer)
    data.seeded(layer)
    results["output shape"] = jsonable(layer.compute_output_shape((None, *shape)))
    results["inference"] = np.asarray(call(layer, x, training=False))
    results["training"] = np.asarray(call(layer, x, training=True))
    results["weights after"] = arrays(layer.get_weights())
    results["losses"] = [np.asarray(loss, "float32") for loss in layer.losses]
    return results


def train(k: Any, build: Build, shape: Shape) -> Results:
    """A hundred steps through the layer, and validation in the other mode."""
    model = net(k, shape, build(k))
    model.compile(optimizer=k.optimizers.SGD(0.02), loss="mse", metrics=["mae"])
    x, y = data.draw(61, data.ROWS, *shape), data.numbers()
    validation = (data.draw(62, 21, *shape), data.draw(63, 21, 1))
    results = data.trained(k, model, x, y, validation_data=validation)
    results["paths"] = [weight.path for weight in model.weights]
    return results


DOTS: list[tuple[dict[str, Any], Shape, Shape]] = [
    ({"axes": 1}, (4,), (4,)),
    ({"axes": -1, "normalize": True}, (4,), (4,)),
    ({"axes": (2, 1)}, (3, 4), (4, 5)),
    ({"axes": (1, 2), "normalize": True}, (4, 3), (5, 4)),
    ({"axes": [2, 1]}, (3, 4), (4,)),
]


def dot(k: Any, arguments: dict[str, Any], left: Shape, right: Shape) -> Results:
    """Dot alone, and a net that it joins."""
    layer = k.layers.Dot(name="layer", **arguments)
    x, y = data.draw(70, ROWS, *left), data.draw(71, ROWS, *right)
    results: Results = {
        "config": jsonable(layer.get_config()),
        "values": np.asarray(layer([x, y])),
    }
    inputs = [k.Input(left, name="x"), k.Input(right, name="y")]
    hidden = [
        k.layers.Dense(part.shape[-1], activation="tanh", name=f"before{i}")(part)
        for i, part in enumerate(inputs)
    ]
    joined = k.layers.Flatten(name="flat")(layer(hidden))
    model = data.seeded(k.Model(inputs, k.layers.Dense(1, name="after")(joined)))
    model.compile(optimizer=k.optimizers.SGD(0.02), loss="mse")
    rows = [data.draw(80, data.ROWS, *left), data.draw(81, data.ROWS, *right)]
    return results | data.trained(k, model, rows, data.numbers())


def functions(k: Any) -> Results:
    """The functions that make a merging layer and call it."""
    parts = [data.draw(70 + i, ROWS, 4) for i in range(2)]
    names = ("average", "maximum", "minimum", "multiply", "subtract", "dot")
    results = {n: np.asarray(getattr(k.layers, n)(parts)) for n in names}
    return results | {"dot axes": np.asarray(k.layers.dot(parts, axes=1))}


def spectral(k: Any, inner: str, given: dict[str, Any], steps: int) -> Results:
    """SpectralNormalization: one call, and a hundred steps."""
    layer = around("SpectralNormalization", inner, given, power_iterations=steps)(k)
    inputs = k.Input((5,), name="x")
    hidden = layer(inputs)
    model = data.seeded(k.Model(inputs, k.layers.Dense(1, name="after")(hidden)))
    results = describe(layer)
    x = data.draw(61, data.ROWS, 5)
    results["inference"] = np.asarray(layer(x[:ROWS]))
    results["training"] = np.asarray(layer(x[:ROWS], training=True))
    results["weights after"] = arrays(layer.get_weights())
    model.compile(optimizer=k.optimizers.SGD(0.02), loss="mse")
    return results | data.trained(k, model, x, data.numbers())


NOISES: dict[str, dict[str, Any]] = {
    "GaussianNoise": {"stddev": 0.3},
    "GaussianDropout": {"rate": 0.3},
    "AlphaDropout": {"rate": 0.3},
    "SpatialDropout1D": {"rate": 0.3},
}


def noise(k: Any, name: str, arguments: dict[str, Any]) -> Results:
    """What does not depend on the draws: mean and deviation."""
    layer = lookup(k, f"layers.{name}")(seed=3, name="layer", **arguments)
    x = np.full((400, 5, 200), 1.5, "float32")
    out = np.asarray(layer(x, training=True))
    again = np.asarray(layer(x, training=True))
    return {
        "config": jsonable(layer.get_config()),
        "stats mean": np.asarray([np.mean(out), np.std(out)]),
        "by step": bool(np.all(out == out[:, :1])),
        "differs by call": not bool(np.all(out == again)),
        "inference": np.asarray(layer(x[:2, :, :3], training=False)),
        "weights": len(layer.weights),
    }


def cases() -> CaseTable:
    """Every layer of the tables."""
    for name, rows in TABLE.items():
        for i, (build, shape) in enumerate(rows):
            yield Case(
                f"further_layers/{name}/alone {i}",
                lambda k, b=build, s=shape: alone(k, b, s),
            )
            yield Case(
                f"further_layers/{name}/training {i}",
                lambda k, b=build, s=shape: train(k, b, s),
            )
    for i, (arguments, left, right) in enumerate(DOTS):
        yield Case(
            f"further_layers/Dot/{i}",
            lambda k, a=arguments, x=left, y=right: dot(k, a, x, y),
        )
    yield Case("further_layers/merging/functions", functions)
    for i, (name, arguments, kind) in enumerate(ENCODINGS):
        yield Case(
            f"further_layers/{name}/{i}",
            lambda k, n=name, a=arguments, x=kind: encode(k, n, a, x),
        )
    inner = (
        ("Dense", {"units": 4}, 1),
        ("Dense", {"units": 4, "activation": "tanh"}, 3),
    )
    for i, (kind, given, steps) in enumerate(inner):
        yield Case(
            f"further_layers/SpectralNormalization/{i}",
            lambda k, n=kind, g=given, s=steps: spectral(k, n, g, s),
        )
    for name, arguments in NOISES.items():
        yield Case(
            f"further_layers/{name}/draws",
            lambda k, n=name, a=arguments: noise(k, n, a),
            tolerances={"stats": 0.02},
        )
