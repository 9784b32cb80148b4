"""Masks: which layers pass them on, and what layers make of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers
from pronghorn.errors import ShapeError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 4, 3)).astype("float32")
MASK = RNG.random((6, 4)) > 0.4
OTHER = RNG.random((6, 4)) > 0.4


@pytest.mark.parametrize(
    ("layer", "supported"),
    [
        (layers.Dense(2), True),
        (layers.Activation("relu"), True),
        (layers.Identity(), True),
        (layers.Softmax(), True),
        (layers.PReLU(), True),
        (layers.Add(), True),
        (layers.Dot(1), True),
        (layers.SpatialDropout1D(0.5), True),
        (layers.GaussianNoise(0.5), True),
        (layers.ActivityRegularization(l1=0.1), True),
        (layers.BatchNormalization(), True),
        (layers.GroupNormalization(1), True),
        (layers.Rescaling(2.0), True),
        (layers.TimeDistributed(layers.Dense(2)), True),
        (layers.Embedding(3, 2), False),
        (layers.EinsumDense("ab,bc->ac", 2), False),
        (layers.Flatten(), False),
        (layers.RMSNormalization(), False),
        (layers.Lambda(lambda x: x), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_which_layers_support_masks(layer: Any, supported: bool) -> None:
    assert layer.supports_masking is supported


def test_a_layer_passes_the_mask_of_its_inputs() -> None:
    assert layers.Dense(2).compute_mask(X, MASK) is MASK
    assert layers.Embedding(3, 2).compute_mask(X, MASK) is None


def test_a_subclass_with_its_own_mask_supports_masks_unless_it_says_no() -> None:
    class Shifted(layers.Layer):
        def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
            return previous_mask[:, 1:]

    class Silent(Shifted):
        supports_masking = False

    layer = layers.Layer()
    assert Shifted().supports_masking
    assert not Silent().supports_masking and not layer.supports_masking
    layer.supports_masking = True
    assert layer.supports_masking and not layers.Layer().supports_masking


# --- merging --------------------------------------------------------------------
def test_merged_masks() -> None:
    merged = layers.Add().compute_mask([X, X], [MASK, OTHER])
    np.testing.assert_array_equal(merged, MASK | OTHER)
    assert layers.Add().compute_mask([X, X]) is None
    assert layers.Add().compute_mask([X, X], [MASK, None]) is None
    assert layers.Dot(1).compute_mask([X, X], [MASK, MASK]) is None


def test_concatenated_masks() -> None:
    layer = layers.Concatenate(axis=1)
    joined = layer.compute_mask([X, X], [MASK, OTHER])
    np.testing.assert_array_equal(joined, np.concatenate([MASK, OTHER], 1))
    half = layer.compute_mask([X, X], [MASK, None])
    np.testing.assert_array_equal(half, np.concatenate([MASK, MASK | True], 1))
    full = layers.Concatenate().compute_mask([X, X], [X > 0, X > 1])
    np.testing.assert_array_equal(full, (X > 0).any(-1))
    assert layer.compute_mask([X, X], [None, None]) is None
    assert layer.compute_mask([X, X]) is None


@pytest.mark.parametrize("layer", [layers.Add(), layers.Concatenate()])
@pytest.mark.parametrize(
    ("inputs", "masks"), [([X, X], MASK), (X, [None, None]), ([X, X], [None])]
)
def test_as_many_masks_as_inputs(layer: Any, inputs: Any, masks: Any) -> None:
    with pytest.raises(ShapeError, match="masks do not fit"):
        layer.compute_mask(inputs, masks)


def test_concatenate_names_the_shapes_that_differ() -> None:
    with pytest.raises(ShapeError, match="cannot be joined") as caught:
        layers.Concatenate(axis=1)([X, X[:, :, :2]])
    assert "(6, 4, 3), (6, 4, 2)" in str(caught.value)
    with pytest.raises(ShapeError, match="cannot be joined"):
        layers.Concatenate()([X, X[:, 0]])
    with pytest.raises(ShapeError, match="cannot be joined"):
        layers.Concatenate()([keras.Input((4, 3)), keras.Input((5, 3))])


# --- softmax --------------------------------------------------------------------
def softmax(x: np.ndarray, mask: np.ndarray, axis: Any = -1) -> np.ndarray:
    mask = np.broadcast_to(mask, x.shape)
    e = np.where(mask, np.exp(x), 0)
    total = e.sum(axis, keepdims=True)
    return e / np.where(total == 0, 1, total)


@pytest.mark.parametrize("axis", [-1, 1, (1, 2)])
def test_softmax_leaves_out(axis: Any) -> None:
    mask = MASK[:, :, None] & (RNG.random(X.shape) > 0.3)
    mask[0] = False  # nothing is left
    wanted = softmax(X, mask, axis)
    layer = layers.Softmax(axis=axis)
    np.testing.assert_allclose(layer(X, mask=mask), wanted, atol=1e-6)
    floats = mask.astype("float32")
    np.testing.assert_allclose(layer(X, mask=floats), wanted, atol=1e-6)
    row = np.array([True, False, True])
    np.testing.assert_allclose(layer(X, mask=row), softmax(X, row, axis), atol=1e-6)


@pytest.mark.parametrize("shape", [(6, 4, 2), (1, 6, 4, 3)])
def test_softmax_refuses_a_mask_that_does_not_broadcast(shape: Any) -> None:
    with pytest.raises(ShapeError, match="mask does not fit"):
        layers.Softmax()(X, mask=np.ones(shape, bool))


# --- batch normalization --------------------------------------------------------
def test_batch_normalization_of_what_a_mask_keeps() -> None:
    x = np.where(MASK[:, :, None], X, np.nan).astype("float32")
    layer = layers.BatchNormalization(momentum=0.5)
    outputs = layer(x, training=True, mask=MASK)
    kept = X[MASK]
    wanted = (kept - kept.mean(0)) / np.sqrt(kept.var(0) + 1e-3)
    np.testing.assert_allclose(outputs[MASK], wanted, atol=1e-5)
    moving = layer.moving_mean.numpy(), layer.moving_variance.numpy()
    np.testing.assert_allclose(moving[0], 0.5 * kept.mean(0), atol=1e-6)
    np.testing.assert_allclose(moving[1], 0.5 + 0.5 * kept.var(0), atol=1e-6)
    # In prediction the mask changes nothing.
    np.testing.assert_array_equal(layer(X, mask=MASK), layer(X))


def test_batch_normalization_of_nothing() -> None:
    outputs = layers.BatchNormalization()(X, training=True, mask=MASK & False)
    assert np.isfinite(outputs).all()
    with pytest.raises(ShapeError, match="mask does not fit"):
        layers.BatchNormalization()(X, mask=X > 0)


@pytest.mark.parametrize("backend", ["native", "reference"])
def test_a_mask_that_is_an_input(backend: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("PRONGHORN_BACKEND", backend)
    x, mask = keras.Input((4, 3)), keras.Input((4,), dtype="bool")
    normalized = layers.BatchNormalization(momentum=0.0)(x, mask=mask)
    outputs = layers.Softmax(axis=1)(normalized, mask=layers.Reshape((4, 1))(mask))
    model = keras.Model([x, mask], outputs)
    model.compile("sgd", "mse")
    model.fit([X, MASK], X, batch_size=6, verbose=0)
    kept = X[MASK]
    np.testing.assert_allclose(
        model.layers[2].moving_mean.numpy(), kept.mean(0), atol=1e-6
    )
    found = model.predict([X, MASK], verbose=0)
    assert (found[~MASK] == 0).all()
    np.testing.assert_allclose(found.sum(1)[MASK.any(1)], 1, atol=1e-6)
    assert keras.backend_of(model) == backend


# --- steps ----------------------------------------------------------------------
@pytest.mark.parametrize("shape", [(6, 5), (5, 4), (6,), (6, 5, 3)])
def test_time_distributed_refuses_a_mask_of_other_steps(shape: Any) -> None:
    layer = layers.TimeDistributed(layers.Dense(2))
    assert layer(X, mask=MASK).shape == (6, 4, 2)
    with pytest.raises(ShapeError, match="mask does not fit"):
        layer(X, mask=np.ones(shape, bool))
