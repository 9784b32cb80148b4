"""`EinsumDense` against NumPy's einsum, and equations that do not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.errors import ArgumentError, ShapeError, UnsupportedError

X = np.random.default_rng(0).normal(size=(6, 3, 4)).astype("float32")

EQUATIONS: list[tuple[str, Any, str | None, tuple[int, ...], Any]] = [
    ("abc,cd->abd", (None, 5), "d", (4, 5), (5,)),
    ("abc,cd->abd", (3, 5), "bd", (4, 5), (3, 5)),
    ("abc,cd->abd", (3, 5), "b", (4, 5), (3, 1)),
    ("...b,bc->...c", 5, "c", (4, 5), (5,)),
    ("ab...,bc->ac...", (5,), "c", (3, 5), (5, 1)),
    ("abc,bcd->ad", 7, None, (3, 4, 7), None),
    ("abc,bcde->ade", (2, 3), "de", (3, 4, 2, 3), (2, 3)),
    ("abc,cb->abc", (3, 4), None, (4, 3), None),
]


@pytest.mark.parametrize(("equation", "shape", "axes", "kernel", "bias"), EQUATIONS)
def test_equations(
    equation: str, shape: Any, axes: Any, kernel: Any, bias: Any
) -> None:
    layer = layers.EinsumDense(
        equation, shape, bias_axes=axes, bias_initializer="random_normal"
    )
    y = layer(X)
    assert layer.kernel.shape == kernel
    expected = np.einsum(equation, X, layer.kernel.numpy())
    if bias is not None:
        assert layer.bias.shape == bias
        expected = expected + layer.bias.numpy()
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)
    inputs = keras.Input((3, 4))
    model = keras.Model(inputs, layer(inputs))
    np.testing.assert_allclose(model.predict(X, verbose=0), y, rtol=1e-4, atol=1e-5)
    model.compile(keras.optimizers.SGD(0.1), "mse")
    before = model.get_weights()
    model.fit(X, y + 1, epochs=1, verbose=0)
    changed = zip(before, model.get_weights(), strict=True)
    assert all((a != b).any() for a, b in changed)


def test_the_scale_follows_what_is_summed() -> None:
    given = {"kernel_initializer": keras.initializers.HeNormal(seed=1)}
    one = layers.EinsumDense("ab,bc->ac", 400, **given)
    other = layers.EinsumDense("ab,cb->ac", 400, **given)
    for layer in (one, other):
        layer.build((None, 50))
        assert abs(layer.kernel.numpy().var() * 50 / 2 - 1) < 0.05


@pytest.mark.parametrize(
    ("equation", "shape", "axes", "words"),
    [
        ("abc", 5, None, "another form"),
        ("...b,bc->c", 5, None, "another form"),
        ("abc,cd->abd", 5, None, "output_shape does not fit"),
        ("abc,cd->abd", (7, 5), None, "two sizes"),
        ("abc,cd->abd", (None, None), None, "no known size"),
        ("abc,cd->abe", (None, 5), None, "Nothing gives"),
        ("abc,cz->ab", (None,), None, "no known size"),
        ("abc,cd->abd", (None, 5), "z", "bias"),
        ("abc,cd->abd", (None, 5), "b", "bias"),
    ],
)
def test_equations_that_do_not_fit(
    equation: str, shape: Any, axes: Any, words: str
) -> None:
    with pytest.raises(ArgumentError, match=words):
        layers.EinsumDense(equation, shape, bias_axes=axes)(X)


def test_other_things_that_it_refuses() -> None:
    with pytest.raises(ShapeError, match="number of axes"):
        layers.EinsumDense("ab,bc->ac", 5)(X)
    for name in ("lora_rank", "lora_alpha", "quantization_config"):
        with pytest.raises(UnsupportedError, match=name):
            layers.EinsumDense("ab,bc->ac", 5, **{name: 2})
