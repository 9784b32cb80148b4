"""Layers, as `keras.layers` has them."""

from typing import Any

from pronghorn.errors import closest
from pronghorn.layers import operation as _operation  # noqa: F401  records operations
from pronghorn.layers.absent import refusal as _refusal
from pronghorn.layers.activation import ELU, LeakyReLU, ReLU, Softmax
from pronghorn.layers.core import (
    Activation,
    Dense,
    Embedding,
    Identity,
    Input,
    InputLayer,
)
from pronghorn.layers.input_spec import InputSpec
from pronghorn.layers.layer import Layer
from pronghorn.layers.merging import (
    Add,
    Average,
    Concatenate,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    concatenate,
)
from pronghorn.layers.normalization import BatchNormalization, LayerNormalization
from pronghorn.layers.preprocessing import Normalization
from pronghorn.layers.regularization import Dropout
from pronghorn.layers.reshaping import Flatten

__all__ = [
    "ELU",
    "Activation",
    "Add",
    "Average",
    "BatchNormalization",
    "Concatenate",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Maximum",
    "Minimum",
    "Multiply",
    "Normalization",
    "ReLU",
    "Softmax",
    "Subtract",
    "add",
    "concatenate",
]


def __getattr__(name: str) -> Any:
    refused = _refusal(name)
    if refused is not None:
        raise refused
    hint = f": {closest(name, __all__)}" if name[:1].isupper() else ""
    raise AttributeError(f"module 'pronghorn.layers' has no attribute {name!r}{hint}")
