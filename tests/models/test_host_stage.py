"""Models that begin with text: cut behind the layers that read it."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.errors import DataError, DtypeError, PronghornError, UnsupportedError

pandas = pytest.importorskip("pandas")
COLORS = ["red", "blue", "green"]
SHOPS = [2**40, 7, 12]
ROWS = 24


def table(seed: int = 0) -> dict[str, np.ndarray]:
    """Columns of text, of wide whole numbers, and of numbers."""
    rng = np.random.default_rng(seed)
    return {
        "color": np.array([*COLORS, "pink"], object)[rng.integers(0, 4, ROWS)],
        "shop": np.array([*SHOPS, 99])[rng.integers(0, 4, ROWS)],
        "age": rng.normal(size=ROWS).astype("float32"),
    }


def target(x: dict[str, np.ndarray]) -> np.ndarray:
    """What depends on all columns."""
    return (x["color"] == "red") + 0.5 * (x["shop"] == 7) - x["age"]


def encoded(x: dict[str, np.ndarray]) -> list[np.ndarray]:
    """The columns as the lookups should give them."""
    color = [COLORS.index(c) + 1 if c in COLORS else 0 for c in x["color"]]
    shop = [SHOPS.index(s) + 1 if s in SHOPS else 0 for s in x["shop"]]
    columns = [np.eye(4)[color], np.eye(4)[shop], x["age"][:, None]]
    return [np.asarray(c, "float32") for c in columns]


def inputs() -> dict[str, Any]:
    """An input for each column."""
    dtypes = {"color": "string", "shop": "int64", "age": "float32"}
    return {n: keras.Input((1,), name=n, dtype=d) for n, d in dtypes.items()}


def features(x: dict[str, Any]) -> list[Any]:
    """The lookups' outputs, and the number."""
    color = layers.StringLookup(vocabulary=COLORS, output_mode="one_hot", name="find")
    shop = layers.IntegerLookup(vocabulary=SHOPS, output_mode="one_hot", name="shops")
    return [color(x["color"]), shop(x["shop"]), x["age"]]


def head(parts: list[Any]) -> Any:
    """A small net on top."""
    joined = layers.Concatenate(name="joined")(parts)
    return layers.Dense(1, name="out")(
        layers.Dense(4, activation="tanh", name="hidden")(joined)
    )


def flat() -> Any:
    """Lookups and net in one model."""
    x = inputs()
    return keras.Model(x, head(features(x)))


def nested() -> Any:
    """A model of lookups within a model."""
    x = inputs()
    inner = keras.Model(x, features(x), name="lookups")
    outer = inputs()
    return keras.Model(outer, head(inner(outer)))


def twice_nested() -> Any:
    """Lookups two models deep; the net is a model too, and runs frozen."""
    x = inputs()
    inner = keras.Model(x, features(x), name="lookups")
    middle_in = inputs()
    joined = layers.Concatenate(name="joined")(inner(middle_in))
    middle = keras.Model(middle_in, joined, name="middle")
    outer = inputs()
    hidden = layers.Dense(4, activation="tanh", name="hidden")(middle(outer))
    return keras.Model(outer, layers.Dense(1, name="out")(hidden))


def plain() -> Any:
    """The net alone, for encoded columns."""
    parts = [keras.Input((n,), name=f"x{i}") for i, n in enumerate((4, 4, 1))]
    return keras.Model(parts, head(parts))


MAKERS = [flat, nested, twice_nested]


@pytest.mark.parametrize("backend", ["native", "reference"])
@pytest.mark.parametrize("make", MAKERS)
def test_it_learns_what_the_net_on_encoded_columns_learns(
    make: Any, backend: str, monkeypatch: Any
) -> None:
    monkeypatch.setenv("PRONGHORN_BACKEND", backend)
    model, other = make(), plain()
    other.set_weights(model.get_weights())
    x, y = table(), target(table())
    how: dict[str, Any] = {"epochs": 3, "batch_size": 5, "verbose": 0}
    histories = []
    for net, data, held in (
        (model, x, table(1)),
        (other, encoded(x), encoded(table(1))),
    ):
        net.compile(optimizer="adam", loss="mse", metrics=["mae"])
        keras.utils.set_random_seed(3)
        validation = (held, target(table(1)))
        fitted = net.fit(data, y, validation_data=validation, **how)
        histories.append(fitted.history)
    assert histories[0] == histories[1]
    assert keras.backend_of(model) == backend
    np.testing.assert_array_equal(
        model.predict(x, verbose=0), other.predict(encoded(x), verbose=0)
    )
    assert model.evaluate(x, y, verbose=0) == other.evaluate(encoded(x), y, verbose=0)
    one = model.train_on_batch(x, y), model.test_on_batch(x, y)
    assert one == (
        other.train_on_batch(encoded(x), y),
        other.test_on_batch(encoded(x), y),
    )


