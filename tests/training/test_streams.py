"""Training, measuring and predicting from batches: generators, data sets, loaders.

That the numbers are Keras's is held by tests/conformance (group "streams"); here are
equality with arrays, what is gathered, what runs out, and what goes wrong.
"""

from __future__ import annotations

import random as python_random
import threading
import time
import warnings
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pronghorn as keras
from pronghorn import callbacks, layers
from pronghorn.errors import ArgumentError, DataError, DivergedError
from tests.training.streams import (
    KINDS,
    PARTS,
    Loader,
    Numbered,
    W,
    Watching,
    X,
    Y,
    assert_equal,
    batches,
    fit,
    net,
)

# --- the same as arrays


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("eager", [False, True])
def test_the_bits_are_those_of_arrays(kind: str, eager: bool) -> None:
    plain, model = net(eager, metrics=["mae"]), net(eager, metrics=["mae"])
    expected = fit(plain, X, Y, batch_size=8, sample_weight=W, epochs=3)
    history = fit(model, KINDS[kind](X, Y, W), epochs=3)
    assert_equal(plain, model)
    assert history.history == expected.history
    stream = KINDS[kind](X, Y, W)
    found = model.evaluate(stream, verbose=0)
    assert found == plain.evaluate(X, Y, 8, sample_weight=W, verbose=0)
    predicted = model.predict(KINDS[kind](X, Y), verbose=0)
    np.testing.assert_array_equal(predicted, plain.predict(X, verbose=0))


def test_a_generator_is_one_epoch() -> None:
    plain, model = net(), net()
    expected = fit(plain, X, Y, batch_size=8)
    assert fit(model, batches(X, Y)).history == expected.history
    assert_equal(plain, model)


def test_batches_seen_one_by_one_give_the_same_bits() -> None:
    plain, model, watching = net(), net(), Watching()
    fit(plain, X, Y, batch_size=8, epochs=2)
    fit(model, Loader(X, Y), epochs=2, callbacks=[watching])
    assert_equal(plain, model)
    once = [s for i in range(7) for s in (i, ("end", i))]
    assert watching.seen == once * 2


@pytest.mark.parametrize("verbose", [1, 2])
def test_a_bar_changes_no_bits(verbose: int, capsys: Any) -> None:
    plain, model = net(), net()
    fit(plain, X, Y, batch_size=8, epochs=2)
    fit(model, Loader(X, Y, length=False), epochs=2, verbose=verbose)
    assert_equal(plain, model)
    assert "7/7" in capsys.readouterr().out


def test_an_array_that_is_filled_again_is_copied() -> None:
    def refilled() -> Iterator[Any]:
        x, y = np.empty((10, 3), "float32"), np.empty(10, "float32")
        for i in range(0, 50, 10):
            x[:], y[:] = X[i : i + 10], Y[i : i + 10]
            yield x, y

    plain, model = net(), net()
    fit(plain, X, Y, batch_size=10)
    fit(model, refilled())
    assert_equal(plain, model)


def test_batches_of_any_size() -> None:
    cuts = [0, 3, 4, 4 + 8, 20, 20 + 8, 45, 50]
    parts = [slice(a, b) for a, b in pairwise(cuts)]
    one, other = net(), net()
    keras.utils.set_random_seed(4)
    for part in parts:
        one.train_on_batch(X[part], Y[part])
    fit(other, ((X[p], Y[p]) for p in parts))
    # Dropout's masks depend on the run, so compare without it.
    calm = [net(), net()]
    for model in calm:
        model.layers[1].rate = 0.0
    for part in parts:
        calm[0].train_on_batch(X[part], Y[part])
    fit(calm[1], ((X[p], Y[p]) for p in parts))
    assert_equal(*calm)
    assert int(np.asarray(other.optimizer.iterations)) == len(parts)


def test_frames_dicts_and_lists_in_batches() -> None:
    names = ["a", "b", "c"]
    plain = net()
    fit(plain, X, Y, batch_size=8)

    def frames() -> Iterator[Any]:
        for i, part in enumerate(PARTS):
            frame = pd.DataFrame(X[part], columns=names)
            yield frame if not i else frame[["c", "a", "b"]], Y[part].tolist()

    model = net()
    fit(model, frames())
    assert_equal(plain, model)
    turned = pd.DataFrame(X, columns=names)[["b", "c", "a"]]
    np.testing.assert_array_equal(
        model.predict(turned, verbose=0), plain.predict(X, verbose=0)
    )


