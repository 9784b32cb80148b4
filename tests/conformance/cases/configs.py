"""Configs, summaries, and how models are written down."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from tests.conformance import data
from tests.conformance.case import Case, CaseTable, Results, has, jsonable

# every class of the table, with arguments other than the defaults
OBJECTS: dict[str, dict[str, list[dict[str, Any]]]] = {
    "layers": {
        "Dense": [{"units": 3}, {"units": 2, "activation": "gelu", "use_bias": False}],
        "Activation": [{"activation": "relu"}, {"activation": "mish"}],
        "Dropout": [{"rate": 0.5}, {"rate": 0.1, "seed": 3}],
        "BatchNormalization": [{}, {"momentum": 0.5, "axis": 1, "scale": False}],
        "LayerNormalization": [{}, {"epsilon": 0.1, "axis": [1]}],
        "Flatten": [{}, {"data_format": "channels_last"}],
        "Normalization": [{}, {"mean": 1.0, "variance": 2.0}, {"axis": None}],
        "Concatenate": [{}, {"axis": 1}],
        "Add": [{}],
        "Embedding": [
            {"input_dim": 3, "output_dim": 2},
            {"input_dim": 5, "output_dim": 2, "embeddings_initializer": "ones"},
        ],
        "InputLayer": [
            {"shape": [3]},
            {"batch_shape": [4, 3], "dtype": "int32"},
        ],
    },
    "optimizers": {
        "SGD": [{}, {"momentum": 0.9, "nesterov": True}, {"clipnorm": 1.0}],
        "Adam": [{}, {"beta_1": 0.8, "amsgrad": True}, {"use_ema": True}],
        "AdamW": [{}, {"weight_decay": 0.1}, {"learning_rate": 0.1}],
        "RMSprop": [{}, {"rho": 0.8, "centered": True}, {"momentum": 0.1}],
    },
    "losses": {
        "MeanSquaredError": [{}, {"reduction": "sum"}, {"name": "mine"}],
        "MeanAbsoluteError": [{}, {"reduction": "none"}, {"name": "mine"}],
        "Huber": [{}, {"delta": 2.0}, {"reduction": "sum"}],
        "BinaryCrossentropy": [
            {},
            {"from_logits": True},
            {"label_smoothing": 0.1, "axis": 1},
        ],
        "CategoricalCrossentropy": [
            {},
            {"from_logits": True},
            {"label_smoothing": 0.1},
        ],
        "SparseCategoricalCrossentropy": [
            {},
            {"from_logits": True},
            {"ignore_class": 2},
        ],
    },
    "metrics": {
        "MeanSquaredError": [{}, {"name": "mine"}],
        "RootMeanSquaredError": [{}, {"name": "mine"}],
        "MeanAbsoluteError": [{}, {"name": "mine"}],
        "BinaryAccuracy": [{}, {"threshold": 0.3}],
        "CategoricalAccuracy": [{}, {"name": "mine"}],
        "SparseCategoricalAccuracy": [{}, {"name": "mine"}],
        "TopKCategoricalAccuracy": [{}, {"k": 2}],
        "AUC": [{}, {"curve": "PR", "num_thresholds": 3}, {"thresholds": [0.5, 0.7]}],
        "Precision": [{}, {"thresholds": [0.1, 0.2]}, {"top_k": 2, "class_id": 1}],
        "Recall": [{}, {"thresholds": 0.2}, {"top_k": 2, "class_id": 1}],
    },
    "initializers": {
        "GlorotUniform": [{}, {"seed": 3}],
        "HeNormal": [{}, {"seed": 3}],
        "RandomNormal": [{}, {"mean": 1.0, "seed": 3}],
        "VarianceScaling": [{}, {"scale": 2.0, "mode": "fan_out"}],
        "Constant": [{}, {"value": 3.0}],
        "Zeros": [{}],
    },
    "regularizers": {
        "L1": [{}, {"l1": 0.3}],
        "L2": [{}, {"l2": 0.3}],
        "L1L2": [{}, {"l1": 0.3, "l2": 0.1}],
    },
}


def serialized(k: Any, value: Any) -> Any:
    """An object as files hold it."""
    saving = has(k, "saving.serialize_keras_object")
    serialize = k.saving.serialize_keras_object if saving else k.config.serialize
    config = jsonable(serialize(value))
    # What holds nothing may be left out: no compile arguments, no known shape.
    for key, empty in (("compile_config", {}), ("build_config", {"input_shape": None})):
        if isinstance(config, dict) and config.get(key) == empty:
            del config[key]
    return config


def restored(k: Any, config: Any) -> Any:
    """The object of such a config."""
    saving = has(k, "saving.deserialize_keras_object")
    read = k.saving.deserialize_keras_object if saving else k.config.deserialize
    return read(config)


def unnumbered(config: Any) -> Any:
    """Without the numbers that default names end in: dense_3 is dense."""
    if isinstance(config, dict):
        return {
            key: re.sub(r"_\d+$", "", value)
            if key == "name" and isinstance(value, str)
            else unnumbered(value)
            for key, value in config.items()
        }
    return [unnumbered(v) for v in config] if isinstance(config, list) else config


def objects(k: Any, room: str, name: str, sets: list[dict[str, Any]]) -> Results:
    """How an object is written, and that it is the same when read back."""
    results: Results = {}
    for arguments in sets:
        value = getattr(getattr(k, room), name)(**arguments)
        config = serialized(k, value)
        results[f"serialized {arguments}"] = unnumbered(config)
        again = restored(k, config)
        results[f"again {arguments}"] = [
            type(again).__name__,
            unnumbered(serialized(k, again)) == unnumbered(config),
        ]
    return results


def sequential(k: Any) -> Any:
    """A net of every layer that takes one input."""
    layers = k.layers
    return k.Sequential(
        [
            layers.Input((4, 3), name="x"),
            layers.Flatten(name="flat"),
            layers.Normalization(mean=1.0, variance=2.0, name="scale"),
            layers.Dense(8, kernel_regularizer="l2", name="one"),
            layers.BatchNormalization(name="norm"),
            layers.Activation("relu", name="relu"),
            layers.Dropout(0.2, seed=1, name="drop"),
            layers.Dense(4, activation="selu", use_bias=False, name="two"),
            layers.LayerNormalization(name="a_layer_norm_with_a_long_name"),
            layers.Dense(2, activation="softmax", name="out"),
        ],
        name="net",
    )


def functional(k: Any) -> Any:
    """A net of two inputs, one of them embedded."""
    layers = k.layers
    ids = k.Input((1,), dtype="int32", name="ids")
    values = k.Input((3,), name="values")
    vectors = layers.Embedding(10, 4, name="vectors")(ids)
    flat = layers.Flatten(name="flat")(vectors)
    hidden = layers.Dense(4, activation="tanh", name="hidden")(values)
    total = layers.Add(name="sum")([flat, hidden])
    joined = layers.Concatenate(name="joined")([total, values])
    outputs = layers.Dense(1, name="out")(joined)
    return k.Model(inputs=[ids, values], outputs=outputs, name="branches")


MODELS = {"sequential": sequential, "functional": functional}


def lines(text: str) -> list[str]:
    """A summary's words, line by line, without its frame."""
    found = []
    for line in text.splitlines():
        words = re.sub(r"[^\x00-\x7f]+", " ", line).split()
        if words:
            found.append(" ".join(words))
    return found


