"""The commonest mistakes: each error says where, what was expected, what came, and
what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, ops
from pronghorn.errors import PronghornError

X = np.random.default_rng(0).normal(size=(12, 4)).astype("float32")
Y = X.sum(1, keepdims=True)
CLASSES = np.arange(12) % 3


def net(units: int = 1, width: int = 4, **dense: Any) -> keras.Sequential:
    head = layers.Dense(units, input_shape=[width], name="head", **dense)
    return keras.Sequential([head], name="net")


def trained(model: Any, loss: Any = "mse", y: Any = Y, **compiled: Any) -> None:
    model.compile(**{"optimizer": "adam", **compiled}, loss=loss)
    model.fit(X, y, verbose=0)


class Part(keras.Model):
    """A subclass that is not built."""

    def __init__(self) -> None:
        super().__init__(name="part")
        self.dense = layers.Dense(1)

    def call(self, x: Any) -> Any:
        return self.dense(x)


class Branching(layers.Layer):
    def call(self, x: Any) -> Any:
        return x if ops.mean(x) > 0 else -x


class Silent(layers.Layer):
    def call(self, x: Any) -> None:
        ops.tanh(x)


def other_input() -> None:
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    keras.Model(a, layers.Dense(1)(b))


def two_of_a_name() -> None:
    x = keras.Input((4,))
    hidden = layers.Dense(3, name="same")(x)
    keras.Model(x, layers.Dense(1, name="same")(hidden))


def outside_of_the_tape() -> None:
    model, optimizer = net(), keras.optimizers.SGD()
    y = model(X)
    with keras.GradientTape() as tape:
        loss = ops.mean(ops.square(Y - y))
    weights = model.trainable_weights
    optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))


def asked_twice() -> None:
    v = keras.Variable(1.0)
    with keras.GradientTape() as tape:
        y = v * v
    tape.gradient(y, v)
    tape.gradient(y, v)


# name, what is done, words of: where, expected, received, what to do
MISTAKES: list[tuple[str, Callable[[], Any], str, str, str, str]] = [
    ("fit", lambda: net().fit(X, Y), "'net'", "compile(", "not compiled", "compile("),
    (
        "width",
        lambda: trained(net(width=3)),
        "'head' (Dense)",
        "3 columns",
        "4 columns",
        "input_shape=[4]",
    ),
    ("call", lambda: net(width=3)(X), "'head' (Dense)", "3", "(None, 4)", "reshape"),
    (
        "one row",
        lambda: net().predict(X[0]),
        "'head' (Dense)",
        "4 columns",
        "(4,)",
        "x[np.newaxis]",
    ),
    (
        "unbuilt sequential",
        lambda: keras.Sequential([layers.Dense(1)], name="net").inputs,
        "'net'",
        "shape of its input",
        "does not",
        "input_shape=",
    ),
    (
        "unbuilt subclass",
        lambda: Part().count_params(),
        "'part' (Part)",
        "shape of its input",
        "has not",
        "build(input_shape)",
    ),
    (
        "unbuilt weights",
        lambda: Part().save_weights(Path("never.weights.h5")),
        "'part'",
        "built",
        "not seen",
        "call it on data",
    ),
    (
        "optimizer",
        lambda: trained(net(), optimizer="adm"),
        "adm",
        "Adam",
        "adm",
        "adam",
    ),
    ("loss", lambda: trained(net(), "mmse"), "mmse", "MeanSq", "mmse", "mse"),
    (
        "metric",
        lambda: trained(net(), metrics=["acuracy"]),
        "acuracy",
        "metric",
        "acuracy",
        "accuracy",
    ),
    (
        "activation",
        lambda: layers.Dense(1, activation="reluu"),
        "reluu",
        "activation",
        "reluu",
        "relu",
    ),
    ("units", lambda: layers.Dense("ten"), "Dense(units=)", "whole", "'ten'", "units="),
    (
        "labels",
        lambda: trained(
            net(3, activation="softmax"), "categorical_crossentropy", CLASSES
        ),
        "output 'head': loss 'categorical_crossentropy': y_true",
        "(None, 3)",
        "(None,)",
        "sparse_categorical_crossentropy",
    ),
    (
        "one-hot rows",
        lambda: trained(
            net(3, activation="softmax"),
            "sparse_categorical_crossentropy",
            np.eye(3, dtype="float32")[CLASSES],
        ),
        "output 'head': loss 'sparse_categorical_crossentropy': y",
        "(n,)",
        "(n, 3)",
        "categorical_crossentropy",
    ),
    (
        "class numbers",
        lambda: trained(
            net(2, activation="softmax"), "sparse_categorical_crossentropy", CLASSES
        ),
        "output 'head': y, rows 2, 5, 8, 11",
        "class numbers from 0 to 1",
        "2",
        "give the last layer one unit each",
    ),
    (
        "two layers of a name",
        lambda: keras.Sequential([net().layers[0], layers.Dense(1, name="head")]),
        "sequential",
        "of its own",
        "'head' twice",
        "another name=",
    ),
    (
        "two layers of a name in a functional model",
        two_of_a_name,
        "functional",
        "of its own",
        "'same' twice: Dense",
        "another name=",
    ),
    (
        "if on a symbol",
        lambda: trained(keras.Sequential([Branching(name="fork"), layers.Dense(1)])),
        "'fork' (Branching)",
        "operations",
        "KerasTensor",
        "ops.where",
    ),
    (
        "no return",
        lambda: trained(keras.Sequential([Silent(name="mute"), layers.Dense(1)])),
        "'mute' (Silent)",
        "outputs",
        "None",
        "return",
    ),
    ("arrays", lambda: keras.Model(X, Y), "inputs", "Input(", "ndarray", "fit"),
    ("other input", other_input, "'b'", "every input", "a", "inputs="),
    (
        "weights",
        lambda: net().set_weights([np.zeros((4, 1))]),
        "'net'",
        "2: (4, 1), (1,)",
        "1",
        "get_weights()",
    ),
    ("layer", lambda: net().get_layer("haed"), "'net'", "'head'", "haed", "head?"),
    (
        "constant loss",
        lambda: trained(net(), lambda t, p: 0.0),
        "compile",
        "predictions",
        "ndarray",
        "pronghorn.ops",
    ),
    (
        "outside of the tape",
        outside_of_the_tape,
        "gradients",
        "a gradient",
        "None for",
        "model's outputs",
    ),
    ("tape asked twice", asked_twice, "gradient", "one call", "second", "persistent"),
]


@pytest.mark.parametrize("name", [name for name, *_ in MISTAKES])
def test_the_error_says_all_four_things(name: str, tmp_path: Path) -> None:
    rows = {row[0]: row[1:] for row in MISTAKES}
    mistake, where, expected, received, remedy = rows[name]
    with pytest.raises(PronghornError) as caught:
        mistake()
    error = caught.value
    for words, part in (
        (where, error.where),
        (expected, error.expected),
        (received, error.received),
        (remedy, error.remedy),
    ):
        assert part is not None and words in part, str(error)


def test_each_mistake_is_there_once() -> None:
    names = [name for name, *_ in MISTAKES]
    assert len(set(names)) == len(names) >= 20
    assert all(all(words) for _, _, *words in MISTAKES)
