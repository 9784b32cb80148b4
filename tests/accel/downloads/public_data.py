"""The data sets that come with Keras, as two books use them."""

import numpy as np
from tensorflow import keras
from tensorflow.keras.datasets import boston_housing, imdb, mnist, reuters

(train_images, train_labels), (test_images, test_labels) = mnist.load_data()
assert train_images.dtype == "uint8" and train_images.shape[1:] == (28, 28)
train_images = train_images.reshape((len(train_images), 28 * 28))
train_images = train_images.astype("float32") / 255
model = keras.Sequential(
    [
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train_images, train_labels, epochs=2, batch_size=128, verbose=0)


def vectorize_sequences(sequences, dimension=100):
    results = np.zeros((len(sequences), dimension))
    for i, sequence in enumerate(sequences):
        results[i, sequence] = 1.0
    return results


(train_data, train_labels), (test_data, test_labels) = imdb.load_data(num_words=100)
assert max(max(sequence) for sequence in train_data) < 100
word_index = imdb.get_word_index()
reverse_word_index = {value: key for key, value in word_index.items()}
decoded = " ".join(reverse_word_index.get(i - 3, "?") for i in train_data[0])
assert decoded.startswith("?")
model = keras.Sequential([keras.layers.Dense(16, activation="relu")])
model.add(keras.layers.Dense(1, activation="sigmoid"))
model.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"])
x_train = vectorize_sequences(train_data)
y_train = np.asarray(train_labels).astype("float32")
model.fit(x_train, y_train, epochs=2, batch_size=16, verbose=0)

(train_data, train_labels), _ = reuters.load_data(num_words=100)
one_hot = keras.utils.to_categorical(train_labels)
model = keras.Sequential([keras.layers.Dense(one_hot.shape[1], activation="softmax")])
model.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
model.fit(vectorize_sequences(train_data), one_hot, epochs=2, verbose=0)
assert reuters.get_word_index()

(train_data, train_targets), (test_data, test_targets) = boston_housing.load_data()
mean, std = train_data.mean(axis=0), train_data.std(axis=0)
model = keras.Sequential([keras.layers.Dense(8, activation="relu")])
model.add(keras.layers.Dense(1))
model.compile(optimizer="rmsprop", loss="mse", metrics=["mae"])
model.fit((train_data - mean) / std, train_targets, epochs=2, verbose=0)
assert model.predict((test_data - mean) / std, verbose=0).shape[1] == 1