def two_inputs() -> Any:
    keras.utils.set_random_seed(3)
    a, b = keras.Input((2,), name="a"), keras.Input((1,), name="b")
    hidden = layers.Concatenate()([a, b])
    outputs = [layers.Dense(1, name="p")(hidden), layers.Dense(1, name="q")(hidden)]
    model = keras.Model([a, b], outputs)
    model.compile("sgd", loss={"p": "mse", "q": "mae"})
    return model


def test_several_inputs_and_outputs() -> None:
    plain, model, named = two_inputs(), two_inputs(), two_inputs()
    expected = fit(plain, [X[:, :2], X[:, 2:]], [Y, -Y], batch_size=8)
    parts = [((X[p, :2], X[p, 2:]), (Y[p], -Y[p])) for p in PARTS]
    assert fit(model, iter(parts)).history == expected.history
    dicts = [({"b": X[p, 2:], "a": X[p, :2]}, {"q": -Y[p], "p": Y[p]}) for p in PARTS]
    assert fit(named, iter(dicts)).history == expected.history
    one, other = model.predict(iter([(x,) for x, _ in parts]), verbose=0)
    np.testing.assert_array_equal(one, plain.predict([X[:, :2], X[:, 2:]])[0])
    assert other.shape == (50, 1)


def test_a_model_is_built_by_the_first_batch() -> None:
    model = keras.Sequential([layers.Dense(4, activation="relu"), layers.Dense(1)])
    model.compile("sgd", "mse")
    fit(model, batches(X, Y))
    assert model.built and int(np.asarray(model.optimizer.iterations)) == 7
    fresh = keras.Sequential([layers.Dense(2)])
    assert fresh.predict(batches(X), verbose=0).shape == (50, 2)


def test_class_weights_in_batches() -> None:
    y = (Y > 0).astype("float32")
    plain, model = net(), net()
    fit(plain, X, y, batch_size=8, class_weight={0: 0.5, 1: 3.0})
    fit(model, batches(X, y), class_weight={0: 0.5, 1: 3.0})
    assert_equal(plain, model)
    with pytest.raises(ArgumentError, match="together"):
        fit(model, batches(X, y, W), class_weight={0: 0.5})


# --- steps


def test_steps_go_on_where_the_epoch_before_stopped() -> None:
    plain, model = net(), net()
    fit(plain, np.concatenate([X, X])[:96], np.concatenate([Y, Y])[:96], batch_size=8)

    def endless() -> Iterator[Any]:
        both = np.concatenate([X, X]), np.concatenate([Y, Y])
        for i in range(0, 96, 8):
            yield both[0][i : i + 8], both[1][i : i + 8]
        raise AssertionError("one batch more than was asked for")

    history = fit(model, endless(), epochs=4, steps_per_epoch=3)
    assert_equal(plain, model)
    assert history.epoch == [0, 1, 2, 3] and history.params["steps"] == 3


def test_a_generator_that_ends_ends_training() -> None:
    with pytest.warns(UserWarning, match="ran out of data.*epoch 2 of 3"):
        history = fit(net(), batches(X, Y), epochs=3)
    assert history.epoch == [0]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = fit(net(), batches(X, Y), epochs=9, steps_per_epoch=4)
    assert history.epoch == [0, 1]
    found = [str(w.message) for w in caught]
    assert ["gave 3 of the 4" in found[0], "epoch 3 of 9" in found[1]] == [True] * 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_short_last_epoch_begins_again(kind: str) -> None:
    model = net()
    with pytest.warns(UserWarning, match="gave 3 of the 4"):
        history = fit(model, KINDS[kind](X, Y), epochs=3, steps_per_epoch=4)
    assert history.epoch == [0, 1, 2]
    assert int(np.asarray(model.optimizer.iterations)) == 4 + 3 + 4


def test_steps_over_arrays() -> None:
    plain, model = net(), net()
    fit(plain, X, Y, batch_size=8, epochs=2)
    with pytest.warns(UserWarning, match="it has 3 of the 4"):
        history = fit(model, X, Y, batch_size=8, epochs=4, steps_per_epoch=4)
    assert len(history.epoch) == 4
    assert int(np.asarray(model.optimizer.iterations)) == 14
    assert_equal(plain, model)
    # Whole passes are no special case: they run in one call.
    whole = net()
    fit(whole, X, Y, batch_size=8, epochs=2, steps_per_epoch=7)
    assert_equal(plain, whole)


def test_steps_without_a_batch_size_share_the_rows() -> None:
    plain, model = net(), net()
    fit(plain, X, Y, batch_size=17)
    assert fit(model, X, Y, steps_per_epoch=3).params["steps"] == 3
    assert_equal(plain, model)


