"""Reviews as sets of words: multi-hot vectors, two classes and many."""

import numpy as np
from keras import layers, losses, metrics, models, optimizers, regularizers
from keras.utils import to_categorical

rng = np.random.default_rng(6)
words = 300
train_data = [
    list(rng.integers(1, words, size=rng.integers(5, 40))) for _ in range(150)
]
train_labels = np.array([int(np.mean(review) > words / 2) for review in train_data])


def vectorize_sequences(sequences, dimension=words):
    results = np.zeros((len(sequences), dimension))
    for i, sequence in enumerate(sequences):
        results[i, sequence] = 1.0
    return results


x_train = vectorize_sequences(train_data)
y_train = np.asarray(train_labels).astype("float32")
x_val, partial_x_train = x_train[:50], x_train[50:]
y_val, partial_y_train = y_train[:50], y_train[50:]

model = models.Sequential()
model.add(
    layers.Dense(
        16,
        kernel_regularizer=regularizers.l2(0.001),
        activation="relu",
        input_shape=(words,),
    )
)
model.add(layers.Dropout(0.5))
model.add(layers.Dense(16, kernel_regularizer=regularizers.l1_l2(l1=1e-4, l2=1e-4)))
model.add(layers.Dense(1, activation="sigmoid"))
model.compile(
    optimizer=optimizers.RMSprop(learning_rate=0.001),
    loss=losses.binary_crossentropy,
    metrics=[metrics.binary_accuracy],
)
history = model.fit(
    partial_x_train,
    partial_y_train,
    epochs=4,
    batch_size=64,
    validation_data=(x_val, y_val),
    verbose=0,
)
assert list(history.history.keys()) == [
    "binary_accuracy",
    "loss",
    "val_binary_accuracy",
    "val_loss",
]
assert model.predict(x_val, verbose=0).shape == (50, 1)

topics = rng.integers(0, 46, size=150)
one_hot = to_categorical(topics, num_classes=46)
assert one_hot.shape == (150, 46) and (one_hot.argmax(axis=1) == topics).all()
model = models.Sequential(
    [
        layers.Dense(64, activation="relu", input_shape=(words,)),
        layers.Dense(46, activation="softmax"),
    ]
)
model.compile(
    optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"]
)
model.fit(x_train, one_hot, epochs=2, batch_size=32, verbose=0)
predictions = model.predict(x_train[:3], verbose=0)
assert np.allclose(predictions.sum(axis=1), 1.0, atol=1e-5)
assert np.argmax(predictions[0]) < 46
model.compile(
    optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["acc"]
)
history = model.fit(x_train, topics, epochs=1, verbose=0)
assert set(history.history) == {"acc", "loss"}
