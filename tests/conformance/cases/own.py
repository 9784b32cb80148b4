"""A user's own classes, written in `ops`: the same lines in both libraries."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conformance import data
from tests.conformance.case import Case, CaseTable, Results, arrays, jsonable


def layer_class(k: Any) -> type:
    """A layer with weights, a state that training moves, and a penalty."""

    class Gate(k.layers.Layer):  # type: ignore[misc, name-defined]
        """x * sigmoid(x w) minus a running mean."""

        def __init__(self, pace: float = 0.9, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.pace = pace

        def build(self, input_shape: Any) -> None:
            width = input_shape[-1]
            self.w = self.add_weight(
                shape=(width, width), initializer="glorot_uniform", name="w"
            )
            self.seen = self.add_weight(
                shape=(width,), initializer="zeros", trainable=False, name="seen"
            )

        def call(self, inputs: Any, training: bool = False) -> Any:
            out = inputs * k.ops.sigmoid(k.ops.matmul(inputs, self.w))
            shift = k.ops.convert_to_tensor(self.seen) + 0.0
            if training:
                mean = k.ops.mean(out, axis=0)
                self.seen.assign(self.pace * self.seen + (1.0 - self.pace) * mean)
            self.add_loss(0.01 * k.ops.sum(k.ops.square(self.w)))
            return out - shift

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "pace": self.pace}

    return Gate


def optimizer_class(k: Any) -> type:
    """Momentum by the sign of the gradient, with a slot for each weight."""

    class Signed(k.optimizers.Optimizer):  # type: ignore[misc, name-defined]
        """v = 0.8 v + sign(g); w = w - rate * v."""

        def build(self, variables: Any) -> None:
            super().build(variables)
            self.speeds = [
                self.add_variable_from_reference(variable, name="speed")
                for variable in variables
            ]

        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            rate = k.ops.cast(learning_rate, variable.dtype)
            speed = self.speeds[self._get_variable_index(variable)]
            self.assign(speed, 0.8 * speed + k.ops.tanh(9.0 * gradient))
            self.assign_sub(variable, rate * speed)

    return Signed


def metric_class(k: Any) -> type:
    """The largest error so far, and the share of small ones."""

    class Small(k.metrics.Metric):  # type: ignore[misc, name-defined]
        """Share of errors below a limit."""

        def __init__(self, limit: float = 0.5, name: str = "small") -> None:
            super().__init__(name=name)
            self.limit = limit
            self.hits = self.add_variable((), initializer="zeros", name="hits")
            self.rows = self.add_variable((), initializer="zeros", name="rows")

        def update_state(
            self, y_true: Any, y_pred: Any, sample_weight: Any = None
        ) -> None:
            small = k.ops.abs(y_true - y_pred) < self.limit
            small = k.ops.cast(small, "float32")
            self.hits.assign_add(k.ops.sum(small))
            self.rows.assign_add(k.ops.sum(k.ops.ones_like(small)))

        def result(self) -> Any:
            return self.hits / self.rows

    return Small


def loss_function(k: Any) -> Any:
    """A quantile loss."""

    def pinball(y_true: Any, y_pred: Any) -> Any:
        error = y_true - y_pred
        return k.ops.mean(k.ops.maximum(0.3 * error, -0.7 * error), axis=-1)

    return pinball


def loss_class(k: Any) -> type:
    """The same as a class."""

    class Pinball(k.losses.Loss):  # type: ignore[misc, name-defined]
        """Quantile loss."""

        def call(self, y_true: Any, y_pred: Any) -> Any:
            return loss_function(k)(y_true, y_pred)

    return Pinball


def net(k: Any) -> Any:
    """Dense, the user's layer, Dense."""
    return data.seeded(
        k.Sequential(
            [
                k.layers.Input((data.FEATURES,)),
                k.layers.Dense(6, activation="tanh", name="one"),
                layer_class(k)(pace=0.8, name="gate"),
                k.layers.Dense(1, name="out"),
            ]
        )
    )


def train(k: Any, part: str) -> Results:
    """A hundred steps with one part or all of them a user's own."""
    model = net(k) if part in ("layer", "all") else data.mlp(k)
    loss = loss_class(k)() if part in ("loss class", "all") else "mse"
    loss = loss_function(k) if part == "loss function" else loss
    own = part in ("optimizer", "all")
    optimizer = optimizer_class(k)(0.005) if own else k.optimizers.Adam(0.01)
    metrics = [metric_class(k)(0.4), "mae"] if part in ("metric", "all") else ["mae"]
    model.compile(optimizer=optimizer, loss=loss, metrics=metrics)
    x, y = data.features(), data.numbers()
    results = data.trained(k, model, x, y, validation_split=0.25)
    return results | {
        "predicted": np.asarray(model.predict(x, verbose=0)),
        "paths": [weight.path for weight in model.weights],
        "config": jsonable(model.layers[1].get_config()),
        "weights of slots": [a for a in arrays(optimizer.variables) if a.ndim],
    }


def activation(k: Any) -> Results:
    """A function as an activation, as an initializer's place, as a regularizer."""
    model = data.seeded(
        k.Sequential(
            [
                k.layers.Input((data.FEATURES,)),
                k.layers.Dense(
                    6,
                    activation=lambda x: k.ops.sin(x) + 0.1 * x,
                    kernel_regularizer=lambda w: 0.01 * k.ops.sum(k.ops.abs(w)),
                    name="one",
                ),
                k.layers.Dense(1, name="out"),
            ]
        )
    )
    model.compile(optimizer="adam", loss="mse")
    return data.trained(k, model, data.features(), data.numbers())


def subclass(k: Any) -> Results:
    """A subclass of Model."""

    class Net(k.Model):  # type: ignore[misc, name-defined]
        """Two layers and a residual."""

        def __init__(self) -> None:
            super().__init__(name="net")
            self.one = k.layers.Dense(data.FEATURES, activation="gelu", name="one")
            self.norm = k.layers.BatchNormalization(name="norm")
            self.out = k.layers.Dense(1, name="out")

        def call(self, inputs: Any, training: bool = False) -> Any:
            hidden = self.norm(self.one(inputs), training=training)
            return self.out(hidden + inputs)

    model = Net()
    x, y = data.features(), data.numbers()
    model(x[:2])
    data.seeded(model)
    model.compile(optimizer=k.optimizers.SGD(0.05), loss="mse", metrics=["mae"])
    results = data.trained(k, model, x, y, validation_split=0.25)
    return results | {
        "predicted": np.asarray(model.predict(x, verbose=0)),
        "paths": [weight.path for weight in model.weights],
    }


PARTS = ("layer", "loss function", "loss class", "metric", "optimizer", "all")


def cases() -> CaseTable:
    """Each part alone, and all together."""
    for part in PARTS:
        yield Case(f"own/{part}/training", lambda k, p=part: train(k, p))
    yield Case("own/functions/training", activation)
    yield Case("own/Model/training", subclass)