@pytest.mark.parametrize("make", MAKERS)
def test_it_is_called_on_values(make: Any) -> None:
    model, x = make(), table()
    expected = model.predict(x, verbose=0)
    frame = pandas.DataFrame(x)
    for given in (
        x,
        frame,
        {n: frame[n] for n in frame},
        {n: v.tolist() for n, v in x.items()},
    ):
        np.testing.assert_allclose(model(given), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(model.predict(frame, verbose=0), expected)
    few = {name: column[:3] for name, column in x.items()}
    np.testing.assert_array_equal(model.predict_on_batch(few), expected[:3])
    assert model.output_shape == (None, 1) and len(model.inputs) == 3


def test_batches_of_a_stream_are_looked_up_one_by_one() -> None:
    x, y = table(), target(table())

    def batches() -> Iterator[Any]:
        for start in range(0, ROWS, 8):
            yield (
                {name: column[start : start + 8] for name, column in x.items()},
                y[start : start + 8],
            )

    model, other = flat(), flat()
    other.set_weights(model.get_weights())
    for net in (model, other):
        net.compile(optimizer="sgd", loss="mse")
    model.fit(batches(), verbose=0)
    other.fit(x, y, batch_size=8, shuffle=False, verbose=0)
    for one, two in zip(model.get_weights(), other.get_weights()):
        np.testing.assert_array_equal(one, two)
    found = model.predict(batches(), verbose=0)
    np.testing.assert_array_equal(found, model.predict(x, verbose=0))
    np.testing.assert_allclose(
        model.evaluate(batches(), verbose=0),
        model.evaluate(x, y, batch_size=8, verbose=0),
    )


def test_a_shared_lookup_and_a_chain_of_them() -> None:
    find = layers.StringLookup(vocabulary=COLORS, name="find")
    code = layers.IntegerLookup(vocabulary=[3, 1], name="code")
    one, two = (keras.Input((1,), name=n, dtype="string") for n in ("one", "two"))
    ends = [code(find(one)), find(two)]
    model = keras.Model([one, two], layers.Rescaling(1.0)(layers.Add()(ends)))
    x = [np.array(["green", "red", "x"]), np.array(["blue", "x", "red"])]
    np.testing.assert_array_equal(model.predict(x, verbose=0), [[3], [2], [1]])
    assert [layer.name for layer in model.layers].count("find") == 1


def test_an_input_that_both_parts_read() -> None:
    ids = keras.Input((2,), dtype="int32", name="ids")
    known = layers.IntegerLookup(vocabulary=[5, 3])(ids)
    model = keras.Model(ids, layers.Add()([known, ids]))
    x = np.array([[5, 3], [1, 0]], "int32")
    for _ in range(2):  # the second time, nothing is worked out twice
        np.testing.assert_array_equal(model.predict(x, verbose=0), [[6, 5], [1, 0]])
    with pytest.raises(DataError, match="int32"):
        model.predict(np.array([[2**40, 1]]), verbose=0)


def test_a_sequential_with_and_without_an_input() -> None:
    parts = [layers.StringLookup(vocabulary=COLORS), layers.Embedding(4, 2)]
    x = np.array([["red"], ["x"], ["green"]])
    start = keras.Input((1,), dtype="string")
    for first in ([start], []):
        model = keras.Sequential([*first, *parts, layers.Flatten()])
        expected = np.asarray(model(x))
        rows = parts[1].embeddings.numpy()
        np.testing.assert_array_equal(expected, rows[[1, 0, 3]])
        np.testing.assert_array_equal(model.predict(x, verbose=0), expected)
        np.testing.assert_array_equal(model(x.tolist()), expected)
        assert model.input_shape == (None, 1)
    around = keras.Input((1,), dtype="string")
    outer = keras.Model(around, layers.Rescaling(2.0)(model(around)))
    np.testing.assert_array_equal(outer.predict(x, verbose=0), 2 * expected)
    column = pandas.Series(["red", "x", "green"])
    np.testing.assert_array_equal(model.predict(column, verbose=0), expected)


def test_words_of_any_number_in_a_row() -> None:
    start = keras.Input((None,), dtype="string")
    bag = layers.StringLookup(vocabulary=COLORS, output_mode="multi_hot")
    model = keras.Sequential([start, bag, layers.Rescaling(1.0)])
    for width in (1, 3):
        x = np.array([["red"] * width])
        np.testing.assert_array_equal(model.predict(x, verbose=0), [[0, 1, 0, 0]])


def test_the_vocabulary_is_that_of_the_layer_now() -> None:
    layer = layers.StringLookup(vocabulary=["a", "b"])
    model = keras.Sequential(
        [keras.Input((1,), dtype="string"), layer, layers.Rescaling(1.0)]
    )
    x = np.array([["b"]])
    assert model.predict(x, verbose=0) == 2
    layer.set_vocabulary(["b", "a"])
    assert model.predict(x, verbose=0) == 1


def test_a_subclass_calls_lookups_on_values_and_says_where_they_belong() -> None:
    class Own(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.find = layers.StringLookup(vocabulary=COLORS, name="find")
            self.rows = layers.Embedding(4, 2)

        def call(self, inputs: Any) -> Any:
            return self.rows(self.find(inputs))

    model = Own()
    assert model(np.array([["red"], ["x"]])).shape == (2, 1, 2)
    model.compile(optimizer="sgd", loss="mse")
    with pytest.raises(DataError) as caught:
        model.fit(pandas.DataFrame({"color": ["red"]}), np.zeros(1), verbose=0)
    assert "'color'" in str(caught.value) and "StringLookup" in str(caught.value)
    with pytest.raises(DtypeError, match="Text goes into"):
        model(keras.Input((1,), dtype="string"))


def test_a_subclass_of_a_graph_has_its_own_step() -> None:
    class Own(keras.Model):
        def train_step(self, data: Any) -> Any:
            x, y = data
            with keras.GradientTape() as tape:
                loss = self.compute_loss(x, y, self(x, training=True))
            grads = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(grads, self.trainable_variables))
            return {"loss": loss}

    x = inputs()
    model, other = Own(x, head(features(x))), flat()
    other.set_weights(model.get_weights())
    data, y = table(), target(table())
    for net in (model, other):
        net.compile(optimizer="sgd", loss="mse")
        net.fit(data, y, batch_size=8, shuffle=False, verbose=0)
    for one, two in zip(model.get_weights(), other.get_weights()):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-7)


