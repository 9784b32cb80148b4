"""Two classes: sigmoid, binary cross-entropy, binary accuracy."""

import numpy as np
import pandas as pd
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(4)
rng = np.random.default_rng(4)
X = pd.DataFrame(rng.normal(size=(300, 5)), columns=list("abcde"))
y = (X.a - X.b + 0.5 * X.c > 0).map({False: 0, True: 1})
train, test = slice(0, 225), slice(225, 300)

model = keras.Sequential(
    [
        layers.Dense(16, activation="relu", input_shape=[5]),
        layers.Dense(16, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["binary_accuracy"])
history = model.fit(
    X[train].to_numpy(),
    y[train],
    validation_data=(X[test].to_numpy(), y[test]),
    batch_size=32,
    epochs=60,
    callbacks=[keras.callbacks.EarlyStopping(patience=10, min_delta=0.001)],
    verbose=0,
)
frame = pd.DataFrame(history.history)
assert frame["val_binary_accuracy"].max() > 0.85
loss, accuracy = model.evaluate(X[test].to_numpy(), y[test], verbose=0)
predicted = (model.predict(X[test].to_numpy(), verbose=0) > 0.5).astype("int32")
assert np.isclose((predicted[:, 0] == y[test]).mean(), accuracy, atol=1e-6)
