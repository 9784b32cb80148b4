"""Prices of houses: normalization in the model, several metrics, best weights kept."""

import os
import tempfile

import numpy as np
from keras import models
from tensorflow import keras
from tensorflow.keras import optimizers, regularizers
from tensorflow.keras.utils import to_categorical

keras.utils.set_random_seed(23)
rng = np.random.default_rng(23)
X = rng.normal(loc=[3.0, 500.0], scale=[2.0, 80.0], size=(240, 2)).astype("float32")
y = (0.4 * X[:, 0] + 0.01 * X[:, 1])[:, np.newaxis]
folder = tempfile.mkdtemp()

norm_layer = keras.layers.Normalization(input_shape=X.shape[1:])
norm_layer.adapt(X[:180])
model = keras.Sequential(
    [
        norm_layer,
        keras.layers.Dense(
            30, activation="swish", kernel_regularizer=regularizers.l2(1e-5)
        ),
        keras.layers.Dense(1),
    ]
)
assert np.abs(norm_layer(X[:180]).numpy().mean(axis=0)).max() < 1e-2
model.compile(
    loss="MAE",
    optimizer=optimizers.AdamW(
        learning_rate=0.02, weight_decay=1e-4, beta_1=0.9, beta_2=0.99
    ),
    metrics=["RootMeanSquaredError", "mean_absolute_error", "mse"],
)


class Announcing(keras.callbacks.Callback):
    def on_train_begin(self, logs):
        self.epochs, self.batches = [], 0

    def on_epoch_begin(self, epoch, logs):
        self.epochs.append(epoch)

    def on_batch_begin(self, batch, logs):
        self.batches += 1


seen = Announcing()
path = os.path.join(folder, "best.weights.h5")
history = model.fit(
    X[:180],
    y[:180],
    validation_data=(X[180:], y[180:]),
    epochs=30,
    batch_size=20,
    callbacks=[
        seen,
        keras.callbacks.EarlyStopping(
            monitor="val_loss", mode="min", patience=8, restore_best_weights=True
        ),
        keras.callbacks.ReduceLROnPlateau(
            monitor="val_loss", factor=0.5, patience=2, min_lr=0.001
        ),
        keras.callbacks.ModelCheckpoint(
            path, save_best_only=True, save_weights_only=True
        ),
    ],
    verbose=0,
)
assert seen.epochs == history.epoch and seen.batches == 9 * len(history.epoch)
assert {"RootMeanSquaredError", "val_mean_absolute_error"} <= set(history.history)
assert min(history.history["learning_rate"]) >= 0.001
best = min(history.history["val_loss"])
model.load_weights(path)
assert np.isclose(model.evaluate(X[180:], y[180:], verbose=0)[0], best, rtol=1e-3)

price = keras.layers.Input(shape=(2,), name="price")
shared = keras.layers.Dense(8, activation="relu", name="shared")(price)
area = keras.layers.Dense(4, activation="softmax", name="area")(shared)
cost = keras.layers.Dense(1, name="cost")(shared)
both = keras.Model(inputs=price, outputs=[area, cost])
areas = to_categorical(rng.integers(0, 4, size=240), num_classes=4)
both.compile(
    optimizer="Adam",
    loss={"area": "categorical_crossentropy", "cost": "mean_squared_error"},
    metrics={"area": [keras.metrics.TopKCategoricalAccuracy(k=2, name="top_2")]},
)
scaled = norm_layer(X)
history = both.fit(scaled, [areas, y], epochs=2, verbose=0)
assert "area_top_2" in history.history
assert both.output_names == ["area", "cost"]
assert both.get_layer("area").input is shared
lines = []
both.summary(line_length=72, print_fn=lines.append)
assert any("shared" in line for line in lines)
picture = os.path.join(folder, "both.png")
keras.utils.plot_model(both, picture, show_shapes=True, show_layer_names=True)
assert os.path.getsize(picture) > 1000

flags = (y > y.mean()).astype("float32")
judge = models.Sequential([keras.layers.Dense(1, activation="sigmoid")])
judge.compile(
    optimizer="sgd",
    loss=keras.losses.BinaryCrossentropy(),
    metrics=[keras.metrics.BinaryAccuracy(name="accuracy")],
)
history = judge.fit(
    scaled,
    flags,
    validation_split=0.2,
    epochs=12,
    callbacks=[
        keras.callbacks.EarlyStopping(monitor="val_accuracy", patience=3),
        keras.callbacks.ReduceLROnPlateau(monitor="accuracy", patience=2),
    ],
    verbose=0,
)
assert history.history["accuracy"][-1] > 0.5

named = keras.Sequential([keras.layers.Dense(1, name="only")], name="named")
named.build(input_shape=(None, 2))
assert named.name == "named" and named.predict(scaled, batch_size=64, verbose=0).size
entered = keras.Input(shape=(2,), name="entered")
dropped = keras.layers.Dropout(0.25)
whole = keras.Model(entered, dropped(entered), name="whole")
assert whole.name == "whole" and dropped.rate == 0.25
assert keras.__version__ >= "3"
