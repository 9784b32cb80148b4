"""Text that a subclass's `call` looks up, in `fit` and `predict`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, ops
from pronghorn.errors import DataError, UnsupportedError

COLORS = np.array(["red", "blue", "green", "red"] * 5)
AGES = np.linspace(-1.0, 1.0, 20).astype("float32")
Y = (COLORS == "red") + AGES


def find(mode: str = "one_hot") -> Any:
    return layers.StringLookup(vocabulary=["red", "blue"], output_mode=mode)


class Alone(keras.Model):
    """A lookup of a single column, and a Dense."""

    def __init__(self) -> None:
        super().__init__(name="alone")
        self.find, self.dense = find(), layers.Dense(1)

    def call(self, x: Any) -> Any:
        return self.dense(self.find(x))


@keras.saving.register_keras_serializable("text_inputs")
class Mixed(keras.Model):
    """Text and numbers by name; text is read by two layers, one behind the other."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.find, self.place = find(), find("int")
        self.again = layers.IntegerLookup(vocabulary=[1, 2], output_mode="one_hot")
        self.cross = layers.HashedCrossing(7, output_mode="one_hot")
        self.dense = layers.Dense(1)

    def call(self, x: Any, training: bool | None = None) -> Any:
        color, age = x["color"], x["age"]
        parts = [
            self.find(color),
            self.again(self.place(color)),
            self.cross([color, color]),
            age,
        ]
        return self.dense(ops.concatenate(parts, axis=1))


def table(rows: int = 20) -> dict[str, np.ndarray]:
    return {"color": COLORS[:rows, None], "age": AGES[:rows, None]}


def trained(model: Any, x: Any, **kwargs: Any) -> Any:
    model.compile(keras.optimizers.SGD(0.1), "mse")
    return model.fit(x, Y, verbose=0, **{"epochs": 2, **kwargs})


@pytest.mark.parametrize("backend", ["native", "reference"])
@pytest.mark.parametrize("first", ["fit", "a call"])
def test_a_column_of_text(backend: str, first: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("PRONGHORN_BACKEND", backend)
    for x in (
        COLORS[:, None],
        COLORS[:, None].astype(object),
        COLORS[:, None].tolist(),
    ):
        model = Alone()
        if first == "a call":
            model(np.array(x))
        losses = trained(model, x).history["loss"]
        assert losses[1] < losses[0] and keras.backend_of(model) == backend
        np.testing.assert_allclose(model.predict(x, verbose=0), model(x), rtol=1e-5)
    # The same numbers as those of a functional model of the same layers.
    text = keras.Input((1,), dtype="string")
    same = keras.Model(text, model.dense(model.find(text)))
    np.testing.assert_array_equal(
        same.predict(np.array(x), verbose=0), model.predict(x, verbose=0)
    )


@pytest.mark.parametrize("backend", ["native", "reference"])
def test_columns_by_name(backend: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("PRONGHORN_BACKEND", backend)
    model = Mixed()
    history = trained(model, table(), validation_split=0.25).history
    assert history["loss"][1] < history["loss"][0] and len(history["val_loss"]) == 2
    found = model.predict(table(), verbose=0)
    np.testing.assert_allclose(found, model(table()), rtol=1e-5, atol=1e-6)
    loss = model.evaluate(table(), Y, verbose=0)
    assert loss == pytest.approx(np.mean((found[:, 0] - Y) ** 2), rel=1e-4)


def test_single_values_by_name() -> None:
    class Single(Mixed):
        def call(self, x: Any, training: bool | None = None) -> Any:
            age = ops.expand_dims(x["age"], 1)
            return self.dense(ops.concatenate([self.find(x["color"]), age], axis=1))

    model = Single()
    x = {name: column[:, 0] for name, column in table().items()}
    trained(model, x)
    assert model.predict(x, verbose=0).shape == (20, 1)


def test_batches_of_a_stream() -> None:
    def batches() -> Iterator[Any]:
        for start in range(0, 20, 5):
            part = {k: v[start : start + 5] for k, v in table().items()}
            yield part, Y[start : start + 5]

    keras.utils.set_random_seed(3)
    one = Mixed()
    one.compile("sgd", "mse")
    one.fit(batches(), verbose=0)
    keras.utils.set_random_seed(3)
    other = Mixed()
    other.compile("sgd", "mse")
    other.fit(table(), Y, batch_size=5, shuffle=False, verbose=0)
    np.testing.assert_allclose(one.dense.kernel, other.dense.kernel, rtol=1e-5)


def test_a_step_of_ones_own() -> None:
    class Own(Mixed):
        def train_step(self, data: Any) -> Any:
            x, y = data
            with keras.GradientTape() as tape:
                loss = ops.mean(ops.square(self(x, training=True)[:, 0] - y))
            weights = self.trainable_variables
            slopes = tape.gradient(loss, weights)
            self.optimizer.apply_gradients(zip(slopes, weights, strict=True))
            return {"loss": loss}

    losses = trained(Own(), table()).history["loss"]
    assert losses[1] < losses[0]


def test_a_later_vocabulary_counts() -> None:
    model = Alone()
    trained(model, COLORS[:, None])
    before = model.predict(COLORS[:, None], verbose=0)
    model.find.set_vocabulary(["blue", "red"])
    after = model.predict(COLORS[:, None], verbose=0)
    np.testing.assert_allclose(after[0], before[1], rtol=1e-6)


def test_files(tmp_path: Path) -> None:
    model = Mixed()
    trained(model, table())
    model.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(
        again.predict(table(), verbose=0), model.predict(table(), verbose=0)
    )


def test_what_is_no_text_input_is_refused() -> None:
    class Computed(Alone):
        def call(self, x: Any) -> Any:
            return self.dense(self.find(ops.cast(ops.argmax(x, axis=-1), "int32")))

    with pytest.raises(UnsupportedError, match="before the model's program"):
        trained(Computed(), AGES[:, None] * [1.0, -1.0])

    class Plain(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, x: Any) -> Any:
            return self.dense(x)

    with pytest.raises(DataError, match="holds text"):
        trained(Plain(), COLORS[:, None])


def test_lookups_that_come_and_go_are_refused() -> None:
    class Changing(Alone):
        def __init__(self) -> None:
            super().__init__()
            self.other = find()

        def call(self, x: Any, training: bool | None = None) -> Any:
            return self.dense(self.other(x) if training else self.find(x))

    with pytest.raises(UnsupportedError, match="another order"):
        trained(Changing(), COLORS[:, None])
