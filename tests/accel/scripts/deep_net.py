"""Deep nets on a table of concrete: layers with activations, and apart from them."""

import numpy as np
import pandas as pd
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

rng = np.random.default_rng(0)
concrete = pd.DataFrame(rng.random((64, 8)), columns=[f"part_{i}" for i in range(8)])
concrete["strength"] = concrete.sum(axis=1)
input_shape = [8]

model = keras.Sequential(
    [
        layers.Dense(512, activation="relu", input_shape=input_shape),
        layers.Dense(512, activation="relu"),
        layers.Dense(units=1),
    ]
)
assert len(model.layers) == 3 and model.count_params() == 267_777

apart = keras.Sequential(
    [
        layers.Dense(32, input_shape=[8]),
        layers.Activation("relu"),
        layers.Dense(32),
        layers.Activation("relu"),
        layers.Dense(1),
    ]
)
apart.compile(optimizer="adam", loss="mae")
x = concrete.drop(columns="strength").to_numpy("float32")
apart.fit(x, concrete["strength"], batch_size=16, epochs=2, verbose=0)

for name in ("relu", "elu", "selu", "swish", "sigmoid", "tanh"):
    activation_layer = layers.Activation(name)
    line = tf.linspace(-3.0, 3.0, 100)
    assert activation_layer(line).numpy().shape == (100,)
relu = layers.Activation("relu")
assert np.allclose(relu(line), np.maximum(line, 0.0))
