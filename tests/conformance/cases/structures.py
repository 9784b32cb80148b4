"""Inputs, outputs, losses and metrics in structures; batch renormalization."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.conformance import data
from tests.conformance.case import Case, CaseTable, Results, arrays, jsonable


def nested(a: Any, b: Any, c: Any) -> Any:
    """A dict of a tuple and of a dict."""
    return {"s": (a, b), "t": {"u": c}}


def listed(a: Any, b: Any, c: Any) -> Any:
    """A list of three."""
    return [a, b, c]


def by_key(a: Any, b: Any, c: Any) -> Any:
    """A flat dict."""
    return {"k": a, "l": b, "m": c}


def gap(k: Any) -> Callable[[Any, Any], Any]:
    """The squared error of a pair of outputs, and that of their difference."""

    def pair_gap(y_true: Any, y_pred: Any) -> Any:
        first, second = (y_pred[i] - y_true[i] for i in range(2))
        each = k.ops.square(first) + k.ops.square(second - first)
        return k.ops.mean(each, axis=-1)

    return pair_gap


# What is compiled, for outputs of some form; a loss may be made of the module.
COMPILED: dict[str, tuple[Callable[..., Any], Callable[[Any], dict[str, Any]]]] = {
    "one loss": (nested, lambda k: {"loss": "mse"}),
    "losses in the form of the outputs": (
        nested,
        lambda k: {
            "loss": {"s": ("mse", "mae"), "t": {"u": "mse"}},
            "loss_weights": {"s": (1.0, 0.5), "t": {"u": 2.0}},
            "metrics": {"s": (["mae"], ["mse", "mae"]), "t": {"u": ["mae"]}},
        },
    ),
    "a loss of a part": (
        nested,
        lambda k: {"loss": {"s": [gap(k), ("mae", None)], "t": {"u": "mse"}}},
    ),
    "losses for some of a dict": (by_key, lambda k: {"loss": {"l": "mse", "m": "mae"}}),
    "one loss of a dict": (by_key, lambda k: {"loss": {"l": ["mse"]}}),
    "lists in a list": (
        listed,
        lambda k: {
            "loss": ["mse", ["mae", "mse"], ["mae"]],
            "metrics": [["mae"], None, ["mse"]],
        },
    ),
    "names for a list": (
        listed,
        lambda k: {
            "loss": {"a": "mse", "b": "mae", "c": "mse"},
            "loss_weights": {"a": 1.0, "b": 0.3, "c": 2.0},
            "weighted_metrics": {"b": ["mae"]},
        },
    ),
}


def outputs(k: Any, name: str, weighted: bool) -> Results:
    """Training with what is compiled, and what is predicted."""
    pack, compiled = COMPILED[name]
    x = k.Input((data.FEATURES,), name="x")
    hidden = k.layers.Dense(4, activation="tanh", name="hidden")(x)
    ends = [k.layers.Dense(1, name=end)(hidden) for end in "abc"]
    model = data.seeded(k.Model(x, pack(*ends)))
    model.compile(optimizer=k.optimizers.SGD(0.05), **compiled(k))
    y = pack(*(data.numbers(3)[:, i : i + 1] for i in range(3)))
    # Batches of one size: on TensorFlow Keras counts a smaller one as a whole one.
    more: dict[str, Any] = {"batch_size": data.ROWS // 6}
    if weighted:
        more["sample_weight"] = data.row_weights()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of weights that no loss depends on
        results = data.trained(k, model, data.features(), y, **more)
    found = model.predict(data.features(), batch_size=10, verbose=0)
    flat = [np.asarray(part) for part in k.tree.flatten(found)]
    form = k.tree.map_structure(lambda part: list(np.shape(part)), found)
    return results | {"predicted": flat, "form": repr(form)}


def inputs(k: Any) -> Results:
    """A model whose inputs are a dict of lists, called and trained."""
    a, b = k.Input((2,), name="a"), k.Input((3,), name="b")
    joined = k.layers.Concatenate(name="joined")([a, b])
    model = k.Model({"p": [a], "q": {"r": b}}, k.layers.Dense(1, name="end")(joined))
    data.seeded(model)
    model.compile(optimizer=k.optimizers.SGD(0.05), loss="mse")
    x = data.features()
    given = {"p": [x[:, :2]], "q": {"r": x[:, 2:]}}
    called = np.asarray(model(given))
    config = jsonable(model.get_config())
    ends = {key: config[key] for key in ("input_layers", "output_layers")}
    results = data.trained(k, model, given, data.numbers())
    return results | {"called": called, "ends": ends}


def renormalized(k: Any, arguments: dict[str, Any]) -> Results:
    """Batch renormalization alone, and within a net that is trained."""
    x = data.features()
    layer = k.layers.BatchNormalization(renorm=True, name="norm", **arguments)
    layer.build((None, data.FEATURES))
    started(layer)
    results: Results = {
        "config": jsonable(layer.get_config()),
        "names": [w.name for w in layer.weights],
        "training": np.asarray(layer(x, training=True)),
        "weights after it": arrays(layer.get_weights()),
        "inference": np.asarray(layer(x)),
    }
    model = k.Sequential(
        [
            k.layers.Input((data.FEATURES,)),
            k.layers.BatchNormalization(renorm=True, name="norm", **arguments),
            k.layers.Dense(1, name="end"),
        ]
    )
    started(model)
    model.compile(optimizer=k.optimizers.SGD(0.02), loss="mse")
    return results | data.trained(k, model, x, data.numbers())


def started(model: Any) -> None:
    """Gives the weights their first values; deviations are positive."""
    data.seeded(model)
    for weight in model.weights:
        if "stddev" in weight.name:
            weight.assign(1.0 + np.abs(np.asarray(weight)))


def rms_scaling(k: Any) -> Results:
    """LayerNormalization's old way to scale."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        layer = k.layers.LayerNormalization(rms_scaling=True, name="norm")
        layer.build((None, data.FEATURES))
        data.seeded(layer)
        x = data.features()
        op = np.asarray(k.ops.layer_normalization(x, rms_scaling=True, epsilon=0.1))
        return {
            "config": jsonable(layer.get_config()),
            "names": [w.name for w in layer.weights],
            "values": np.asarray(layer(x)),
            "operation": op,
        }


def cases() -> CaseTable:
    """All of them."""
    for name in COMPILED:
        for weighted in (False, True):
            label = f"{name}, weighted" if weighted else name
            yield Case(
                f"structures/outputs/{label}",
                lambda k, n=name, w=weighted: outputs(k, n, w),
            )
    yield Case("structures/inputs/a dict of a list and a dict", inputs)
    for label, arguments in (
        ("default", {}),
        ("momenta", {"renorm_momentum": 0.8, "momentum": 0.7, "epsilon": 0.01}),
        ("bounds", {"renorm_clipping": {"rmax": 1.5, "rmin": 0.7, "dmax": 0.5}}),
        ("no scale", {"scale": False, "renorm_clipping": {"dmax": 1.0}}),
    ):
        yield Case(
            f"structures/BatchNormalization/renorm, {label}",
            lambda k, a=arguments: renormalized(k, a),
        )
    yield Case("structures/LayerNormalization/rms_scaling", rms_scaling)
