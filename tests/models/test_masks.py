"""Masks in models: through calls, copies, files, and models inside of models."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, models, ops
from pronghorn.ir.masks import mask_of

X = np.array(
    [[[0, 0], [1, 2], [0, 0], [0, 4]], [[2, 2], [0, 0], [2, 1], [0, 0]]], "float32"
)
MASK = np.array([[False, True, False, True], [True, False, True, False]])


@keras.saving.register_keras_serializable("masks")
class Pooling(layers.Layer):
    """The mean of the steps that count."""

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None:
            return ops.mean(inputs, axis=1)
        counts = ops.expand_dims(ops.cast(mask, "float32"), -1)
        return ops.sum(inputs * counts, axis=1) / ops.sum(counts, axis=1)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        return None


def pooled(x: np.ndarray, mask: np.ndarray = MASK) -> np.ndarray:
    return np.stack([row[kept].mean(0) for row, kept in zip(x, mask, strict=True)])


def sequential() -> Any:
    return keras.Sequential([keras.Input((4, 2)), layers.Masking(), Pooling()])


def functional() -> Any:
    inputs = keras.Input((4, 2))
    return keras.Model(inputs, Pooling()(layers.Masking()(inputs)))


def within() -> Any:
    inputs = keras.Input((4, 2))
    inner = keras.Sequential([keras.Input((4, 2)), layers.Masking()])
    return keras.Model(inputs, Pooling()(inner(inputs)))


def around() -> Any:
    inputs, inner = keras.Input((4, 2)), keras.Input((4, 2))
    pooling = keras.Model(inner, Pooling()(layers.Identity()(inner)))
    return keras.Model(inputs, pooling(layers.Masking()(inputs)))


class Own(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.masking, self.pooling = layers.Masking(), Pooling()

    def call(self, inputs: Any) -> Any:
        return self.pooling(self.masking(inputs))


@pytest.mark.parametrize("backend", ["native", "reference"])
@pytest.mark.parametrize("make", [sequential, functional, within, around, Own])
def test_a_mask_reaches_the_layer_that_takes_it(
    make: Any, backend: str, monkeypatch: Any
) -> None:
    monkeypatch.setenv("PRONGHORN_BACKEND", backend)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = make()
        np.testing.assert_allclose(model(X), pooled(X), rtol=1e-6)
        np.testing.assert_allclose(model.predict(X, verbose=0), pooled(X), rtol=1e-6)


@pytest.mark.parametrize("make", [sequential, functional, within, around])
def test_copies_and_files_leave_out_the_same(make: Any, tmp_path: Path) -> None:
    model = make()
    model.save(tmp_path / "model.keras")
    loaded = models.load_model(tmp_path / "model.keras")
    for other in (models.clone_model(model), loaded):
        assert [type(x) for x in other.layers] == [type(x) for x in model.layers]
        np.testing.assert_allclose(other.predict(X, verbose=0), pooled(X), rtol=1e-6)
    assert loaded.get_config() == model.get_config()


def test_the_mask_of_a_model_s_input() -> None:
    for model in (
        keras.Sequential([keras.Input((4, 2)), Pooling()]),
        keras.Sequential([Pooling()]),
    ):
        x = np.array(X)
        np.testing.assert_allclose(model(x, mask=MASK), pooled(X), rtol=1e-6)
        assert mask_of(x) is None
        np.testing.assert_allclose(model(x), X.mean(1), rtol=1e-6)
    one, other = keras.Input((4, 2)), keras.Input((4, 2))
    model = keras.Model([one, other], [Pooling()(one), Pooling()(other)])
    first, second = model([X, X], mask=[None, MASK])
    np.testing.assert_allclose(first, X.mean(1), rtol=1e-6)
    np.testing.assert_allclose(second, pooled(X), rtol=1e-6)


def test_a_mask_that_a_call_was_given_is_part_of_the_model(tmp_path: Path) -> None:
    inputs, flags = keras.Input((4, 2)), keras.Input((4,), dtype="bool")
    model = keras.Model([inputs, flags], Pooling()(inputs, mask=flags))
    model.save(tmp_path / "model.keras")
    loaded = models.load_model(tmp_path / "model.keras")
    for net in (model, loaded):
        found = net.predict([X, MASK], verbose=0)
        np.testing.assert_allclose(found, pooled(X), rtol=1e-6)


def test_a_model_of_masks() -> None:
    inputs = keras.Input((4, 2))
    both = layers.Concatenate(axis=1)([layers.Masking()(inputs), inputs])
    found = keras.Model(inputs, both._keras_mask)(X)
    np.testing.assert_array_equal(found, np.concatenate([MASK, MASK | True], 1))


def test_rows_may_have_any_number_of_steps() -> None:
    inputs = keras.Input((None, 2))
    model = keras.Model(inputs, Pooling()(layers.Masking()(inputs)))
    for x, mask in ((X, MASK), (X[:, :3], MASK[:, :3])):
        found = model.predict(x, verbose=0)
        np.testing.assert_allclose(found, pooled(x, mask), rtol=1e-6)
