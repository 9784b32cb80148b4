"""Training from data sets, generators and sequences of batches."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

rng = np.random.default_rng(16)
X = rng.normal(size=(100, 4)).astype("float32")
y = X.sum(axis=1, keepdims=True)


def build():
    model = keras.Sequential([keras.layers.Dense(1, input_shape=[4])])
    model.compile(optimizer="adam", loss="mse", metrics=["mae"])
    return model


dataset = tf.data.Dataset.from_tensor_slices((X, y))
train = dataset.take(80).shuffle(80, seed=1).batch(16).prefetch(1)
valid = dataset.skip(80).batch(16)
model = build()
history = model.fit(train, validation_data=valid, epochs=3, verbose=0)
assert set(history.history) == {"loss", "mae", "val_loss", "val_mae"}
assert history.params["steps"] == 5
loss, mae = model.evaluate(valid, verbose=0)
assert np.isclose(loss, history.history["val_loss"][-1], rtol=1e-4)
assert model.predict(valid, verbose=0).shape == (20, 1)
again = model.evaluate(X[80:], y[80:], batch_size=16, verbose=0)
assert np.allclose(again, [loss, mae], rtol=1e-4)

in_order = dataset.batch(20).repeat()
model = build()
model.fit(in_order, steps_per_epoch=5, epochs=2, verbose=0)
other = build()
other.set_weights(model.get_weights())
history = model.fit(in_order.take(5), verbose=0)
same = other.fit(X, y, batch_size=20, shuffle=False, verbose=0)
assert np.isclose(history.history["loss"][0], same.history["loss"][0], rtol=0.2)


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 5

    def __getitem__(self, index):
        rows = slice(index * 20, (index + 1) * 20)
        return X[rows], y[rows]


def generator():
    while True:
        yield X[:20], y[:20]


build().fit(Batches(), epochs=2, verbose=0)
build().fit(generator(), steps_per_epoch=3, epochs=2, verbose=0)
