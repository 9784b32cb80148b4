"""A CSV file's columns: inputs by name, each prepared by layers, one model of all."""

import os
import tempfile

import numpy as np
import pandas as pd
import tensorflow as tf
from tensorflow.keras import layers

rng = np.random.default_rng(36)
n = 300
path = os.path.join(tempfile.mkdtemp(), "passengers.csv")
pd.DataFrame(
    {
        "survived": rng.integers(0, 2, n),
        "sex": rng.choice(["male", "female"], n),
        "age": rng.uniform(1, 80, n).round(1),
        "n_siblings_spouses": rng.integers(0, 5, n),
        "fare": rng.exponential(30, n).round(2),
        "class": rng.choice(["First", "Second", "Third"], n),
        "deck": rng.choice(["A", "B", "unknown"], n),
        "alone": rng.choice(["y", "n"], n),
    }
).to_csv(path, index=False)

titanic = pd.read_csv(path)
titanic_features = titanic.copy()
titanic_labels = titanic_features.pop("survived")

numeric_features = titanic[["age", "fare"]].copy()
tf.convert_to_tensor(numeric_features)
normalizer = tf.keras.layers.Normalization(axis=-1)
normalizer.adapt(np.array(numeric_features))
assert np.allclose(
    np.asarray(normalizer(np.array(numeric_features))).mean(axis=0), 0, atol=1e-4
)

inputs = {}
for name, column in titanic_features.items():
    dtype = "string" if pd.api.types.is_string_dtype(column) else "float32"
    inputs[name] = tf.keras.Input(shape=(1,), name=name, dtype=dtype)
assert inputs["sex"].dtype == "string" and inputs["age"].shape == (None, 1)

numeric_inputs = {name: x for name, x in inputs.items() if x.dtype == "float32"}
x = layers.Concatenate()(list(numeric_inputs.values()))
norm = layers.Normalization()
norm.adapt(np.array(titanic[list(numeric_inputs)]))
preprocessed_inputs = [norm(x)]
for name, x in inputs.items():
    if x.dtype == "float32":
        continue
    lookup = layers.StringLookup(
        vocabulary=np.unique(titanic_features[name].astype(str)).tolist()
    )
    one_hot = layers.CategoryEncoding(num_tokens=lookup.vocabulary_size())
    preprocessed_inputs.append(one_hot(lookup(x)))
preprocessed = layers.Concatenate()(preprocessed_inputs)
titanic_preprocessing = tf.keras.Model(inputs, preprocessed)

titanic_features_dict = {
    name: tf.constant(value.tolist()) for name, value in titanic_features.items()
}
features_dict = {name: values[:1] for name, values in titanic_features_dict.items()}
first = titanic_preprocessing(features_dict)
assert tuple(first.shape) == (1, 3 + 3 + 4 + 4 + 3)
row = first.numpy()[0]
assert row[3:6].sum() == 1 and row[3] == 0, "sex is in the vocabulary"


def titanic_model(preprocessing_head, inputs):
    body = tf.keras.Sequential([layers.Dense(64, activation="relu"), layers.Dense(1)])
    result = body(preprocessing_head(inputs))
    model = tf.keras.Model(inputs, result)
    model.compile(
        loss=tf.keras.losses.BinaryCrossentropy(from_logits=True),
        optimizer=tf.keras.optimizers.Adam(),
        metrics=["accuracy"],
    )
    return model


model = titanic_model(titanic_preprocessing, inputs)
history = model.fit(
    x=titanic_features_dict, y=np.array(titanic_labels)[:, None], epochs=4, verbose=0
)
assert history.history["loss"][-1] < history.history["loss"][0]

file = os.path.join(tempfile.mkdtemp(), "test.keras")
model.save(file)
reloaded = tf.keras.models.load_model(file)
before = model(features_dict)
after = reloaded(features_dict)
assert (before - after).numpy().max() < 1e-6

titanic_ds = tf.data.Dataset.from_tensor_slices(
    (titanic_features_dict, np.array(titanic_labels)[:, None])
)
titanic_batches = titanic_ds.shuffle(len(titanic_labels)).batch(32)
model.fit(titanic_batches, epochs=2, verbose=0)

# Text to ids to vectors, and bins of a number crossed with it.
lookup = layers.StringLookup()
lookup.adapt(np.array(titanic["deck"]))
assert lookup.get_vocabulary()[0] == "[UNK]" and lookup.vocabulary_size() == 4
back = layers.StringLookup(vocabulary=lookup.get_vocabulary(), invert=True)
ids = lookup(tf.constant([["A"], ["unknown"], ["Z"]]))
again = back(ids).numpy()
assert [str(t.decode() if isinstance(t, bytes) else t) for t in again.ravel()] == [
    "A",
    "unknown",
    "[UNK]",
]
deck = tf.keras.Input(shape=(1,), dtype="string", name="deck")
age = tf.keras.Input(shape=(1,), dtype="float32", name="age")
vector = layers.Flatten()(layers.Embedding(lookup.vocabulary_size(), 3)(lookup(deck)))
bins = layers.Discretization(bin_boundaries=[18.0, 40.0, 65.0])(age)
crossed = layers.HashedCrossing(num_bins=8, output_mode="one_hot")(
    (layers.Hashing(num_bins=5)(deck), bins)
)
joined = layers.concatenate(
    [vector, layers.CategoryEncoding(4, output_mode="one_hot")(bins), crossed]
)
deep = tf.keras.Model([deck, age], layers.Dense(1, activation="sigmoid")(joined))
deep.compile("adam", "binary_crossentropy")
ages = np.array(titanic["age"], dtype="float32")[:, None]
decks = tf.constant(titanic["deck"].tolist())[:, None]
deep.fit([decks, ages], np.array(titanic_labels)[:, None], epochs=1, verbose=0)
assert deep.predict([decks[:3], ages[:3]], verbose=0).shape == (3, 1)
