"""Layers: config, weights, both modes, and a hundred steps of a net with one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.conformance import data
from tests.conformance.case import Case, CaseTable, Results, arrays, jsonable, lookup

Arguments = dict[str, Any]
Build = Callable[[Any, Any], Any]

ROWS = 9

# class: shape of one row, then the sets of arguments; strings stand for objects
TABLE: dict[str, list[tuple[tuple[int, ...], Arguments]]] = {
    "Dense": [
        ((5,), {"units": 4}),
        ((5,), {"units": 3, "activation": "relu", "use_bias": False}),
        (
            (5,),
            {
                "units": 6,
                "activation": "gelu",
                "kernel_initializer": "he_normal",
                "bias_initializer": "ones",
                "kernel_regularizer": "l2",
                "bias_regularizer": "l1",
            },
        ),
        ((3, 5), {"units": 4, "activation": "tanh"}),
    ],
    "Activation": [
        ((5,), {"activation": "relu"}),
        ((5,), {"activation": "softmax"}),
        ((5,), {"activation": "silu"}),
    ],
    "BatchNormalization": [
        ((5,), {}),
        ((5,), {"momentum": 0.9, "epsilon": 0.01}),
        ((5,), {"momentum": 0.7, "epsilon": 0.4}),
        ((5,), {"center": False}),
        ((5,), {"scale": False, "momentum": 0.5}),
        ((3, 5), {"axis": 1, "momentum": 0.8}),
        ((3, 5), {}),
        (
            (5,),
            {
                "beta_initializer": "ones",
                "gamma_regularizer": "l2",
                "moving_mean_initializer": "ones",
            },
        ),
    ],
    "LayerNormalization": [
        ((5,), {}),
        ((5,), {"epsilon": 0.1, "center": False}),
        ((5,), {"scale": False}),
        ((3, 5), {"axis": [1, 2]}),
        ((3, 5), {"axis": 1, "gamma_initializer": "zeros"}),
    ],
    "Flatten": [
        ((3, 5), {}),
        ((5,), {}),
        ((2, 3, 4), {}),
    ],
    "Normalization": [
        ((3,), {"mean": [1.0, 2.0, -1.0], "variance": [4.0, 1.0, 0.25]}),
        ((3,), {"mean": 0.5, "variance": 2.0}),
        (
            (3,),
            {"mean": [1.0, 2.0, 3.0], "variance": [4.0, 1.0, 0.25], "invert": True},
        ),
        ((3,), {"axis": None, "mean": 1.5, "variance": 2.0}),
    ],
    "Dropout": [((5,), {"rate": 0.0}), ((5,), {"rate": 0.3, "seed": 7})],
}

FURTHER: dict[str, list[tuple[tuple[int, ...], Arguments]]] = {
    "ReLU": [((5,), {}), ((5,), {"max_value": 1.0, "negative_slope": 0.1})],
    "LeakyReLU": [((5,), {}), ((5,), {"negative_slope": 0.1})],
    "ELU": [((5,), {}), ((5,), {"alpha": 0.5})],
    "PReLU": [((5,), {}), ((5,), {"alpha_initializer": "ones"})],
    "Softmax": [((5,), {}), ((3, 5), {"axis": 1})],
    "Identity": [((5,), {})],
    "Reshape": [((6,), {"target_shape": [3, 2]}), ((6,), {"target_shape": [-1, 2]})],
    "Permute": [((2, 3), {"dims": [2, 1]})],
    "RepeatVector": [((5,), {"n": 3})],
    "Rescaling": [((5,), {"scale": 0.5}), ((5,), {"scale": 2.0, "offset": 1.0})],
    "UnitNormalization": [((5,), {})],
    "RMSNormalization": [((5,), {}), ((5,), {"epsilon": 0.1})],
    "GaussianNoise": [((5,), {"stddev": 0.3})],
    "GaussianDropout": [((5,), {"rate": 0.3})],
    "AlphaDropout": [((5,), {"rate": 0.3})],
    "ActivityRegularization": [((5,), {"l1": 0.1, "l2": 0.2})],
}

RANDOM = ("Dropout", "GaussianNoise", "GaussianDropout", "AlphaDropout")

MERGES: dict[str, list[Arguments]] = {
    "Add": [{}],
    "Concatenate": [{}, {"axis": 1}, {"axis": -2}],
    "Subtract": [{}],
    "Multiply": [{}],
    "Average": [{}],
    "Maximum": [{}],
    "Minimum": [{}],
}

EMBEDDINGS: list[Arguments] = [
    {"input_dim": 7, "output_dim": 4},
    {"input_dim": 7, "output_dim": 2, "embeddings_initializer": "ones"},
    {"input_dim": 9, "output_dim": 3, "embeddings_regularizer": "l2"},
]

# Keras on TensorFlow squares each part of the gradient of an id that comes twice in a
# batch, unless a regularizer makes the gradient dense; ours is that of other backends.
DENSE = {"input_dim": 7, "output_dim": 4, "embeddings_regularizer": 0.0}


def describe(layer: Any) -> Results:
    """A built layer's config, and its weights' names, shapes and kinds."""
    return {
        "config": jsonable(layer.get_config()),
        "build config": jsonable(layer.get_build_config()),
        "names of all": [weight.path for weight in layer.weights],
        "shapes": [list(weight.shape) for weight in layer.weights],
        "trainable": [weight.name for weight in layer.trainable_weights],
        "parameters": int(layer.count_params()),
    }


def single(k: Any, name: str, shape: tuple[int, ...], arguments: Arguments) -> Results:
    """A layer alone: what it is, and its output while training and not."""
    layer = lookup(k, f"layers.{name}")(name="layer", **arguments)
    x = data.draw(60, ROWS, *shape)
    layer.build((None, *shape))
    results = describe(layer)
    results["weights initial"] = [
        value
        for weight, value in zip(
            layer.weights, arrays(layer.get_weights()), strict=True
        )
        if weight.name not in ("kernel", "embeddings")
    ]
    if name != "Normalization":
        data.seeded(layer)
    results["output shape"] = jsonable(layer.compute_output_shape((None, *shape)))
    results["inference"] = np.asarray(call(layer, x, training=False))
    results["plain call"] = np.asarray(layer(x))
    if name not in RANDOM or arguments.get("rate") == 0.0:
        results["training"] = np.asarray(call(layer, x, training=True))
    results["weights after"] = arrays(layer.get_weights())
    results["losses"] = [np.asarray(loss, "float32") for loss in layer.losses]
    results["again"] = jsonable(type(layer).from_config(layer.get_config()).name)
    return results


def call(layer: Any, x: Any, training: bool) -> Any:
    """The layer's output in one mode, if it tells modes apart."""
    try:
        return layer(x, training=training)
    except TypeError:
        return layer(x)


