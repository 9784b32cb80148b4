"""TabM's ensembles: layers beside its package, one loss a member, averaged answers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, tabular
from pronghorn.errors import ArgumentError, ShapeError

RECORDED = json.loads(Path(__file__).with_name("recorded_layers.json").read_text())
RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3)).astype("float32")
Y = (X[:, :1] - X[:, 1:2] ** 2).astype("float32")


@pytest.fixture(params=["native", "reference"])
def backend(request, monkeypatch):
    monkeypatch.setenv("PRONGHORN_BACKEND", request.param)
    return request.param


def net(units: int = 1, activation=None, members: int = 4) -> tabular.EnsembleModel:
    return tabular.tabm(
        keras.Input((3,)),
        units=units,
        activation=activation,
        hidden=(8, 8),
        members=members,
        dropout=0.0,
    )


def each_member(model: keras.Model, x: np.ndarray) -> np.ndarray:
    return keras.Model(model.input, model.output).predict(x, verbose=0)


def test_values_and_gradients_beside_the_papers_package(backend: str) -> None:
    found = RECORDED["batch_ensemble"]
    x = np.array(found["x"], "float32")
    layer = tabular.BatchEnsembleDense(3, 5)
    model = keras.Sequential([keras.Input((5, 4)), layer])
    given = {k: np.array(v, "float32") for k, v in found["parameters"].items()}
    names = {"r": "r", "s": "s", "bias": "bias", "kernel": "weight"}
    for ours, theirs in names.items():
        value = given[theirs]
        getattr(layer, ours).assign(value.T if ours == "kernel" else value)
    y = model.predict(x, verbose=0)
    np.testing.assert_allclose(y, found["y"], rtol=1e-4, atol=1e-5)
    before = {ours: getattr(layer, ours).numpy() for ours in names}

    class Product(keras.losses.Loss):
        def call(self, cotangent, y):
            return keras.ops.sum(cotangent * y, axis=-1)

    model.compile(keras.optimizers.SGD(1.0), loss=Product(reduction="sum"))
    model.fit(x, np.array(found["cotangent"], "float32"), batch_size=6, verbose=0)
    for ours, theirs in names.items():
        slope = before[ours] - getattr(layer, ours).numpy()
        wanted = np.array(found["gradients"][theirs])
        wanted = wanted.T if ours == "kernel" else wanted
        np.testing.assert_allclose(slope, wanted, rtol=1e-3, atol=1e-4, err_msg=ours)


def test_a_member_is_a_net_of_its_own(backend: str) -> None:
    model = net()
    outputs = model.predict(X, verbose=0)
    members = each_member(model, X)
    assert members.shape == (60, 4, 1) and outputs.shape == (60, 1)
    assert np.abs(members[:, 0] - members[:, 1]).max() > 1e-3
    np.testing.assert_allclose(outputs, members.mean(axis=1), rtol=1e-4, atol=1e-6)
    first, second = (
        layer for layer in model.layers if isinstance(layer, tabular.BatchEnsembleDense)
    )
    head = model.layers[-1]
    for i in range(4):
        x = X
        for layer in (first, second):
            kernel = layer.kernel.numpy() * np.outer(
                layer.r.numpy()[i], layer.s.numpy()[i]
            )
            x = np.maximum(x @ kernel + layer.bias.numpy()[i], 0)
        x = x @ head.kernel.numpy()[i] + head.bias.numpy()[i]
        np.testing.assert_allclose(members[:, i], x, rtol=1e-4, atol=1e-5)


def test_members_differ_by_the_first_layers_signs_and_heads() -> None:
    model = net()
    first, second = model.layers[1:3]
    assert set(np.unique(first.r.numpy())) == {-1.0, 1.0}
    np.testing.assert_array_equal(second.r.numpy(), 1)
    for layer in (first, second):
        np.testing.assert_array_equal(layer.s.numpy(), 1)
        assert (layer.bias.numpy() == layer.bias.numpy()[0]).all()
        assert layer.bias.numpy().any()
    normal = tabular.BatchEnsembleDense(2, 5000, scaling="normal")
    normal.build((None, 3))
    assert normal.r.numpy().std() == pytest.approx(1, rel=0.05)
    other = tabular.BatchEnsembleDense(2, 5000, scaling="normal")
    other.build((None, 3))
    assert not np.allclose(other.r.numpy(), normal.r.numpy())
    head = tabular.MemberDense(3)
    head.build((None, 3, 3))
    bound = 3**-0.5
    for values in (head.kernel.numpy(), head.bias.numpy()):
        assert np.abs(values).max() < bound < 4 * np.abs(values).max()
    assert not np.allclose(head.kernel.numpy()[0, 0], head.bias.numpy()[0])


def test_the_loss_is_the_mean_of_the_members_losses(backend: str) -> None:
    model = net()
    members = each_member(model, X)
    weights = RNG.uniform(size=60).astype("float32")
    model.compile(keras.optimizers.SGD(0.0), "mse", metrics=["mae"])
    history = model.fit(X, Y, batch_size=60, verbose=0).history
    squares = (members - Y[:, None]) ** 2
    assert history["loss"][0] == pytest.approx(squares.mean(), rel=1e-4)
    outputs = members.mean(axis=1)
    assert history["mae"][0] == pytest.approx(np.abs(outputs - Y).mean(), rel=1e-4)
    flat = model.fit(X, Y[:, 0], batch_size=60, verbose=0).history
    assert flat["loss"][0] == pytest.approx(history["loss"][0], rel=1e-5)
    weighted = model.fit(X, Y, sample_weight=weights, batch_size=60, verbose=0).history
    wanted = (squares[..., 0].mean(axis=1) * weights).mean()
    assert weighted["loss"][0] == pytest.approx(wanted, rel=1e-4)
    model.compile(
        keras.optimizers.SGD(0.0),
        keras.losses.MeanSquaredError(reduction="mean_with_sample_weight"),
    )
    shared = model.fit(X, Y, sample_weight=weights, batch_size=60, verbose=0).history
    assert shared["loss"][0] == pytest.approx(wanted / weights.mean(), rel=1e-4)
    model.compile(keras.optimizers.SGD(0.0), "mse", metrics=["mae"])
    loss, mae = model.evaluate(X, Y, verbose=0)
    assert loss == pytest.approx(((outputs - Y) ** 2).mean(), rel=1e-4)
    assert mae == pytest.approx(history["mae"][0], rel=1e-4)


@pytest.mark.parametrize("kind", ["sparse", "one_hot"])
def test_classes(kind: str, backend: str) -> None:
    keras.utils.set_random_seed(2)
    labels = (X[:, 0] > 0).astype("int32") + (X[:, 1] > 0.5)
    y = labels if kind == "sparse" else np.eye(3, dtype="float32")[labels]
    model = net(3, "softmax")
    name = "sparse_" if kind == "sparse" else ""
    adam = keras.optimizers.Adam(0.02)
    model.compile(adam, f"{name}categorical_crossentropy", metrics=["accuracy"])
    members = each_member(model, X)
    history = model.fit(X, y, batch_size=60, verbose=0, validation_data=(X, y)).history
    wanted = -np.log(members[np.arange(60), :, labels]).mean()
    assert history["loss"][0] == pytest.approx(wanted, rel=1e-4)
    assert history["val_accuracy"][0] > 0
    probabilities = model.predict(X, verbose=0)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    model.fit(X, y, epochs=60, verbose=0)
    assert model.evaluate(X, y, verbose=0)[1] > 0.8


def test_it_learns_and_goes_on_from_a_file(tmp_path, backend: str) -> None:
    keras.utils.set_random_seed(2)
    inputs = keras.Input((3,))
    scale = tabular.RobustScaling(missing="indicator")
    scale.adapt(X)
    model = tabular.tabm(
        inputs, scale(inputs), hidden=(16, 16), members=8, dropout=0.05
    )
    model.compile(keras.optimizers.Adam(0.01), "mse")
    x = X.copy()
    x[3, 2] = np.nan
    model.fit(x, Y, epochs=60, batch_size=20, verbose=0)
    assert model.evaluate(x, Y, verbose=0) < 0.3 * Y.var()
    path = tmp_path / "model.keras"
    with pytest.warns(UserWarning, match="pronghorn.tabular.EnsembleModel"):
        model.save(path)
    again = keras.models.load_model(path)
    assert type(again) is tabular.EnsembleModel
    np.testing.assert_array_equal(
        again.predict(x, verbose=0), model.predict(x, verbose=0)
    )
    again.fit(x, Y, epochs=1, verbose=0)
    assert each_member(again, x).shape == (60, 8, 1)
    for mine, theirs in zip(again.layers, model.layers, strict=True):
        assert mine.get_config() == theirs.get_config()


def test_an_ensemble_within_a_net_gives_its_mean() -> None:
    inner = net()
    inputs = keras.Input((3,))
    mean = inner(inputs)
    assert mean.shape == (None, 1)
    outer = keras.Model(inputs, layers.Dense(1)(mean))
    outer.compile("adam", "mse")
    outer.fit(X, Y, verbose=0)
    assert outer.predict(X, verbose=0).shape == (60, 1)


def test_what_does_not_fit() -> None:
    with pytest.raises(ShapeError, match="members"):
        tabular.EnsembleModel(*(keras.Input((3,)),) * 2)
    with pytest.raises(ShapeError, match="members"):
        tabular.BatchEnsembleDense(2, 5)(keras.Input((4, 3)))
    with pytest.raises(ShapeError):
        tabular.MemberDense(2)(keras.Input((3,)))
    with pytest.raises(ArgumentError, match="scaling"):
        tabular.BatchEnsembleDense(2, scaling="zeros")
    for bad in ({"units": 0}, {"units": 2, "members": 0}):
        with pytest.raises(ArgumentError):
            tabular.BatchEnsembleDense(**bad)
    with pytest.raises(ArgumentError, match="units"):
        tabular.MemberDense(0)
    with pytest.raises(ArgumentError, match="hidden"):
        tabular.tabm(keras.Input((3,)), hidden=())
