"""Losses, metrics, layers, regularizers and initializers of one's own, in tf."""

import os
import tempfile

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import ops

rng = np.random.default_rng(11)
X = rng.normal(size=(128, 8)).astype("float32")
y = (X[:, :1] * 3.0).astype("float32")


def huber_fn(y_true, y_pred):
    error = y_true - y_pred
    is_small_error = tf.abs(error) < 1
    squared_loss = tf.square(error) / 2
    linear_loss = tf.abs(error) - 0.5
    return tf.where(is_small_error, squared_loss, linear_loss)


class HuberLoss(keras.losses.Loss):
    def __init__(self, threshold=1.0, **kwargs):
        self.threshold = threshold
        super().__init__(**kwargs)

    def call(self, y_true, y_pred):
        error = y_true - y_pred
        is_small_error = tf.abs(error) < self.threshold
        squared_loss = tf.square(error) / 2
        linear_loss = self.threshold * tf.abs(error) - self.threshold**2 / 2
        return tf.where(is_small_error, squared_loss, linear_loss)

    def get_config(self):
        return {**super().get_config(), "threshold": self.threshold}


class RootMeanSquaredError(keras.metrics.Metric):
    def __init__(self, name="rmse", **kwargs):
        super().__init__(name=name, **kwargs)
        self.mse_sum = self.add_weight(name="mse_sum", initializer="zeros")
        self.total_samples = self.add_weight(name="total_samples", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        mse = tf.reduce_sum(tf.square(y_true - y_pred))
        self.mse_sum.assign_add(mse)
        count = tf.cast(tf.shape(y_pred)[0], tf.float32)
        self.total_samples.assign_add(count)

    def result(self):
        return ops.sqrt(self.mse_sum / self.total_samples)

    def reset_state(self):
        self.mse_sum.assign(0.0)
        self.total_samples.assign(0.0)


class AddGaussianNoise(keras.layers.Layer):
    def __init__(self, stddev, **kwargs):
        super().__init__(**kwargs)
        self.stddev = stddev

    def call(self, X, training=False):
        if training:
            noise = tf.random.normal(tf.shape(X), stddev=self.stddev)
            return X + noise
        return X

    def get_config(self):
        return {**super().get_config(), "stddev": self.stddev}


def my_glorot_initializer(shape, dtype=tf.float32):
    stddev = tf.sqrt(2.0 / (shape[0] + shape[1]))
    return tf.random.normal(shape, stddev=stddev, dtype=dtype)


def my_l1_regularizer(weights):
    return tf.reduce_sum(tf.abs(0.01 * weights))


def my_positive_weights(weights):
    return tf.where(weights < 0.0, tf.zeros_like(weights), weights)


model = keras.Sequential(
    [
        keras.layers.Input(shape=(8,)),
        AddGaussianNoise(stddev=0.1),
        keras.layers.Dense(
            30, activation="selu", kernel_initializer=my_glorot_initializer
        ),
        keras.layers.Dense(
            1,
            kernel_regularizer=my_l1_regularizer,
            kernel_constraint=my_positive_weights,
        ),
    ]
)
model.compile(loss=huber_fn, optimizer="nadam", metrics=["mae"])
model.fit(X, y, epochs=2, verbose=0)
assert (model.layers[-1].kernel.numpy() >= 0).all()

plain = keras.Sequential([keras.layers.Dense(1, input_shape=[8])])
plain.compile(loss=HuberLoss(2.0), optimizer="nadam", metrics=[RootMeanSquaredError()])
history = plain.fit(X, y, epochs=2, verbose=0)
assert "rmse" in history.history
loss, rmse = plain.evaluate(X, y, verbose=0)
error = plain.predict(X, verbose=0) - y
assert np.isclose(rmse, np.sqrt((error**2).mean()), rtol=1e-4)
small = np.abs(error) < 2.0
huber = np.where(small, error**2 / 2, 2.0 * np.abs(error) - 2.0)
assert np.isclose(loss, huber.mean(), rtol=1e-4)

path = os.path.join(tempfile.mkdtemp(), "own.keras")
plain.save(path)
again = keras.models.load_model(
    path,
    custom_objects={
        "HuberLoss": HuberLoss,
        "RootMeanSquaredError": RootMeanSquaredError,
    },
)
assert again.loss.threshold == 2.0
assert np.allclose(again.predict(X, verbose=0), plain.predict(X, verbose=0))

precision = keras.metrics.Precision()
precision([0, 1, 1, 1, 0, 1, 0, 1], [1, 1, 0, 1, 0, 1, 0, 1])
assert np.isclose(precision.result().numpy(), 0.8)
precision.reset_state()
mean = keras.metrics.Mean(name="mean")
for value in (1.0, 2.0, 6.0):
    mean.update_state(value)
assert mean.result().numpy() == 3.0 and f"{mean.result():.1f}" == "3.0"