def net(k: Any, shape: tuple[int, ...], layer: Any) -> Any:
    """Dense, the layer, Dense: so that gradients pass through it."""
    layers = k.layers
    inputs = k.Input(shape, name="x")
    hidden = layers.Dense(shape[-1], activation="tanh", name="before")(inputs)
    hidden = layer(hidden)
    if len(hidden.shape) > 2:
        hidden = layers.Flatten(name="flat")(hidden)
    outputs = layers.Dense(1, name="after")(hidden)
    return data.seeded(k.Model(inputs, outputs, name="net"))


def train(k: Any, name: str, shape: tuple[int, ...], arguments: Arguments) -> Results:
    """A hundred steps of SGD through the layer, and validation in the other mode."""
    layer = lookup(k, f"layers.{name}")(name="layer", **arguments)
    model = net(k, shape, layer)
    model.compile(optimizer=k.optimizers.SGD(0.02), loss="mse", metrics=["mae"])
    x, y = data.draw(61, data.ROWS, *shape), data.numbers()
    validation = (data.draw(62, 21, *shape), data.draw(63, 21, 1))
    results = data.trained(k, model, x, y, validation_data=validation)
    results["inference"] = np.asarray(model.predict(x[:20], verbose=0))
    results["paths"] = [weight.path for weight in model.weights]
    return results


