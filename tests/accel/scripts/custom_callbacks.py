"""Callbacks of one's own, and those that come with Keras."""

import os
import tempfile

import numpy as np
from tensorflow import keras

rng = np.random.default_rng(10)
X = rng.normal(size=(64, 4)).astype("float32")
y = X @ np.array([1.0, -2.0, 0.5, 0.0], "float32")


def build():
    model = keras.Sequential([keras.layers.Dense(8, input_shape=[4], name="hidden")])
    model.add(keras.layers.Dense(1))
    model.compile(loss="mse", optimizer=keras.optimizers.SGD(learning_rate=0.01))
    return model


class LossHistory(keras.callbacks.Callback):
    def on_train_begin(self, logs):
        self.per_batch_losses = []

    def on_batch_end(self, batch, logs):
        self.per_batch_losses.append(logs.get("loss"))

    def on_epoch_end(self, epoch, logs):
        self.epoch_size = len(self.per_batch_losses)
        self.per_batch_losses = []


class ExponentialLearningRate(keras.callbacks.Callback):
    def __init__(self, factor):
        self.factor = factor
        self.rates = []
        self.losses = []

    def on_batch_end(self, batch, logs=None):
        lr = self.model.optimizer.learning_rate.numpy() * self.factor
        self.model.optimizer.learning_rate = lr
        self.rates.append(lr)
        self.losses.append(logs["loss"])


model = build()
seen = LossHistory()
model.fit(X, y, epochs=2, batch_size=16, callbacks=[seen], verbose=0)
assert seen.epoch_size == 4

model = build()
expon_lr = ExponentialLearningRate(factor=1.005)
model.fit(X, y, epochs=2, batch_size=8, callbacks=[expon_lr], verbose=0)
assert len(expon_lr.rates) == 16
assert np.isclose(expon_lr.rates[-1], 0.01 * 1.005**16, rtol=1e-4)

folder = tempfile.mkdtemp()
path = os.path.join(folder, "best.keras")
model = build()
history = model.fit(
    X,
    y,
    epochs=6,
    validation_split=0.25,
    callbacks=[
        keras.callbacks.ModelCheckpoint(
            filepath=path, monitor="val_loss", save_best_only=True
        ),
        keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.1, patience=10),
        keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: None),
        keras.callbacks.CSVLogger(os.path.join(folder, "log.csv")),
        keras.callbacks.TerminateOnNaN(),
    ],
    verbose=0,
)
best = keras.models.load_model(path)
held = best.evaluate(X[48:], y[48:], verbose=0)
assert np.isclose(held, min(history.history["val_loss"]), rtol=1e-4)
weights = os.path.join(folder, "model.weights.h5")
model.save_weights(weights)
other = build()
other.load_weights(weights)
assert np.allclose(model.predict(X, verbose=0), other.predict(X, verbose=0), atol=1e-6)
with open(os.path.join(folder, "log.csv")) as log:
    assert len(log.readlines()) == 7
