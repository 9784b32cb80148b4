"""Predictions that take the short way: the same as those that take the long one."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pronghorn as keras
from pronghorn import callbacks, layers, ops
from pronghorn.errors import ArgumentError, DataError, ShapeError
from pronghorn.tabular import RobustScaling

RNG = np.random.default_rng(5)
X = RNG.normal(size=(70, 4)).astype("float32")
Y = X.sum(1)
ONE = X[:1].copy()


def net(**arguments: Any) -> Any:
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            layers.Dense(8, activation="relu", input_shape=[4]),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Dense(2),
        ]
    )
    model.compile(**{"optimizer": "adam", "loss": "mse", **arguments})
    return model


def the_long_way(model: Any, x: Any) -> Any:
    model._programs.quick = None
    return model.predict(x, verbose=0)


@pytest.fixture
def warm() -> Any:
    model = net()
    model.predict(ONE, verbose=0)
    assert model._programs.quick is not None
    return model


@pytest.mark.parametrize("verbose", [0, 1, 2, "auto", False])
def test_equals_the_long_way(warm: Any, verbose: Any) -> None:
    quick = warm._programs.quick
    assert quick(X[3:4], warm) is not None
    found = [warm.predict(X[i : i + 1], verbose=verbose) for i in range(9)]
    assert warm._programs.quick is quick
    for i, one in enumerate(found):
        np.testing.assert_array_equal(one, the_long_way(warm, X[i : i + 1]))


def test_several_rows() -> None:
    model = net()
    whole = model.predict(X, verbose=0)
    quick = model._programs.quick
    for rows in (2, 5, 70):
        np.testing.assert_array_equal(model.predict(X[:rows], verbose=0), whole[:rows])
    assert model._programs.quick is quick
    assert quick(np.concatenate([X, X]), model) is None  # more than it was made for
    assert len(model.predict(np.concatenate([X, X]), verbose=0)) == 140


def test_a_batch_size_that_does_not_matter(warm: Any) -> None:
    quick = warm._programs.quick
    assert quick(ONE, warm, 32) is not None
    expected = warm.predict(ONE, verbose=0)
    np.testing.assert_array_equal(warm.predict(ONE, batch_size=32, verbose=0), expected)
    assert warm._programs.quick is quick
    with pytest.raises(ArgumentError):
        warm.predict(ONE, batch_size=0, verbose=0)


def test_results_are_apart(warm: Any) -> None:
    """Each prediction has memory of its own."""
    one, kept = warm.predict(ONE, verbose=0), warm.predict(ONE, verbose=0).copy()
    warm.predict(ONE * 3, verbose=0)
    one += 1.0
    np.testing.assert_array_equal(warm.predict(ONE, verbose=0), kept)


def test_sees_new_weights(warm: Any) -> None:
    before = warm.predict(ONE, verbose=0)
    warm.set_weights([w * 0.5 for w in warm.get_weights()])
    halved = warm.predict(ONE, verbose=0)
    assert not np.array_equal(before, halved)
    np.testing.assert_array_equal(halved, the_long_way(warm, ONE))
    warm.layers[-1].bias.assign([3.0, 4.0])
    moved = warm.predict(ONE, verbose=0)
    np.testing.assert_allclose(moved, halved + np.float32([3.0, 4.0]), rtol=1e-5)
    warm.fit(X, Y[:, None] * [1, 2], epochs=2, verbose=0)  # moves them in memory, too
    fitted = warm.predict(ONE, verbose=0)
    assert not np.array_equal(moved, fitted)
    np.testing.assert_array_equal(fitted, the_long_way(warm, ONE))


def test_sees_another_structure(warm: Any) -> None:
    quick = warm._programs.quick
    warm.layers[0].trainable = False
    assert quick(ONE, warm) is None
    warm.predict(ONE, verbose=0)
    warm.add(layers.Dense(3))
    assert warm.predict(ONE, verbose=0).shape == (1, 3)
    warm.pop()
    assert warm.predict(ONE, verbose=0).shape == (1, 2)
    warm.compile(loss="mse", run_eagerly=True)
    warm.predict(ONE, verbose=0)
    assert keras.backend_of(warm) == "reference"


def test_sees_a_layer_exchanged() -> None:
    class Own(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.unit = layers.Dense(1, kernel_initializer="ones")

        def call(self, inputs: Any) -> Any:
            return self.unit(inputs)

    model = Own()
    assert model.predict(ONE, verbose=0) == pytest.approx(ONE.sum(), rel=1e-5)
    model.unit = layers.Dense(1, kernel_initializer="zeros")
    assert model.predict(ONE, verbose=0) == 0.0
    del model.unit
    model.unit = layers.Dense(1, kernel_initializer="ones")
    assert model.predict(ONE, verbose=0) == pytest.approx(ONE.sum(), rel=1e-5)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nothing_but_numbers(warm: Any, bad: float) -> None:
    with pytest.raises(DataError, match="column 2"):
        warm.predict(np.float32([[0, 0, bad, 0]]), verbose=0)


def test_numbers_too_large_to_square(warm: Any) -> None:
    large = np.float32([[3e30, 0, 0, 0]])
    assert warm._programs.quick(large, warm) is None
    assert warm.predict(large, verbose=0).shape == (1, 2)


def test_other_forms(warm: Any) -> None:
    expected = the_long_way(warm, ONE)
    strided = np.repeat(ONE, 2, axis=1)[:, ::2]
    assert not strided.flags.c_contiguous
    frame = pd.DataFrame(ONE, columns=list("abcd"))
    for x in (ONE.tolist(), ONE.astype("float64"), strided, frame):
        warm.predict(ONE, verbose=0)
        np.testing.assert_array_equal(warm.predict(x, verbose=0), expected)


def test_mistakes_are_told_as_before(warm: Any) -> None:
    with pytest.raises(ShapeError, match="4 columns"):
        warm.predict(X[:1, :3], verbose=0)
    with pytest.raises(ShapeError):
        warm.predict(ONE[0], verbose=0)
    with pytest.raises(DataError, match="empty"):
        warm.predict(X[:0], verbose=0)
    with pytest.raises(ArgumentError, match="verbosity"):
        warm.predict(ONE, verbose=7)
    with pytest.raises(ArgumentError, match="batch_size"):
        warm.predict(ONE, batch_size=0)


def test_callbacks_are_called(warm: Any) -> None:
    seen: list[str] = []
    spy = callbacks.LambdaCallback()
    spy.on_predict_batch_end = lambda batch, logs=None: seen.append(batch)
    warm.predict(X, batch_size=32, verbose=0, callbacks=[spy])
    assert seen == [0, 1, 2]


def test_ids_and_several_outputs() -> None:
    ids = layers.Input(shape=(2,), dtype="int32")
    table = layers.Embedding(9, 3)(ids)
    sums = layers.Flatten()(table)
    model = keras.Model(ids, {"a": sums, "b": layers.Dense(1)(sums)})
    x = np.int32([[1, 8]])
    first = model.predict(x, verbose=0)
    assert model._programs.quick(x, model) is not None
    again = model.predict(x, verbose=0)
    assert list(again) == ["a", "b"]
    for key, value in again.items():
        np.testing.assert_array_equal(value, first[key])
    with pytest.raises(DataError, match="0 to 8"):
        model.predict(np.int32([[1, 9]]), verbose=0)


def two_inputs() -> Any:
    a, b = layers.Input(shape=(2,)), layers.Input(shape=(3,), dtype="int32")
    table = layers.Flatten()(layers.Embedding(9, 2)(b))
    return keras.Model([a, b], layers.Concatenate()([a, table]))


def test_two_inputs() -> None:
    model = two_inputs()
    ids = RNG.integers(0, 9, (70, 3)).astype("int32")
    whole = model.predict([X[:, :2].copy(), ids], verbose=0)
    quick = model._programs.quick
    for i in range(5):
        x = [X[i : i + 1, :2].copy(), ids[i : i + 1]]
        np.testing.assert_array_equal(quick(x, model), whole[i : i + 1])
        np.testing.assert_array_equal(model.predict(x, verbose=0), whole[i : i + 1])
        np.testing.assert_array_equal(model.predict_on_batch(x), whole[i : i + 1])
    assert model._programs.quick is quick


def test_two_inputs_of_other_forms() -> None:
    model = two_inputs()
    one, ids = ONE[:, :2].copy(), np.int32([[1, 2, 3]])
    expected = model.predict([one, ids], verbose=0)
    quick = model._programs.quick
    many = np.repeat(ids, 2, axis=0)
    for x in (one, (one, ids), [one], [one, many], [one, None], [ids, one], [[1], [2]]):
        assert quick(x, model) is None
    for x in ((one, ids), [one.tolist(), ids], [one.astype(float), ids]):
        np.testing.assert_array_equal(model.predict(x, verbose=0), expected)
    with pytest.raises(ShapeError, match="rows"):
        model.predict([one, many], verbose=0)
    with pytest.raises(DataError, match=r"infinity|inf|NaN"):
        model.predict([one * np.inf, ids], verbose=0)
    with pytest.raises(DataError, match="0 to 8"):
        model.predict([one, ids * 9], verbose=0)


def test_a_list_of_one_array_is_no_array() -> None:
    model = keras.Sequential([layers.Input((4,)), layers.Dense(1)])
    for _ in range(2):
        found = model.predict([ONE], verbose=0)
        np.testing.assert_array_equal(found, model.predict(ONE, verbose=0))


def test_missing_values_where_they_are_known() -> None:
    scaling = RobustScaling(missing="median")
    scaling.adapt(X)
    known = keras.Sequential([layers.Input((4,)), scaling, layers.Dense(1)])
    known.predict(ONE, verbose=0)
    quick = known._programs.quick
    gap = np.float32([[0, np.nan, 1, 2]])
    assert quick(gap, known) is not None
    np.testing.assert_array_equal(
        known.predict(gap, verbose=0), the_long_way(known, gap)
    )
    gap[0, 0] = np.inf
    assert known._programs.quick(gap, known) is None
    with pytest.raises(DataError, match="column 0"):
        known.predict(gap, verbose=0)


def test_threads(warm: Any) -> None:
    expected = [the_long_way(warm, X[i : i + 1]) for i in range(70)]
    wrong: list[int] = []

    def work(start: int) -> None:
        for i in [*range(start, 70), *range(start)] * 20:
            if not np.array_equal(warm.predict(X[i : i + 1], verbose=0), expected[i]):
                wrong.append(i)

    workers = [threading.Thread(target=work, args=(17 * k,)) for k in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not wrong


class Centred(layers.Layer):
    """Takes the mean of its batch away: rows depend on each other."""

    def call(self, inputs: Any) -> Any:
        return inputs - ops.mean(inputs, axis=0, keepdims=True)


def test_batches_of_a_model_across_rows() -> None:
    """By default they are Keras's 32 rows; a number that is given is kept."""
    model = keras.Sequential([layers.Input(shape=(4,)), Centred()])
    x = RNG.normal(size=(33, 4)).astype("float32")
    expected = np.concatenate([x[:32] - x[:32].mean(0), np.zeros((1, 4))])
    np.testing.assert_allclose(model.predict(x, verbose=0), expected, atol=1e-6)
    for size, given in ((32, {}), (7, {"batch_size": 7}), (70, {"batch_size": 99})):
        parts = [X[i : i + size] for i in range(0, 70, size)]
        expected = np.concatenate([p - p.mean(0) for p in parts])
        for _ in range(2):
            found = model.predict(X, verbose=0, **given)
            np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(model.predict_on_batch(X), X - X.mean(0), atol=1e-6)
    found = model.predict(X, verbose=0)
    np.testing.assert_allclose(found[:32], X[:32] - X[:32].mean(0), atol=1e-6)


