"""Models and layers as classes."""

import numpy as np
import tensorflow as tf
from tensorflow import keras


class WideAndDeepModel(keras.models.Model):
    def __init__(self, units=30, activation="relu", **kwargs):
        super().__init__(**kwargs)
        self.hidden1 = keras.layers.Dense(units, activation=activation)
        self.hidden2 = keras.layers.Dense(units, activation=activation)
        self.main_output = keras.layers.Dense(1)
        self.aux_output = keras.layers.Dense(1)

    def call(self, inputs):
        input_A, input_B = inputs
        hidden1 = self.hidden1(input_B)
        hidden2 = self.hidden2(hidden1)
        concat = keras.layers.concatenate([input_A, hidden2])
        return self.main_output(concat), self.aux_output(hidden2)


class SimpleDense(keras.layers.Layer):
    def __init__(self, units, activation=None):
        super().__init__()
        self.units = units
        self.activation = activation

    def build(self, input_shape):
        input_dim = input_shape[-1]
        self.W = self.add_weight(
            shape=(input_dim, self.units), initializer="random_normal"
        )
        self.b = self.add_weight(shape=(self.units,), initializer="zeros")

    def call(self, inputs):
        y = tf.matmul(inputs, self.W) + self.b
        if self.activation is not None:
            y = self.activation(y)
        return y


rng = np.random.default_rng(9)
X = rng.normal(size=(96, 8)).astype("float32")
y = X.sum(axis=1, keepdims=True)
model = WideAndDeepModel(16)
model.compile(
    loss=["mse", "mse"],
    loss_weights=[0.9, 0.1],
    optimizer=keras.optimizers.SGD(learning_rate=1e-3),
)
history = model.fit((X[:, :5], X[:, 2:]), (y, y), epochs=3, verbose=0)
assert len(history.history["loss"]) == 3
main, aux = model.predict((X[:4, :5], X[:4, 2:]), verbose=0)
assert main.shape == (4, 1)
assert len(model.trainable_weights) == 8

my_dense = SimpleDense(units=32, activation=tf.nn.relu)
output = my_dense(tf.ones(shape=(2, 784)))
assert tuple(output.shape) == (2, 32) and (output.numpy() >= 0).all()
model = keras.Sequential([SimpleDense(32, tf.nn.relu), SimpleDense(1)])
model.compile(optimizer="adam", loss="mse")
model.fit(X, y, epochs=2, verbose=0)
assert model.weights[0].shape == (8, 32)
