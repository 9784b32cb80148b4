"""Layer, losses and optimizer of the bench nets as a user of Pronghorn writes them."""

from __future__ import annotations

from typing import Any

from pronghorn import layers, ops, optimizers


class OwnDense(layers.Layer):
    """`relu(x @ kernel + bias)`, or without relu."""

    def __init__(self, units: int, relu: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units, self.relu = units, relu

    def build(self, input_shape: Any) -> None:
        """Adds the weights."""
        self.kernel = self.add_weight((input_shape[-1], self.units), name="kernel")
        self.bias = self.add_weight((self.units,), "zeros", name="bias")

    def call(self, inputs: Any) -> Any:
        """The outputs (rows, units)."""
        found = ops.matmul(inputs, self.kernel) + self.bias
        return ops.maximum(found, 0.0) if self.relu else found


class OwnAdam(optimizers.Optimizer):
    """Kingma and Ba 2014, arXiv:1412.6980, in Keras's arrangement."""

    def __init__(self) -> None:
        super().__init__(learning_rate=0.001)

    def build(self, variables: Any) -> None:
        """Adds both moments of each weight."""
        if self.built:
            return
        super().build(variables)
        self.first = [self.add_variable_from_reference(v, "m") for v in variables]
        self.second = [self.add_variable_from_reference(v, "v") for v in variables]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Moves one weight."""
        place = self._get_variable_index(variable)
        m, v = self.first[place], self.second[place]
        t = ops.cast(self.iterations + 1, "float32")
        rate = learning_rate * ops.sqrt(1 - ops.power(0.999, t))
        rate = rate / (1 - ops.power(0.9, t))
        m.assign(m + (gradient - m) * (1 - 0.9))
        v.assign(v + (ops.square(gradient) - v) * (1 - 0.999))
        variable.assign(variable - m * rate / (ops.sqrt(v) + 1e-7))


def own_mse(y_true: Any, y_pred: Any) -> Any:
    """Mean squared error of each row."""
    return ops.mean(ops.square(y_pred - y_true), axis=-1)


def own_mae(y_true: Any, y_pred: Any) -> Any:
    """Mean absolute error of each row."""
    return ops.mean(ops.abs(y_pred - y_true), axis=-1)


def own_bce(y_true: Any, y_pred: Any) -> Any:
    """Cross-entropy of each row on logits: max(z, 0) - z y + log(1 + exp(-|z|))."""
    z = y_pred
    return ops.mean(
        ops.maximum(z, 0.0) - z * y_true + ops.log1p(ops.exp(-ops.abs(z))), axis=-1
    )


LOSSES = {"mse": own_mse, "mae": own_mae, "bce": own_bce}