def summary(k: Any, build: Any, compiled: bool, **arguments: Any) -> Results:
    """The text of `summary`."""
    model = build(k)
    if compiled:
        model.compile(optimizer="adam", loss="mse")
        x = [data.draw(i, 8, *part.shape[1:]) for i, part in enumerate(model.inputs)]
        x = [np.abs(part) for part in x]
        x[0] = x[0].astype("int32") if len(x) > 1 else x[0]
        y = data.draw(5, 8, model.outputs[0].shape[-1])
        model.fit(x if len(x) > 1 else x[0], y, epochs=1, verbose=0)
    printed: list[str] = []
    model.summary(print_fn=lambda line, *args: printed.append(line), **arguments)
    return {"lines": lines("\n".join(printed))}


def unbuilt(k: Any) -> Results:
    """A net whose shapes are not known yet: names, `?`, and its layers' shapes."""
    model = k.Sequential([k.layers.Dense(3, name="one"), k.layers.Dense(1, name="out")])
    printed: list[str] = []
    model.summary(print_fn=lambda line, *args: printed.append(line))
    return {"lines": lines("\n".join(printed))[1:]}


def model_config(k: Any, build: Any) -> Results:
    """get_config of a model, and of the model that it makes."""
    model = build(k)
    config = jsonable(model.get_config())
    again = type(model).from_config(model.get_config())
    return {
        "config": config,
        "serialized": serialized(k, model),
        "again": jsonable(again.get_config()) == config,
        "layers": [layer.name for layer in model.layers],
        "paths": [weight.path for weight in model.weights],
        "shapes": [list(weight.shape) for weight in model.weights],
        "input shape": jsonable(model.input_shape),
        "output shape": jsonable(model.output_shape),
        "parameters": int(model.count_params()),
    }


def compile_config(k: Any) -> Results:
    """get_compile_config, by names and by objects."""
    named = data.mlp(k)
    named.compile("adam", "mse", metrics=["mae"])
    given = data.mlp(k)
    given.compile(
        optimizer=k.optimizers.SGD(0.1, momentum=0.5),
        loss=k.losses.Huber(delta=2.0),
        metrics=["mae", k.metrics.RootMeanSquaredError(name="rmse")],
        loss_weights=None,
    )
    leave = ("jit_compile", "auto_scale_loss")
    return {
        name: unnumbered(
            {
                key: value
                for key, value in jsonable(model.get_compile_config()).items()
                if key not in leave
            }
        )
        for name, model in (("named", named), ("given", given))
    }


def cases() -> CaseTable:
    """Every class, and two models."""
    for room, table in OBJECTS.items():
        for name, sets in table.items():
            yield Case(
                f"configs/{room}.{name}/serialized",
                lambda k, r=room, n=name, s=sets: objects(k, r, n, s),
            )
    for name, build in MODELS.items():
        yield Case(f"configs/{name}/config", lambda k, b=build: model_config(k, b))
        yield Case(f"configs/{name}/summary", lambda k, b=build: summary(k, b, False))
        yield Case(
            f"configs/{name}/summary of 60 columns",
            lambda k, b=build: summary(k, b, False, line_length=60),
        )
        yield Case(
            f"configs/{name}/summary when compiled",
            lambda k, b=build: summary(k, b, True),
        )
    yield Case("configs/Sequential/summary when unbuilt", unbuilt)
    yield Case("configs/Model/compile", compile_config)
