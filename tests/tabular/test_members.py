"""Members of an ensemble, their loss, and what they answer together."""

from __future__ import annotations

import numpy as np
import pytest

from pronghorn import Model
from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.layers import Input
from pronghorn.models import load_model
from pronghorn.tabular.dense import NTKDense, initialize
from pronghorn.tabular.members import (
    MemberNTKDense,
    SharedNTKDense,
    TableNet,
    Temperature,
)

RNG = np.random.default_rng(3)
X = RNG.normal(size=(40, 3, 5)).astype("float32")


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def test_each_member_is_a_dense_layer_of_its_own():
    layer = MemberNTKDense(4, "relu", bias_initializer="ones")
    found = np.asarray(layer(X))
    kernel, bias = layer.get_weights()
    for member in range(3):
        alone = NTKDense(4, "relu")
        alone(X[:, member])
        alone.set_weights([kernel[member], bias[member]])
        wanted = alone(X[:, member])
        np.testing.assert_allclose(found[:, member], wanted, rtol=1e-5, atol=1e-6)


def test_members_are_drawn_by_the_data_each_anew():
    x = Input((3, 5))
    layer = MemberNTKDense(4)
    model = Model(x, layer(x))
    initialize(model, np.repeat(X[:, :1], 3, axis=1))
    kernel, bias = layer.get_weights()
    passed = np.einsum("ni,kio->nko", X[:, 0], kernel) / 5**0.5
    np.testing.assert_allclose(passed.std(axis=0), 1, rtol=1e-4)
    assert (np.ptp(kernel, axis=0) > 0).all() and (np.ptp(bias, axis=0) > 0).all()


def test_inputs_without_members_are_refused():
    with pytest.raises(ShapeError, match="no members"):
        MemberNTKDense(4)(X[:, 0])


def net(task: str, units: int, smoothing: float = 0.0) -> TableNet:
    x = Input((3, 5))
    return TableNet(x, MemberNTKDense(units)(x), task, smoothing)


def losses(model: TableNet, y: np.ndarray, **kwargs) -> float:
    """The loss of the weights as they are: of a step of rate 0."""
    from pronghorn.optimizers import SGD

    model.compile(SGD(0.0))
    history = model.fit(X, y, batch_size=40, verbose=0, **kwargs)
    return history.history["loss"][0]


def test_regression_is_trained_on_each_members_squared_error():
    model, y = net("regression", 1), RNG.normal(size=40).astype("float32")
    apart = Model(model.input, model.output).predict(X, verbose=0)[..., 0]
    squares = np.square(apart - y[:, None])
    assert losses(model, y) == pytest.approx(squares.mean(), rel=1e-5)
    rows = RNG.uniform(size=40).astype("float32")
    expected = (squares * rows[:, None]).mean()
    assert losses(model, y, sample_weight=rows) == pytest.approx(expected, rel=1e-5)
    each = RNG.uniform(size=(40, 3)).astype("float32")
    expected = (squares * each).mean()
    assert losses(model, y, sample_weight=each) == pytest.approx(expected, rel=1e-5)
    answer = model.predict(X, verbose=0)
    np.testing.assert_allclose(answer[:, 0], apart.mean(axis=1), rtol=1e-4, atol=1e-6)


def test_classes_are_trained_on_each_members_smoothed_cross_entropy():
    model = net("classification", 4, smoothing=0.1)
    y = RNG.integers(0, 4, 40).astype("int32")
    odds = softmax(Model(model.input, model.output).predict(X, verbose=0))
    wanted = np.eye(4)[y] * 0.9 + 0.1 / 4
    expected = -(wanted[:, None] * np.log(odds)).sum(axis=-1).mean()
    assert losses(model, y) == pytest.approx(expected, rel=1e-5)
    answer = model.predict(X, verbose=0)
    np.testing.assert_allclose(answer, odds.mean(axis=1), rtol=1e-4, atol=1e-6)
    found = model.evaluate(X, y, verbose=0)
    right = odds.mean(axis=1)[np.arange(40), y]
    assert found == pytest.approx(-np.log(right).mean(), rel=1e-4)


def test_it_answers_before_it_is_compiled():
    assert net("classification", 2).predict(X, verbose=0).shape == (40, 2)


def test_temperature_travels_in_the_file(tmp_path):
    x = Input((3, 5))
    model = TableNet(x, Temperature()(MemberNTKDense(2)(x)), "classification", 0.1)
    model.layers[-1].set_weights([np.float32(2.5)])
    model.save(tmp_path / "net.keras")
    again = load_model(tmp_path / "net.keras")
    assert (again.task, again.smoothing) == ("classification", 0.1)
    np.testing.assert_array_equal(
        again.predict(X, verbose=0), model.predict(X, verbose=0)
    )


def test_wrong_arguments_are_told():
    x = Input((3, 5))
    y = MemberNTKDense(1)(x)
    with pytest.raises(ArgumentError, match="no task 'ranking'"):
        TableNet(x, y, "ranking")
    with pytest.raises(ArgumentError, match="smoothing"):
        TableNet(x, y, smoothing=1.0)


def test_rows_alike_for_all_are_scaled_as_by_a_layer_before():
    rows = X[:, 0]
    layer = SharedNTKDense(4, members=3, activation="relu")
    layer(rows)
    scale = np.random.default_rng(2).uniform(0.5, 2, size=(3, rows.shape[1]))
    layer.scale.assign(scale)
    apart = MemberNTKDense(4, "relu")
    seen = np.repeat(rows[:, None], 3, axis=1) * scale.astype("float32")
    apart(seen)
    apart.set_weights([layer.kernel.value, layer.bias.value])
    for training in (False, True):
        found = layer(rows, training=training)
        np.testing.assert_allclose(found, apart(seen), rtol=1e-5, atol=1e-6)
    again = SharedNTKDense.from_config(layer.get_config())
    assert (again.members, again.units) == (3, 4)
