"""Autoencoders: two models over one, and a variational one with its own step."""

import keras
import numpy as np
from keras import Model, layers, losses, metrics, ops, optimizers, random, utils

utils.set_random_seed(31)
rng = np.random.default_rng(31)
codes = rng.normal(size=(256, 2))
X = (codes @ rng.normal(size=(2, 12)) > 0).astype("float32")

inputs = keras.Input(shape=(12,))
encoded = layers.Dense(8, activation="relu")(inputs)
encoded = layers.Dense(2, name="code")(encoded)
decoded = layers.Dense(8, activation="relu")(encoded)
decoded = layers.Dense(12, activation="sigmoid", name="decoded")(decoded)
autoencoder = Model(inputs, decoded)
encoder = Model(inputs, encoded)
code = keras.Input(shape=(2,))
hidden = autoencoder.layers[-2](code)
decoder = Model(code, autoencoder.layers[-1](hidden))
autoencoder.compile(optimizer=optimizers.Adam(0.01), loss="binary_crossentropy")
history = autoencoder.fit(X, X, epochs=30, batch_size=32, shuffle=True, verbose=0)
assert history.history["loss"][-1] < 0.75 * history.history["loss"][0]
both = decoder.predict(encoder.predict(X, verbose=0), verbose=0)
assert np.allclose(both, autoencoder.predict(X, verbose=0), atol=1e-6)

denoising = keras.Sequential(
    [
        keras.Input(shape=(12,)),
        layers.GaussianNoise(0.3),
        layers.Dense(
            6, activation="relu", activity_regularizer=keras.regularizers.L1(1e-5)
        ),
        layers.Dense(12, activation="sigmoid"),
    ]
)
denoising.compile("adam", loss=losses.BinaryCrossentropy(), metrics=["mae"])
denoising.fit(X, X, validation_data=(X[:32], X[:32]), epochs=2, verbose=0)


class Sampling(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = random.SeedGenerator(1337)

    def call(self, inputs):
        z_mean, z_log_var = inputs
        batch = ops.shape(z_mean)[0]
        dim = ops.shape(z_mean)[1]
        epsilon = random.normal(shape=(batch, dim), seed=self.seed_generator)
        return z_mean + ops.exp(0.5 * z_log_var) * epsilon


class VAE(Model):
    def __init__(self, encoder, decoder, **kwargs):
        super().__init__(**kwargs)
        self.encoder = encoder
        self.decoder = decoder
        self.total_loss_tracker = metrics.Mean(name="total_loss")
        self.kl_loss_tracker = metrics.Mean(name="kl_loss")

    @property
    def metrics(self):
        return [self.total_loss_tracker, self.kl_loss_tracker]

    def train_step(self, data):
        import tensorflow as tf

        with tf.GradientTape() as tape:
            z_mean, z_log_var, z = self.encoder(data)
            reconstruction = self.decoder(z)
            reconstruction_loss = ops.mean(
                ops.sum(keras.losses.binary_crossentropy(data, reconstruction) * 12.0)
            )
            kl_loss = -0.5 * (1 + z_log_var - ops.square(z_mean) - ops.exp(z_log_var))
            kl_loss = ops.mean(ops.sum(kl_loss, axis=1))
            total_loss = reconstruction_loss + kl_loss
        grads = tape.gradient(total_loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(grads, self.trainable_weights))
        self.total_loss_tracker.update_state(total_loss)
        self.kl_loss_tracker.update_state(kl_loss)
        return {
            "loss": self.total_loss_tracker.result(),
            "kl_loss": self.kl_loss_tracker.result(),
        }


x = keras.Input(shape=(12,))
h = layers.Dense(8, activation="relu")(x)
z_mean = layers.Dense(2, name="z_mean")(h)
z_log_var = layers.Dense(2, name="z_log_var")(h)
z = Sampling()([z_mean, z_log_var])
vae_encoder = Model(x, [z_mean, z_log_var, z], name="encoder")
vae_decoder = keras.Sequential(
    [keras.Input((2,)), layers.Dense(8, "relu"), layers.Dense(12, "sigmoid")]
)
vae = VAE(vae_encoder, vae_decoder)
vae.compile(optimizer=optimizers.Adam(0.01))
history = vae.fit(X, epochs=20, batch_size=64, verbose=0)
assert set(history.history) == {"loss", "kl_loss"}
assert history.history["loss"][-1] < history.history["loss"][0]
mean, log_var, drawn = vae.encoder.predict(X, verbose=0)
assert mean.shape == log_var.shape == drawn.shape == (256, 2)
assert not np.allclose(mean, drawn)
made = vae.decoder.predict(np.array([[0.0, 1.0]]), verbose=0)
assert made.shape == (1, 12) and made.min() >= 0 and made.max() <= 1
