"""One batch at a time: what whole fits and evaluations of one batch give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.errors import ArgumentError, DivergedError, StateError

RNG = np.random.default_rng(6)
X = RNG.normal(size=(24, 3)).astype("float32")
Y = (X.sum(1) > 0).astype("int32")
W = RNG.uniform(size=24).astype("float32")


def net(**arguments: Any) -> Any:
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            layers.Dense(5, activation="tanh", input_shape=[3]),
            layers.BatchNormalization(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    given = {"optimizer": "adam", "loss": "binary_crossentropy", "metrics": ["acc"]}
    model.compile(**{**given, **arguments})
    return model


def test_training_is_a_fit_of_one_batch() -> None:
    one, other = net(), net()
    for weights in (None, W):
        history = one.fit(
            X, Y, 24, verbose=0, shuffle=False, sample_weight=weights
        ).history
        logs = other.train_on_batch(X, Y, sample_weight=weights, return_dict=True)
        assert logs == {name: values[0] for name, values in history.items()}
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert int(np.asarray(other.optimizer.iterations)) == 2


def test_class_weight() -> None:
    one, other = net(), net()
    one.train_on_batch(X, Y, class_weight={0: 1.0, 1: 3.0})
    other.train_on_batch(X, Y, sample_weight=np.where(Y == 1, 3.0, 1.0))
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_testing_is_an_evaluation_of_one_batch() -> None:
    model = net()
    expected = model.evaluate(X, Y, 24, verbose=0, sample_weight=W)
    assert model.test_on_batch(X, Y, sample_weight=W) == expected
    assert model.test_on_batch(X, Y, sample_weight=W) == expected  # metrics start anew
    assert [type(v) for v in expected] == [float, float]
    assert isinstance(net(metrics=None).test_on_batch(X, Y), float)


def test_predicting() -> None:
    model = net()
    for rows in (1, 24, 24, 1):
        expected = model.predict(X[:rows], verbose=0)
        np.testing.assert_array_equal(model.predict_on_batch(X[:rows]), expected)
    np.testing.assert_array_equal(model.predict_on_batch(X.tolist()).shape, (24, 1))


def test_batches_of_other_sizes() -> None:
    one, other = net(), net()
    for part in (X[:5], X[:24], X[:7]):
        one.train_on_batch(part, Y[: len(part)])
        other.fit(part, Y[: len(part)], batch_size=24, shuffle=False, verbose=0)
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_each_call_draws_another_dropout() -> None:
    keras.utils.set_random_seed(0)
    model = keras.Sequential([layers.Dropout(0.5, input_shape=[3]), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.optimizer.learning_rate.assign(0.0)
    losses = {model.train_on_batch(X, Y) for _ in range(4)}
    assert len(losses) == 4


def test_a_loss_that_is_not_finite_changes_nothing() -> None:
    model = net(loss=lambda y, p: p / 0.0, metrics=None)
    before = model.get_weights()
    with pytest.raises(DivergedError):
        model.train_on_batch(X, Y)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_mistakes() -> None:
    model = keras.Sequential([layers.Dense(1, input_shape=[3])])
    with pytest.raises(StateError, match="train_on_batch"):
        model.train_on_batch(X, Y)
    with pytest.raises(StateError, match="test_on_batch"):
        model.test_on_batch(X, Y)
    with pytest.raises(ArgumentError, match="train_on_batch"):
        net().train_on_batch(X)
