"""Steps without side effects, as Keras has them on JAX: values go in and come out."""

import keras
import numpy as np
from keras import ops

keras.utils.set_random_seed(21)
rng = np.random.default_rng(21)
X = rng.normal(size=(128, 4)).astype("float32")
y = X @ np.array([[1.0], [-2.0], [0.5], [0.0]], "float32") + 0.5


def slopes(inputs, predictions, targets):
    """Those of the mean squared error of a linear model, by hand."""
    error = predictions - targets
    kernel = 2.0 * ops.mean(inputs * error, axis=0, keepdims=True)
    return [ops.transpose(kernel), 2.0 * ops.mean(error, axis=0)]


class CustomModel(keras.Model):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.loss_tracker = keras.metrics.Mean(name="loss")

    def compute_loss_and_updates(
        self,
        trainable_variables,
        non_trainable_variables,
        inputs,
        targets,
        training=False,
    ):
        predictions, non_trainable_variables = self.stateless_call(
            trainable_variables, non_trainable_variables, inputs, training=training
        )
        loss = self.compute_loss(y=targets, y_pred=predictions)
        return loss, (predictions, non_trainable_variables)

    def train_step(self, state, data):
        trainable, non_trainable, optimizer_variables, metrics_variables = state
        inputs, targets = data
        loss, (predictions, non_trainable) = self.compute_loss_and_updates(
            trainable, non_trainable, inputs, targets, training=True
        )
        gradients = slopes(inputs, predictions, targets)
        trainable, optimizer_variables = self.optimizer.stateless_apply(
            optimizer_variables, gradients, trainable
        )
        metrics_variables = self.loss_tracker.stateless_update_state(
            metrics_variables, loss
        )
        logs = {"loss": self.loss_tracker.stateless_result(metrics_variables)}
        return logs, (trainable, non_trainable, optimizer_variables, metrics_variables)

    @property
    def metrics(self):
        return [self.loss_tracker]


inputs = keras.Input(shape=(4,))
model = CustomModel(inputs, keras.layers.Dense(1)(inputs))
model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
history = model.fit(X, y, epochs=8, batch_size=32, verbose=0)
assert history.history["loss"][-1] < 0.1 * history.history["loss"][0]

inputs = keras.Input(shape=(4,))
model = keras.Model(inputs, keras.layers.Dense(1)(inputs))
optimizer = keras.optimizers.Adam(learning_rate=0.05)
optimizer.build(model.trainable_variables)
metric = keras.metrics.MeanAbsoluteError()
trainable = [ops.convert_to_tensor(v) for v in model.trainable_variables]
optimizer_variables = [ops.convert_to_tensor(v) for v in optimizer.variables]
means = []
for _ in range(20):
    metric_variables = metric.stateless_reset_state()
    for start in range(0, 128, 32):
        batch, targets = X[start : start + 32], y[start : start + 32]
        predictions, _ = model.stateless_call(trainable, [], batch, training=True)
        trainable, optimizer_variables = optimizer.stateless_apply(
            optimizer_variables, slopes(batch, predictions, targets), trainable
        )
        metric_variables = metric.stateless_update_state(
            metric_variables, targets, predictions
        )
    means.append(float(metric.stateless_result(metric_variables)))
assert means[-1] < 0.5 * means[0]
before = model.evaluate(X, y, verbose=0) if model.compiled else None
assert before is None
for variable, value in zip(model.trainable_variables, trainable):
    variable.assign(value)
assert np.abs(model.predict(X, verbose=0) - y).mean() < means[0]
