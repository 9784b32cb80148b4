"""Two networks against each other: a step with two optimizers, frozen in turn."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(32)
rng = np.random.default_rng(32)
X = rng.normal(loc=[2.0, -1.0], scale=0.3, size=(256, 2)).astype("float32")

generator = keras.Sequential(
    [
        keras.Input(shape=(4,)),
        layers.Dense(16),
        layers.LeakyReLU(negative_slope=0.2),
        layers.Dense(2),
    ],
    name="generator",
)
discriminator = keras.Sequential(
    [keras.Input(shape=(2,)), layers.Dense(16), layers.LeakyReLU(), layers.Dense(1)],
    name="discriminator",
)


class GAN(keras.Model):
    def __init__(self, discriminator, generator, latent_dim):
        super().__init__()
        self.discriminator = discriminator
        self.generator = generator
        self.latent_dim = latent_dim
        self.seed_generator = keras.random.SeedGenerator(1337)
        self.d_loss_metric = keras.metrics.Mean(name="d_loss")
        self.g_loss_metric = keras.metrics.Mean(name="g_loss")

    def compile(self, d_optimizer, g_optimizer, loss_fn):
        super().compile()
        self.d_optimizer = d_optimizer
        self.g_optimizer = g_optimizer
        self.loss_fn = loss_fn

    @property
    def metrics(self):
        return [self.d_loss_metric, self.g_loss_metric]

    def train_step(self, real_images):
        batch_size = tf.shape(real_images)[0]
        noise = keras.random.normal(
            shape=(batch_size, self.latent_dim), seed=self.seed_generator
        )
        generated = self.generator(noise)
        combined = tf.concat([generated, real_images], axis=0)
        labels = tf.concat(
            [tf.ones((batch_size, 1)), tf.zeros((batch_size, 1))], axis=0
        )
        with tf.GradientTape() as tape:
            predictions = self.discriminator(combined)
            d_loss = self.loss_fn(labels, predictions)
        grads = tape.gradient(d_loss, self.discriminator.trainable_weights)
        self.d_optimizer.apply_gradients(
            zip(grads, self.discriminator.trainable_weights)
        )
        noise = keras.random.normal(
            shape=(batch_size, self.latent_dim), seed=self.seed_generator
        )
        misleading = tf.zeros((batch_size, 1))
        with tf.GradientTape() as tape:
            predictions = self.discriminator(self.generator(noise))
            g_loss = self.loss_fn(misleading, predictions)
        grads = tape.gradient(g_loss, self.generator.trainable_weights)
        self.g_optimizer.apply_gradients(zip(grads, self.generator.trainable_weights))
        self.d_loss_metric.update_state(d_loss)
        self.g_loss_metric.update_state(g_loss)
        return {
            "d_loss": self.d_loss_metric.result(),
            "g_loss": self.g_loss_metric.result(),
        }


class Monitor(keras.callbacks.Callback):
    def __init__(self, count):
        self.count = count
        self.means = []

    def on_epoch_end(self, epoch, logs=None):
        noise = keras.random.normal(
            shape=(self.count, self.model.latent_dim), seed=epoch
        )
        self.means.append(self.model.generator(noise).numpy().mean(axis=0))


gan = GAN(discriminator, generator, latent_dim=4)
gan.compile(
    d_optimizer=keras.optimizers.Adam(learning_rate=0.005),
    g_optimizer=keras.optimizers.Adam(learning_rate=0.005),
    loss_fn=keras.losses.BinaryCrossentropy(from_logits=True),
)
monitor = Monitor(64)
before = np.linalg.norm(generator.predict(np.zeros((1, 4)), verbose=0) - [[2.0, -1.0]])
dataset = (
    tf.data.Dataset.from_tensor_slices(X).shuffle(256).batch(32, drop_remainder=True)
)
history = gan.fit(dataset, epochs=40, callbacks=[monitor], verbose=0)
assert set(history.history) == {"d_loss", "g_loss"} and len(monitor.means) == 40
assert np.linalg.norm(monitor.means[-1] - [2.0, -1.0]) < 0.8 * before
assert int(gan.d_optimizer.iterations.numpy()) == 320

# The older way: train_on_batch, the discriminator frozen within the pair.
codings_size = 3
generator = keras.Sequential(
    [layers.Dense(8, activation="selu", input_shape=[codings_size]), layers.Dense(2)]
)
discriminator = keras.Sequential(
    [
        layers.Dense(8, activation="selu", input_shape=[2]),
        layers.Dense(1, activation="sigmoid"),
    ]
)
pair = keras.models.Sequential([generator, discriminator])
discriminator.compile(loss="binary_crossentropy", optimizer="rmsprop")
discriminator.trainable = False
pair.compile(loss="binary_crossentropy", optimizer="rmsprop")
frozen = [w.copy() for w in discriminator.get_weights()]
noise = rng.normal(size=(32, codings_size)).astype("float32")
pair.train_on_batch(noise, np.ones((32, 1)))
assert all(np.array_equal(a, b) for a, b in zip(frozen, discriminator.get_weights()))
discriminator.trainable = True
fakes = generator(noise).numpy()
both = np.concatenate([fakes, X[:32]])
labels = np.concatenate([np.zeros((32, 1)), np.ones((32, 1))])
discriminator.train_on_batch(both, labels)
