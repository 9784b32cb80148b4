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

from pronghorn import errors, ops, registry
from pronghorn.ir import KerasTensor, StatelessScope, Variable
from pronghorn.ir.variable import variable_hooks
from pronghorn.naming import name_scope

if TYPE_CHECKING:
    from pronghorn import (
        accel,
        activations,
        backend,
        callbacks,
        config,
        constraints,
        datasets,
        dtype_policies,
        initializers,
        layers,
        legacy,
        losses,
        metrics,
        mixed_precision,
        models,
        optimizers,
        preprocessing,
        random,
        regularizers,
        report,
        saving,
        tabular,
        tree,
        tuning,
        utils,
        wrappers,
    )
    from pronghorn.backend import device
    from pronghorn.dtype_policies import DTypePolicy, FloatDTypePolicy
    from pronghorn.gradient import GradientTape, grad, value_and_grad
    from pronghorn.initializers import Initializer
    from pronghorn.inspection import backend_of
    from pronghorn.layers import Input, InputSpec, Layer
    from pronghorn.layers.operation import Operation
    from pronghorn.losses import Loss
    from pronghorn.metrics import Metric
    from pronghorn.models import Functional, Model, Sequential
    from pronghorn.models.function import Function
    from pronghorn.optimizers import Optimizer
    from pronghorn.regularizers import Regularizer
    from pronghorn.saving import from_keras, to_keras
    from pronghorn.tuning import tune
    from pronghorn.utils import profile

__version__ = "0.1.0"

_HOME = {
    "DTypePolicy": "dtype_policies",
    "FloatDTypePolicy": "dtype_policies",
    "Function": "models.function",
    "Functional": "models",
    "GradientTape": "gradient",
    "Initializer": "initializers",
    "Input": "layers",
    "InputSpec": "layers",
    "Layer": "layers",
    "Loss": "losses",
    "Metric": "metrics",
    "Model": "models",
    "Operation": "layers.operation",
    "Optimizer": "optimizers",
    "Regularizer": "regularizers",
    "Sequential": "models",
    "backend_of": "inspection",
    "device": "backend",
    "from_keras": "saving",
    "grad": "gradient",
    "profile": "utils",
    "to_keras": "saving",
    "tune": "tuning",
    "value_and_grad": "gradient",
}

__all__ = [
    "DTypePolicy",
    "FloatDTypePolicy",
    "Function",
    "Functional",
    "GradientTape",
    "Initializer",
    "Input",
    "InputSpec",
    "KerasTensor",
    "Layer",
    "Loss",
    "Metric",
    "Model",
    "Operation",
    "Optimizer",
    "Regularizer",
    "Sequential",
    "StatelessScope",
    "Variable",
    "__version__",
    "accel",
    "activations",
    "backend",
    "backend_of",
    "callbacks",
    "config",
    "constraints",
    "datasets",
    "device",
    "dtype_policies",
    "errors",
    "from_keras",
    "grad",
    "initializers",
    "layers",
    "legacy",
    "losses",
    "metrics",
    "mixed_precision",
    "models",
    "name_scope",
    "ops",
    "optimizers",
    "preprocessing",
    "profile",
    "random",
    "regularizers",
    "report",
    "saving",
    "tabular",
    "to_keras",
    "tree",
    "tune",
    "tuning",
    "utils",
    "value_and_grad",
    "version",
    "wrappers",
]


def version() -> str:
    """The version of Pronghorn.

    >>> version() == __version__
    True
    """
    return __version__


def __getattr__(name: str) -> Any:
    if name not in __all__:
        refused = importlib.import_module("pronghorn.absent").refusal(name)
        if refused is not None:
            raise refused
        raise AttributeError(f"module 'pronghorn' has no attribute {name!r}")
    if name in _HOME:
        value = getattr(importlib.import_module(f"pronghorn.{_HOME[name]}"), name)
    else:
        value = importlib.import_module(f"pronghorn.{name}")
    globals()[name] = value
    return value


def _initializer(name: str) -> Any:
    return importlib.import_module("pronghorn.initializers").get(name)


def _tabular_class(module: str, name: str) -> Any:
    """The room's own classes, when a file is the first to name them."""
    if module not in ("pronghorn.tabular", "pronghorn.tabular.schedules"):
        return None
    room = importlib.import_module(module)
    found = getattr(room, name, None) if name in room.__all__ else None
    return found if isinstance(found, type) else None


variable_hooks.initializer = _initializer
registry.class_finder(_tabular_class)


def __dir__() -> list[str]:
    return sorted(__all__)
