"""Outputs, their losses and their targets; frames given to the model itself."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import pronghorn as keras
from pronghorn import layers, losses, metrics
from pronghorn.errors import (
    ArgumentError,
    DataError,
    PronghornError,
    ShapeError,
)

X = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")
Y = X.sum(1)


def two_outputs() -> keras.Model:
    i = keras.Input((3,))
    return keras.Model(i, [layers.Dense(1, name="a")(i), layers.Dense(1, name="b")(i)])


@pytest.mark.parametrize("y", [{"a": Y}, [Y, None]])
def test_an_output_with_a_loss_and_no_target_is_an_error(y: object) -> None:
    model = two_outputs()
    model.compile("sgd", "mse")
    with pytest.raises(DataError, match="output 'b'"):
        model.fit(X, y, verbose=0)


def test_a_loss_for_some_outputs_names_the_others() -> None:
    model = two_outputs()
    model.compile("sgd", {"a": "mse"})
    with pytest.raises(ArgumentError, match="add b"):
        model.fit(X, {"a": Y, "b": Y}, verbose=0)


def test_an_output_without_a_loss_is_left_out_of_the_history() -> None:
    model = two_outputs()
    model.compile("sgd", {"a": "mse", "b": None})
    with pytest.warns(UserWarning, match="does not depend"):
        history = model.fit(X, {"a": Y}, verbose=0).history
    assert list(history) == ["loss"]  # as in Keras: the only loss has no second name


def test_a_loss_may_stand_alone_in_a_list() -> None:
    wanted = two_outputs()
    wanted.compile("sgd", ["mse", "mae"])
    model = two_outputs()
    model.set_weights(wanted.get_weights())
    expected = wanted.evaluate(X, [Y, Y], return_dict=True, verbose=0)
    for loss in (["mse", ["mae"]], {"a": ["mse"], "b": ["mae"]}, [["mse"], ("mae",)]):
        model.compile("sgd", loss)
        assert model.evaluate(X, [Y, Y], return_dict=True, verbose=0) == expected
    with pytest.raises(ArgumentError, match="not a loss"):
        model.compile("sgd", ["mse", [3.5]])


def test_the_model_itself_takes_a_frame_by_the_names_of_its_columns() -> None:
    frame = pd.DataFrame(X, columns=list("abc"))
    model = keras.Sequential([layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(frame, Y, verbose=0)
    same = model(frame[["c", "a", "b"]])
    assert np.allclose(same, model.predict(frame), atol=1e-6)
    with pytest.raises(DataError, match="'b'"):
        model(frame[["a", "c"]])


def test_an_optimizer_comes_from_the_short_form_of_its_config() -> None:
    given = {"class_name": "SGD", "config": {"learning_rate": 0.25}}
    assert float(keras.optimizers.get(given).learning_rate) == 0.25


def test_an_axis_that_the_input_does_not_have_is_named() -> None:
    with pytest.raises(ShapeError, match="no axis 5"):
        layers.BatchNormalization(axis=5)(X)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PRONGHORN_NUM_THREADS", "0"),
        ("PRONGHORN_NUM_THREADS", "two"),
        ("PRONGHORN_ISA", "foo"),
        ("PRONGHORN_BACKEND", "gpu"),
    ],
)
def test_the_environment_is_checked(name: str, value: str) -> None:
    code = (
        "import numpy as np, pronghorn as keras\n"
        "m = keras.Sequential([keras.layers.Dense(1, input_shape=[1])])\n"
        "try: m.predict(np.ones((2, 1)))\n"
        "except keras.errors.PronghornError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, name: value},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"environment variable {name}" in done.stdout
    assert value in done.stdout


@pytest.mark.parametrize("which", ["loss", "metric"])
def test_doubles_are_computed_where_they_can_be(which: str) -> None:
    kind = losses if which == "loss" else metrics
    asked = kind.MeanSquaredError(dtype="float64")
    y = np.float64([[1.0], [2.0]]) + 1e-9
    found = asked(y, np.zeros((2, 1)))
    assert found.dtype == np.float64 and float(found) == np.mean(y**2)

    def model(**compiled: object) -> keras.Model:
        net = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
        parts = {"loss": asked} if which == "loss" else {"metrics": [asked]}
        net.compile(**{"loss": "mae", **parts, **compiled})
        return net

    wide, eager = model(), model(run_eagerly=True)
    assert keras.backend_of(wide) == "reference"  # the engine has no doubles
    eager.set_weights(wide.get_weights())
    logs = [net.fit(X, Y, shuffle=False, verbose=0).history for net in (wide, eager)]
    assert logs[0] == logs[1]
    assert wide.predict(X, verbose=0).dtype == np.float32


def test_errors_of_losses_and_metrics_name_the_output() -> None:
    model = two_outputs()
    wrong = np.ones((40, 1)) * X[0]
    wrong[0] = 0.0
    for compiled in ({"loss": "mse"}, {"loss": "mse", "metrics": {"b": ["mae"]}}):
        model.compile(**compiled)
        with pytest.raises(PronghornError, match="output 'b'"):
            model.fit(X, {"a": Y, "b": wrong}, verbose=0)
    model.compile(loss={"a": "mse", "b": "binary_crossentropy"})
    with pytest.raises(DataError, match="output 'b': y, row 3"):
        model.fit(X, {"a": Y, "b": np.eye(1, 40, 3)[0] * 2}, verbose=0)


def test_a_list_of_one_output_is_the_output() -> None:
    i = keras.Input((3,))
    for outputs in ([layers.Dense(1)(i)], (layers.Dense(1)(i),)):
        model = keras.Model(i, outputs)
        model.compile("sgd", "mse")
        model.fit(X, [Y], verbose=0)
        assert model.evaluate(X, [Y], verbose=0) == model.evaluate(X, Y, verbose=0)
        assert model.predict(X, verbose=0).shape == model(X).shape == (40, 1)
        assert model.output_shape == (None, 1)
        (symbol,) = model(keras.Input((3,)))  # symbols keep the structure, as in Keras
        assert symbol.shape == (None, 1)


def test_a_list_of_one_row_is_no_list_of_outputs() -> None:
    model = keras.Sequential([layers.Dense(3, input_shape=(2,))])
    model.compile("sgd", "mse")
    model.train_on_batch(np.ones((1, 2)), [np.array([1.0, 2.0, 3.0])])
    with pytest.raises(ShapeError, match="rows"):
        model.train_on_batch(np.ones((2, 2)), [np.array([1.0, 2.0, 3.0])])
