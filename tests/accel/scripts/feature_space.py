"""A table of several kinds of columns: FeatureSpace, and its layers one by one."""

import os
import tempfile

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras.utils import FeatureSpace

rng = np.random.default_rng(21)
rows = 200
age = rng.integers(29, 77, rows)
sex = rng.integers(0, 2, rows)
oldpeak = rng.exponential(1.0, rows).astype("float32")
thal = rng.choice(["normal", "fixed", "reversible"], rows)
table = {"age": age, "sex": sex, "oldpeak": oldpeak, "thal": thal}
target = ((oldpeak > 0.8) ^ (thal == "fixed")).astype("int32")


def to_dataset(chosen):
    part = {name: column[chosen] for name, column in table.items()}
    ds = tf.data.Dataset.from_tensor_slices((part, target[chosen]))
    return ds.shuffle(buffer_size=rows, seed=1)


train_ds = to_dataset(slice(0, 160)).batch(32)
val_ds = to_dataset(slice(160, rows)).batch(32)

feature_space = FeatureSpace(
    features={
        "sex": "integer_categorical",
        "thal": FeatureSpace.string_categorical(num_oov_indices=1),
        "age": "float_discretized",
        "oldpeak": FeatureSpace.float_normalized(),
    },
    crosses=[
        FeatureSpace.cross(feature_names=("sex", "age"), crossing_dim=64),
        FeatureSpace.cross(feature_names=("thal", "sex"), crossing_dim=16),
    ],
    output_mode="concat",
)
feature_space.adapt(train_ds.map(lambda x, _: x))
for x, _ in train_ds.take(1):
    preprocessed_x = feature_space(x)
    width = preprocessed_x.shape[1]
    assert preprocessed_x.shape == (32, width)
    assert preprocessed_x.numpy().dtype == "float32"
assert feature_space.crossers["thal_X_sex"].num_bins == 16

prepared_train = train_ds.map(
    lambda x, y: (feature_space(x), y), num_parallel_calls=tf.data.AUTOTUNE
).prefetch(tf.data.AUTOTUNE)
prepared_val = val_ds.map(lambda x, y: (feature_space(x), y))

dict_inputs = feature_space.get_inputs()
encoded_features = feature_space.get_encoded_features()
assert tuple(encoded_features.shape) == (None, width)
hidden = keras.layers.Dense(32, activation="relu")(encoded_features)
hidden = keras.layers.Dropout(0.2)(hidden)
predictions = keras.layers.Dense(1, activation="sigmoid")(hidden)
training_model = keras.Model(inputs=encoded_features, outputs=predictions)
training_model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
inference_model = keras.Model(inputs=dict_inputs, outputs=predictions)
history = training_model.fit(
    prepared_train, epochs=8, validation_data=prepared_val, verbose=0
).history
assert history["loss"][-1] < history["loss"][0]

sample = {"age": 60, "sex": 1, "oldpeak": 2.3, "thal": "fixed"}
input_dict = {name: tf.constant([value]) for name, value in sample.items()}
found = inference_model.predict(input_dict, verbose=0)
same = training_model.predict(
    np.asarray(feature_space({n: [v] for n, v in sample.items()})), verbose=0
)
assert found.shape == (1, 1) and np.allclose(found, same, atol=1e-6)
assert feature_space(sample).shape == (width,)

path = os.path.join(tempfile.mkdtemp(), "features.keras")
feature_space.save(path)
reloaded = keras.models.load_model(path)
again = np.asarray(reloaded(table))
assert np.allclose(again, np.asarray(feature_space(table)))

hashed = keras.layers.Hashing(num_bins=64, salt=1337)
assert hashed(["one", "two", "one"]).numpy()[0] == hashed(["one"]).numpy()[0]
crossed = keras.layers.HashedCrossing(num_bins=5, output_mode="one_hot")
assert crossed((table["thal"], table["sex"])).shape == (rows, 5)
