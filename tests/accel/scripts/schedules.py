"""Learning rates that change: schedules, callbacks, clipping, other optimizers."""

import numpy as np
from tensorflow import keras

rng = np.random.default_rng(12)
X = rng.normal(size=(64, 4)).astype("float32")
y = X.sum(axis=1)


def train(optimizer, epochs=3, **arguments):
    model = keras.Sequential([keras.layers.Dense(1, input_shape=[4])])
    model.compile(loss="mse", optimizer=optimizer)
    return model, model.fit(X, y, epochs=epochs, verbose=0, **arguments)


decays = (
    keras.optimizers.schedules.ExponentialDecay(
        initial_learning_rate=0.01, decay_steps=10, decay_rate=0.1, staircase=False
    ),
    keras.optimizers.schedules.InverseTimeDecay(
        initial_learning_rate=0.01, decay_steps=10, decay_rate=1.0, staircase=False
    ),
    keras.optimizers.schedules.PiecewiseConstantDecay(
        boundaries=[2, 4], values=[0.01, 0.005, 0.001]
    ),
)
for decay in decays:
    model, history = train(keras.optimizers.SGD(learning_rate=decay))
    assert float(model.optimizer.learning_rate) < 0.01


def exponential_decay_fn(epoch):
    return 0.01 * 0.1 ** (epoch / 20)


scheduler = keras.callbacks.LearningRateScheduler(exponential_decay_fn)
model, history = train("sgd", callbacks=[scheduler])
assert np.isclose(history.history["learning_rate"][2], exponential_decay_fn(2))

model, _ = train(keras.optimizers.SGD(learning_rate=0.01, clipvalue=1.0))
model.optimizer.learning_rate = 0.5
assert np.isclose(float(model.optimizer.learning_rate), 0.5)
for optimizer in (
    keras.optimizers.SGD(momentum=0.9, clipnorm=1.0),
    keras.optimizers.RMSprop(learning_rate=0.001, rho=0.9),
    keras.optimizers.Adagrad(learning_rate=0.001),
    keras.optimizers.Adam(learning_rate=0.001, beta_1=0.9, beta_2=0.999),
    keras.optimizers.Adamax(learning_rate=0.001, beta_1=0.9, beta_2=0.999),
    keras.optimizers.Nadam(learning_rate=0.001, beta_1=0.9, beta_2=0.999),
    keras.optimizers.AdamW(weight_decay=1e-5, learning_rate=0.001, beta_1=0.9),
):
    _, history = train(optimizer)
    assert np.isfinite(history.history["loss"]).all()
