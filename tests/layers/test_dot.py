"""`Dot` against NumPy's einsum, and the functions that make merging layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.errors import ArgumentError, ShapeError

RNG = np.random.default_rng(0)


def drawn(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype("float32")


@pytest.mark.parametrize(
    ("axes", "left", "right", "equation"),
    [
        (1, (4,), (4,), "rs,rs->r"),
        (-1, (4,), (4,), "rs,rs->r"),
        ((2, 1), (3, 4), (4, 5), "ras,rsb->rab"),
        ((1, 2), (4, 3), (5, 4), "rsa,rbs->rab"),
        (-1, (3, 4), (4,), "ras,rs->ra"),
        ((1, -1), (4,), (2, 3, 4), "rs,rabs->rab"),
        ((2, 2), (2, 4, 3), (5, 4, 6), "rasb,rcsd->rabcd"),
    ],
)
def test_dot(axes: Any, left: Any, right: Any, equation: str) -> None:
    x, y = drawn(6, *left), drawn(6, *right)
    layer = layers.Dot(axes=axes)
    expected = np.einsum(equation, x, y)
    expected = expected[:, None] if expected.ndim == 1 else expected
    np.testing.assert_allclose(layer([x, y]), expected, rtol=1e-4, atol=1e-5)
    inputs = [keras.Input(left), keras.Input(right)]
    model = keras.Model(inputs, layers.dot(inputs, axes))
    assert model.output_shape == (None, *expected.shape[1:])
    found = model.predict([x, y], verbose=0)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_the_cosine_of_two_vectors() -> None:
    x, y = drawn(6, 4), drawn(6, 4)
    lengths = np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1)
    expected = (x * y).sum(1) / lengths
    found = layers.Dot(axes=1, normalize=True)([x, y])
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-5)


def test_what_dot_refuses() -> None:
    for axes in ("a", (1,), (1, 2, 3), (1.0, 2)):
        with pytest.raises(ArgumentError, match="two of them"):
            layers.Dot(axes)
    for axes, parts in ((0, 2), ((1, 2), 2), (1, 3)):
        shapes = [(3, 4), (4, 5), (4, 5)][:parts]
        with pytest.raises(ShapeError, match="layer 'it'"):
            layers.Dot(axes, name="it")([drawn(6, *s) for s in shapes])


def test_the_functions_call_their_layers() -> None:
    x, y = drawn(6, 4), drawn(6, 4)
    for name, value in (
        ("add", x + y),
        ("average", (x + y) / 2),
        ("maximum", np.maximum(x, y)),
        ("minimum", np.minimum(x, y)),
        ("multiply", x * y),
        ("subtract", x - y),
    ):
        inputs = [keras.Input((4,)), keras.Input((4,))]
        output = getattr(layers, name)(inputs, name="joined")
        model = keras.Model(inputs, output)
        assert type(model.get_layer("joined")).__name__.lower() == name
        np.testing.assert_allclose(model.predict([x, y], verbose=0), value, rtol=1e-5)
