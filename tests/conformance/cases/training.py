"""Training: keys, epochs, weightings, splits, names of metrics, many outputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance import data
from tests.conformance.case import (
    Case,
    CaseTable,
    Results,
    arrays,
    assert_backend,
    jsonable,
)

KINDS: dict[str, tuple[str, str | None, int]] = {
    # loss: targets, last activation, outputs
    "mse": ("numbers", None, 1),
    "binary_crossentropy": ("binary", "sigmoid", 1),
    "categorical_crossentropy": ("onehot", "softmax", 3),
    "sparse_categorical_crossentropy": ("classes", "softmax", 3),
}


def targets(kind: str) -> np.ndarray:
    """Targets of the kind."""
    return {
        "numbers": data.numbers,
        "binary": data.binary,
        "onehot": data.onehot,
        "classes": data.classes,
    }[kind]()


def net(k: Any, loss: str, metrics: Any = None, **compile_arguments: Any) -> Any:
    """The net of a loss, compiled with SGD."""
    _, last, outputs = KINDS[loss]
    model = data.mlp(k, outputs, last)
    model.compile(
        optimizer=k.optimizers.SGD(0.05, momentum=0.5),
        loss=loss,
        metrics=metrics,
        **compile_arguments,
    )
    return model


def evaluated(k: Any, model: Any, x: Any, y: Any, **kwargs: Any) -> Results:
    """`evaluate` as a list and as a dict, `predict`, and the names of metrics."""
    options = {"batch_size": data.BATCH, "verbose": 0} | kwargs
    as_list = model.evaluate(x, y, **options)
    as_dict = model.evaluate(x, y, return_dict=True, **options)
    predicted = np.asarray(model.predict(x, batch_size=10, verbose=0))
    assert_backend(k, model)
    return {
        "history of evaluate": np.asarray(as_list, "float32"),
        "evaluate is": type(as_list).__name__,
        "evaluate keys": list(as_dict),
        "history of evaluate dict": np.asarray(list(as_dict.values()), "float32"),
        "predicted": predicted,
        "metrics names": list(model.metrics_names),
        "metrics": [metric.name for metric in model.metrics],
    }


def loss_kind(k: Any, loss: str, metrics: Any) -> Results:
    """One loss with its metrics: fit with validation, evaluate, predict."""
    model = net(k, loss, metrics)
    x, y = data.features(), targets(KINDS[loss][0])
    results = data.trained(k, model, x, y, validation_data=(x[:21], y[:21]))
    return results | evaluated(k, model, x, y)


def metric_names(k: Any, loss: str) -> Results:
    """'accuracy', 'acc', names, functions and objects: how histories call them."""
    objects = {
        "mse": lambda: [
            "mse",
            "mae",
            "RootMeanSquaredError",
            k.metrics.MeanAbsoluteError(),
            k.metrics.RootMeanSquaredError(name="mine"),
            k.losses.mean_squared_error,
        ],
        "binary_crossentropy": lambda: [
            "accuracy",
            "acc",
            "AUC",
            "Precision",
            "recall",
            "binary_accuracy",
            k.metrics.AUC(name="area", curve="PR"),
            "mse",
            k.metrics.binary_accuracy,
        ],
        "categorical_crossentropy": lambda: [
            "accuracy",
            "acc",
            "categorical_accuracy",
            k.metrics.CategoricalAccuracy(),
            k.metrics.TopKCategoricalAccuracy(k=2, name="top2"),
        ],
        "sparse_categorical_crossentropy": lambda: [
            "acc",
            "accuracy",
            k.metrics.SparseCategoricalAccuracy(name="sparse"),
            k.metrics.SparseTopKCategoricalAccuracy(k=2),
        ],
    }
    model = net(k, loss, objects[loss]())
    x, y = data.features(), targets(KINDS[loss][0])
    results = data.trained(k, model, x, y, epochs=3, validation_split=0.25)
    return results | evaluated(k, model, x, y)


def class_weight(k: Any, loss: str) -> Results:
    """Class weights; alone, and multiplied into sample weights."""
    kind = KINDS[loss][0]
    classes = {0: 0.5, 1: 2.0} if kind == "binary" else {0: 0.5, 1: 2.0, 2: 1.3}
    x, y = data.features(), targets(kind)
    model = net(k, loss, ["accuracy"], weighted_metrics=["accuracy"])
    alone = data.trained(k, model, x, y, class_weight=classes, epochs=5)
    split = data.trained(
        k, model, x, y, class_weight=classes, epochs=3, validation_split=0.2
    )
    results: Results = {}
    for name, part in (("alone", alone), ("split", split)):
        results[f"weights {name}"] = part["weights"]
        results[f"history {name}"] = part["history"]
        results[f"keys {name}"] = part["keys"]
    return results


def sample_weight(k: Any) -> Results:
    """Sample weights: in the loss and weighted metrics, not in metrics."""
    weights = data.row_weights()
    model = net(k, "mse", ["mae"], weighted_metrics=["mae", "mse"])
    x, y = data.features(), data.numbers()
    results = data.trained(k, model, x, y, sample_weight=weights, validation_split=0.3)
    validation = (x[:20], y[:20], weights[:20])
    more = data.trained(
        k, model, x, y, sample_weight=weights, epochs=2, validation_data=validation
    )
    results |= {f"history more {key}": v for key, v in more["history"].items()}
    return results | evaluated(k, model, x, y, sample_weight=weights)


def initial_epoch(k: Any) -> Results:
    """Epochs are counted from initial_epoch up to epochs."""
    model = net(k, "mse", ["mae"])
    x, y = data.features(), data.numbers()
    results = data.trained(k, model, x, y, epochs=7, initial_epoch=3)
    more = data.fit(k, model, x, y, epochs=9, initial_epoch=7)
    none = data.fit(k, model, x, y, epochs=2, initial_epoch=2)
    return results | {
        "more epochs": more["epochs"],
        "history more": more["history"],
        "none": [none["epochs"], none["keys"]],
        "iterations": int(np.asarray(model.optimizer.iterations)),
    }


def batch_sizes(k: Any) -> Results:
    """The default of 32, more than the rows, one row, and a last row alone."""
    results: Results = {}
    for size in (None, 200, 1, 11, 78):
        model = net(k, "mse", ["mae"])
        part = data.trained(
            k, model, data.features(), data.numbers(), batch_size=size, epochs=2
        )
        results[f"weights {size}"] = part["weights"]
        results[f"history {size}"] = part["history"]
        results[f"steps {size}"] = int(np.asarray(model.optimizer.iterations))
    return results


def splits(k: Any) -> Results:
    """The tail is held out, before any order is drawn; its size is rounded down."""
    results: Results = {}
    for share in (0.1, 0.25, 0.333, 0.5):
        model = net(k, "mse", ["mae"])
        part = data.trained(
            k,
            model,
            data.features(),
            data.numbers(),
            validation_split=share,
            epochs=2,
        )
        results[f"weights {share}"] = part["weights"]
        results[f"history {share}"] = part["history"]
    return results


def validation_options(k: Any) -> Results:
    """validation_freq and validation_batch_size."""
    x, y = data.features(), data.numbers()
    model = net(k, "mse", ["mae"])
    return data.trained(
        k,
        model,
        x,
        y,
        epochs=7,
        validation_data=(x[:25], y[:25]),
        validation_batch_size=4,
        validation_freq=3,
    )


def again(k: Any) -> Results:
    """A second fit goes on; a second compile starts the optimizer afresh."""
    x, y = data.features(), data.numbers()
    model = net(k, "mse")
    first = data.trained(k, model, x, y, epochs=2)
    second = data.trained(k, model, x, y, epochs=2)
    model.compile(optimizer=k.optimizers.Adam(0.01), loss="mae", metrics=["mse"])
    third = data.trained(k, model, x, y, epochs=2)
    results: Results = {}
    for name, part in (("first", first), ("second", second), ("third", third)):
        results[f"weights {name}"] = part["weights"]
        results[f"history {name}"] = part["history"]
        results[f"epochs {name}"] = part["epochs"]
    return results


def frozen(k: Any) -> Results:
    """A frozen layer keeps its weights; frozen batch norm runs in inference mode."""
    layers = k.layers
    model = data.seeded(
        k.Sequential(
            [
                layers.Input((data.FEATURES,)),
                layers.Dense(6, activation="tanh", name="one"),
                layers.BatchNormalization(name="norm"),
                layers.Dense(1, name="out"),
            ]
        )
    )
    model.layers[0].trainable = False
    model.layers[1].trainable = False
    model.compile(optimizer=k.optimizers.Adam(0.01), loss="mse")
    results = data.trained(k, model, data.features(), data.numbers())
    for layer in model.layers:
        layer.trainable = True
    model.compile(optimizer=k.optimizers.Adam(0.01), loss="mse")
    more = data.trained(k, model, data.features(), data.numbers(), epochs=2)
    return results | {
        "trainable": [weight.path for weight in model.trainable_weights],
        "weights more": more["weights"],
    }


def branches(k: Any) -> Results:
    """Two inputs, a shared layer, batch norm and a sum: functional all over."""
    layers = k.layers
    left, right = k.Input((3,), name="left"), k.Input((2,), name="right")
    shared = layers.Dense(4, activation="gelu", name="shared")
    one = layers.Dense(4, activation="silu", name="one")(left)
    two = layers.Dense(4, activation="elu", name="two")(right)
    total = layers.Add(name="sum")([shared(one), shared(two), one])
    joined = layers.Concatenate(name="joined")([total, two])
    normal = layers.BatchNormalization(name="norm")(joined)
    scaled = layers.LayerNormalization(name="layer_norm")(normal)
    outputs = layers.Dense(1, name="out")(scaled)
    model = data.seeded(k.Model(inputs=[left, right], outputs=outputs, name="net"))
    model.compile(optimizer=k.optimizers.Adam(0.01), loss="mse", metrics=["mae"])
    x, y = data.features(), data.numbers()
    parts = [x[:, :3], x[:, 3:]]
    results = data.trained(k, model, parts, y, validation_split=0.2)
    by_name = data.trained(k, model, {"left": parts[0], "right": parts[1]}, y, epochs=2)
    return results | {
        "weights by name": by_name["weights"],
        "predicted": np.asarray(model.predict(parts, verbose=0)),
        "paths": [weight.path for weight in model.weights],
        "config": jsonable(model.get_config()),
    }


def outputs(k: Any, form: str) -> Results:
    """Two outputs, with losses, weights and metrics by list or by name."""
    layers = k.layers
    inputs = k.Input((data.FEATURES,), name="x")
    hidden = layers.Dense(6, activation="tanh", name="hidden")(inputs)
    price = layers.Dense(1, name="price")(hidden)
    sold = layers.Dense(1, activation="sigmoid", name="sold")(hidden)
    model = data.seeded(k.Model(inputs, [price, sold], name="net"))
    names = ["price", "sold"]
    losses: Any = ["mse", "binary_crossentropy"]
    shares: Any = [0.7, 1.5]
    metrics: Any = [["mae"], ["accuracy"]]
    y: Any = [data.numbers(), data.binary()]
    if form == "by name":
        losses, shares, metrics = (
            dict(zip(names, part, strict=True)) for part in (losses, shares, metrics)
        )
    model.compile(
        optimizer=k.optimizers.SGD(0.05),
        loss=losses,
        loss_weights=shares,
        metrics=metrics,
    )
    x = data.features()
    # Whole batches only: for a partial one Keras on TensorFlow does not weigh the
    # separate losses by rows, as it does the total and as its other backends do.
    validation = (x[:26], [part[:26] for part in y])
    options = {"batch_size": 13, "validation_data": validation}
    results = data.trained(k, model, x, y, **options)
    found = model.evaluate(x, y, batch_size=13, verbose=0)
    return results | {
        "predicted": [np.asarray(p) for p in model.predict(x, verbose=0)],
        "history of evaluate": np.asarray(found, "float32"),
    }


def wide(k: Any, activation: str, optimizer: str) -> Results:
    """Layers of 72 and 40 units on 17 columns: the engine's larger kernels."""
    layers = k.layers
    model = data.seeded(
        k.Sequential(
            [
                layers.Input((17,)),
                layers.Dense(72, activation=activation, name="one"),
                layers.BatchNormalization(momentum=0.8, name="norm"),
                layers.Dense(40, activation=activation, name="two"),
                layers.Dense(1, name="out"),
            ]
        )
    )
    model.compile(optimizer=optimizer, loss="mse", metrics=["mae"])
    x = data.draw(91, 310, 17)
    y = np.sin(x[:, :1]) + 0.3 * data.draw(92, 310, 1)
    options = {"batch_size": 32, "validation_split": 0.1}
    results = data.trained(k, model, x, y, **options)
    return results | {"predicted": np.asarray(model.predict(x, verbose=0))}


