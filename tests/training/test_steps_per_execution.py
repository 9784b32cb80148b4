"""`steps_per_execution`: when callbacks of batches are called, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.errors import ArgumentError

X = np.random.default_rng(0).normal(size=(50, 3)).astype("float32")
Y = X.sum(1)


class Train(keras.callbacks.Callback):
    """Notes the batches of training, and the loss after each."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[int] = []
        self.losses: list[float] = []

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.seen.append(batch)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seen.append(batch)
        self.losses.append(logs["loss"])


class Measured(keras.callbacks.Callback):
    """Notes the batches of `evaluate` and of `predict`."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[int] = []

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        self.seen.append(batch)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seen.append(batch)

    on_predict_batch_begin = on_test_batch_begin
    on_predict_batch_end = on_test_batch_end


def net(steps: int) -> Any:
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [layers.Dense(4, "relu", input_shape=[3]), layers.Dense(1)]
    )
    model.compile("adam", "mse", steps_per_execution=steps)
    return model


def batches() -> Iterator[Any]:
    for at in range(0, 50, 8):
        yield X[at : at + 8], Y[at : at + 8]


@pytest.mark.parametrize(
    ("steps", "wanted"),
    [
        (1, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]),
        (3, [0, 2, 3, 5, 6, 8]),  # the last step is the 6th: Keras counts on to 8
        (7, [0, 6]),
        (100, [0, 99]),
    ],
)
def test_batches_are_told_in_groups(steps: int, wanted: list[int]) -> None:
    one, group = Train(), Train()
    plain = net(1)
    first = plain.fit(X, Y, batch_size=8, epochs=2, verbose=0, callbacks=[one])
    model = net(steps)
    assert model.steps_per_execution == steps
    found = model.fit(X, Y, batch_size=8, epochs=2, verbose=0, callbacks=[group])
    assert group.seen == 2 * wanted
    assert found.history == first.history
    ends = [min(end, 6) for end in wanted[1::2]]
    assert group.losses == [one.losses[7 * e + i] for e in (0, 1) for i in ends]
    for a, b in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    streamed = Train()
    net(steps).fit(batches(), verbose=0, callbacks=[streamed])
    assert streamed.seen == wanted
    for run in (model.evaluate, lambda x, y, **more: model.predict(x, **more)):
        measured = Measured()
        run(X, Y, batch_size=8, verbose=0, callbacks=[measured])
        assert measured.seen == wanted


def test_a_bar_does_not_run_past_its_end(capsys: Any) -> None:
    net(3).fit(X, Y, batch_size=8, verbose=1, callbacks=[Train()])
    assert "7/7" in capsys.readouterr().out


@pytest.mark.parametrize("steps", [0, -1, 1.5, True, "many"])
def test_it_is_a_whole_number(steps: Any) -> None:
    with pytest.raises(ArgumentError, match="steps_per_execution"):
        net(steps)


def test_it_is_kept_with_the_model(tmp_path: Any) -> None:
    net(5).save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.steps_per_execution == 5
