"""`NTKDense`, its data-driven start, and what stands around it in RealMLP."""

from __future__ import annotations

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, tabular
from pronghorn.errors import ArgumentError, DataError, StateError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 4)).astype("float32")


@pytest.fixture(params=["native", "reference"])
def backend(request, monkeypatch):
    monkeypatch.setenv("PRONGHORN_BACKEND", request.param)
    return request.param


def net() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((4,)),
            tabular.PeriodicEmbedding(name="waves"),
            tabular.ScalingLayer(name="scale"),
            tabular.NTKDense(16, name="first"),
            tabular.ParametricActivation("mish", name="bend"),
            layers.Dropout(0.1),
            tabular.NTKDense(1, name="last"),
        ]
    )


def test_a_net_of_all_parts_learns(backend: str) -> None:
    keras.utils.set_random_seed(3)
    model = net()
    tabular.initialize(model, X)
    model.compile(keras.optimizers.Adam(0.03), "mse")
    y = np.sin(2 * X[:, :1]) + X[:, 1:2]
    history = model.fit(X, y, epochs=30, batch_size=50, verbose=0).history["loss"]
    assert history[-1] < 0.2 * y.var()
    assert not np.allclose(model.get_layer("scale").scale.numpy(), 1)
    assert not np.allclose(model.get_layer("bend").weight.numpy(), 1)


def test_files(tmp_path) -> None:
    model = net()
    model.compile("adam", "mse")
    model.fit(X, X[:, :1], verbose=0)
    path = tmp_path / "model.keras"
    with pytest.warns(UserWarning, match="Keras will not open this file") as told:
        model.save(path)
    for name in ("NTKDense", "ParametricActivation", "PeriodicEmbedding", "Scaling"):
        assert f"pronghorn.tabular.{name}" in str(told[0].message)
    again = keras.models.load_model(path)
    np.testing.assert_array_equal(
        again.predict(X, verbose=0), model.predict(X, verbose=0)
    )
    for mine, theirs in zip(again.layers, model.layers, strict=True):
        assert mine.get_config() == theirs.get_config()


def test_outputs_start_with_deviation_one_and_bend_where_data_is() -> None:
    model = net()
    tabular.initialize(model, X)
    for name in ("first", "last"):
        layer = model.get_layer(name)
        before = keras.Model(model.inputs, layer.input).predict(X, verbose=0)
        values = before @ layer.kernel.numpy() / np.sqrt(before.shape[1])
        np.testing.assert_allclose(values.std(axis=0), 1, rtol=1e-3)
        bias = layer.bias.numpy()
        assert (bias >= -values.max(axis=0)).all() and bias.any()
        assert (bias <= -values.min(axis=0)).all()


def test_the_start_is_drawn_from_the_global_seed() -> None:
    model = net()
    drawn = []
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(seed)
        tabular.initialize(model, X)
        drawn.append(model.get_layer("first").kernel.numpy())
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])


def test_units_of_constant_inputs_stay_finite() -> None:
    layer = tabular.NTKDense(3, use_bias=False)
    tabular.initialize(layer, np.ones((20, 2), "float32"))
    assert np.isfinite(layer.kernel.numpy()).all() and layer.bias is None


def test_what_cannot_be_drawn() -> None:
    with pytest.raises(StateError, match="no layer to draw"):
        tabular.initialize(keras.Sequential([keras.Input((4,)), layers.Dense(1)]), X)
    layer = tabular.NTKDense(3)
    layer.build((None, 4))
    before = layer.get_weights()
    x = X.copy()
    x[2, 1] = np.nan
    with pytest.raises(DataError, match="not finite"):
        tabular.initialize(layer, x)
    np.testing.assert_array_equal(layer.get_weights()[0], before[0])
    layer(X)  # nothing is drawn outside of `initialize`
    np.testing.assert_array_equal(layer.get_weights()[0], before[0])


def test_one_learning_rate_suits_widths() -> None:
    kernel = tabular.NTKDense(8)
    kernel.build((None, 10_000))
    assert kernel.kernel.numpy().std() == pytest.approx(1, rel=0.02)
    x = RNG.normal(size=(50, 10_000)).astype("float32")
    assert np.asarray(kernel(x)).std() == pytest.approx(1, rel=0.2)


def test_an_activation_and_more_axes() -> None:
    layer = tabular.NTKDense(2, "relu", kernel_initializer="ones")
    y = layer(np.full((3, 5, 4), -1.0, "float32"))
    assert y.shape == (3, 5, 2) and not np.asarray(y).any()
    config = layer.get_config()
    assert config["activation"] == "relu"
    assert tabular.NTKDense.from_config(config).get_config() == config


def test_periodic_shapes_and_arguments() -> None:
    for kind, units in (("PBLD", 4), ("PLR", 7), ("PL", 1)):
        layer = tabular.PeriodicEmbedding(units, 3, kind=kind)
        assert layer(keras.Input((4,))).shape == (None, 4 * units)
        assert layer(X).shape == (300, 4 * units)
        config = layer.get_config()
        assert tabular.PeriodicEmbedding.from_config(config).get_config() == config
    wide = tabular.PeriodicEmbedding(4, 5000, scale=0.5, kind="PLR")
    wide.build((None, 1))
    assert wide.frequency.numpy().std() == pytest.approx(0.5, rel=0.05)
    for arguments, word in (
        ({"units": 1}, "units"),
        ({"frequencies": 0}, "frequencies"),
        ({"scale": 0.0}, "positive"),
        ({"kind": "plr"}, "kind"),
    ):
        with pytest.raises(ArgumentError, match=word):
            tabular.PeriodicEmbedding(**arguments)
    with pytest.raises(ArgumentError, match="units"):
        tabular.NTKDense(0)
