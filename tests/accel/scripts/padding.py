"""Rows of different lengths, padded: what the mask leaves out does not count."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

baskets = [[3, 1, 4], [1, 5], [2, 6, 5, 3]]
padded = keras.utils.pad_sequences(baskets, padding="post")
assert padded.shape == (3, 4)
real = padded != 0

embedding = layers.Embedding(7, 5, mask_zero=True)
embedded = embedding(padded)
assert (embedded._keras_mask.numpy() == real).all()
assert (embedding.compute_mask(padded).numpy() == real).all()

prices = tf.expand_dims(tf.cast(padded, tf.float32), axis=-1)
assert (layers.Masking(0.0)(prices)._keras_mask.numpy() == real).all()


class Pairs(layers.Layer):
    """The steps two by two; a pair counts where its first step does."""

    def call(self, inputs):
        return inputs[:, ::2] + inputs[:, 1::2]

    def compute_mask(self, inputs, mask=None):
        return None if mask is None else mask[:, ::2]


assert (Pairs()(embedded)._keras_mask.numpy() == real[:, ::2]).all()


class Attention(layers.Layer):
    """How much each step weighs; those that do not count weigh nothing."""

    def call(self, inputs, mask=None):
        weights = tf.exp(inputs)
        if mask is not None:
            weights = weights * tf.expand_dims(tf.cast(mask, tf.float32), -1)
        return weights / tf.reduce_sum(weights, axis=1, keepdims=True)


inputs = keras.Input(shape=(4,), dtype="int32")
hidden = layers.Dense(1)(layers.Embedding(7, 5, mask_zero=True)(inputs))
model = keras.Model(inputs, Attention()(hidden))
shares = model.predict(padded, verbose=0)
assert (shares[~real] == 0).all()
assert np.allclose(shares.sum(axis=1), 1, atol=1e-5)

tagger = keras.Sequential(
    [
        layers.Embedding(7, 5, mask_zero=True),
        layers.TimeDistributed(layers.Dense(3, activation="softmax")),
    ]
)
tagger.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
kinds = padded % 3
tagger.fit(padded, kinds, epochs=20, verbose=0)
loss, accuracy = tagger.evaluate(padded, kinds, verbose=0)
found = tagger.predict(padded, verbose=0)
chances = np.take_along_axis(found, kinds[:, :, None], 2)[:, :, 0]
assert np.isclose(loss, -np.log(chances[real]).mean(), atol=1e-4)
assert np.isclose(accuracy, (found.argmax(-1) == kinds)[real].mean())
