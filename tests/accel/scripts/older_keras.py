"""What scripts of Keras 2 still write, and Keras 3 no longer takes."""

import keras
import numpy as np
import tensorflow as tf
from keras import backend as K
from keras.layers.core import Activation, Dense, Dropout
from keras.layers.normalization import BatchNormalization
from keras.models import Sequential
from keras.optimizers.legacy import Adam
from keras.utils.np_utils import to_categorical
from tensorflow.keras import models as older_models

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
assert model.layers[0].input_shape[-1] == 4
model.compile(Adam(learning_rate=0.01), "categorical_crossentropy", metrics=["acc"])
history = model.fit(X, labels, epochs=2, verbose=0)
assert set(history.history) == {"acc", "loss"}

optimizer = keras.optimizers.RMSprop(lr=0.01)
assert np.isclose(K.get_value(optimizer.lr), 0.01)


class Compiled(keras.Model):
    """A training step as Keras 2 had it."""

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compiled_loss(y, y_pred, regularization_losses=self.losses)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        self.compiled_metrics.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}


inputs = keras.Input(shape=(4,))
stepped = Compiled(inputs, Dense(3, activation="softmax")(inputs))
stepped.compile(optimizer, "categorical_crossentropy", metrics=["acc"])
history = stepped.fit(X, labels, epochs=3, verbose=0)
assert {"acc", "loss"} <= set(history.history)
assert history.history["loss"][-1] < history.history["loss"][0]
assert older_models.Sequential is Sequential
