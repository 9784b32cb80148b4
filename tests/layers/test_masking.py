"""Masks on their way: where they begin, who gets them, and where they are lost."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, ops
from pronghorn.ir.masks import mask_of, set_mask

X = np.array(
    [[[0, 0], [1, 2], [0, 0], [0, 4]], [[2, 2], [0, 0], [2, 1], [0, 0]]], "float32"
)
MASK = np.array([[False, True, False, True], [True, False, True, False]])
IDS = np.array([[1, 2, 0], [3, 0, 0]])


class Seen(layers.Layer):
    """Keeps the mask that it got."""

    supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        self.seen = mask
        return inputs * 1.0


def masked(x: Any = X, mask: Any = MASK) -> Any:
    """A new array with a mask."""
    new = np.array(x)
    set_mask(new, mask)
    return new


# --- where they begin -----------------------------------------------------------
def test_masking_marks_and_empties_steps_of_one_value() -> None:
    x = np.where(MASK[:, :, None], X, 7.0)
    layer = layers.Masking(mask_value=7.0)
    outputs = layer(x)
    np.testing.assert_array_equal(outputs, np.where(MASK[:, :, None], X, 0.0))
    np.testing.assert_array_equal(mask_of(outputs), MASK)
    np.testing.assert_array_equal(layer.compute_mask(x), MASK)
    assert mask_of(x) is None and layer.built and layer.supports_masking
    again = layers.Masking.from_config(layer.get_config())
    assert again.mask_value == 7.0 and not again.weights


def test_masking_of_a_value_for_each_feature() -> None:
    layer = layers.Masking(mask_value=np.array([0.0, 4.0], "float32"))
    kept = [[True, True, True, False], [True] * 4]
    np.testing.assert_array_equal(layer.compute_mask(X), kept)
    config = keras.saving.serialize_keras_object(layer)
    again = keras.saving.deserialize_keras_object(config)
    np.testing.assert_array_equal(again.compute_mask(X), kept)


def test_embedding_marks_ids_that_are_not_0() -> None:
    layer = layers.Embedding(4, 2, mask_zero=True)
    assert layer.supports_masking and layer.get_config()["mask_zero"] is True
    np.testing.assert_array_equal(layer.compute_mask(IDS), IDS != 0)
    np.testing.assert_array_equal(mask_of(layer(IDS)), IDS != 0)
    assert mask_of(layers.Embedding(4, 2)(IDS)) is None


# --- who gets them --------------------------------------------------------------
def test_a_layer_gets_the_mask_of_its_input_and_hands_it_on() -> None:
    layer = Seen()
    x = masked()
    outputs = layer(x)
    assert layer.seen is MASK and mask_of(outputs) is MASK
    outputs = layers.Dense(3)(layers.Activation("relu")(outputs))
    assert mask_of(outputs) is MASK
    assert mask_of(outputs + 1.0) is None
    layer(np.array(X))
    assert layer.seen is None


def test_a_mask_that_is_given_wins_and_goes_on() -> None:
    layer = Seen()
    for x in (masked(), np.array(X)):
        outputs = layer(x, mask=~MASK)
        np.testing.assert_array_equal(layer.seen, ~MASK)
        np.testing.assert_array_equal(mask_of(outputs), ~MASK)
    layer(np.array(X), ~MASK)
    np.testing.assert_array_equal(layer.seen, ~MASK)
    layer(masked(), None)
    assert layer.seen is MASK


def test_an_array_that_a_layer_passes_through_stays_without_a_mask() -> None:
    class Through(layers.Layer):
        supports_masking = True

        def call(self, inputs: Any, mask: Any = None) -> Any:
            return inputs

    x = np.array(X)
    outputs = Through()(x, mask=MASK)
    assert mask_of(outputs) is MASK and mask_of(x) is None
    np.testing.assert_array_equal(outputs, x)

    class Unset(Through):
        def call(self, inputs: Any, mask: Any = None) -> Any:
            set_mask(inputs, None)
            return inputs

    assert mask_of(Unset()(masked())) is MASK


def test_a_mask_survives_the_conversion_of_doubles() -> None:
    layer = Seen()
    layer(masked(X.astype("float64")))
    assert layer.seen is MASK


def test_a_structure_of_inputs_gives_a_structure_of_masks() -> None:
    class Pair(Seen):
        def call(self, inputs: Any, mask: Any = None) -> Any:
            self.seen = mask
            return inputs[0] + inputs[1]

    layer = Pair()
    layer([masked(), np.array(X)])
    assert layer.seen[0] is MASK and layer.seen[1] is None
    layer([np.array(X)] * 2, mask=[MASK, MASK])
    assert layer.seen == [MASK, MASK]


def test_a_structure_without_masks_gives_a_structure_of_none() -> None:
    class Pair(Seen):
        def call(self, inputs: Any, mask: Any = None) -> Any:
            self.seen = mask
            return inputs[0] + inputs[1]

    layer = Pair()
    layer((np.array(X), np.array(X)))
    assert layer.seen == (None, None)  # as Keras does


def test_a_mask_that_call_demands_is_not_made_up() -> None:
    class Demands(layers.Layer):
        def call(self, inputs: Any, mask: Any) -> Any:
            return inputs

    for x in (np.array(X), masked()):
        with pytest.raises(TypeError, match="mask"):
            Demands()(x)


def test_several_arguments_have_masks_of_their_names() -> None:
    class Two(layers.Layer):
        supports_masking = True

        def call(
            self, query: Any, key: Any, query_mask: Any = None, key_mask: Any = None
        ) -> Any:
            self.seen = query_mask, key_mask
            return query + key

    layer = Two()
    outputs = layer(masked(), masked(X, ~MASK))
    assert layer.seen[0] is MASK and not (layer.seen[1] & MASK).any()
    assert mask_of(outputs) is MASK  # that of the first
    layer(query=masked(), key=np.array(X))
    assert layer.seen[0] is MASK and layer.seen[1] is None
    layer(masked(), np.array(X), key_mask=MASK)
    assert layer.seen[1] is MASK


def test_a_default_mask_stays() -> None:
    class Own(Seen):
        def call(self, inputs: Any, mask: Any = "own") -> Any:
            self.seen = mask
            return inputs * 1.0

    layer = Own()
    layer(masked())
    assert layer.seen == "own"


def test_a_mask_is_no_shape_that_a_layer_is_built_for() -> None:
    class Built(Seen):
        def build(self, input_shape: Any) -> None:
            self.shape = input_shape

    layer = Built()
    layer(X, mask=MASK)
    assert layer.shape == X.shape
    assert layer.get_build_config() == {"input_shape": (None, 4, 2)}


# --- layers that make masks of masks --------------------------------------------
@pytest.mark.parametrize("name", ["Add", "Average", "Maximum", "Multiply", "Subtract"])
def test_merging_layers_count_where_any_input_does(name: str) -> None:
    layer = getattr(layers, name)()
    both = layer([masked(), masked(X, ~MASK)])
    assert mask_of(both).all()
    assert mask_of(layer([masked(), np.array(X)])) is None


@pytest.mark.parametrize(
    ("name", "values", "one"),
    [
        ("Multiply", [[3, 10, 2, 0]], [[3, 10, 8, 7]]),
        ("Maximum", [[3, 5, 2, 7]], [[3, 5, 4, 7]]),
        ("Minimum", [[3, 2, 2, 7]], [[3, 2, 2, 7]]),
    ],
)
def test_what_is_left_out_does_not_take_part(name: str, values: Any, one: Any) -> None:
    x = masked(np.float32([[3, 5, 4, 7]])[..., None], np.array([[1, 1, 0, 0]]) > 0)
    y = masked(np.float32([[9, 2, 2, 1]])[..., None], np.array([[0, 1, 1, 0]]) > 0)
    layer = getattr(layers, name)()
    found = layer([x, y])[0, :, 0]
    np.testing.assert_array_equal(found[:3], np.float32(values)[0, :3])
    if name == "Multiply":  # of the others, what stands there does not count
        assert found[3] == 0
    third = layer([np.array(x), y])[0, :, 0]
    np.testing.assert_array_equal(third, np.float32(one)[0])


def test_concatenated_masks_travel() -> None:
    outputs = layers.Concatenate(axis=1)([masked(), np.array(X)])
    np.testing.assert_array_equal(
        mask_of(outputs), np.concatenate([MASK, MASK | True], 1)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert mask_of(layers.Dot(axes=2)([masked(), masked()])) is None


def test_a_layer_s_own_masks_for_several_outputs() -> None:
    class Split(layers.Layer):
        def call(self, inputs: Any) -> Any:
            return {"a": inputs[:, :2], "b": inputs[:, 2:], "c": inputs[:, 0]}

        def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
            return {"a": previous_mask[:, :2], "b": previous_mask[:, 2:], "c": None}

    found = Split()(masked())
    np.testing.assert_array_equal(mask_of(found["b"]), MASK[:, 2:])
    np.testing.assert_array_equal(mask_of(found["a"]), MASK[:, :2])
    assert mask_of(found["c"]) is None


def test_batch_normalization_counts_what_its_input_s_mask_keeps() -> None:
    layer = layers.BatchNormalization(momentum=0.0)
    layer(layers.Masking()(X), training=True)
    np.testing.assert_allclose(layer.moving_mean.numpy(), X[MASK].mean(0), rtol=1e-6)
    np.testing.assert_allclose(layer.moving_variance.numpy(), X[MASK].var(0), rtol=1e-5)


def test_time_distributed_hands_on_the_mask_of_each_step() -> None:
    class Scaled(layers.Layer):
        def call(self, inputs: Any, mask: Any = None) -> Any:
            return inputs * ops.expand_dims(ops.cast(mask, "float32"), -1)

    outputs = layers.TimeDistributed(Scaled())(masked(X + 1))
    np.testing.assert_array_equal(outputs, (X + 1) * MASK[:, :, None])
    assert mask_of(outputs) is MASK


# --- where they are lost --------------------------------------------------------
def test_a_layer_that_loses_a_mask_says_so() -> None:
    with pytest.warns(UserWarning, match=r"'flat' \(Flatten\) gets inputs with a mask"):
        outputs = layers.Flatten(name="flat")(masked())
    assert mask_of(outputs) is None
    x = layers.Masking()(keras.Input((4, 2)))
    with pytest.warns(UserWarning, match="Reshape"):
        assert layers.Reshape((8,))(x)._keras_mask is None


def test_who_uses_or_keeps_a_mask_needs_no_warning() -> None:
    class Outer(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.inner = layers.Dense(2)

        def call(self, inputs: Any) -> Any:
            return self.inner(inputs)

    class Uses(layers.Layer):
        def call(self, inputs: Any, mask: Any = None) -> Any:
            return inputs[:, 0]

    with pytest.warns(UserWarning, match="Lambda"):
        layers.Lambda(lambda x: x[:, 0])(masked())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert mask_of(Uses()(masked())) is None
        layers.Lambda(lambda x, mask: x[:, 0])(masked())
        assert mask_of(Outer()(masked())) is MASK
        Outer()(layers.Masking()(keras.Input((4, 2))))
        layers.Flatten()(np.array(X))


# --- symbols --------------------------------------------------------------------
def test_symbols_have_masks_that_are_computed_from_the_inputs() -> None:
    inputs = keras.Input((4, 2))
    x = layers.Dense(3)(layers.Masking()(inputs))
    mask = x._keras_mask
    assert mask.shape == (None, 4) and mask.dtype == "bool"
    np.testing.assert_array_equal(keras.Model(inputs, mask)(X), MASK)
    ids = keras.Input((3,), dtype="int32")
    embedded = layers.Embedding(4, 2, mask_zero=True)(ids)
    model = keras.Model(ids, embedded._keras_mask)
    np.testing.assert_array_equal(model.predict(IDS, verbose=0), IDS != 0)


def test_a_mask_may_be_an_input_or_be_passed_by_hand() -> None:
    inputs = keras.Input((4, 2))
    masking = layers.Masking()
    layer = Seen()
    layer(masking(inputs), mask=masking.compute_mask(inputs[:, ::-1]))
    outputs = keras.Model(inputs, layer.output)
    outputs(X)
    np.testing.assert_array_equal(layer.seen, MASK[:, ::-1])


def test_a_tape_sees_masks() -> None:
    layer = layers.Dense(1, kernel_initializer="ones")
    layer.build((None, 2))
    loss = keras.losses.MeanSquaredError()
    with keras.GradientTape() as tape:
        outputs = layer(layers.Masking()(X))
        value = loss(np.zeros((2, 4, 1), "float32"), outputs)
    sums = X.sum(-1)[MASK]
    np.testing.assert_allclose(float(value), np.square(sums).mean(), rtol=1e-6)
    slope = tape.gradient(value, layer.kernel)
    wanted = (2 * sums[:, None] * X[MASK]).mean(0)[:, None]
    np.testing.assert_allclose(np.asarray(slope), wanted, rtol=1e-5)
