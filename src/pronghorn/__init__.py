"""Pronghorn: deep learning for tables.

Keras 3's API for dense networks, on an engine of its own:

    import pronghorn as keras
    from pronghorn import layers

    model = keras.Sequential([layers.Dense(units=1, input_shape=[3])])

Rooms are loaded when they are first used, so that a command that only prints its help,
or a server that only predicts, waits for nothing else.
"""

import importlib
from typing import TYPE_CHECKING, Any

from pronghorn import errors, ops
from pronghorn.ir import KerasTensor, Variable

if TYPE_CHECKING:
    from pronghorn import (
        accel,
        activations,
        callbacks,
        config,
        constraints,
        initializers,
        layers,
        losses,
        metrics,
        models,
        optimizers,
        random,
        regularizers,
        saving,
        utils,
    )
    from pronghorn.gradient import grad, value_and_grad
    from pronghorn.initializers import Initializer
    from pronghorn.inspection import backend_of
    from pronghorn.layers import Input, InputSpec, Layer
    from pronghorn.losses import Loss
    from pronghorn.metrics import Metric
    from pronghorn.models import Functional, Model, Sequential
    from pronghorn.optimizers import Optimizer
    from pronghorn.regularizers import Regularizer
    from pronghorn.utils import profile

__version__ = "0.1.0"

_HOME = {
    "Functional": "models",
    "Initializer": "initializers",
    "Input": "layers",
    "InputSpec": "layers",
    "Layer": "layers",
    "Loss": "losses",
    "Metric": "metrics",
    "Model": "models",
    "Optimizer": "optimizers",
    "Regularizer": "regularizers",
    "Sequential": "models",
    "backend_of": "inspection",
    "grad": "gradient",
    "profile": "utils",
    "value_and_grad": "gradient",
}

__all__ = [
    "Functional",
    "Initializer",
    "Input",
    "InputSpec",
    "KerasTensor",
    "Layer",
    "Loss",
    "Metric",
    "Model",
    "Optimizer",
    "Regularizer",
    "Sequential",
    "Variable",
    "__version__",
    "accel",
    "activations",
    "backend_of",
    "callbacks",
    "config",
    "constraints",
    "errors",
    "grad",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "ops",
    "optimizers",
    "profile",
    "random",
    "regularizers",
    "saving",
    "utils",
    "value_and_grad",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'pronghorn' has no attribute {name!r}")
    if name in _HOME:
        value = getattr(importlib.import_module(f"pronghorn.{_HOME[name]}"), name)
    else:
        value = importlib.import_module(f"pronghorn.{name}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
