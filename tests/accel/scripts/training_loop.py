"""Training loops of one's own around a model."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

keras.utils.set_random_seed(15)
rng = np.random.default_rng(15)
X_train = rng.normal(size=(256, 8)).astype("float32")
y_train = (X_train[:, :1] * 2 - X_train[:, 1:2]).astype("float32")

l2_reg = keras.regularizers.l2(0.0005)
model = keras.models.Sequential(
    [
        keras.layers.Input(shape=[8]),
        keras.layers.Dense(
            30,
            activation="elu",
            kernel_initializer="he_normal",
            kernel_regularizer=l2_reg,
        ),
        keras.layers.Dense(1, kernel_regularizer=l2_reg),
    ]
)


def random_batch(X, y, batch_size=32):
    idx = np.random.randint(len(X), size=batch_size)
    return X[idx], y[idx]


n_epochs, batch_size = 4, 32
n_steps = len(X_train) // batch_size
optimizer = keras.optimizers.Nadam(learning_rate=0.01)
loss_fn = keras.losses.MeanSquaredError()
mean_loss = keras.metrics.Mean(name="mean_loss")
metrics = [keras.metrics.MeanAbsoluteError()]
seen = []
for _ in range(n_epochs):
    for _ in range(n_steps):
        X_batch, y_batch = random_batch(X_train, y_train)
        with tf.GradientTape() as tape:
            y_pred = model(X_batch, training=True)
            main_loss = tf.reduce_mean(loss_fn(y_batch, y_pred))
            loss = tf.add_n([main_loss, *model.losses])
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        for variable in model.variables:
            if getattr(variable, "constraint", None) is not None:
                variable.assign(variable.constraint(variable))
        mean_loss(loss)
        for metric in metrics:
            metric(y_batch, y_pred)
    seen.append(float(mean_loss.result()))
    for metric in [mean_loss, *metrics]:
        metric.reset_state()
assert seen[-1] < seen[0]


class CustomModel(keras.Model):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.tracker = keras.metrics.Mean(name="loss")

    def train_step(self, data):
        inputs, targets = data
        with tf.GradientTape() as tape:
            predictions = self(inputs, training=True)
            loss = self.compute_loss(y=targets, y_pred=predictions)
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights))
        self.tracker.update_state(loss)
        return {"loss": self.tracker.result()}

    @property
    def metrics(self):
        return [self.tracker]


inputs = keras.Input(shape=(8,))
features = keras.layers.Dense(16, activation="relu")(inputs)
features = keras.layers.Dropout(0.1)(features)
outputs = keras.layers.Dense(1)(features)
custom = CustomModel(inputs, outputs)
custom.compile(optimizer=keras.optimizers.RMSprop(0.01), loss="mse")
history = custom.fit(X_train, y_train, epochs=4, verbose=0)
assert history.history["loss"][-1] < history.history["loss"][0]
