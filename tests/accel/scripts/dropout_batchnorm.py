"""Dropout and batch normalization."""

import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

rng = np.random.default_rng(3)
X = (rng.random((200, 11)) * 100).astype("float32")
y = X.mean(axis=1) / 10

model = keras.Sequential(
    [
        layers.BatchNormalization(input_shape=[11]),
        layers.Dense(64, activation="relu"),
        layers.Dropout(rate=0.3),
        layers.BatchNormalization(),
        layers.Dense(64, activation="relu"),
        layers.Dropout(0.3),
        layers.BatchNormalization(),
        layers.Dense(1),
    ]
)
model.compile(optimizer="sgd", loss="mae", metrics=["mae"])
history = model.fit(X, y, validation_split=0.25, batch_size=32, epochs=20, verbose=0)
assert set(history.history) == {"loss", "mae", "val_loss", "val_mae"}
assert history.history["loss"][-1] < history.history["loss"][0]

calm = model(X[:8]).numpy()
assert np.array_equal(calm, model(X[:8], training=False).numpy())
noisy = model(X[:8], training=True).numpy()
assert not np.allclose(calm, noisy)
assert len(model.non_trainable_weights) == 6