def test_layers_within_a_nested_model_keep_its_flag() -> None:
    start = keras.Input((1,), dtype="string")
    find = layers.StringLookup(vocabulary=COLORS, output_mode="one_hot")
    inner = keras.Model(start, layers.Dropout(0.9)(find(start)))
    outer = keras.Input((1,), dtype="string")
    frozen = keras.Model(outer, inner(outer, training=False))
    loose = keras.Model(outer, inner(outer))
    x = np.array([["red"]] * 50)
    expected = np.tile([0.0, 1.0, 0.0, 0.0], (50, 1))
    np.testing.assert_array_equal(frozen(x, training=True), expected)
    assert (np.asarray(loose(x, training=True)) != expected).any()
    np.testing.assert_array_equal(loose(x), expected)


def test_what_the_host_gave_may_be_the_output() -> None:
    x = inputs()
    find = layers.StringLookup(vocabulary=COLORS)
    number = layers.Rescaling(2.0)(x["age"])
    ends = {"place": find(x["color"]), "age": x["age"], "twice": number}
    del x["shop"]
    model = keras.Model(x, ends)
    given = {name: table()[name] for name in x}
    found = model.predict(given, verbose=0)
    np.testing.assert_array_equal(found["place"][:, 0], find(table()["color"]))
    np.testing.assert_array_equal(2 * found["age"], found["twice"])
    assert found["place"].dtype == np.int32


def test_text_that_goes_through_is_no_programs_output() -> None:
    start = keras.Input((1,), dtype="int32")
    back = layers.StringLookup(vocabulary=COLORS, invert=True)
    model = keras.Model(start, back(start))
    assert model(np.array([[2]])).tolist() == [["blue"]]
    model.compile(loss="mse")
    with pytest.raises(UnsupportedError, match="no text"):
        model.evaluate(np.arange(50)[:, None] % 3, np.arange(50.0), verbose=0)


