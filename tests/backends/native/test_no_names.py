"""What a user writes again runs as the same program: the engine knows no names.

The built-in layers, losses and optimizers have no path of their own. Their formulas,
written again under other names, lower to the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

import pronghorn
from pronghorn import Variable, layers, losses, models, ops, optimizers
from pronghorn.backends.native import NativeBackend, NativeExecutable
from pronghorn.backends.native.lower import lower
from tests.backends.native.graphs import real

BATCH_SIZE = 16


class Renamed(optimizers.Adam):
    """The built-in Adam under another name."""


class Mine(optimizers.Optimizer):
    """Adam as a user writes it, from the paper's formulas."""

    def build(self, variables: Sequence[Variable]) -> None:
        """Makes two slots for each weight, under names of its own."""
        if self.built:
            return
        super().build(variables)
        made = self.add_optimizer_variables(variables, ["mean", "square"])
        self.means, self.squares = made

    def update_step(self, gradient: Any, variable: Variable, rate: Any) -> None:
        """One step for one weight."""
        place = self._get_variable_index(variable)
        mean, square = self.means[place], self.squares[place]
        count = ops.cast(self.iterations + 1, "float32")
        start_1 = 1.0 - ops.power(0.9, count)
        start_2 = 1.0 - ops.power(0.999, count)
        alpha = ops.divide(rate * ops.sqrt(start_2), start_1)
        mean.assign_add((gradient - mean) * (1.0 - 0.9))
        square.assign_add((ops.square(gradient) - square) * (1.0 - 0.999))
        variable.assign_sub(ops.divide(mean * alpha, ops.sqrt(square) + 1e-7))


class Plain(layers.Layer):
    """Dense as a user writes it."""

    def __init__(self, width: int, activation: Callable[[Any], Any] | None) -> None:
        super().__init__()
        self.width, self.activation = width, activation

    def build(self, shape: Sequence[int]) -> None:
        """Makes the weights."""
        self.w = self.add_weight((shape[-1], self.width), "glorot_uniform", name="w")
        self.b = self.add_weight((self.width,), "zeros", name="b")

    def call(self, x: Any) -> Any:
        """The layer's formula."""
        y = ops.matmul(x, self.w) + self.b
        return y if self.activation is None else self.activation(y)


class Absolute(losses.Loss):
    """The mean absolute error as a user writes it."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The error of each row."""
        return ops.mean(ops.abs(y_true - y_pred), axis=-1)


def absolute(y_true: Any, y_pred: Any) -> Any:
    """The same as a function."""
    return ops.mean(ops.abs(y_true - y_pred), axis=-1)


def dense() -> list[Any]:
    """Two layers and an output."""
    hidden = [layers.Dense(w, activation="relu") for w in (24, 24)]
    return [*hidden, layers.Dense(1)]


def plain() -> list[Any]:
    """The same, of the user's layer."""
    return [Plain(24, ops.relu), Plain(24, ops.relu), Plain(1, None)]


def program(
    stack: Callable[[], list[Any]] = dense, loss: Any = "mae", optimizer: Any = "adam"
) -> bytes:
    """The words of the step that `fit` gives to the engine."""
    graphs = []
    compile_it = NativeBackend.compile

    def watch(self: NativeBackend, graph: Any, rows: int) -> NativeExecutable:
        graphs.append(graph)
        return compile_it(self, graph, rows)

    pronghorn.utils.set_random_seed(1)
    model = models.Sequential(stack())
    model.compile(loss=loss, optimizer=optimizer)
    with patch.object(NativeBackend, "compile", watch):
        model.fit(real(40, 5), real(40, 1, seed=1), BATCH_SIZE, epochs=1, verbose=0)
    (graph,) = graphs
    return lower(graph, BATCH_SIZE).program


SAME = {
    "adam renamed": {"optimizer": lambda: Renamed()},
    "adam of the user": {"optimizer": lambda: Mine(0.001)},
    "dense of the user": {"stack": lambda: plain},
    "loss of the user": {"loss": lambda: Absolute()},
    "loss as a function": {"loss": lambda: absolute},
    "all of the user": {
        "stack": lambda: plain,
        "loss": lambda: Absolute(),
        "optimizer": lambda: Mine(0.001),
    },
}


@pytest.mark.parametrize("name", SAME)
def test_what_a_user_writes_is_the_same_program(name: str) -> None:
    mine = {key: make() for key, make in SAME[name].items()}
    have, want = (np.frombuffer(p, np.int32) for p in (program(**mine), program()))
    assert len(have) == len(want)
    assert np.array_equal(have, want)


def test_another_formula_is_another_program() -> None:
    assert program(loss="mse") != program()
    assert program(optimizer=optimizers.Adam(amsgrad=True)) != program()
