"""Over- and underfitting: early stopping with the best weights restored."""

import numpy as np
import pandas as pd
from tensorflow import keras
from tensorflow.keras import callbacks, layers
from tensorflow.keras.callbacks import EarlyStopping

keras.utils.set_random_seed(0)
rng = np.random.default_rng(2)
X = rng.normal(size=(120, 6)).astype("float32")
y = rng.normal(size=120).astype("float32")  # nothing to learn but noise

early_stopping = callbacks.EarlyStopping(
    min_delta=0.001, patience=5, restore_best_weights=True
)
assert EarlyStopping is callbacks.EarlyStopping
model = keras.Sequential(
    [
        layers.Dense(64, activation="relu", input_shape=[6]),
        layers.Dense(64, activation="relu"),
        layers.Dense(1),
    ]
)
model.compile(optimizer="adam", loss="mae")
history = model.fit(
    X[:80],
    y[:80],
    validation_data=(X[80:], y[80:]),
    batch_size=16,
    epochs=300,
    callbacks=[early_stopping],
    verbose=0,
)
history_df = pd.DataFrame(history.history)
assert len(history_df) < 300
held = model.evaluate(X[80:], y[80:], verbose=0)
assert held <= history_df.val_loss.min() + 0.0011
history_df.loc[:, ["loss", "val_loss"]].describe()
