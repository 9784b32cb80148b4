"""Layers that are adapted to numeric columns: data, missing values, errors, files."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, tabular
from pronghorn.errors import ArgumentError, DataError, ShapeError, StateError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3)).astype("float32")
NAMES = ["sugars", "fiber", "fat"]
MAKERS = {
    "robust": tabular.RobustScaling,
    "quantile": tabular.QuantileTransform,
    "encoding": lambda **kwargs: tabular.PiecewiseLinearEncoding(6, **kwargs),
    "embedding": lambda **kwargs: tabular.PiecewiseLinearEmbedding(4, 6, **kwargs),
}
WIDTHS = {"robust": 3, "quantile": 3, "encoding": 18, "embedding": 12}
every = pytest.mark.parametrize("kind", MAKERS)


def with_missing() -> np.ndarray:
    x = X.copy()
    x[3, 0] = x[5, 2] = x[6, 2] = np.nan
    return x


@pytest.fixture(params=["native", "reference"])
def backend(request, monkeypatch):
    monkeypatch.setenv("PRONGHORN_BACKEND", request.param)
    return request.param


def forms() -> dict[str, Any]:
    pandas = pytest.importorskip("pandas")
    return {
        "frame": pandas.DataFrame(X, columns=NAMES),
        "dict": {name: X[:, i] for i, name in enumerate(NAMES)},
        "list": X.tolist(),
        "batches": [X[:20], X[20:]],
        "generator": ((X[i : i + 15], None) for i in range(0, 60, 15)),
        "float64": X.astype("float64"),
    }


@every
def test_data_of_any_form_adapts_alike(kind: str) -> None:
    wanted = MAKERS[kind]()
    wanted.adapt(X)
    statistics = [v.numpy() for v in wanted.non_trainable_weights]
    for name, data in forms().items():
        layer = MAKERS[kind]()
        layer.adapt(data)
        for mine, given in zip(layer.non_trainable_weights, statistics, strict=True):
            np.testing.assert_array_equal(mine.numpy(), given, err_msg=name)
    assert int(wanted.rows.numpy()) == 60


@every
def test_a_net_may_be_made_before_its_layer_is_adapted(kind: str, backend) -> None:
    layer = MAKERS[kind]()
    model = keras.Sequential([keras.Input((3,)), layer, layers.Dense(1)])
    assert layer.output.shape == (None, WIDTHS[kind])
    with pytest.raises(StateError, match="does not know its columns"):
        model.predict(X, verbose=0)
    with pytest.raises(StateError, match="adapt"):
        MAKERS[kind]()(X)
    layer.adapt(X)
    model.compile("adam", "mse")
    model.fit(X, X[:, :1], epochs=2, verbose=0)
    first = model.predict(X, verbose=0)
    np.testing.assert_allclose(model(X), first, rtol=1e-4, atol=1e-5)
    layer.adapt(X * 2)  # the program reads the statistics where they are
    assert not np.allclose(model.predict(X, verbose=0), first)


@every
@pytest.mark.parametrize("missing", ["median", "indicator"])
def test_missing_values_are_medians_and_told(kind: str, missing: str, backend) -> None:
    layer = MAKERS[kind](missing=missing)
    x = with_missing()
    layer.adapt(x)
    model = keras.Sequential([keras.Input((3,)), layer, layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(x, X[:, :1], validation_split=0.2, epochs=1, verbose=0)
    inputs = keras.Input((3,))
    encoded = keras.Model(inputs, layer(inputs)).predict(x, verbose=0)
    filled = np.where(np.isnan(x), np.nanmedian(x, axis=0), x)
    wanted = keras.Model(inputs, layer(inputs)).predict(filled, verbose=0)
    width = WIDTHS[kind]
    np.testing.assert_array_equal(encoded[:, :width], wanted[:, :width])
    if missing == "indicator":
        np.testing.assert_array_equal(encoded[:, width:], np.isnan(x))
    else:
        assert encoded.shape[1] == width


@every
def test_missing_values_are_bad_data_else(kind: str) -> None:
    pandas = pytest.importorskip("pandas")
    layer, x = MAKERS[kind](), with_missing()
    with pytest.raises(DataError, match="NaN"):
        layer.adapt(x)
    with pytest.raises(DataError, match="sugars"):
        layer.adapt(pandas.DataFrame(x, columns=NAMES))
    layer.adapt(X)
    model = keras.Sequential([keras.Input((3,)), layer, layers.Dense(1)])
    with pytest.raises(DataError, match="NaN"):
        model.predict(x, verbose=0)


def test_infinity_is_bad_data_always() -> None:
    layer = tabular.RobustScaling(missing="indicator")
    x = with_missing()
    x[7, 1] = np.inf
    with pytest.raises(DataError, match="column 1"):
        layer.adapt(x)
    layer.adapt(X)
    model = keras.Sequential([keras.Input((3,)), layer])
    with pytest.raises(DataError, match="inf"):
        model.predict(x, verbose=0)


def test_a_reader_that_knows_no_missing_values_refuses_them_for_all() -> None:
    inputs = keras.Input((3,))
    layer = tabular.RobustScaling(missing="median")
    layer.adapt(X)
    both = layers.Concatenate()([layer(inputs), layers.Dense(1)(inputs)])
    with pytest.raises(DataError, match="NaN"):
        keras.Model(inputs, both).predict(with_missing(), verbose=0)
    one = keras.Model(inputs, layers.Dense(1)(layer(inputs)))
    assert np.isfinite(one.predict(with_missing(), verbose=0)).all()


def test_missing_values_come_in_frames_and_into_a_net_without_an_input() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(with_missing(), columns=NAMES)
    layer = tabular.RobustScaling(missing="indicator")
    layer.adapt(frame)
    model = keras.Sequential([layer, layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(frame, X[:, 0], verbose=0)
    assert np.isfinite(model.predict(frame, verbose=0)).all()
    assert np.isfinite(model.evaluate(frame, X[:, 0], verbose=0))


def test_missing_values_come_in_batches() -> None:
    x = with_missing()
    layer = tabular.RobustScaling(missing="indicator")
    layer.adapt((x[i : i + 20], None) for i in range(0, 60, 20))
    assert int(layer.rows.numpy()) == 60
    model = keras.Sequential([keras.Input((3,)), layer, layers.Dense(1)])
    model.compile("adam", "mse")
    batches = [(x[i : i + 20], X[i : i + 20, 0]) for i in range(0, 60, 20)]
    history = model.fit(iter(batches), epochs=1, steps_per_epoch=3, verbose=0).history
    assert np.isfinite(history["loss"][0])
    whole = model.predict(x, verbose=0)
    one = [model.predict(x[i : i + 1], verbose=0)[0] for i in range(8)]
    np.testing.assert_allclose(one, whole[:8], rtol=1e-5, atol=1e-6)


@every
def test_files(kind: str, tmp_path) -> None:
    layer = MAKERS[kind](missing="indicator", name="columns")
    layer.adapt(with_missing())
    model = keras.Sequential([keras.Input((3,)), layer, layers.Dense(1)])
    path = tmp_path / "model.keras"
    with pytest.warns(
        UserWarning, match=rf"no pronghorn.tabular.{type(layer).__name__}"
    ):
        model.save(path)
    again = keras.models.load_model(path)
    x = with_missing()
    np.testing.assert_array_equal(
        again.predict(x, verbose=0), model.predict(x, verbose=0)
    )
    mine = again.get_layer("columns")
    assert mine.get_config() == layer.get_config()
    assert type(layer).from_config(layer.get_config()).missing == "indicator"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert keras.models.clone_model(model).get_layer("columns").missing


def test_a_file_may_be_the_first_to_name_the_room(tmp_path) -> None:
    import subprocess
    import sys

    layer = tabular.RobustScaling()
    layer.adapt(X)
    path = tmp_path / "model.keras"
    with pytest.warns(UserWarning):
        keras.Sequential([keras.Input((3,)), layer]).save(path)
    code = (
        "import sys, pronghorn; assert 'pronghorn.tabular' not in sys.modules;"
        f"print(pronghorn.models.load_model({str(path)!r}).layers[0])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "RobustScaling" in found.stdout, found.stderr


@every
def test_errors_of_adapt(kind: str) -> None:
    layer = MAKERS[kind](missing="median")
    empty = X.copy()
    empty[:, 1] = np.nan
    with pytest.raises(DataError, match="no value at all") as error:
        layer.adapt(empty)
    assert "column 1" in str(error.value)
    with pytest.raises(ShapeError, match="a table"):
        MAKERS[kind]().adapt(np.zeros((4, 3, 2)))
    layer.adapt(X)
    with pytest.raises(ShapeError, match="does not fit"):
        layer.adapt(X[:, :2])
    with pytest.raises(ShapeError, match="differ"):
        MAKERS[kind]().adapt([X, X[:, :2]])
    with pytest.raises(DataError, match="text"):
        MAKERS[kind]().adapt({"a": ["x", "y"]})


@pytest.mark.parametrize("kind", ["quantile", "encoding", "embedding"])
def test_a_constant_column_has_no_quantiles(kind: str) -> None:
    pandas = pytest.importorskip("pandas")
    x = X.copy()
    x[:, 1] = 7
    with pytest.raises(DataError, match="one value only") as error:
        MAKERS[kind]().adapt(pandas.DataFrame(x, columns=NAMES))
    assert "'fiber'" in str(error.value) and "7 in all rows" in str(error.value)
    layer = MAKERS[kind]()
    with pytest.raises(DataError):
        layer.adapt(x)
    assert not int(layer.rows.numpy()), "it is not adapted by half"


def test_a_constant_column_is_scaled_to_zero() -> None:
    layer = tabular.RobustScaling()
    x = np.c_[np.full(50, 7.0), np.r_[np.zeros(45), np.arange(5)]].astype("float32")
    layer.adapt(x)
    y = layer(np.array([[9.0, 2.0]], "float32"))
    assert y[0, 0] == 0
    # Equal quartiles: half of the range is the length.
    assert y[0, 1] == pytest.approx(1 / np.sqrt(1 + 1 / 9))


def test_quantiles_keep_order_and_end_at_the_ends() -> None:
    layer = tabular.QuantileTransform(output="uniform")
    ties = np.repeat([0.0, 1.0, 2.0, 3.0], [30, 5, 5, 20])[:, None]
    layer.adapt(ties)
    grid = np.linspace(-1, 4, 400, dtype="float32")[:, None]
    ranks = np.asarray(layer(grid))[:, 0]
    assert (np.diff(ranks) >= -1e-6).all() and ranks[0] == 0
    assert ranks[-1] == pytest.approx(1, abs=1e-6)
    middle = layer(np.array([[0.0]], "float32"))[0, 0]
    assert middle == pytest.approx(29 / 59 / 2, abs=1e-5)
    normal = tabular.QuantileTransform()
    normal.adapt(ties)
    ends = np.asarray(normal(np.array([[-1e9], [1e9]], "float32")))
    assert np.isfinite(ends).all() and (np.abs(ends) > 4.9).all()


def test_how_embeddings_begin() -> None:
    keras.utils.set_random_seed(4)
    layer = tabular.PiecewiseLinearEmbedding(4, 6)
    layer.adapt(X)
    assert not layer.kernel.numpy().any(), "version B begins as a linear function"
    slope, bias = layer.slope.numpy(), layer.bias.numpy()
    assert np.abs(slope).max() <= 0.5 and np.abs(bias).max() <= 0.5
    assert not np.allclose(slope, bias)
    line = X[:, :, None] * slope + bias
    np.testing.assert_allclose(layer(X), line.reshape(60, 12), rtol=1e-5, atol=1e-6)
    keras.utils.set_random_seed(4)
    again = tabular.PiecewiseLinearEmbedding(4, 6)
    again.build((None, 3))
    np.testing.assert_array_equal(again.slope.numpy(), slope)
    first = tabular.PiecewiseLinearEmbedding(4, 6, version="A")
    first.build((None, 3))
    assert 0.3 < np.abs(first.kernel.numpy()).max() <= 6**-0.5


def test_arguments_are_checked() -> None:
    for make in MAKERS.values():
        with pytest.raises(ArgumentError, match="missing values"):
            make(missing="mean")
    for bad in (0, -1.0):
        with pytest.raises(ArgumentError, match="bound"):
            tabular.RobustScaling(bound=bad)
    with pytest.raises(ArgumentError, match="quantiles"):
        tabular.QuantileTransform(1)
    with pytest.raises(ArgumentError, match="distribution"):
        tabular.QuantileTransform(output="cauchy")
    with pytest.raises(ArgumentError, match="bins"):
        tabular.PiecewiseLinearEncoding(0)
    with pytest.raises(ArgumentError, match="version"):
        tabular.PiecewiseLinearEmbedding(4, version="C")
    with pytest.raises(ArgumentError, match="units"):
        tabular.PiecewiseLinearEmbedding(0)
