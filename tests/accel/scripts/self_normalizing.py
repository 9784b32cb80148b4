"""Self-normalizing nets: selu, LeCun's initial weights, alpha dropout; and others."""

import numpy as np
from tensorflow import keras

keras.utils.set_random_seed(13)
rng = np.random.default_rng(13)
X = rng.normal(size=(200, 20)).astype("float32")
y = (X[:, 0] > 0).astype("int32")


class MCAlphaDropout(keras.layers.AlphaDropout):
    def call(self, inputs):
        return super().call(inputs, training=True)


class MCDropout(keras.layers.Dropout):
    def call(self, inputs, training=False):
        return super().call(inputs, training=True)


model = keras.models.Sequential()
model.add(keras.layers.Input(shape=[20]))
for _ in range(8):
    model.add(
        keras.layers.Dense(
            30, activation="selu", kernel_initializer="lecun_normal", use_bias=True
        )
    )
hidden = keras.Model(model.inputs, model.layers[-1].output)
outputs = hidden.predict(X, verbose=0)
assert 0.3 < outputs.std() < 3.0
model.add(keras.layers.AlphaDropout(rate=0.2))
model.add(keras.layers.Dense(2, activation="softmax"))
model.compile(
    loss="sparse_categorical_crossentropy",
    optimizer=keras.optimizers.SGD(learning_rate=5e-3),
    metrics=["accuracy"],
)
history = model.fit(X, y, epochs=5, verbose=0)
assert np.isfinite(history.history["loss"]).all()

monte_carlo = keras.models.Sequential(
    [keras.layers.Dense(16, activation="elu", input_shape=[20])]
)
monte_carlo.add(MCDropout(0.2))
monte_carlo.add(keras.layers.Dense(2, activation="softmax"))
y_probas = np.stack([monte_carlo(X[:3], training=True) for _ in range(20)])
assert y_probas.shape == (20, 3, 2) and y_probas.std(axis=0).max() > 0

others = keras.models.Sequential(
    [
        keras.layers.Flatten(input_shape=[20]),
        keras.layers.Dense(
            16,
            kernel_initializer=keras.initializers.VarianceScaling(
                scale=2.0, mode="fan_avg", distribution="uniform"
            ),
            kernel_constraint=keras.constraints.max_norm(1.0),
            kernel_regularizer=keras.regularizers.l2(0.01),
        ),
        keras.layers.LeakyReLU(),
        keras.layers.Dense(16, kernel_initializer="he_normal", use_bias=False),
        keras.layers.BatchNormalization(),
        keras.layers.Activation("elu"),
        keras.layers.Dense(8),
        keras.layers.PReLU(),
        keras.layers.Dense(2, activation="softmax"),
    ]
)
others.compile(loss="sparse_categorical_crossentropy", optimizer="nadam")
others.fit(X, y, epochs=2, verbose=0)
norms = np.linalg.norm(others.layers[1].get_weights()[0], axis=0)
assert norms.max() <= 1.0 + 1e-5
