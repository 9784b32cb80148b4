"""TensorBoard's files, clones, fresh sessions, the backend's values."""

import os
import tempfile

import numpy as np
from tensorflow import keras
from tensorflow.keras import backend as K

rng = np.random.default_rng(17)
X = rng.normal(size=(64, 4)).astype("float32")
y = X.sum(axis=1)
keras.backend.clear_session()
keras.utils.set_random_seed(42)
model = keras.Sequential([keras.layers.Dense(8, activation="relu", input_shape=[4])])
model.add(keras.layers.Dense(1))
model.compile(loss="mse", optimizer=keras.optimizers.SGD(learning_rate=1e-3))

root = tempfile.mkdtemp()
history = model.fit(
    X,
    y,
    epochs=2,
    validation_split=0.25,
    callbacks=[
        keras.callbacks.TensorBoard(log_dir=root, profile_batch=0),
        keras.callbacks.BackupAndRestore(os.path.join(root, "backup")),
    ],
    verbose=0,
)
files = [name for _, _, names in os.walk(root) for name in names]
assert any("tfevents" in name for name in files)

clone = keras.models.clone_model(model)
assert not np.allclose(clone.get_weights()[0], model.get_weights()[0])
clone.set_weights(model.get_weights())
assert np.allclose(clone.predict(X, verbose=0), model.predict(X, verbose=0))
for layer in clone.layers[:-1]:
    layer.trainable = False
clone.compile(loss="mse", optimizer="sgd")
assert len(clone.trainable_weights) == 2
before = clone.layers[0].get_weights()[0].copy()
clone.fit(X, y, epochs=1, verbose=0)
assert np.array_equal(before, clone.layers[0].get_weights()[0])
assert K.epsilon() == 1e-7 and keras.config.floatx() == "float32"
