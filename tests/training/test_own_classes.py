"""A user's own layer, loss, metric and optimizer: traced, differentiated, native."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn as keras
from pronghorn import layers, ops

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 4)).astype("float32")
Y = (X @ np.float32([[1.0], [-2.0], [0.5], [0.0]]) + 0.3).astype("float32")


class OwnDense(layers.Layer):
    """`tanh(x @ kernel + bias)`."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_weight((input_shape[-1], self.units), name="kernel")
        self.bias = self.add_weight((self.units,), "zeros", name="bias")

    def call(self, inputs: Any) -> Any:
        return ops.tanh(ops.matmul(inputs, self.kernel) + self.bias)


class OwnHuber(keras.losses.Loss):
    def call(self, y_true: Any, y_pred: Any) -> Any:
        error = ops.abs(y_true - y_pred)
        inside = 0.5 * ops.square(error)
        return ops.mean(ops.where(error <= 1.0, inside, error - 0.5), axis=-1)


class OwnMae(keras.metrics.Metric):
    def __init__(self, name: str = "own_mae") -> None:
        super().__init__(name=name)
        self.total = self.add_variable((), "zeros", name="total")
        self.count = self.add_variable((), "zeros", name="count")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        errors = ops.mean(ops.abs(y_true - y_pred), axis=-1)
        self.total.assign_add(ops.sum(errors))
        self.count.assign_add(ops.sum(ops.ones_like(errors)))

    def result(self) -> Any:
        return self.total / self.count


class OwnMomentum(keras.optimizers.Optimizer):
    """v = 0.9 v - rate * g; w = w + v."""

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        self.speeds = [self.add_variable_from_reference(v, "speed") for v in variables]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        speed = self.speeds[self._get_variable_index(variable)]
        rate = ops.cast(learning_rate, variable.dtype)
        speed.assign(speed * 0.9 - gradient * rate)
        variable.assign_add(speed)


def own_mse(y_true: Any, y_pred: Any) -> Any:
    return ops.mean(ops.square(y_true - y_pred), axis=-1)


START = [
    RNG.normal(size=shape).astype("float32") * 0.5
    for shape in ((4, 6), (6,), (6, 1), (1,))
]


def trained(first: Any, **compiled: Any) -> tuple[list[np.ndarray], dict[str, Any]]:
    model = keras.Sequential([keras.Input((4,)), first, layers.Dense(1)])
    model.set_weights(START)
    arguments = {"optimizer": keras.optimizers.SGD(0.05, momentum=0.9), "loss": "mse"}
    model.compile(**{**arguments, **compiled})
    keras.utils.set_random_seed(0)
    history = model.fit(
        X, Y, batch_size=8, epochs=4, verbose=0, validation_data=(X[:20], Y[:20])
    )
    assert keras.backend_of(model) == (
        "reference" if compiled.get("run_eagerly") else "native"
    )
    return model.get_weights(), history.history


def assert_same(one: Any, other: Any, tolerance: float = 1e-6) -> None:
    for a, b in zip(one[0], other[0], strict=True):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)
    assert one[1]["loss"] == pytest.approx(other[1]["loss"], rel=10 * tolerance)


def built_in() -> Any:
    return layers.Dense(6, activation="tanh")


def test_an_own_layer() -> None:
    assert_same(trained(OwnDense(6)), trained(built_in()))


@pytest.mark.parametrize(
    ("own", "known"),
    [
        (OwnHuber(), keras.losses.Huber()),
        (own_mse, "mse"),
        (lambda t, p: own_mse(t, p), keras.losses.MeanSquaredError()),
    ],
)
def test_an_own_loss(own: Any, known: Any) -> None:
    assert_same(trained(built_in(), loss=own), trained(built_in(), loss=known))


def test_an_own_metric() -> None:
    _, history = trained(built_in(), metrics=[OwnMae(), "mae"])
    assert history["own_mae"] == pytest.approx(history["mae"], rel=1e-6)
    assert history["val_own_mae"] == pytest.approx(history["val_mae"], rel=1e-6)


def test_an_own_optimizer() -> None:
    own = trained(built_in(), optimizer=OwnMomentum(0.05))
    assert_same(own, trained(built_in()))


def test_all_of_them_eagerly_too() -> None:
    def everything(**more: Any) -> Any:
        return trained(
            OwnDense(6),
            optimizer=OwnMomentum(0.05),
            loss=OwnHuber(),
            metrics=[OwnMae()],
            **more,
        )

    native, eager = everything(), everything(run_eagerly=True)
    assert_same(native, eager, 1e-5)
    assert native[1]["own_mae"] == pytest.approx(eager[1]["own_mae"], rel=1e-5)


def test_python_on_values_is_told_what_to_write() -> None:
    class Branching(layers.Layer):
        def call(self, inputs: Any) -> Any:
            return inputs if ops.mean(inputs) > 0 else -inputs

    with pytest.raises(TypeError) as caught:
        trained(Branching())
    assert "ops.where" in str(caught.value) and "Branching" in str(caught.value)


def test_a_config_is_kept_of_what_init_was_given() -> None:
    layer = OwnDense(6, name="own")
    again = OwnDense.from_config(layer.get_config())
    assert again.units == 6 and again.name == "own"
