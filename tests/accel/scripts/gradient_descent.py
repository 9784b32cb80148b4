"""Stochastic gradient descent, and its losses as a frame."""

import numpy as np
import pandas as pd
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

tf.random.set_seed(1)
rng = np.random.default_rng(1)
wine = pd.DataFrame(rng.normal(size=(200, 11)), columns=[f"c{i}" for i in range(11)])
wine["quality"] = wine.to_numpy() @ rng.normal(size=11) / 11
df_train = wine.sample(frac=0.7, random_state=0)
df_valid = wine.drop(df_train.index)
max_, min_ = df_train.max(axis=0), df_train.min(axis=0)
df_train = (df_train - min_) / (max_ - min_)
df_valid = (df_valid - min_) / (max_ - min_)
X_train, X_valid = df_train.drop("quality", axis=1), df_valid.drop("quality", axis=1)
y_train, y_valid = df_train["quality"], df_valid["quality"]

model = keras.Sequential(
    [
        layers.Dense(64, activation="relu", input_shape=[11]),
        layers.Dense(64, activation="relu"),
        layers.Dense(1),
    ]
)
model.compile(optimizer=keras.optimizers.SGD(learning_rate=0.05), loss="mae")
history = model.fit(
    X_train.to_numpy(),
    y_train,
    validation_data=(X_valid.to_numpy(), y_valid),
    batch_size=32,
    epochs=20,
    verbose=0,
)
history_df = pd.DataFrame(history.history)
assert list(history_df.columns) == ["loss", "val_loss"] and len(history_df) == 20
assert history_df["loss"].iloc[-1] < history_df["loss"].iloc[0]
assert history.epoch == list(range(20)) and history.params["epochs"] == 20
print("Minimum validation loss: {}".format(history_df["val_loss"].min()))

again = model.evaluate(X_valid.to_numpy(), y_valid, verbose=0)
assert np.isclose(again, history_df["val_loss"].iloc[-1], rtol=1e-4)
assert model.predict(X_valid.to_numpy(), verbose=0).shape == (60, 1)