def test_an_order_is_drawn_for_each_pass_over_arrays() -> None:
    """Two epochs of half a pass see each row once."""
    x = np.arange(40, dtype="float32")[:, None] / 40
    seen = []

    class Seen(callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seen.append(logs["loss"] * 20)

    model = keras.Sequential([layers.Dense(1, input_shape=[1], trainable=False)])
    model.add(layers.Dense(1, kernel_initializer="zeros"))
    model.compile(keras.optimizers.SGD(0.0), "mae")
    fit(model, x, x, batch_size=10, epochs=4, steps_per_epoch=2, shuffle=True,
        callbacks=[Seen()])  # fmt: skip
    total = float(x.sum())
    assert seen[0] + seen[1] == pytest.approx(total, rel=1e-5)
    assert seen[2] + seen[3] == pytest.approx(total, rel=1e-5)
    assert seen[0] != pytest.approx(seen[2], rel=1e-5)


def test_steps_of_evaluate_and_predict() -> None:
    model = net()
    fit(model, X, Y)
    assert model.evaluate(X, Y, 8, steps=2, verbose=0) == pytest.approx(
        model.evaluate(X[:16], Y[:16], 8, verbose=0), rel=1e-6
    )
    assert model.evaluate(Loader(X, Y), steps=2, verbose=0) == pytest.approx(
        model.evaluate(X[:16], Y[:16], 8, verbose=0), rel=1e-6
    )
    assert model.predict(X, 8, steps=2, verbose=0).shape == (16, 1)
    assert model.predict(X, steps=3, verbose=0).shape == (50, 1)
    assert model.predict(batches(X), steps=2, verbose=0).shape == (16, 1)
    for predict in (lambda: model.predict(X, 8, steps=9, verbose=0),
                    lambda: model.evaluate(X, Y, 8, steps=9, verbose=0)):  # fmt: skip
        with pytest.warns(UserWarning, match="it has 7 of the 9 batches that steps"):
            predict()


# --- validation


@pytest.mark.parametrize("kind", KINDS)
def test_validation_on_batches(kind: str) -> None:
    plain, model = net(), net()
    expected = fit(plain, X, Y, epochs=3, validation_data=(X, Y, W),
                   validation_batch_size=8)  # fmt: skip
    history = fit(model, X, Y, epochs=3, validation_data=KINDS[kind](X, Y, W))
    assert history.history == expected.history


def test_validation_steps_and_frequency() -> None:
    calls = {"validation_batch_size": 8, "validation_steps": 2}
    history = fit(net(), X, Y, epochs=5, validation_data=(X, Y),
                  validation_freq=[2, 5], **calls)  # fmt: skip
    assert len(history.history["val_loss"]) == 2
    every = fit(net(), X, Y, epochs=5, validation_data=(X[:16], Y[:16]),
                validation_freq=1, validation_batch_size=8)  # fmt: skip
    assert history.history["val_loss"][0] == every.history["val_loss"][1]
    third = fit(net(), X, Y, epochs=7, validation_split=0.3, validation_freq=3)
    assert len(third.history["val_loss"]) == 2


def test_a_validation_generator_goes_on_and_ends() -> None:
    def twice() -> Iterator[Any]:
        for _ in range(2):
            yield from batches(X, Y)

    model = net()
    model.optimizer.learning_rate = 0.0
    with pytest.warns(UserWarning, match="validation_data gave its last batch"):
        history = fit(model, X, Y, epochs=3, validation_data=twice(),
                      validation_steps=7)  # fmt: skip
    values = history.history["val_loss"]
    assert len(values) == 2 and values[0] == values[1]


# --- data sets by number


def test_the_hooks_of_a_data_set() -> None:
    """As in Keras: a look at the first batch, then each epoch between its hooks."""
    data, every = Numbered(X, Y), list(range(7))
    model = net()
    fit(model, data, epochs=2)
    assert data.log == ["begin", 0, "end", *["begin", *every, "end"] * 2]
    data.log.clear()
    fit(model, data, validation_data=Numbered(X, Y))
    assert data.log == ["end", "begin", *every, "end"]
    data.log.clear()
    model.predict(data, verbose=0)
    assert data.log == ["begin", *every, "end"]


def test_an_order_of_batches_is_drawn() -> None:
    orders = []
    for _ in range(2):
        data = Numbered(X, Y)
        fit(net(), data, epochs=2, shuffle=True)
        orders.append([i for i in data.log if isinstance(i, int)][1:])
    first, second = orders[0][:7], orders[0][7:]
    assert sorted(first) == sorted(second) == list(range(7))
    assert first != second and first != list(range(7))
    assert orders[0] == orders[1], "the same seed, the same order"


def test_threads_prepare_ahead_and_keep_the_order() -> None:
    ahead, names = [], set()

    class Slow(Numbered):
        def __getitem__(self, index: int) -> Any:
            names.add(threading.current_thread().name)
            time.sleep(python_random.Random(index).random() / 100)
            ahead.append(index)
            return super().__getitem__(index)

    data = Slow(X, Y, workers=3, max_queue_size=2)
    plain, model = net(), net()
    fit(plain, X, Y, batch_size=8)
    fit(model, data)
    assert_equal(plain, model)
    assert any(name.startswith("batches") for name in names)
    assert not [t for t in threading.enumerate() if t.name.startswith("batches")]


def test_no_thread_stays_where_training_stops() -> None:
    class Stop(callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.stop_training = True

    data = Numbered(X, Y, workers=2, max_queue_size=2)
    model = net()
    fit(model, data, epochs=3, callbacks=[Stop()])
    assert int(np.asarray(model.optimizer.iterations)) == 1
    assert not [t for t in threading.enumerate() if t.name.startswith("batches")]
    assert data.log[-1] == "end"


def test_a_data_set_without_an_end() -> None:
    class Endless(Numbered):
        @property
        def num_batches(self) -> None:
            return None

        def __getitem__(self, index: int) -> Any:
            return super().__getitem__(index % 7)

    with pytest.raises(ArgumentError, match="steps_per_epoch=100"):
        fit(net(), Endless(X, Y))
    data = Endless(X, Y)
    model = net()
    fit(model, data, epochs=3, steps_per_epoch=4)
    assert [i for i in data.log if isinstance(i, int)][1:] == [*range(7), *range(5)]


def test_a_data_set_that_forgot_its_parent() -> None:
    class Forgetful(Numbered):
        def __init__(self) -> None:
            self.columns, self.log = (X, Y), []

    with pytest.warns(UserWarning, match=r"Forgetful.__init__ should call super"):
        fit(net(), Forgetful())


# --- what goes wrong


def test_a_bad_batch_is_named_and_those_before_it_count() -> None:
    def spoilt() -> Iterator[Any]:
        for i, (x, y) in enumerate(batches(X, Y)):
            yield np.where(x > 0, np.nan, x) if i == 3 else x, y

    model = net()
    with pytest.raises(DataError, match="NaN") as caught:
        fit(model, spoilt())
    assert str(caught.value.where).startswith("batch 4 of epoch 1: column")
    assert int(np.asarray(model.optimizer.iterations)) == 3
    for evaluate in (model.evaluate, model.predict):
        with pytest.raises(DataError, match="where: batch 4: column"):
            evaluate(spoilt(), verbose=0)


@pytest.mark.parametrize("kind", ["numbered", "two threads", "loader"])
def test_a_pass_without_a_batch_is_named(kind: str, monkeypatch: Any) -> None:
    model = net()
    fit(model, X, Y)
    stream = KINDS[kind](X, Y)
    monkeypatch.setattr(type(stream), "__len__", lambda self: 0)
    monkeypatch.setattr(type(stream), "__iter__", lambda self: iter(()))
    for call in (model.fit, model.evaluate, model.predict):
        with pytest.raises(DataError, match="There is no batch"):
            call(stream, verbose=0)


def test_an_error_of_the_generator_is_its_own() -> None:
    def broken() -> Iterator[Any]:
        yield X, Y
        raise KeyError("the file is gone")

    model = net()
    with pytest.raises(KeyError, match="the file is gone"):
        fit(model, broken())
    assert int(np.asarray(model.optimizer.iterations)) == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_labels_outside_the_domain_name_the_batch(workers: int) -> None:
    model = keras.Sequential([layers.Dense(3, activation="softmax", input_shape=[3])])
    model.compile("sgd", "sparse_categorical_crossentropy")
    labels = np.where(np.arange(50) == 20, 3, 1)
    with pytest.raises(DataError, match=r"batch 3 of epoch 1: output '.*': y, row 4"):
        fit(model, Numbered(X, labels, workers=workers))


def test_an_id_outside_of_an_embedding_names_the_batches() -> None:
    model = keras.Sequential(
        [layers.Embedding(5, 2), layers.Flatten(), layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    ids = np.zeros((50, 1), "int32")
    ids[20] = 7
    with pytest.raises(DataError, match="batches 1 to 7 of epoch 1, rows counted over"):
        fit(model, batches(ids, Y))


def test_divergence_names_epoch_and_step() -> None:
    model = net()
    model.compile(keras.optimizers.SGD(1e12), "mse")
    with pytest.raises(DivergedError, match=r"epoch \d, step \d"):
        fit(model, Loader(X, Y), epochs=9)
    assert all(np.isfinite(w).all() for w in model.get_weights())
