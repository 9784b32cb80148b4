"""Each layer: its shapes, its flag, its config; what Keras gives is in conformance."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import config, layers, ops
from pronghorn.errors import (
    ArgumentError,
    DataError,
    ShapeError,
    UnsupportedError,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 4)).astype("float32")
CUBE = X.reshape(6, 2, 2)
IDS = np.array([[0, 2], [1, 1], [4, 3]])
PAIR = [IDS[:, :1], IDS[:, 1:]]
WORDS = np.array([["a", "b"], ["b", "x"], ["", "a"]])

LAYERS: list[tuple[Any, Any, tuple[int, ...]]] = [
    (layers.Dense(3, activation="relu", kernel_regularizer="l1"), X, (6, 3)),
    (layers.Dense(3, use_bias=False, kernel_constraint="max_norm"), X, (6, 3)),
    (layers.Activation("tanh"), X, (6, 4)),
    (layers.Identity(), X, (6, 4)),
    (layers.Dropout(0.5, noise_shape=(None, 1), seed=3), X, (6, 4)),
    (layers.BatchNormalization(momentum=0.5, center=False), X, (6, 4)),
    (layers.LayerNormalization(epsilon=1e-2, scale=False), X, (6, 4)),
    (layers.Flatten(), X.reshape(6, 2, 2), (6, 4)),
    (layers.Flatten(), X[:, 0], (6, 1)),
    (layers.Normalization(mean=1.0, variance=4.0), X, (6, 4)),
    (layers.Embedding(5, 3, embeddings_regularizer="l2"), IDS, (3, 2, 3)),
    (layers.ReLU(max_value=1.0, negative_slope=0.1, threshold=0.2), X, (6, 4)),
    (layers.LeakyReLU(0.2), X, (6, 4)),
    (layers.ELU(0.5), X, (6, 4)),
    (layers.Softmax(axis=-1), X, (6, 4)),
    (layers.Concatenate(axis=1), [X, X], (6, 8)),
    (layers.Add(), [X, X], (6, 4)),
    (layers.Subtract(), [X, X], (6, 4)),
    (layers.Multiply(), [X, X, X], (6, 4)),
    (layers.Average(), [X, X], (6, 4)),
    (layers.Maximum(), [X, X], (6, 4)),
    (layers.Minimum(), [X, X], (6, 4)),
    (layers.Dot(axes=1, normalize=True), [X, X], (6, 1)),
    (layers.PReLU("ones", shared_axes=[1]), X, (6, 4)),
    (layers.GaussianDropout(0.2, seed=3), X, (6, 4)),
    (layers.GaussianNoise(0.2, seed=3), X, (6, 4)),
    (layers.AlphaDropout(0.2, noise_shape=(None, 1), seed=3), X, (6, 4)),
    (layers.SpatialDropout1D(0.2, seed=3), X.reshape(6, 2, 2), (6, 2, 2)),
    (layers.ActivityRegularization(l1=0.1, l2=0.2), X, (6, 4)),
    (layers.Reshape((2, -1)), X, (6, 2, 2)),
    (layers.Permute((2, 1)), X.reshape(6, 4, 1), (6, 1, 4)),
    (layers.RepeatVector(3), X, (6, 3, 4)),
    (layers.Rescaling([1.0, 2.0, 0.5, 3.0], offset=1.0), X, (6, 4)),
    (layers.GroupNormalization(2, epsilon=1e-2, scale=False), X, (6, 4)),
    (layers.RMSNormalization(epsilon=1e-2), X, (6, 4)),
    (layers.UnitNormalization(axis=[1]), X, (6, 4)),
    (layers.EinsumDense("abc,cd->abd", (None, 3), bias_axes="d"), CUBE, (6, 2, 3)),
    (layers.TimeDistributed(layers.Dense(3)), CUBE, (6, 2, 3)),
    (layers.SpectralNormalization(layers.Dense(3), 2), X, (6, 3)),
    (layers.Lambda(ops.tanh), X, (6, 4)),
    (layers.Pipeline([layers.Dense(3), layers.Rescaling(2.0)]), X, (6, 3)),
    (layers.Masking(0.5), CUBE, (6, 2, 2)),
    (layers.CategoryEncoding(5), IDS, (3, 5)),
    (layers.Hashing(5, output_mode="count", salt=7), IDS, (3, 5)),
    (layers.HashedCrossing(5, output_mode="one_hot"), PAIR, (3, 5)),
    (layers.Discretization([-1.0, 0.0, 1.0], output_mode="one_hot"), X, (6, 4, 4)),
    (layers.IntegerLookup(vocabulary=[1, 4], output_mode="count"), IDS, (3, 3)),
    (layers.StringLookup(vocabulary=["a", "b"]), WORDS, (3, 2)),
]
NAMED = [pytest.param(*row, id=type(row[0]).__name__) for row in LAYERS]


def test_the_table_has_every_layer() -> None:
    kinds = {type(layer).__name__ for layer, *_ in LAYERS}
    known = {n for n in layers.__all__ if isinstance(getattr(layers, n), type)}
    assert known - kinds == {"Layer", "InputSpec", "InputLayer", "Wrapper"}


@pytest.mark.parametrize(("layer", "x", "shape"), NAMED)
def test_shapes_of_arrays_and_of_symbols(layer: Any, x: Any, shape: Any) -> None:
    again = type(layer).from_config(layer.get_config())
    assert np.shape(again(x)) == shape
    parts = x if isinstance(x, list) else [x]
    dtypes = ["string" if p is WORDS else p.dtype.name for p in parts]
    symbols = [keras.Input(p.shape[1:], dtype=d) for p, d in zip(parts, dtypes)]
    given = symbols if isinstance(x, list) else symbols[0]
    output = again(given)
    assert output.shape == (None, *shape[1:])
    if x is not IDS:
        model = keras.Model(given, output)
        np.testing.assert_allclose(
            model.predict(x, verbose=0), again(x), rtol=1e-5, atol=1e-6
        )


@pytest.mark.parametrize(("layer", "x", "shape"), NAMED)
def test_a_config_makes_the_same_layer(layer: Any, x: Any, shape: Any) -> None:
    text = json.dumps(config.serialize(layer))
    again = config.deserialize(json.loads(text))
    assert type(again) is type(layer)
    assert json.dumps(config.serialize(again)) == text
    assert again.name == layer.name


def test_default_names_count_up() -> None:
    first, second = layers.LeakyReLU(), layers.LeakyReLU()
    stem = "leaky_re_lu"
    assert first.name.startswith(stem) and second.name.startswith(stem)
    assert first.name != second.name
    assert layers.Dense(1, name="mine").name == "mine"


def test_dropout_drops_in_training_only() -> None:
    x = np.ones((400, 50), "float32")
    layer = layers.Dropout(0.3, seed=1)
    np.testing.assert_array_equal(layer(x), x)
    y = layer(x, training=True)
    kept = y != 0
    assert abs(kept.mean() - 0.7) < 0.01
    np.testing.assert_allclose(y[kept], 1 / 0.7, rtol=1e-6)
    assert (layer(x, training=True) != y).any(), "each call draws anew"
    assert (layers.Dropout(0.3, seed=1)(x, training=True) == y).all()
    rows = layers.Dropout(0.5, noise_shape=(None, 1))(x, training=True)
    assert set(rows.mean(1)) == {0.0, 2.0}
    assert not layers.Dropout(1)(x, training=True).any()
    np.testing.assert_array_equal(layers.Dropout(0)(x, training=True), x)


@pytest.mark.parametrize("rate", [-0.1, 1.5, "a", None])
def test_dropout_rates_are_probabilities(rate: Any) -> None:
    with pytest.raises(ArgumentError, match="from 0 to 1"):
        layers.Dropout(rate)


def test_batch_normalization_in_both_modes() -> None:
    layer = layers.BatchNormalization(momentum=0.75, epsilon=1e-5)
    y = layer(X, training=True)
    np.testing.assert_allclose(y.mean(0), 0.0, atol=1e-6)
    np.testing.assert_allclose(y.std(0), 1.0, atol=1e-3)
    np.testing.assert_allclose(layer.moving_mean, 0.25 * X.mean(0), rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance, 0.75 + 0.25 * X.var(0), rtol=1e-5)
    kept = layer.get_weights()
    expected = (X - kept[2]) / np.sqrt(kept[3] + 1e-5)
    np.testing.assert_allclose(layer(X), expected, rtol=1e-4, atol=1e-6)
    assert [w.name for w in layer.weights] == [
        "gamma", "beta", "moving_mean", "moving_variance",
    ]  # fmt: skip
    assert [w.name for w in layer.trainable_weights] == ["gamma", "beta"]


def test_frozen_batch_normalization_infers_in_training_too() -> None:
    layer = layers.BatchNormalization()
    layer.build((None, 4))
    layer.trainable = False
    before = layer.get_weights()
    np.testing.assert_array_equal(layer(X, training=True), layer(X, training=False))
    for a, b in zip(layer.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_layer_normalization_is_by_row() -> None:
    layer = layers.LayerNormalization()
    y = layer(X)
    np.testing.assert_allclose(y.mean(1), 0.0, atol=1e-6)
    np.testing.assert_array_equal(layer(X[:1]), y[:1])
    wide = layers.LayerNormalization(axis=[1, 2])
    assert wide(X.reshape(6, 2, 2)).shape == (6, 2, 2)
    assert wide.gamma.shape == (2, 2)


def test_normalization_adapts() -> None:
    layer = layers.Normalization()
    layer.adapt(X * 3 + 1)
    y = layer(X * 3 + 1)
    np.testing.assert_allclose(y.mean(0), 0.0, atol=1e-5)
    np.testing.assert_allclose(y.std(0), 1.0, atol=1e-5)
    back = layers.Normalization(
        mean=layer.adapt_mean.numpy(),
        variance=layer.adapt_variance.numpy(),
        invert=True,
    )
    np.testing.assert_allclose(back(y), X * 3 + 1, atol=1e-5)
    constant = layers.Normalization()
    constant.adapt(np.ones((5, 2)))
    assert not constant(np.ones((2, 2), "float32")).any(), "no division by zero"
    with pytest.raises(ShapeError, match="size 4 along axis 1"):
        layer.adapt(X[:, :2])
    with pytest.raises(DataError, match="NaN"):
        layer.adapt(np.where(X > 1, np.nan, X))
    with pytest.raises(ArgumentError, match="together"):
        layers.Normalization(mean=1.0)
    with pytest.raises(ArgumentError, match="given its mean"):
        layers.Normalization(mean=0.0, variance=1.0).adapt(X)


def test_an_adapted_layer_is_seen_by_a_compiled_model() -> None:
    layer = layers.Normalization()
    layer.build((None, 4))
    model = keras.Sequential([keras.Input((4,)), layer])
    before = model.predict(X, verbose=0)
    np.testing.assert_allclose(before, X, rtol=1e-6)
    layer.adapt(X)
    assert abs(model.predict(X, verbose=0).mean()) < 1e-6


def test_embedding_picks_rows() -> None:
    layer = layers.Embedding(5, 3)
    y = layer(IDS)
    np.testing.assert_array_equal(y, layer.embeddings.numpy()[IDS])
    with pytest.raises(DataError, match="0 to 4"):
        layer(np.array([5]))
    table = np.ones((5, 3))
    assert layers.Embedding(5, 3, weights=[table])(IDS).sum() == 18
    with pytest.raises(UnsupportedError, match="lora_rank"):
        layers.Embedding(5, 3, lora_rank=2)


def test_only_rows_that_occur_are_trained() -> None:
    model = keras.Sequential([layers.Embedding(5, 1, input_length=1), layers.Flatten()])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    before = model.get_weights()[0]
    x = np.array([[1], [3], [1]])
    model.fit(x, [1.0, 2.0, 3.0], epochs=1, verbose=0)
    changed = (model.get_weights()[0] != before).ravel()
    assert changed.tolist() == [False, True, False, True, False]
    with pytest.raises(DataError, match="row 1"):
        model.predict(np.array([[1], [7]]), verbose=0)


def test_merging_layers() -> None:
    np.testing.assert_allclose(layers.Add()([X, X, X]), 3 * X, rtol=1e-6)
    np.testing.assert_allclose(layers.Average()([X, 3 * X]), 2 * X, rtol=1e-6)
    np.testing.assert_array_equal(layers.Subtract()([X, X]), 0 * X)
    np.testing.assert_array_equal(layers.Maximum()([X, -X]), abs(X))
    np.testing.assert_array_equal(layers.concatenate([X, X], axis=1)[:, 4:], X)
    np.testing.assert_array_equal(layers.add([X, X[:, :1]]), X + X[:, :1])
    np.testing.assert_array_equal(layers.Add()([X]), X)
    deep = RNG.normal(size=(6, 5, 4)).astype("float32")
    np.testing.assert_allclose(layers.Add()([X, deep]), X[:, None] + deep, rtol=1e-6)
    three, four = keras.Input((3,)), keras.Input((4,))
    for call, words in (
        (lambda: layers.Add()(X), "a list of tensors"),
        (lambda: layers.Subtract()([X, X, X]), "two tensors"),
        (lambda: layers.Add(name="both")([three, four]), "layer 'both'"),
        (lambda: layers.Concatenate(0, name="join")([three, four]), "layer 'join'"),
    ):
        with pytest.raises(ShapeError, match=words):
            call()


@pytest.mark.parametrize("units", [0, -3, 2.5, "a", None, True])
def test_units_are_positive_whole_numbers(units: Any) -> None:
    with pytest.raises(ArgumentError, match="units") as caught:
        layers.Dense(units)
    assert repr(units) in str(caught.value)


def test_dense_on_more_axes() -> None:
    x = RNG.normal(size=(2, 3, 4)).astype("float32")
    layer = layers.Dense(5)
    y = layer(x)
    expected = x @ layer.kernel.numpy() + layer.bias.numpy()
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-6)


def test_inputs() -> None:
    assert keras.Input((3,)).shape == (None, 3)
    assert keras.Input([3]).shape == keras.Input(3).shape == (None, 3)
    assert keras.Input(batch_shape=(None, 2, 3)).shape == (None, 2, 3)
    assert keras.Input(()).shape == (None,)
    for wide in ("int64", np.int64, int):
        assert keras.Input((2,), dtype=wide).dtype == "int32"
        assert layers.InputLayer((2,), dtype=wide).get_config()["dtype"] == "int64"
    assert layers.InputLayer((2,), dtype="int32").get_config()["dtype"] == "int32"
    assert keras.Input((2,), dtype="float64").dtype == "float32"
    with pytest.raises(ArgumentError, match="shape of one row"):
        keras.Input()
    assert keras.Input((1,), dtype="string").dtype == "string"
    with pytest.raises(UnsupportedError, match="sparse"):
        keras.Input((1,), sparse=True)


def test_layer_normalization_takes_other_ranks_than_it_was_built_for() -> None:
    layer = layers.LayerNormalization()
    layer.build((None, 2, 4))
    np.testing.assert_array_equal(layer(X[:, None])[:, 0], layer(X))
    with pytest.raises(ShapeError, match="4 features along axis -1"):
        layer(X[:, :3])


def test_steps_may_be_as_many_as_the_data_has() -> None:
    inputs = keras.Input((None, 4))
    model = keras.Model(inputs, layers.Dense(2)(inputs))
    model.compile("sgd", "mse")
    x = np.stack([X, X + 1, X * 2], 1)
    model.fit(x, x[:, :, :2], epochs=1, verbose=0)
    for rows in (x, x[:, :2]):
        wanted = rows @ model.get_weights()[0] + model.get_weights()[1]
        np.testing.assert_allclose(model.predict(rows, verbose=0), wanted, atol=1e-5)
