"""The dtypes of the engine, and how they combine.

A graph holds `float32`, `int32` and `bool`. `float64` exists on the reference backend
only; other NumPy dtypes are converted at the border. Values outside of graphs have
whatever dtype they were given.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable

import numpy as np

from pronghorn.errors import DtypeError

__all__ = ["is_float", "of_values", "promote", "scalar_dtype", "standard", "storage"]

_ORDER = ("bool", "int32", "float32", "float64")

_STANDARD = {
    "bool": "bool",
    "int8": "int32",
    "int16": "int32",
    "int32": "int32",
    "int64": "int32",
    "uint8": "int32",
    "uint16": "int32",
    "uint32": "int32",
    "uint64": "int32",
    "int": "int32",
    "float16": "float32",
    "bfloat16": "float32",
    "float32": "float32",
    "float": "float32",
    "float64": "float64",
    "string": "string",
}


def standard(dtype: object) -> str:
    """The engine's name for a dtype given as a name, a NumPy dtype or a type.

    Raises:
        DtypeError: for a dtype that has no place in a graph (complex, object).

    >>> standard(np.int64), standard(float), standard("float32")
    ('int32', 'float32', 'float32')
    """
    if isinstance(dtype, str) and dtype in _STANDARD:
        return _STANDARD[dtype]
    if isinstance(dtype, type) and dtype in (int, float, bool):
        return _STANDARD[dtype.__name__]
    try:
        name = np.dtype(dtype).name  # type: ignore[call-overload]
        return _STANDARD[name]
    except (TypeError, KeyError):
        raise DtypeError(
            "This dtype has no place in a graph.",
            expected="one of " + ", ".join(_STANDARD),
            received=repr(dtype),
            remedy="convert the array first, for example with .astype('float32')",
        ) from None


def of_values(dtype: object) -> np.dtype:
    """The dtype of values that were asked for so, outside of a graph.

    bfloat16 is NumPy's where the package ml_dtypes is installed, else float32.

    Raises:
        DtypeError: for a dtype that has no place in a graph (complex, object).

    >>> of_values("int64"), of_values(float), of_values("float16")
    (dtype('int64'), dtype('float32'), dtype('float16'))
    """
    known = standard(dtype)
    named = isinstance(dtype, str)  # NumPy's "int" and "float" are those of 64 bits
    plain = isinstance(dtype, type) and dtype in (int, float, bool)
    if plain or (named and dtype in ("int", "float")):
        return np.dtype(known)
    if not named or dtype not in ("bfloat16", "string"):
        return np.dtype(dtype)  # type: ignore[call-overload]
    if dtype == "string":
        return np.dtype(str)
    try:
        return np.dtype(importlib.import_module("ml_dtypes").bfloat16)
    except ImportError:
        return np.dtype("float32")


def storage(dtype: str) -> np.dtype:
    """The NumPy dtype in which a value of this dtype is kept."""
    return np.dtype(dtype)


def is_float(dtype: str) -> bool:
    """Whether a gradient can flow through values of this dtype."""
    return dtype.startswith("float")


def scalar_dtype(value: object) -> str:
    """The weakest dtype that holds a Python number."""
    if isinstance(value, bool):
        return "bool"
    return "int32" if isinstance(value, int) else "float32"


def promote(strong: Iterable[str], weak: Iterable[str] = ()) -> str:
    """The dtype of a result.

    `strong` are the dtypes of tensors. `weak` are those of Python numbers, which only
    decide between bool, integer and float, never the width.

    >>> promote(["int32"], ["float32"]), promote(["bool", "int32"])
    ('float32', 'int32')
    """
    ranks = [_ORDER.index(d) for d in strong]
    best = max(ranks, default=0)
    for dtype in weak:
        rank = _ORDER.index(dtype)
        if rank > best:
            best = rank
    return _ORDER[best]
