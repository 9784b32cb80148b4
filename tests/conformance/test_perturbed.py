"""The table notices a formula that is off by a thousandth: the tester, tested.

Each row perturbs one number of ours and names a case; what the case computes (not
only what its config says) must then differ from Keras by more than it may.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pronghorn
from pronghorn import ops
from tests.conformance.case import Case, lookup
from tests.conformance.cases import load_all
from tests.conformance.compare import Difference, compare
from tests.conformance.departures import unexplained
from tests.conformance.live import Expected
from tests.conformance.ours import known, ours

OFF = 1.001
TABLE = load_all()

# class, number, case
NUMBERS = [
    ("optimizers.SGD", "learning_rate", "optimizers/SGD/default"),
    ("optimizers.SGD", "momentum", "optimizers/SGD/momentum"),
    ("optimizers.SGD", "momentum", "optimizers/SGD/nesterov"),
    ("optimizers.SGD", "clipnorm", "optimizers/SGD/clipnorm"),
    ("optimizers.SGD", "clipvalue", "optimizers/SGD/clipvalue"),
    ("optimizers.SGD", "global_clipnorm", "optimizers/SGD/global_clipnorm"),
    ("optimizers.SGD", "weight_decay", "optimizers/SGD/weight_decay"),
    ("optimizers.SGD", "ema_momentum", "optimizers/SGD/ema"),
    ("optimizers.Adam", "learning_rate", "optimizers/Adam/default"),
    ("optimizers.Adam", "beta_1", "optimizers/Adam/default"),
    ("optimizers.Adam", "beta_2", "optimizers/Adam/betas"),
    ("optimizers.Adam", "epsilon", "optimizers/Adam/epsilon"),
    ("optimizers.Adam", "beta_2", "optimizers/Adam/amsgrad"),
    ("optimizers.AdamW", "weight_decay", "optimizers/AdamW/decay"),
    ("optimizers.AdamW", "beta_1", "optimizers/AdamW/betas"),
    ("optimizers.AdamW", "learning_rate", "optimizers/AdamW/default"),
    ("optimizers.RMSprop", "rho", "optimizers/RMSprop/default"),
    ("optimizers.RMSprop", "momentum", "optimizers/RMSprop/momentum"),
    ("optimizers.RMSprop", "epsilon", "optimizers/RMSprop/centered"),
    ("optimizers.RMSprop", "learning_rate", "optimizers/RMSprop/default"),
    ("layers.BatchNormalization", "momentum", "layers/BatchNormalization/training 0"),
    ("layers.BatchNormalization", "epsilon", "layers/BatchNormalization/alone 2"),
    ("layers.LayerNormalization", "epsilon", "layers/LayerNormalization/alone 1"),
    ("layers.Normalization", "input_mean", "layers/Normalization/alone 1"),
    ("regularizers.L1", "l1", "regularizers/L1/1"),
    ("regularizers.L2", "l2", "regularizers/L2/1"),
    ("regularizers.L1L2", "l2", "regularizers/L1L2/1"),
    ("initializers.VarianceScaling", "scale", "initializers/VarianceScaling/1"),
    ("initializers.RandomUniform", "maxval", "initializers/RandomUniform/0"),
    ("callbacks.ReduceLROnPlateau", "factor", "callbacks/ReduceLROnPlateau/patience"),
]

# function, case
FUNCTIONS = [
    *(
        (f"ops.{name}", f"activations/{name}/values")
        for name in ("relu", "elu", "selu")
    ),
    *(
        (f"ops.{name}", f"activations/{name}/values")
        for name in ("gelu", "silu", "mish")
    ),
    ("ops.sigmoid", "activations/sigmoid/values"),
    ("ops.tanh", "activations/tanh/values"),
    ("ops.softplus", "activations/softplus/training"),
    ("ops.leaky_relu", "activations/leaky_relu/training"),
    ("ops.softmax", "activations/softmax/training"),
    ("ops.abs", "losses/MeanAbsoluteError/training 0"),
    ("ops.square", "losses/MeanSquaredError/training 0"),
    ("ops.binary_crossentropy", "losses/BinaryCrossentropy/training 2"),
    ("ops.categorical_crossentropy", "losses/CategoricalCrossentropy/training 1"),
    (
        "ops.sparse_categorical_crossentropy",
        "losses/SparseCategoricalCrossentropy/values 0",
    ),
    ("ops.square", "metrics/RootMeanSquaredError/0"),
    ("ops.mean", "metrics/MeanAbsoluteError/0"),
]

# class, argument, case: where a class passes an argument on instead of keeping it
ARGUMENTS = [
    ("losses.Huber", "delta", "losses/Huber/training 1"),
    (
        "losses.BinaryCrossentropy",
        "label_smoothing",
        "losses/BinaryCrossentropy/values 2",
    ),
    (
        "losses.CategoricalCrossentropy",
        "label_smoothing",
        "losses/CategoricalCrossentropy/training 2",
    ),
    ("layers.Dropout", "rate", "layers/Dropout/draws 0.5 None"),
]


def run(case: Case, expected: Expected) -> list[Difference]:
    """What the case computes and gets wrong, configs left out."""
    return of_values(case, compare(case, expected.of(case), ours(case)))


def unperturbed(case: Case, expected: Expected) -> list[Difference]:
    """The same of the case as it is."""
    return of_values(case, compare(case, expected.of(case), known(case.name)))


def of_values(case: Case, differences: list[Difference]) -> list[Difference]:
    """What is wrong and not in a config."""
    differences = unexplained(case, differences)
    return [d for d in differences if "config" not in d.path]


@pytest.mark.parametrize(("cls", "number", "name"), NUMBERS, ids=str)
def test_a_number_off_is_noticed(
    cls: str,
    number: str,
    name: str,
    expected: Expected,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = TABLE[name]
    assert unperturbed(case, expected) == []
    perturbed = lookup(pronghorn, cls)
    original = perturbed.__init__

    def off(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        value = getattr(self, number)
        setattr(self, number, float(np.asarray(value)) * OFF)

    monkeypatch.setattr(perturbed, "__init__", off)
    assert run(case, expected) != []


@pytest.mark.parametrize(("function", "name"), FUNCTIONS, ids=str)
def test_a_function_off_is_noticed(
    function: str, name: str, expected: Expected, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = TABLE[name]
    assert unperturbed(case, expected) == []
    original = lookup(pronghorn, function)

    def off(*args: Any, **kwargs: Any) -> Any:
        return ops.multiply(original(*args, **kwargs), OFF)

    monkeypatch.setattr(ops, function.removeprefix("ops."), off)
    assert run(case, expected) != []


@pytest.mark.parametrize(("cls", "argument", "name"), ARGUMENTS, ids=str)
def test_an_argument_off_is_noticed(
    cls: str,
    argument: str,
    name: str,
    expected: Expected,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = TABLE[name]
    assert unperturbed(case, expected) == []
    room, _, short = cls.partition(".")
    original = lookup(pronghorn, cls)

    def off(*args: Any, **kwargs: Any) -> Any:
        if args:  # the first argument, given by place
            return original(args[0] * OFF, *args[1:], **kwargs)
        if argument in kwargs:
            kwargs[argument] *= OFF
        return original(**kwargs)

    monkeypatch.setattr(getattr(pronghorn, room), short, off)
    assert run(case, expected) != []
