"""Operations between layers: called on arrays, they are what `predict` computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pronghorn import Input, Model, layers, ops

X = np.random.default_rng(0).normal(size=(6, 3)).astype("float32")


@pytest.mark.parametrize(
    "operation",
    [
        lambda x: x - x[:, :1],
        lambda x: x[:, None],
        lambda x: ops.reshape(x, (-1, 1, 2)),
        lambda x: ops.sum(x, axis=-1, keepdims=True) + x,
        lambda x: ops.ones_like(x) * x,
        lambda x: ops.one_hot(ops.argmax(x, -1), 2),
        lambda x: ops.stack([x, x], axis=1),
        lambda x: ops.mean(x, axis=0),
    ],
)
def test_a_call_on_arrays_gives_what_predict_gives(
    operation: Callable[[Any], Any],
) -> None:
    inputs = Input((3,))
    model = Model(inputs, operation(layers.Dense(2)(inputs)))
    for rows in (6, 1):
        expected = model.predict(X[:rows], verbose=0)
        np.testing.assert_allclose(model(X[:rows]), expected, rtol=1e-5, atol=1e-6)
