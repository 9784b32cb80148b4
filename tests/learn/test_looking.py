"""What judges see in a model, however it was written."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn import Input, Model, Sequential, layers, losses
from pronghorn.learn import looking
from pronghorn.learn.question import Wrong


def nets() -> list[Any]:
    """One net, written in five ways."""
    inputs = Input((3,))
    functional = Model(inputs, layers.Dense(1)(layers.Dense(4, "relu")(inputs)))
    dense, last = layers.Dense, layers.Dense(1, activation="linear")
    return [
        Sequential([dense(4, activation="relu", input_shape=[3]), dense(1)]),
        Sequential([Input((3,)), dense(4), layers.Activation("relu"), last]),
        Sequential([Input((3,)), dense(4), layers.ReLU(), layers.Identity(), dense(1)]),
        Sequential([Sequential([Input((3,)), dense(4), layers.ReLU()]), dense(1)]),
        functional,
    ]


@pytest.mark.parametrize("place", range(5))
def test_parts_are_those_of_the_net(place: int) -> None:
    net = nets()[place]
    found = [(part.kind, part.size, part.name) for part in looking.parts(net)]
    assert found == [("dense", 4, ""), ("activation", 0, "relu"), ("dense", 1, "")]
    assert looking.dense_units(net) == [4, 1]
    assert looking.input_size(net) == 3


def test_other_parts() -> None:
    net = Sequential(
        [
            Input((2, 2)),
            layers.Flatten(),
            layers.BatchNormalization(),
            layers.Dropout(0.25),
            layers.LeakyReLU(),
        ]
    )
    found = looking.parts(net)
    assert [part.kind for part in found] == [
        "flatten",
        "batchnorm",
        "dropout",
        "activation",
    ]
    assert found[2].rate == 0.25 and found[3].name == "leaky_relu"
    with pytest.raises(Wrong, match="Rows of one table"):
        looking.input_size(net)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (layers.Dense(1), "a single layer"),
        ([layers.Dense(1)], "a list of layers"),
        (Sequential([layers.Dense(1)]), "input_shape"),
        (None, "nothing"),
        ("model", "a str"),
    ],
)
def test_what_is_no_model(answer: Any, words: str) -> None:
    with pytest.raises(Wrong, match=words):
        looking.a_model(answer)


def test_a_class_of_its_own_cannot_be_taken_apart() -> None:
    class Own(Model):
        def call(self, inputs: Any) -> Any:
            return inputs

    with pytest.raises(Wrong, match="a class of its own"):
        looking.parts(Own())


def test_numbers() -> None:
    assert looking.a_number(np.float32(2), "w") == 2.0
    assert looking.a_number(np.array([[3]]), "w") == 3.0
    for bad in (True, "2", [2], np.zeros(2), None):
        with pytest.raises(Wrong, match="w should be a number"):
            looking.a_number(bad, "w")


@pytest.mark.parametrize(
    "loss",
    ["mae", "mean_absolute_error", losses.MeanAbsoluteError(), losses.get("mae")],
)
def test_one_loss_has_one_name(loss: Any) -> None:
    net = nets()[0]
    net.compile("adam", loss, metrics=["mse"])
    assert looking.loss_name(net) == "mean_absolute_error"
    assert looking.optimizer_name(net) == "adam"


def test_what_was_not_compiled() -> None:
    net = nets()[0]
    with pytest.raises(Wrong, match=r"`net\.compile"):
        looking.compiled(net, "net")
    net.compile("adam")
    with pytest.raises(Wrong, match="without a loss"):
        looking.loss_name(net)


def test_predictions_are_rows() -> None:
    net = Sequential([Input((2, 2)), layers.Flatten(), layers.Reshape((2, 2))])
    assert looking.predictions(net, np.ones((3, 2, 2))).shape == (3, 4)
