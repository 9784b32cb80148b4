"""Structured data: columns of text, of codes and of numbers, each by its own layer."""

import os
import tempfile

import numpy as np
import pandas as pd
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

rng = np.random.default_rng(21)
N = 400
dataframe = pd.DataFrame(
    {
        "age": rng.integers(20, 70, N).astype("float32"),
        "chol": rng.normal(240.0, 50.0, N).astype("float32"),
        "sex": rng.integers(0, 2, N),
        "thal": rng.choice(["fixed", "normal", "reversible"], N),
        "city": rng.choice(["A", "B", "C", "D"], N),
    }
)
risk = (dataframe["thal"] == "fixed") * 2.0 + dataframe["sex"] - 1.2
dataframe["target"] = (risk + rng.normal(0, 0.2, N) > 0).astype("int64")
val_dataframe = dataframe.sample(frac=0.2, random_state=1337)
train_dataframe = dataframe.drop(val_dataframe.index)


def dataframe_to_dataset(dataframe):
    dataframe = dataframe.copy()
    labels = dataframe.pop("target")
    ds = tf.data.Dataset.from_tensor_slices((dict(dataframe), labels))
    return ds.shuffle(buffer_size=len(dataframe), seed=1)


train_ds = dataframe_to_dataset(train_dataframe)
val_ds = dataframe_to_dataset(val_dataframe)
for x, y in train_ds.take(1):
    assert set(x) == {"age", "chol", "sex", "thal", "city"}
    assert y.shape == ()
train_ds, val_ds = train_ds.batch(32), val_ds.batch(32)


def encode_numerical_feature(feature, name):
    normalizer = layers.Normalization()
    normalizer.adapt(train_dataframe[name].to_numpy()[:, np.newaxis])
    return normalizer(feature)


def encode_categorical_feature(feature, name, dataset, is_string):
    lookup_class = layers.StringLookup if is_string else layers.IntegerLookup
    lookup = lookup_class(output_mode="binary")
    feature_ds = dataset.map(lambda x, y: x[name])
    feature_ds = feature_ds.map(lambda x: tf.expand_dims(x, -1))
    lookup.adapt(feature_ds)
    return lookup(feature)


sex = keras.Input(shape=(1,), name="sex", dtype="int64")
thal = keras.Input(shape=(1,), name="thal", dtype="string")
city = keras.Input(shape=(1,), name="city", dtype="string")
age = keras.Input(shape=(1,), name="age")
chol = keras.Input(shape=(1,), name="chol")
all_inputs = [sex, thal, city, age, chol]
city_lookup = layers.StringLookup(num_oov_indices=1)
city_lookup.adapt(train_dataframe["city"].to_numpy())
assert city_lookup.vocabulary_size() == 5
all_features = layers.concatenate(
    [
        encode_categorical_feature(sex, "sex", train_ds, False),
        encode_categorical_feature(thal, "thal", train_ds, True),
        layers.Flatten()(layers.Embedding(5, 2)(city_lookup(city))),
        encode_numerical_feature(age, "age"),
        encode_numerical_feature(chol, "chol"),
    ]
)
x = layers.Dense(32, activation="relu")(all_features)
x = layers.Dropout(0.1)(x)
output = layers.Dense(1, activation="sigmoid")(x)
model = keras.Model(all_inputs, output)
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
history = model.fit(train_ds, epochs=15, validation_data=val_ds, verbose=0)
assert history.history["accuracy"][-1] > 0.8
assert model.evaluate(val_ds, verbose=0, return_dict=True)["accuracy"] > 0.75

sample = {"age": 60.0, "sex": 1, "chol": 233.0, "thal": "fixed", "city": "nowhere"}
input_dict = {name: tf.convert_to_tensor([value]) for name, value in sample.items()}
high = model.predict(input_dict, verbose=0)
input_dict["thal"] = tf.constant(["normal"])
input_dict["sex"] = tf.constant([0])
assert high.shape == (1, 1) and high[0][0] > model.predict(input_dict, verbose=0)[0][0]

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "structured.keras")
    model.save(path)
    again = keras.models.load_model(path)
assert np.allclose(again.predict(input_dict, verbose=0), model.predict(input_dict))

lookup = layers.StringLookup(vocabulary=["a", "b"], mask_token="")
assert lookup(tf.constant([["b"], ["z"], [""]])).numpy().tolist() == [[3], [1], [0]]
assert lookup(["a", "b"]).numpy().tolist() == [2, 3]
pairs = tf.data.Dataset.from_tensor_slices(["a", "z", "b"]).batch(3).map(lookup)
assert next(iter(pairs)).numpy().tolist() == [2, 1, 3]
back = layers.IntegerLookup(vocabulary=[12, 36], invert=True)
assert back(np.array([1, 2, 0])).numpy().tolist() == [12, 36, -1]