def test_bad_text_names_its_column_and_row() -> None:
    model = flat()
    x = table()
    x["color"] = x["color"].copy()
    x["color"][3] = None
    with pytest.raises(DataError, match="missing value") as caught:
        model.predict(x, verbose=0)
    assert "color" in str(caught.value) and "row 3" in str(caught.value)
    with pytest.raises(DtypeError, match="IntegerLookup"):
        model.predict({**table(), "color": np.arange(ROWS)}, verbose=0)


@pytest.mark.parametrize("make", MAKERS)
def test_copies_keep_vocabularies_and_weights(make: Any) -> None:
    model, x = make(), table()
    expected = model.predict(x, verbose=0)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(x, verbose=0), expected)
    cloned = keras.models.clone_model(model)
    cloned.set_weights(model.get_weights())
    np.testing.assert_array_equal(cloned.predict(x, verbose=0), expected)
    written = keras.models.model_from_json(model.to_json())
    written.set_weights(model.get_weights())
    np.testing.assert_array_equal(written.predict(x, verbose=0), expected)


def test_layers_that_a_host_layer_reads_run_before_the_program() -> None:
    x = {"age": keras.Input((1,), name="age"), "color": inputs()["color"]}
    bins = layers.Discretization([0.0, 1.0], name="bins")(x["age"])
    cross = layers.HashedCrossing(8, output_mode="one_hot", name="cross")
    crossed = cross([bins, x["color"]])
    noisy = layers.GaussianNoise(0.1)(x["age"])
    ids = layers.IntegerLookup(vocabulary=[0, 1])(layers.Discretization([0.0])(noisy))
    model = keras.Model(x, [crossed, bins, ids])
    stage = model._host_stage()
    assert stage is not None
    names = [step.operation.name for step in stage.host]
    assert names == ["bins", "cross"]  # noise is drawn in each step
    data = {name: column for name, column in table().items() if name in x}
    found = model.predict(data, verbose=0)
    here = np.digitize(data["age"], [0.0, 1.0])[:, None]
    np.testing.assert_array_equal(found[0], cross([here, data["color"][:, None]]))
    np.testing.assert_array_equal(found[1], here)
    with pytest.raises(DataError, match="age"):
        model.predict({**data, "age": np.full(ROWS, np.nan)}, verbose=0)


@pytest.mark.parametrize("backend", ["native", "reference"])
def test_columns_of_one_text_input_are_taken_apart(
    backend: str, monkeypatch: Any, tmp_path: Path
) -> None:
    monkeypatch.setenv("PRONGHORN_BACKEND", backend)
    both = keras.Input((2,), dtype="string", name="both")
    color = layers.StringLookup(vocabulary=["red", "blue"], output_mode="one_hot")
    size = layers.StringLookup(vocabulary=["S", "L"], output_mode="one_hot")
    parts = [color(both[:, 0]), size(both[..., 1:])]
    joined = layers.Concatenate(name="joined")(parts)
    model = keras.Model(both, layers.Dense(1)(joined))
    x = np.array([["red", "S"], ["blue", "L"], ["green", "S"]], object)
    columns = np.hstack([color(x[:, 0]), size(x[:, 1:])])
    model.compile("sgd", "mse")
    model.fit(x, np.array([0.0, 1.0, 2.0]), verbose=0)
    expected = columns @ model.get_weights()[0] + model.get_weights()[1]
    found = model.predict(x, verbose=0)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    np.testing.assert_allclose(model(x), expected, rtol=1e-6)
    other = keras.models.clone_model(model)
    other.set_weights(model.get_weights())
    model.save(tmp_path / "m.keras")
    outer = keras.Input((2,), dtype="string")
    for same in (
        other,
        keras.models.load_model(tmp_path / "m.keras"),
        keras.Model(outer, model(outer)),
    ):
        np.testing.assert_array_equal(same.predict(x, verbose=0), found)


def test_rows_of_text_and_columns_that_are_not_there_are_refused() -> None:
    both = keras.Input((2,), dtype="string", name="both")
    for key in (0, slice(1, None), (0, 1), (slice(1, None), 0)):
        with pytest.raises(DtypeError, match="lookup and hash layers only"):
            both[key]
    with pytest.raises(DtypeError, match="lookup and hash layers only"):
        layers.Dense(1)(both[:, :1])
    with pytest.raises(PronghornError, match="get_item"):
        both[:, 5]
