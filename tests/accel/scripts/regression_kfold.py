"""Prices of houses: few rows, so each fold validates once."""

import numpy as np
from keras import layers, models

rng = np.random.default_rng(5)
train_data = rng.normal(loc=3.0, scale=[1, 10, 5, 2], size=(120, 4))
train_targets = train_data @ np.array([2.0, 0.1, -0.3, 1.0]) + 20.0
mean, std = train_data.mean(axis=0), train_data.std(axis=0)
train_data = (train_data - mean) / std


def build_model():
    model = models.Sequential()
    model.add(layers.Dense(64, activation="relu", input_shape=(train_data.shape[1],)))
    model.add(layers.Dense(64, activation="relu"))
    model.add(layers.Dense(1))
    model.compile(optimizer="rmsprop", loss="mse", metrics=["mae"])
    return model


k = 4
num_val_samples = len(train_data) // k
num_epochs = 30
all_scores, all_histories = [], []
for i in range(k):
    held = slice(i * num_val_samples, (i + 1) * num_val_samples)
    val_data, val_targets = train_data[held], train_targets[held]
    partial_data = np.concatenate([train_data[: held.start], train_data[held.stop :]])
    partial_targets = np.concatenate(
        [train_targets[: held.start], train_targets[held.stop :]], axis=0
    )
    model = build_model()
    history = model.fit(
        partial_data,
        partial_targets,
        validation_data=(val_data, val_targets),
        epochs=num_epochs,
        batch_size=16,
        verbose=0,
    )
    all_histories.append(history.history["val_mae"])
    val_mse, val_mae = model.evaluate(val_data, val_targets, verbose=0)
    all_scores.append(val_mae)
average = [np.mean([x[i] for x in all_histories]) for i in range(num_epochs)]
assert average[-1] < average[0] and np.mean(all_scores) < 10
assert np.isclose(all_scores[-1], all_histories[-1][-1], rtol=1e-3)
