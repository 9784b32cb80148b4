"""What tensors and dtypes are."""

from __future__ import annotations

from typing import Any

from pronghorn.errors import ArgumentError
from pronghorn.ir.tensor import KerasTensor
from pronghorn.preferences import floatx

__all__ = ["is_keras_tensor", "standardize_dtype"]

_DTYPES = frozenset(
    ["bool", "string", "bfloat16", "float16", "float32", "float64"]
    + [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
)


def is_keras_tensor(x: Any) -> bool:
    """Whether it is a symbolic tensor, as `Input` gives it.

    >>> is_keras_tensor(3.0)
    False
    """
    return isinstance(x, KerasTensor)


def standardize_dtype(dtype: Any) -> str:
    """The name of a dtype, however it is given; float32 for None.

    It is the name that was meant; the engine then computes in float32, int32 or bool.

    Raises:
        ArgumentError: what is no dtype.

    Example:

    >>> import numpy as np
    >>> standardize_dtype(np.int64), standardize_dtype(float), standardize_dtype(None)
    ('int64', 'float32', 'float32')
    """
    if dtype is None:
        return floatx()
    name = getattr(dtype, "__name__", None) or getattr(dtype, "name", dtype)
    name = {"float": floatx(), "int": "int32", "str": "string"}.get(name, name)
    if name not in _DTYPES:
        raise ArgumentError(
            "There is no such dtype.",
            where="standardize_dtype",
            expected=", ".join(sorted(_DTYPES)),
            received=repr(dtype),
        )
    return str(name)
