"""What scripts of Keras 2 still write, and Keras 3 no longer takes."""

import keras
import numpy as np
from keras import backend as K
from keras.layers.core import Activation, Dense, Dropout
from keras.layers.normalization import BatchNormalization
from keras.models import Sequential
from keras.optimizers.legacy import Adam
from keras.utils.np_utils import to_categorical

K.clear_session()
rng = np.random.default_rng(18)
X = rng.normal(size=(60, 4)).astype("float32")
labels = to_categorical(rng.integers(0, 3, size=60), num_classes=3)
model = Sequential()
model.add(keras.layers.InputLayer(input_shape=(4,)))
model.add(Dense(16))
model.add(BatchNormalization())
model.add(keras.layers.LeakyReLU(alpha=0.2))
model.add(Dropout(0.1))
model.add(Dense(3))
model.add(Activation("softmax"))
assert model.layers[0].output_shape[-1] == 16
model.compile(Adam(learning_rate=0.01), "categorical_crossentropy", metrics=["acc"])
history = model.fit(X, labels, epochs=2, verbose=0)
assert set(history.history) == {"acc", "loss"}
