"""The functional interface: wide and deep, several inputs, several outputs."""

import numpy as np
from tensorflow import keras
from tensorflow.keras.layers import Concatenate, Dense, Input

rng = np.random.default_rng(8)
X = rng.normal(size=(200, 8)).astype("float32")
y = X[:, :1] * 2 + X[:, 1:2] ** 2

input_ = keras.layers.Input(shape=X.shape[1:])
hidden1 = keras.layers.Dense(30, activation="relu")(input_)
hidden2 = keras.layers.Dense(30, activation="relu")(hidden1)
concat = keras.layers.concatenate([input_, hidden2])
output = keras.layers.Dense(1)(concat)
assert tuple(concat.shape) == (None, 38)
model = keras.models.Model(inputs=[input_], outputs=[output])
model.compile(
    loss="mean_squared_error", optimizer=keras.optimizers.SGD(learning_rate=1e-3)
)
history = model.fit(X, y, epochs=4, validation_split=0.2, verbose=0)
assert history.history["loss"][-1] < history.history["loss"][0]

input_A = Input(shape=[5], name="wide_input")
input_B = Input(shape=[6], name="deep_input")
hidden = Dense(30, activation="relu")(input_B)
both = Concatenate()([input_A, hidden])
output = Dense(1, name="main_output")(both)
aux_output = Dense(1, name="aux_output")(hidden)
model = keras.Model(inputs=[input_A, input_B], outputs=[output, aux_output])
model.compile(loss=["mse", "mse"], loss_weights=[0.9, 0.1], optimizer="sgd")
X_A, X_B = X[:, :5], X[:, 2:]
history = model.fit([X_A, X_B], [y, y], epochs=2, verbose=0)
assert {"loss", "main_output_loss", "aux_output_loss"} <= set(history.history)
total_loss, main_loss, aux_loss = model.evaluate([X_A, X_B], [y, y], verbose=0)
assert np.isclose(total_loss, 0.9 * main_loss + 0.1 * aux_loss, rtol=0.1)
y_main, y_aux = model.predict([X_A[:3], X_B[:3]], verbose=0)
assert y_main.shape == y_aux.shape == (3, 1)

named = keras.Model(
    inputs={"wide": input_A, "deep": input_B},
    outputs={"main": output, "aux": aux_output},
)
named.compile(
    optimizer="rmsprop",
    loss={"main": "mse", "aux": "mae"},
    metrics={"main": ["mae"], "aux": ["mse"]},
)
data = {"wide": X_A, "deep": X_B}
named.fit(data, {"main": y, "aux": y}, epochs=1, verbose=0)
assert set(named.predict(data, verbose=0)) == {"main", "aux"}

features = keras.Model(inputs=input_B, outputs=model.layers[2].output)
assert features.predict(X_B, verbose=0).shape[0] == 200
