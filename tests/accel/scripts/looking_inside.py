"""A trained net seen from inside: gradients of inputs, layers' outputs, MC dropout."""

import io

import numpy as np
import pandas as pd
import tensorflow as tf
from tensorflow import keras

tf.keras.utils.set_random_seed(38)
rng = np.random.default_rng(38)
X = pd.DataFrame(rng.normal(size=(300, 5)), columns=list("abcde"))
y = 3 * X["a"] - 2 * X["b"] + 0.1 * rng.normal(size=300)

model = keras.Sequential(
    [
        keras.layers.Input(shape=(5,)),
        keras.layers.Dense(16, activation="tanh", name="hidden"),
        keras.layers.Dropout(0.2),
        keras.layers.Dense(1, name="out"),
    ]
)
model.compile(optimizer=keras.optimizers.Adam(0.02), loss="mse", metrics=["mae"])
history = model.fit(X, y, validation_split=0.2, epochs=40, batch_size=32, verbose=0)
frame = pd.DataFrame(history.history)
assert list(frame.columns) == ["loss", "mae", "val_loss", "val_mae"]
assert frame.loc[5:, ["loss", "val_loss"]].shape == (35, 2)
assert history.epoch == list(range(40)) and history.params["epochs"] == 40
frame["epoch"] = history.epoch
best = frame["val_loss"].idxmin()
assert f"{frame.loc[best, 'val_loss']:.4f}" == "{:0.4f}".format(frame["val_loss"].min())

# Saliency: which columns move the output.
x = tf.convert_to_tensor(X.to_numpy(), dtype=tf.float32)
with tf.GradientTape() as tape:
    tape.watch(x)
    predictions = model(x, training=False)
gradient = tape.gradient(predictions, x)
importance = tf.reduce_mean(tf.abs(gradient), axis=0).numpy()
assert gradient.shape == x.shape
assert importance.argmax() == 0 and set(importance.argsort()[-2:]) == {0, 1}

# Permutation importance with predictions alone.
base = model.evaluate(X, y, verbose=0)[0]
worse = {}
for column in X.columns:
    shuffled = X.copy()
    shuffled[column] = rng.permutation(shuffled[column].to_numpy())
    worse[column] = model.evaluate(shuffled, y, verbose=0)[0] - base
assert max(worse, key=worse.get) == "a"

# The hidden layer's outputs, three ways.
hidden = keras.Model(model.inputs, model.get_layer("hidden").output)
of_model = hidden.predict(X, verbose=0)
weights, biases = model.get_layer("hidden").get_weights()
by_hand = np.tanh(X.to_numpy(dtype="float32") @ weights + biases)
assert np.allclose(of_model, by_hand, atol=1e-5)
called = model.layers[0](X.to_numpy(dtype="float32")).numpy()
assert np.allclose(called, by_hand, atol=1e-5)

# Monte Carlo dropout.
draws = np.stack([model(x[:10], training=True) for _ in range(50)])
assert draws.shape == (50, 10, 1) and (draws.std(axis=0) > 0).all()
steady = np.stack([model(x[:10], training=False) for _ in range(2)])
assert np.array_equal(steady[0], steady[1])


class MCDropout(keras.layers.Dropout):
    def call(self, inputs, training=None):
        return super().call(inputs, training=True)


mc_model = keras.Sequential(
    [
        keras.Input((5,)),
        *[
            MCDropout(layer.rate) if isinstance(layer, keras.layers.Dropout) else layer
            for layer in model.layers
        ],
    ]
)
mc_model.set_weights(model.get_weights())
assert not np.array_equal(
    mc_model.predict(X[:5], verbose=0), mc_model.predict(X[:5], verbose=0)
)

# What is printed: the summary, line by line, and configs.
lines = []
model.summary(print_fn=lambda line, **kwargs: lines.append(line))
text = "\n".join(lines)
assert "hidden" in text and "Dense" in text and "96" in text and "113" in text
assert model.count_params() == 113
config = model.get_config()
assert [entry["class_name"] for entry in config["layers"]] == [
    "InputLayer",
    "Dense",
    "Dropout",
    "Dense",
]
assert model.get_layer(index=0).name == "hidden"
assert (
    model.layers[1].rate == 0.2 and model.layers[0].activation is keras.activations.tanh
)
assert model.optimizer.get_config()["name"] == "adam"
assert np.isclose(float(model.optimizer.learning_rate), 0.02)
assert isinstance(model.loss, str) and model.loss == "mse"
assert model.input_shape == (None, 5) and model.output_shape == (None, 1)
again = keras.models.model_from_json(model.to_json())
again.set_weights(model.get_weights())
assert np.allclose(again.predict(X, verbose=0), model.predict(X, verbose=0), atol=1e-6)

# Early stopping by hand, one epoch at a time.
wait, lowest, kept = 0, np.inf, None
for epoch in range(30):
    h = model.fit(X[:240], y[:240], epochs=epoch + 1, initial_epoch=epoch, verbose=0)
    assert h.epoch == [epoch]
    val = model.evaluate(X[240:], y[240:], verbose=0, return_dict=True)["loss"]
    if val < lowest:
        wait, lowest, kept = 0, val, model.get_weights()
    else:
        wait += 1
        if wait >= 3:
            break
model.set_weights(kept)
assert np.isclose(model.evaluate(X[240:], y[240:], verbose=0)[0], lowest, rtol=1e-5)
out = io.StringIO()
print(model(x[:1]).numpy()[0, 0], file=out)
assert np.isclose(float(out.getvalue()), model(x[:1]).numpy().item())