def adapted(k: Any, axis: Any) -> Results:
    """Normalization that has seen a table, alone and first in a net."""
    x = 3 * data.features() + np.arange(data.FEATURES, dtype="float32")
    layer = k.layers.Normalization(axis=axis, name="layer")
    layer.adapt(x)
    results = describe(layer) | {"inference": np.asarray(layer(x[:9]))}
    del results["build config"]  # in Keras it holds the number of rows adapted to
    results["mean"] = np.asarray(layer.mean)
    results["variance"] = np.asarray(layer.variance)
    model = k.Sequential([layer, k.layers.Dense(1, name="out")])
    model.build((None, data.FEATURES))
    model.layers[1].set_weights([data.draw(1, data.FEATURES, 1), data.draw(2, 1)])
    model.compile(optimizer=k.optimizers.SGD(0.02), loss="mse")
    return results | data.trained(k, model, x, data.numbers())


def merge(k: Any, name: str, arguments: Arguments) -> Results:
    """A merging layer: its output, and a net of two inputs that it joins."""
    layer = lookup(k, f"layers.{name}")(name="layer", **arguments)
    wide = arguments.get("axis", -1) != -1
    shape = (3, 4) if wide else (4,)
    parts = [data.draw(70 + i, ROWS, *shape) for i in range(2)]
    results: Results = {
        "config": jsonable(layer.get_config()),
        "values": np.asarray(layer(parts)),
        "output shape": jsonable(layer.compute_output_shape([(None, *shape)] * 2)),
    }
    inputs = [k.Input(shape, name=f"x{i}") for i in range(2)]
    hidden = [
        k.layers.Dense(4, activation="tanh", name=f"before{i}")(part)
        for i, part in enumerate(inputs)
    ]
    joined = layer(hidden)
    if len(joined.shape) > 2:
        joined = k.layers.Flatten(name="flat")(joined)
    model = data.seeded(k.Model(inputs, k.layers.Dense(1, name="after")(joined)))
    model.compile(optimizer=k.optimizers.SGD(0.02), loss="mse")
    x = [data.draw(80 + i, data.ROWS, *shape) for i in range(2)]
    return results | data.trained(k, model, x, data.numbers())


def functional_merge(k: Any) -> Results:
    """The lower-case functions that make a merging layer and call it."""
    parts = [data.draw(70 + i, ROWS, 4) for i in range(3)]
    return {
        "add": np.asarray(k.layers.add(parts)),
        "concatenate": np.asarray(k.layers.concatenate(parts, axis=1)),
    }


def embedding(k: Any, arguments: Arguments) -> Results:
    """A table of vectors, gathered by ids; ids that repeat add their gradients."""
    given = dict(arguments)
    if given.get("embeddings_regularizer") == 0.0:
        given["embeddings_regularizer"] = k.regularizers.L2(0.0)
    layer = k.layers.Embedding(name="layer", **given)
    ids = np.random.RandomState(9).randint(0, arguments["input_dim"], (data.ROWS, 2))
    inputs = k.Input((2,), dtype="int32", name="ids")
    vectors = layer(inputs)
    outputs = k.layers.Dense(1, name="after")(k.layers.Flatten(name="flat")(vectors))
    model = data.seeded(k.Model(inputs, outputs, name="net"))
    results = describe(layer)
    results["values"] = np.asarray(layer(ids[:ROWS].astype("int32")))
    results["output shape"] = jsonable(layer.compute_output_shape((None, 2)))
    model.compile(optimizer=k.optimizers.SGD(0.05), loss="mse")
    results |= data.trained(k, model, ids.astype("int32"), data.numbers())
    if layer.embeddings_regularizer is None:
        return results
    model.compile(optimizer=k.optimizers.Adam(0.01), loss="mse")
    adam = data.trained(k, model, ids.astype("int32"), data.numbers())
    return results | {"weights by adam": adam["weights"]}