def test_a_batch_size_that_matters() -> None:
    model = keras.Sequential([keras.Input((4,)), Centred()])
    x = X[:8]
    model.predict(x, verbose=0)
    assert model._programs.quick is not None
    found = model.predict(x, batch_size=2, verbose=0)
    expected = x - x.reshape(4, 2, 4).mean(axis=1).repeat(2, axis=0)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_the_size_of_a_batch_changes_no_bit() -> None:
    model = net()
    x = RNG.normal(size=(1025, 4)).astype("float32")
    whole = model.predict(x, verbose=0)
    for size in (1, 3, 32, 1024, 5000):
        np.testing.assert_array_equal(model.predict(x, size, verbose=0), whole)


@pytest.mark.parametrize(
    ("units", "rows"), [(2, 8192), (1024, 2048), (4096, 512), (16384, 256)]
)
def test_wide_nets_take_fewer_rows_at_once(units: int, rows: int) -> None:
    model = keras.Sequential([layers.Input((1,)), layers.Dense(units), layers.Dense(1)])
    model.predict(np.ones((1, 1), "float32"), verbose=0)
    (program,) = model._programs._cache.values()
    assert program.rows_at_once == rows


def test_rows_at_odd_addresses_are_predicted_like_others(warm: Any) -> None:
    x = np.zeros(X[:3].nbytes + 1, np.uint8)[1:].view(np.float32).reshape(3, 4)
    x[...] = X[:3]
    assert not x.flags.aligned
    for _ in range(2):
        assert np.array_equal(
            warm.predict(x, verbose=0), warm.predict(X[:3], verbose=0)
        )
