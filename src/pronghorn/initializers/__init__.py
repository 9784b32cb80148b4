"""Initializers: the first values of a layer's weights.

Each is called with a shape and a dtype and returns a NumPy array. The random ones draw
on the host with NumPy's Philox generator, so the same seed gives the same weights on
every backend. An initializer without a seed takes one, when it is made, from the
generator that `utils.set_random_seed` seeds; an initializer used twice therefore draws
the same values twice, as in Keras.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pronghorn import config as configs
from pronghorn.absent import refusal as _refusal
from pronghorn.initializers.base import Initializer, compute_fans
from pronghorn.initializers.drawn import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    Orthogonal,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
)
from pronghorn.initializers.fixed import Constant, Identity, Ones, Zeros
from pronghorn.initializers.fixed import fixed as _fixed
from pronghorn.lookup import from_config, interpret, names_of

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "IdentityInitializer",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "OrthogonalInitializer",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "compute_fans",
    "constant",
    "deserialize",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "serialize",
    "truncated_normal",
    "variance_scaling",
    "zeros",
]


def __getattr__(name: str) -> Any:
    refused = _refusal(name, "initializers")
    if refused is not None:
        raise refused
    raise AttributeError(f"module 'pronghorn.initializers' has no attribute {name!r}")


_EXAMPLE = "pronghorn.initializers.GlorotUniform()"

glorot_normal = GlorotNormal
glorot_uniform = GlorotUniform
he_normal = HeNormal
he_uniform = HeUniform
lecun_normal = LecunNormal
lecun_uniform = LecunUniform
variance_scaling = VarianceScaling
random_normal = RandomNormal
random_uniform = RandomUniform
truncated_normal = TruncatedNormal
constant = Constant
zeros = Zeros
ones = Ones
identity = IdentityInitializer = Identity
orthogonal = OrthogonalInitializer = Orthogonal

_CLASSES: tuple[type, ...] = (
    Constant,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    Identity,
    LecunNormal,
    LecunUniform,
    Ones,
    Orthogonal,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
    Zeros,
)
_NAMES = names_of(
    _CLASSES,
    IdentityInitializer=Identity,
    OrthogonalInitializer=Orthogonal,
    normal=RandomNormal,
    uniform=RandomUniform,
    one=Ones,
    zero=Zeros,
)


def get(identifier: Any) -> Callable[..., Any] | None:
    """The initializer that a name, a config, an array, a class or an object stands for.

    Args:
        identifier: `"he_normal"`, `HeNormal()`, a function `(shape, dtype)`, an array
            of the weight's shape, a config, or None (which stays None).

    Raises:
        UnknownNameError: no initializer has that name.

    Example:

    >>> type(get("he_normal")).__name__
    'HeNormal'
    """
    if isinstance(identifier, (np.ndarray, np.generic)):
        return _fixed(np.asarray(identifier))
    found: Callable[..., Any] | None = interpret(
        "initializer", identifier, _NAMES, _EXAMPLE
    )
    return found


def serialize(initializer: Any) -> Any:
    """What a file says for an initializer."""
    return configs.serialize(initializer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The initializer that `serialize` described.

    >>> deserialize({"class_name": "Constant", "config": {"value": 2}}).value
    2
    """
    found = from_config("initializer", config, _NAMES, _EXAMPLE, custom_objects)
    return found() if isinstance(found, type) else found
