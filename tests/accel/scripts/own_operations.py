"""Dense layers and a training loop from scratch, in Keras's own operations."""

import keras
import keras.layers
import numpy as np
import tensorflow as tf
from keras import backend, losses, metrics, models, ops, optimizers, regularizers
from keras.regularizers import l2

keras.utils.set_random_seed(22)
rng = np.random.default_rng(22)
centres = rng.normal(size=(3, 6)).astype("float32") * 3
labels = rng.integers(0, 3, size=240)
X = (centres[labels] + rng.normal(size=(240, 6))).astype("float32")


class NaiveDense:
    def __init__(self, input_size, output_size, activation=None):
        self.activation = activation
        uniform, zeros = map(keras.initializers.get, ("uniform", "zeros"))
        self.W = keras.Variable(shape=(input_size, output_size), initializer=uniform)
        self.b = keras.Variable(shape=(output_size,), initializer=zeros)

    def __call__(self, inputs):
        x = ops.matmul(inputs, self.W)
        x = x + self.b
        return x if self.activation is None else self.activation(x)

    @property
    def weights(self):
        return [self.W, self.b]


class NaiveSequential:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, inputs):
        x = inputs
        for layer in self.layers:
            x = layer(x)
        return x

    @property
    def weights(self):
        return [weight for layer in self.layers for weight in layer.weights]


def softmax(x):
    e = ops.exp(x - ops.max(x, axis=-1, keepdims=True))
    return ops.divide(e, ops.sum(e, axis=-1, keepdims=True))


model = NaiveSequential(
    [NaiveDense(6, 16, activation=ops.relu), NaiveDense(16, 3, activation=ops.softmax)]
)
optimizer = optimizers.SGD(learning_rate=0.2)
seen = []
for _ in range(15):
    for start in range(0, 240, 40):
        batch = ops.array(X[start : start + 40])
        targets = labels[start : start + 40]
        with tf.GradientTape() as tape:
            predictions = model(batch)
            per_sample = ops.sparse_categorical_crossentropy(targets, predictions)
            loss = ops.mean(per_sample)
        gradients = tape.gradient(loss, model.weights)
        optimizer.apply(gradients, model.weights)
    seen.append(float(loss))
assert seen[-1] < 0.5 * seen[0]
predicted = ops.argmax(model(X), axis=1)
matches = ops.cast(ops.equal(predicted, labels.astype("int32")), dtype="float32")
assert float(ops.mean(matches)) > 0.9

logits = ops.array([[1.0, 2.0, 4.0], [0.5, -0.5, 0.0]])
assert np.allclose(softmax(logits), ops.softmax(logits), atol=1e-6)
one_hot = ops.one_hot(ops.array([0, 2]), num_classes=3)
assert np.array_equal(one_hot, [[1, 0, 0], [0, 0, 1]])
assert np.array_equal(ops.round(ops.array([0.4, 1.6])), [0.0, 2.0])
assert np.array_equal(ops.ones(shape=(2, 1)), ops.clip(np.full((2, 1), 3.0), 0.0, 1.0))
assert np.allclose(ops.sqrt(ops.square(logits)), ops.abs(logits))
assert tuple(ops.shape(logits)) == (2, 3)


class SimpleDense(keras.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.penalty = regularizers.l1(1e-4)

    def build(self, input_shape):
        self.W = self.add_weight(
            shape=(input_shape[-1], self.units),
            initializer="uniform",
            regularizer=self.penalty,
        )
        self.b = self.add_weight(shape=(self.units,), initializer="zeros")

    def call(self, inputs):
        return ops.relu(ops.matmul(inputs, self.W) + self.b)


net = models.Sequential(
    [
        SimpleDense(16),
        keras.layers.Dense(3, activation="softmax", kernel_regularizer=l2(1e-4)),
    ]
)
scores = [
    metrics.SparseCategoricalAccuracy(name="acc"),
    metrics.SparseTopKCategoricalAccuracy(k=2, name="top_2"),
]
loss_fn = losses.SparseCategoricalCrossentropy()
net.compile(optimizer="Adam", loss=loss_fn, metrics=scores)
history = net.fit(X, labels, epochs=30, batch_size=32, verbose=0)
assert history.history["acc"][-1] > 0.9
assert history.history["top_2"][-1] >= history.history["acc"][-1]
assert np.isfinite(float(loss_fn(labels, net(X))))
assert len(net.non_trainable_variables) == 0

per_row = keras.losses.sparse_categorical_crossentropy(labels[:4], net(X[:4]))
hits = keras.metrics.sparse_categorical_accuracy(labels[:4], net(X[:4]))
assert tuple(per_row.shape) == tuple(hits.shape) == (4,)
assert backend.floatx() == "float32"