def dropout(k: Any, rate: float, noise_shape: Any) -> Results:
    """What does not depend on the draws: scale of what stays, share of zeros."""
    layer = k.layers.Dropout(rate, noise_shape=noise_shape, seed=3, name="layer")
    x = np.ones((400, 500), "float32")
    out = np.asarray(layer(x, training=True))
    again = np.asarray(layer(x, training=True))
    return {
        "config": jsonable(layer.get_config()),
        "kept": np.unique(out[out != 0]),
        "stats zeros": np.asarray([np.mean(out == 0)]),
        "whole columns": bool(np.all(out == out[:1])),
        "differs by call": not bool(np.all(out == again)),
        "inference": np.asarray(layer(x[:3], training=False)),
        "weights": len(layer.weights),
    }


def inputs(k: Any) -> Results:
    """Input's shapes, and a first layer that is told its shape."""
    first = k.Input((3,), name="a")
    second = k.Input(batch_shape=(8, 3), name="b")
    third = k.Input((2,), dtype="int32", name="c")
    layer = k.layers.InputLayer(shape=(4,), name="d")
    return {
        "shapes": [list(t.shape) for t in (first, second, third)],
        "types": [t.dtype for t in (first, second, third)],
        "names": [t.name for t in (first, second, third)],
        "config": jsonable(layer.get_config()),
    }


def default_names(k: Any) -> Results:
    """Names that layers are given when they are not named."""
    layers = k.layers
    made = [
        layers.Dense(1),
        layers.Dense(1),
        layers.Dropout(0.5),
        layers.BatchNormalization(),
        layers.LayerNormalization(),
        layers.Flatten(),
        layers.Normalization(),
        layers.Concatenate(),
        layers.Add(),
        layers.Embedding(3, 2),
        layers.Activation("relu"),
        layers.Dense(1),
        layers.Dropout(0.5),
    ]
    return {"names": [layer.name for layer in made]}


def cases() -> CaseTable:
    """Every layer."""
    for table, required in ((TABLE, True), (FURTHER, False)):
        for name, rows in table.items():
            needs = () if required else (f"layers.{name}",)
            for i, (shape, arguments) in enumerate(rows):
                yield Case(
                    f"layers/{name}/alone {i}",
                    lambda k, n=name, s=shape, a=arguments: single(k, n, s, a),
                    needs=needs,
                )
                if name in RANDOM and arguments.get("rate") != 0.0:
                    continue
                yield Case(
                    f"layers/{name}/training {i}",
                    lambda k, n=name, s=shape, a=arguments: train(k, n, s, a),
                    needs=needs,
                )
    for name, sets in MERGES.items():
        needs = () if name in ("Add", "Concatenate") else (f"layers.{name}",)
        for i, arguments in enumerate(sets):
            yield Case(
                f"layers/{name}/{i}",
                lambda k, n=name, a=arguments: merge(k, n, a),
                needs=needs,
            )
    for i, arguments in enumerate([*EMBEDDINGS, DENSE]):
        yield Case(f"layers/Embedding/{i}", lambda k, a=arguments: embedding(k, a))
    for axis in (-1, None):
        yield Case(
            f"layers/Normalization/adapted axis {axis}",
            lambda k, a=axis: adapted(k, a),
        )
    for rate, shape in ((0.5, None), (0.2, None), (0.3, (1, None))):
        yield Case(
            f"layers/Dropout/draws {rate} {shape}",
            lambda k, r=rate, s=shape: dropout(k, r, s),
            tolerances={"stats zeros": 0.15 if shape else 0.02},
        )
    yield Case("layers/merging/functions", functional_merge)
    yield Case("layers/Input/shapes", inputs)
    yield Case("layers/names/default", default_names)
