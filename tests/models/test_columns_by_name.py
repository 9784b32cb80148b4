"""A dict of columns for a model of one's own: columns by name, or one table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, ops

X = {"user": np.array([0, 1, 2, 1]), "price": np.array([1.0, 2.0, 3.0, 4.0])}
Y = np.array([1.0, 2.0, 3.0, 4.0])


class ByName(keras.Model):
    """Looks its columns up."""

    def __init__(self) -> None:
        super().__init__()
        self.users = layers.Embedding(3, 2)
        self.unit = layers.Dense(1)
        self.seen: Any = None

    def call(self, inputs: Any) -> Any:
        self.seen = inputs["user"].shape
        price = ops.expand_dims(inputs["price"], -1)
        return self.unit(ops.concatenate([self.users(inputs["user"]), price], -1))


class Table(keras.Model):
    """Computes with all columns at once."""

    def __init__(self) -> None:
        super().__init__()
        self.unit = layers.Dense(1)

    def call(self, inputs: Any) -> Any:
        return self.unit(inputs)


@pytest.mark.parametrize("backend", ["native", "reference"])
def test_columns_come_by_name_and_keep_their_rank(
    backend: str, monkeypatch: Any
) -> None:
    monkeypatch.setenv("PRONGHORN_BACKEND", backend)
    model = ByName()
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0, batch_size=2)
    assert model.seen == (None,)
    predicted = model.predict(X, verbose=0)
    by_hand = model({"user": X["user"], "price": X["price"].astype("float32")})
    np.testing.assert_allclose(predicted, by_hand, rtol=1e-6)
    assert predicted.shape == (4, 1)
    batches = ({k: v[i : i + 2] for k, v in X.items()} for i in (0, 2))
    np.testing.assert_allclose(model.predict(batches, verbose=0), predicted, rtol=1e-6)


def test_a_model_of_a_table_gets_one() -> None:
    model = Table()
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    assert model.unit.kernel.shape == (2, 1)
    table = np.stack([X["price"], X["user"]], axis=1)
    swapped = model.predict({"price": X["price"], "user": X["user"]}, verbose=0)
    np.testing.assert_allclose(swapped, model.predict(table[:, ::-1], verbose=0))


def test_one_of_several_inputs_keeps_its_rank() -> None:
    class Mixed(ByName):
        def call(self, inputs: Any) -> Any:
            self.seen = [inputs[k].shape for k in ("user", "wide")]
            parts = [self.users(inputs["user"]), inputs["wide"]]
            return self.unit(ops.concatenate(parts, -1))

    model = Mixed()
    wide = np.ones((4, 3))
    assert model.predict({"user": X["user"], "wide": wide}, verbose=0).shape == (4, 1)
    assert model.seen == [(None,), (None, 3)]
