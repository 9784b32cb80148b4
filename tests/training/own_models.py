"""Models with steps of their own, for real Keras and for Pronghorn.

`record_own_steps.py` writes what Keras on TensorFlow does, `test_own_steps.py`
compares.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

RNG = np.random.default_rng(3)
X = RNG.normal(size=(24, 4)).astype("float32")
Y = (X @ np.float32([[1.0], [-2.0], [0.5], [0.0]]) + 0.3).astype("float32")


def started(model: Any) -> Any:
    """The model, built, with fixed weights."""
    model(X[:1])
    stream = np.random.default_rng(9)
    model.set_weights([0.3 * stream.normal(size=w.shape) for w in model.get_weights()])
    return model


def Net(keras: Any) -> type:
    """Two dense layers."""

    class Net(keras.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.first = keras.layers.Dense(5, activation="tanh")
            self.second = keras.layers.Dense(1, kernel_regularizer="l2")

        def call(self, x: Any, training: Any = None) -> Any:
            return self.second(self.first(x))

    return Net


def of_tape(keras: Any, tape_of: Any) -> type:
    """The train_step of the guides."""

    class OfTape(Net(keras)):  # type: ignore[misc]
        def train_step(self, data: Any) -> Any:
            x, y = data
            with tape_of() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(y=y, y_pred=y_pred)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply(gradients, self.trainable_variables)
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred)
            return {m.name: m.result() for m in self.metrics}

    return OfTape


def _own_metrics(keras: Any, tape_of: Any) -> type:
    """Losses and metrics that `compile` knows nothing of, and a `metrics` property."""

    class OwnMetrics(Net(keras)):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.tracker = keras.metrics.Mean(name="loss")
            self.mae = keras.metrics.MeanAbsoluteError(name="mae")
            self.loss_fn = keras.losses.Huber()

        def train_step(self, data: Any) -> Any:
            x, y = data
            with tape_of() as tape:
                y_pred = self(x, training=True)
                loss = self.loss_fn(y, y_pred)
            weights = self.trainable_weights
            gradients = tape.gradient(loss, weights)
            self.optimizer.apply_gradients(zip(gradients, weights))
            self.tracker.update_state(loss)
            self.mae.update_state(y, y_pred)
            return {"loss": self.tracker.result(), "mae": self.mae.result()}

        def test_step(self, data: Any) -> Any:
            x, y = data
            y_pred = self(x, training=False)
            self.tracker.update_state(self.loss_fn(y, y_pred))
            self.mae.update_state(y, y_pred)
            return {"loss": self.tracker.result(), "mae": self.mae.result()}

        @property
        def metrics(self) -> Any:
            return [self.tracker, self.mae]

    return OwnMetrics


def _own_loss(keras: Any, tape_of: Any) -> type:
    """`compute_loss` alone."""

    class OwnLoss(Net(keras)):  # type: ignore[misc]
        def compute_loss(
            self,
            x: Any = None,
            y: Any = None,
            y_pred: Any = None,
            sample_weight: Any = None,
            training: bool = True,
        ) -> Any:
            loss = keras.ops.mean(keras.ops.abs(y_pred - y) ** 3)
            return loss + sum(self.losses)

    return OwnLoss


def _last_value(keras: Any, tape_of: Any) -> type:
    """Logs that are no metric: an epoch shows the last step's."""

    class LastValue(Net(keras)):  # type: ignore[misc]
        def train_step(self, data: Any) -> Any:
            x, y = data
            with tape_of() as tape:
                loss = keras.ops.mean(keras.ops.square(self(x, training=True) - y))
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply(gradients, self.trainable_variables)
            norm = sum(keras.ops.sum(keras.ops.square(g)) for g in gradients)
            return {"loss": loss, "slope": norm}

    return LastValue


