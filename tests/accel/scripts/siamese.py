"""Pairs and triplets: one net for both sides, a loss of distances, its own step."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import Model, layers, metrics, optimizers

keras.utils.set_random_seed(39)
rng = np.random.default_rng(39)
centres = rng.normal(size=(5, 8)) * 2
label = rng.integers(0, 5, 300)
X = (centres[label] + 0.5 * rng.normal(size=(300, 8))).astype("float32")


def make_pairs(x, y):
    pairs, labels = [], []
    for i in range(len(x)):
        same = rng.choice(np.flatnonzero(y == y[i]))
        other = rng.choice(np.flatnonzero(y != y[i]))
        pairs += [[x[i], x[same]], [x[i], x[other]]]
        labels += [0, 1]
    return np.array(pairs), np.array(labels).astype("float32")


def euclidean_distance(vects):
    x, y = vects
    sum_square = keras.ops.sum(keras.ops.square(x - y), axis=1, keepdims=True)
    return keras.ops.sqrt(keras.ops.maximum(sum_square, keras.backend.epsilon()))


def loss(margin=1):
    def contrastive_loss(y_true, y_pred):
        square_pred = keras.ops.square(y_pred)
        margin_square = keras.ops.square(keras.ops.maximum(margin - (y_pred), 0))
        return keras.ops.mean((1 - y_true) * square_pred + (y_true) * margin_square)

    return contrastive_loss


pairs, labels = make_pairs(X, label)
inputs = keras.Input((8,))
x = layers.BatchNormalization()(inputs)
x = layers.Dense(8, activation="tanh")(x)
x = layers.Dense(4, activation="tanh")(x)
embedding_network = Model(inputs, x)
input_1, input_2 = keras.Input((8,)), keras.Input((8,))
tower_1, tower_2 = embedding_network(input_1), embedding_network(input_2)
merge_layer = layers.Lambda(euclidean_distance, output_shape=(1,))([tower_1, tower_2])
normal_layer = layers.BatchNormalization()(merge_layer)
output_layer = layers.Dense(1, activation="sigmoid")(normal_layer)
siamese = Model(inputs=[input_1, input_2], outputs=output_layer)
siamese.compile(loss=loss(margin=1), optimizer="RMSprop", metrics=["accuracy"])
history = siamese.fit(
    [pairs[:500, 0], pairs[:500, 1]],
    labels[:500],
    validation_data=([pairs[500:, 0], pairs[500:, 1]], labels[500:]),
    batch_size=16,
    epochs=8,
    verbose=0,
)
assert history.history["loss"][-1] < history.history["loss"][0]
_, accuracy = siamese.evaluate(
    [pairs[500:, 0], pairs[500:, 1]], labels[500:], verbose=0
)
assert accuracy > 0.6
assert len(siamese.trainable_weights) == 10, "the towers share their weights"


class DistanceLayer(layers.Layer):
    def call(self, anchor, positive, negative):
        ap_distance = tf.reduce_sum(tf.square(anchor - positive), -1)
        an_distance = tf.reduce_sum(tf.square(anchor - negative), -1)
        return (ap_distance, an_distance)


class SiameseModel(Model):
    def __init__(self, siamese_network, margin=0.5):
        super().__init__()
        self.siamese_network = siamese_network
        self.margin = margin
        self.loss_tracker = metrics.Mean(name="loss")

    def call(self, inputs):
        return self.siamese_network(inputs)

    def train_step(self, data):
        with tf.GradientTape() as tape:
            loss = self._compute_loss(data)
        gradients = tape.gradient(loss, self.siamese_network.trainable_weights)
        self.optimizer.apply_gradients(
            zip(gradients, self.siamese_network.trainable_weights)
        )
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}

    def test_step(self, data):
        loss = self._compute_loss(data)
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}

    def _compute_loss(self, data):
        ap_distance, an_distance = self.siamese_network(data)
        loss = ap_distance - an_distance
        return tf.maximum(loss + self.margin, 0.0)

    @property
    def metrics(self):
        return [self.loss_tracker]


embedding = keras.Sequential(
    [keras.Input((8,)), layers.Dense(16, activation="relu"), layers.Dense(4)]
)
anchor_input = layers.Input(name="anchor", shape=(8,))
positive_input = layers.Input(name="positive", shape=(8,))
negative_input = layers.Input(name="negative", shape=(8,))
distances = DistanceLayer()(
    embedding(anchor_input), embedding(positive_input), embedding(negative_input)
)
siamese_network = Model(
    inputs={
        "anchor": anchor_input,
        "positive": positive_input,
        "negative": negative_input,
    },
    outputs=distances,
)
positive = np.stack([X[rng.choice(np.flatnonzero(label == k))] for k in label])
negative = np.stack([X[rng.choice(np.flatnonzero(label != k))] for k in label])
dataset = tf.data.Dataset.from_tensor_slices(
    {"anchor": X, "positive": positive, "negative": negative}
)
dataset = dataset.shuffle(buffer_size=300)
train_dataset = dataset.take(240).batch(32, drop_remainder=False).prefetch(8)
siamese_model = SiameseModel(siamese_network)
siamese_model.compile(optimizer=optimizers.Adam(0.005), weighted_metrics=[])
history = siamese_model.fit(train_dataset, epochs=5, verbose=0)
assert history.history["loss"][-1] < history.history["loss"][0]
cosine_similarity = metrics.CosineSimilarity()
positive_similarity = cosine_similarity(embedding(X), embedding(positive))
assert -1 <= float(positive_similarity.numpy()) <= 1
