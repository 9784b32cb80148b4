"""Images of digits as flat vectors."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

tf.random.set_seed(7)
rng = np.random.default_rng(7)
train_labels = rng.integers(0, 10, size=600)
patterns = rng.integers(0, 256, size=(10, 8, 8))
noise = rng.integers(-20, 20, size=(600, 8, 8))
train_images = np.clip(patterns[train_labels] + noise, 0, 255).astype("uint8")

flat = train_images.reshape((600, 8 * 8)).astype("float32") / 255
model = keras.Sequential(
    [layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")]
)
model.compile(
    optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
model.fit(flat, train_labels, epochs=5, batch_size=128, verbose=0)
test_loss, test_acc = model.evaluate(flat, train_labels, verbose=0)
assert test_acc > 0.9
first = model.predict(flat[0:10], verbose=0)[0]
assert first.argmax() == train_labels[0]

model = keras.models.Sequential()
model.add(keras.layers.Flatten(input_shape=[8, 8]))
model.add(keras.layers.Dense(30, activation="relu", kernel_initializer="he_normal"))
model.add(keras.layers.Dense(10, activation=tf.nn.softmax))
model.summary()
hidden1 = model.layers[1]
assert model.get_layer(hidden1.name) is hidden1
weights, biases = hidden1.get_weights()
assert weights.shape == (64, 30) and not biases.any()
model.compile(
    loss=keras.losses.SparseCategoricalCrossentropy(),
    optimizer=keras.optimizers.SGD(learning_rate=1e-2, momentum=0.9, nesterov=True),
    metrics=[keras.metrics.SparseCategoricalAccuracy()],
)
history = model.fit(train_images / 255.0, train_labels, epochs=3, verbose=0)
assert "sparse_categorical_accuracy" in history.history
