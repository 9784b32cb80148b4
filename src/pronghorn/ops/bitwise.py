"""Whole numbers bit by bit. Arrays only, but for booleans."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pronghorn.errors import DtypeError
from pronghorn.ir.tracer import is_symbolic, require_eager
from pronghorn.ops.convert import operands, tensor
from pronghorn.ops.elementwise import logical_and, logical_not, logical_or, logical_xor

__all__ = [
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "left_shift",
    "right_shift",
]


def _pair(
    name: str, numpy: np.ufunc, traced: Callable[..., Any] | None, x: Any, y: Any
) -> Any:
    a, b = operands(x, y)
    if "float" in f"{a.dtype} {b.dtype}":
        raise DtypeError(
            "Bits are of whole numbers or booleans.",
            where=f"ops.{name}",
            expected="int32 or bool",
            received=f"{a.dtype} and {b.dtype}",
            remedy="ops.cast(x, 'int32')",
        )
    if not is_symbolic(a, b):
        return numpy(a, b)
    if traced is None or not a.dtype == b.dtype == "bool":
        require_eager(f"{name} of whole numbers", a, b)
    return traced(a, b)  # type: ignore[misc]


def bitwise_and(x: Any, y: Any) -> Any:
    """The bits that both have; inside a trace of booleans only.

    >>> bitwise_and(np.array([6]), np.array([3])).tolist()
    [2]
    """
    return _pair("bitwise_and", np.bitwise_and, logical_and, x, y)


def bitwise_or(x: Any, y: Any) -> Any:
    """The bits that one of them has; inside a trace of booleans only."""
    return _pair("bitwise_or", np.bitwise_or, logical_or, x, y)


def bitwise_xor(x: Any, y: Any) -> Any:
    """The bits that exactly one of them has; inside a trace of booleans only."""
    return _pair("bitwise_xor", np.bitwise_xor, logical_xor, x, y)


def bitwise_not(x: Any) -> Any:
    """The bits that it does not have; whole numbers too, since `~x` is `-x - 1`."""
    value = tensor(x)
    if not is_symbolic(value):
        return np.invert(value)
    return logical_not(value) if value.dtype == "bool" else -1 - value


bitwise_invert = bitwise_not


def bitwise_left_shift(x: Any, y: Any) -> Any:
    """The bits moved up by `y` places. Arrays only."""
    return _pair("left_shift", np.left_shift, None, x, y)


def bitwise_right_shift(x: Any, y: Any) -> Any:
    """The bits moved down by `y` places, the sign kept. Arrays only."""
    return _pair("right_shift", np.right_shift, None, x, y)


left_shift = bitwise_left_shift
right_shift = bitwise_right_shift
