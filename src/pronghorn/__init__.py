"""Pronghorn: deep learning for tables.

Keras 3's API for dense networks, on an engine of its own:

    import pronghorn as keras
    from pronghorn import layers

    model = keras.Sequential([layers.Dense(units=1, input_shape=[3])])
"""

from pronghorn import (
    activations,
    callbacks,
    config,
    constraints,
    errors,
    initializers,
    layers,
    losses,
    metrics,
    models,
    ops,
    optimizers,
    random,
    regularizers,
    saving,
    utils,
)
from pronghorn.grad import grad, value_and_grad
from pronghorn.initializers import Initializer
from pronghorn.inspection import backend_of
from pronghorn.ir import KerasTensor, Variable
from pronghorn.layers import Input, InputSpec, Layer
from pronghorn.losses import Loss
from pronghorn.metrics import Metric
from pronghorn.models import Functional, Model, Sequential
from pronghorn.optimizers import Optimizer
from pronghorn.regularizers import Regularizer

__version__ = "0.1.0"

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
    "random",
    "regularizers",
    "saving",
    "utils",
    "value_and_grad",
]
