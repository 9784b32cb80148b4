"""Layers, as `keras.layers` has them."""

from typing import Any

from pronghorn.errors import closest
from pronghorn.layers import operation as _operation  # noqa: F401  records operations
from pronghorn.layers.absent import refusal as _refusal
from pronghorn.layers.activation import ELU, LeakyReLU, PReLU, ReLU, Softmax
from pronghorn.layers.core import Activation, Dense, Embedding, Identity
from pronghorn.layers.einsum_dense import EinsumDense
from pronghorn.layers.encoding import CategoryEncoding, Discretization
from pronghorn.layers.hashing import HashedCrossing, Hashing
from pronghorn.layers.input_layer import Input, InputLayer
from pronghorn.layers.input_spec import InputSpec
from pronghorn.layers.lambda_layer import Lambda
from pronghorn.layers.layer import Layer
from pronghorn.layers.lookups import IntegerLookup, StringLookup
from pronghorn.layers.masking import Masking
from pronghorn.layers.merging import (
    Add,
    Average,
    Concatenate,
    Dot,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    average,
    concatenate,
    dot,
    maximum,
    minimum,
    multiply,
    subtract,
)
from pronghorn.layers.normalization import BatchNormalization, LayerNormalization
from pronghorn.layers.pipeline import Pipeline
from pronghorn.layers.preprocessing import Normalization, Rescaling
from pronghorn.layers.regularization import (
    ActivityRegularization,
    AlphaDropout,
    Dropout,
    GaussianDropout,
    GaussianNoise,
    SpatialDropout1D,
)
from pronghorn.layers.reshaping import Flatten, Permute, RepeatVector, Reshape
from pronghorn.layers.row_normalization import (
    GroupNormalization,
    RMSNormalization,
    UnitNormalization,
)
from pronghorn.layers.serialization import deserialize, serialize
from pronghorn.layers.wrapping import (
    SpectralNormalization,
    TimeDistributed,
    Wrapper,
)

__all__ = [
    "ELU",
    "Activation",
    "ActivityRegularization",
    "Add",
    "AlphaDropout",
    "Average",
    "BatchNormalization",
    "CategoryEncoding",
    "Concatenate",
    "Dense",
    "Discretization",
    "Dot",
    "Dropout",
    "EinsumDense",
    "Embedding",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "GroupNormalization",
    "HashedCrossing",
    "Hashing",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "IntegerLookup",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Masking",
    "Maximum",
    "Minimum",
    "Multiply",
    "Normalization",
    "PReLU",
    "Permute",
    "Pipeline",
    "RMSNormalization",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Softmax",
    "SpatialDropout1D",
    "SpectralNormalization",
    "StringLookup",
    "Subtract",
    "TimeDistributed",
    "UnitNormalization",
    "Wrapper",
    "add",
    "average",
    "concatenate",
    "deserialize",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "serialize",
    "subtract",
]


def __getattr__(name: str) -> Any:
    refused = _refusal(name)
    if refused is not None:
        raise refused
    hint = f": {closest(name, __all__)}" if name[:1].isupper() else ""
    raise AttributeError(f"module 'pronghorn.layers' has no attribute {name!r}{hint}")