def lesson(k: Any) -> Results:
    """The lesson's linear unit."""
    model = k.Sequential([k.layers.Dense(units=1, input_shape=[1])])
    model.set_weights([np.asarray([[2.5]]), np.asarray([90.0])])
    return {
        "predicted": np.asarray(model.predict(np.asarray([[5.0]]), verbose=0)),
        "weights": arrays(model.get_weights()),
        "names": [weight.name for weight in model.weights],
    }


def targets_of_types(k: Any) -> Results:
    """Labels as bool, int64, uint8 and float64 train as float32 ones do."""
    results: Results = {}
    for dtype in ("bool", "int64", "uint8", "float64", "int8"):
        model = net(k, "binary_crossentropy", ["accuracy"])
        part = data.trained(
            k, model, data.features(), data.binary().astype(dtype), epochs=2
        )
        results[f"weights {dtype}"] = part["weights"]
        results[f"history {dtype}"] = part["history"]
    model = net(k, "mse", ["mae"])
    x = np.round(3 * data.features())
    part = data.trained(k, model, x.astype("int64"), data.numbers(), epochs=2)
    return results | {"weights of integers": part["weights"]}


def cases() -> CaseTable:
    """What `compile`, `fit`, `evaluate` and `predict` mean."""
    accuracies = {"mse": ["mae", "mse"]}
    for loss in KINDS:
        metrics = accuracies.get(loss, ["accuracy"])
        yield Case(
            f"training/{loss}/fit evaluate predict",
            lambda k, n=loss, m=metrics: loss_kind(k, n, m),
        )
        yield Case(
            f"training/{loss}/names of metrics", lambda k, n=loss: metric_names(k, n)
        )
        if loss != "mse":
            yield Case(
                f"training/{loss}/class weight", lambda k, n=loss: class_weight(k, n)
            )
    yield Case("training/fit/sample weight", sample_weight)
    yield Case("training/fit/initial epoch", initial_epoch)
    yield Case("training/fit/batch sizes", batch_sizes)
    yield Case("training/fit/validation split", splits)
    yield Case("training/fit/validation options", validation_options)
    yield Case("training/fit/again", again)
    yield Case("training/fit/frozen layers", frozen)
    yield Case("training/fit/types of data", targets_of_types)
    yield Case("training/Model/branches", branches)
    yield Case("training/Model/two outputs by list", lambda k: outputs(k, "by list"))
    yield Case("training/Model/two outputs by name", lambda k: outputs(k, "by name"))
    yield Case("training/Sequential/lesson", lesson)
    for activation in ("relu", "gelu", "tanh"):
        for optimizer in ("sgd", "adam"):
            yield Case(
                f"training/Sequential/wide {activation} {optimizer}",
                lambda k, a=activation, o=optimizer: wide(k, a, o),
            )
