"""Rare events: class weights, an initial bias, counts and curves as metrics."""

import os
import tempfile

import numpy as np
import pandas as pd
import tensorflow as tf
from tensorflow import keras

keras.utils.set_random_seed(34)
rng = np.random.default_rng(34)
X = pd.DataFrame(rng.normal(size=(1200, 6)), columns=[f"V{i}" for i in range(6)])
y = (X["V0"] + X["V1"] + 0.5 * rng.normal(size=1200) > 2.6).astype(int)
neg, pos = np.bincount(y)
train, val, test = np.split(np.arange(1200), [800, 1000])
features, labels = np.array(X), np.array(y)
bool_train_labels = labels[train] != 0

METRICS = [
    keras.metrics.MeanSquaredError(name="Brier score"),
    keras.metrics.TruePositives(name="tp"),
    keras.metrics.FalsePositives(name="fp"),
    keras.metrics.TrueNegatives(name="tn"),
    keras.metrics.FalseNegatives(name="fn"),
    keras.metrics.BinaryAccuracy(name="accuracy"),
    keras.metrics.Precision(name="precision"),
    keras.metrics.Recall(name="recall"),
    keras.metrics.AUC(name="auc"),
    keras.metrics.AUC(name="prc", curve="PR"),
]


def make_model(metrics=METRICS, output_bias=None):
    if output_bias is not None:
        output_bias = tf.keras.initializers.Constant(output_bias)
    model = keras.Sequential(
        [
            keras.layers.Dense(
                16, activation="relu", input_shape=(features[train].shape[-1],)
            ),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(1, activation="sigmoid", bias_initializer=output_bias),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=1e-2),
        loss=keras.losses.BinaryCrossentropy(),
        metrics=metrics,
    )
    return model


early_stopping = tf.keras.callbacks.EarlyStopping(
    monitor="val_prc", verbose=0, patience=10, mode="max", restore_best_weights=True
)
initial_bias = np.log([pos / neg])
model = make_model(output_bias=initial_bias)
results = model.evaluate(features[train], labels[train], batch_size=256, verbose=0)
assert len(results) == 11
start = model.predict(features[:200], verbose=0)
assert 0.2 * pos / 1200 < start.mean() < 5 * pos / 1200
initial_weights = os.path.join(tempfile.mkdtemp(), "initial.weights.h5")
model.save_weights(initial_weights)

model = make_model()
model.load_weights(initial_weights)
assert np.allclose(model.layers[-1].bias.numpy(), initial_bias, atol=1e-6)
baseline_history = model.fit(
    features[train],
    labels[train],
    batch_size=256,
    epochs=20,
    callbacks=[early_stopping],
    validation_data=(features[val], labels[val]),
    verbose=0,
)
assert {"val_auc", "val_prc", "Brier score"} <= set(baseline_history.history)

weight_for_0 = (1 / neg) * (1200 / 2.0)
weight_for_1 = (1 / pos) * (1200 / 2.0)
class_weight = {0: weight_for_0, 1: weight_for_1}
weighted_model = make_model()
weighted_model.load_weights(initial_weights)
weighted_model.fit(
    features[train],
    labels[train],
    batch_size=256,
    epochs=20,
    validation_data=(features[val], labels[val]),
    class_weight=class_weight,
    verbose=0,
)
results = dict(
    zip(
        weighted_model.metrics_names,
        weighted_model.evaluate(features[test], labels[test], verbose=0),
    )
)
found = weighted_model.evaluate(
    features[test], labels[test], verbose=0, return_dict=True
)
predicted = weighted_model.predict(features[test], verbose=0)[:, 0]
assert found["tp"] + found["fn"] == labels[test].sum()
assert found["tp"] + found["fp"] == (predicted > 0.5).sum()
assert np.isclose(found["accuracy"], ((predicted > 0.5) == labels[test]).mean())
assert found["auc"] > 0.7 and found["recall"] > 0.3

pos_features, neg_features = (
    features[train][bool_train_labels],
    features[train][~bool_train_labels],
)


def make_ds(features, labels):
    ds = tf.data.Dataset.from_tensor_slices((features, labels))
    return ds.shuffle(1000).repeat()


pos_ds = make_ds(pos_features, np.ones(len(pos_features)))
neg_ds = make_ds(neg_features, np.zeros(len(neg_features)))
resampled_ds = tf.data.Dataset.sample_from_datasets(
    [pos_ds, neg_ds], weights=[0.5, 0.5]
)
resampled_ds = resampled_ds.batch(64).prefetch(2)
for _, label in resampled_ds.take(1):
    assert 0.2 < label.numpy().mean() < 0.8
resampled_steps_per_epoch = int(np.ceil(2.0 * neg / 64))
val_ds = tf.data.Dataset.from_tensor_slices((features[val], labels[val])).cache()
val_ds = val_ds.batch(64).prefetch(2)
resampled_model = make_model()
resampled_model.load_weights(initial_weights)
output_layer = resampled_model.layers[-1]
output_layer.bias.assign([0])
history = resampled_model.fit(
    resampled_ds,
    epochs=3,
    steps_per_epoch=min(20, resampled_steps_per_epoch),
    callbacks=[early_stopping],
    validation_data=(val_ds),
    verbose=0,
)
assert history.history["accuracy"][-1] > 0.5