def _two_steps(keras: Any, tape_of: Any) -> type:
    """Two optimizers that take turns within one step, as for adversaries."""

    class TwoSteps(Net(keras)):  # type: ignore[misc]
        def compile(self, one: Any, two: Any, **more: Any) -> None:
            super().compile(**more)
            self.one, self.two = one, two

        def train_step(self, data: Any) -> Any:
            x, y = data
            parts = ((self.first, self.one), (self.second, self.two))
            for layer, optimizer in (*parts, parts[0]):
                with tape_of() as tape:
                    loss = keras.ops.mean(keras.ops.square(self(x) - y))
                slopes = tape.gradient(loss, layer.trainable_weights)
                optimizer.apply_gradients(zip(slopes, layer.trainable_weights))
            return {"last": loss}

    return TwoSteps


def _autoencoder(keras: Any, tape_of: Any) -> type:
    """No `call`, no targets: parts that its own step calls."""

    class Autoencoder(keras.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.encoder = keras.Sequential(
                [keras.Input((4,)), keras.layers.Dense(2, activation="tanh")]
            )
            self.decoder = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4)])
            self.total = keras.metrics.Mean(name="total_loss")

        @property
        def metrics(self) -> Any:
            return [self.total]

        def train_step(self, data: Any) -> Any:
            if isinstance(data, tuple):
                data = data[0]
            with tape_of() as tape:
                z = self.encoder(data)
                again = self.decoder(z)
                error = keras.ops.sum(keras.ops.square(data - again), axis=1)
                loss = keras.ops.mean(error) + 0.1 * keras.ops.mean(z * z)
            weights = self.trainable_weights
            self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
            self.total.update_state(loss)
            return {"loss": self.total.result()}

    return Autoencoder


def _fitted(kind: Any, compiled: Any, **data: Any) -> Callable[..., dict[str, Any]]:
    def run(keras: Any, tape_of: Any, eagerly: bool = False) -> dict[str, Any]:
        model = kind(keras, tape_of)()
        if hasattr(model, "encoder"):
            parts = model.encoder, model.decoder
            stream = np.random.default_rng(9)
            for part in parts:
                part.set_weights(
                    [0.3 * stream.normal(size=w.shape) for w in part.get_weights()]
                )
        else:
            parts = (started(model),)
        model.compile(**compiled(keras), run_eagerly=eagerly)
        inputs = {"x": X, "y": Y, **data}
        given = {k: v for k, v in inputs.items() if v is not None}
        options = {"batch_size": 10, "shuffle": False, "verbose": 0}
        history = model.fit(**given, epochs=4, **options).history
        found = {k: np.asarray(v, float).tolist() for k, v in history.items()}
        weights = [w for part in parts for w in part.get_weights()]
        found["weights"] = np.concatenate([w.ravel() for w in weights]).tolist()
        return found

    return run


SCENARIOS: dict[str, Callable[..., dict[str, Any]]] = {
    "tape": _fitted(
        of_tape,
        lambda k: {"optimizer": k.optimizers.Adam(0.02), "loss": "mse"},
    ),
    "own metrics": _fitted(
        _own_metrics,
        lambda k: {"optimizer": k.optimizers.SGD(0.05, momentum=0.9)},
        validation_data=(X[:9], Y[:9]),
    ),
    "own loss": _fitted(
        _own_loss,
        lambda k: {"optimizer": k.optimizers.RMSprop(0.01), "metrics": ["mae"]},
        validation_data=(X[:9], Y[:9]),
    ),
    "last value": _fitted(_last_value, lambda k: {"optimizer": k.optimizers.SGD(0.05)}),
    "two steps": _fitted(
        _two_steps,
        lambda k: {
            "one": k.optimizers.Adam(0.02),
            "two": k.optimizers.SGD(0.05, momentum=0.5),
        },
    ),
    "autoencoder": _fitted(
        _autoencoder, lambda k: {"optimizer": k.optimizers.Adam(0.02)}, y=None
    ),
}
