"""Shapes of what a layer takes, alone and in structures."""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, DtypeError
from pronghorn.ir.recorder import EagerTensor
from pronghorn.ir.tensor import KerasTensor

__all__ = [
    "ROW_SHAPE",
    "full_shape_of",
    "has_shape",
    "is_symbol",
    "refuse_text",
    "row_shape",
    "shape_of",
    "symbols",
    "text_error",
    "tuples",
]

#: The arguments by which a first layer tells the shape of one row.
ROW_SHAPE = ("batch_input_shape", "batch_shape", "input_dim", "input_shape")


def is_symbol(x: Any) -> bool:
    """Whether it is a tensor without a value."""
    return isinstance(x, KerasTensor) and not isinstance(x, EagerTensor)


def refuse_text(leaves: list[Any]) -> None:
    """Raises where a symbol of text goes into what computes with numbers.

    Raises:
        DtypeError: naming the symbol.
    """
    for leaf in leaves:
        if is_symbol(leaf) and leaf.dtype == "string":
            raise text_error(f"{leaf.name!r}, of dtype string")


def text_error(received: str, where: str | None = None) -> DtypeError:
    """What to say where text meets what computes with numbers.

    >>> print(text_error("'color', of dtype string").expected)
    numbers
    """
    return DtypeError(
        "Text goes into lookup and hash layers only.",
        where=where,
        expected="numbers",
        received=received,
        remedy="put layers.StringLookup(...) or layers.Hashing(...) between",
    )


def has_shape(x: Any) -> bool:
    """Whether it is an array or a tensor."""
    return hasattr(x, "shape")


def shape_of(x: Any) -> Any:
    """The shape as `build` gets it, with None for the rows; None of other things."""
    if not has_shape(x):
        return None
    return tuple(x.shape) if is_symbol(x) else (None, *x.shape[1:])


def full_shape_of(x: Any) -> Any:
    """The shape with the number of rows, where it is known; None of other things."""
    return tuple(x.shape) if has_shape(x) else None


def _holds_shapes(shape: Any) -> bool:
    """Whether it is a list of shapes, and no shape."""
    listed = isinstance(shape, (list, tuple))
    return listed and any(isinstance(s, (list, tuple, dict)) for s in shape)


def symbols(shape: Any, dtype: str = "float32") -> Any:
    """Symbolic tensors for a structure of shapes.

    >>> symbols({"a": ((None, 3), [2, 1])})["a"][1].shape
    (2, 1)
    """
    if isinstance(shape, dict):
        return {k: symbols(v, dtype) for k, v in shape.items()}
    if _holds_shapes(shape):
        return type(shape)(symbols(s, dtype) for s in shape)
    return KerasTensor(tuple(shape), dtype)


def tuples(shape: Any) -> Any:
    """A structure of shapes, each shape a tuple, as files lose them."""
    if isinstance(shape, dict):
        return {k: tuples(v) for k, v in shape.items()}
    if isinstance(shape, (list, tuple)):
        if shape and isinstance(shape[0], (list, tuple, dict)):
            return [tuples(s) for s in shape]
        return tuple(shape)
    return shape


def row_shape(kwargs: dict[str, Any], where: str) -> tuple[int | None, ...] | None:
    """The shape of one row, from any of the ways in which a first layer names it."""
    given = {key: kwargs.pop(key) for key in ROW_SHAPE if key in kwargs}
    shape: Any = None
    for key, value in given.items():
        if value is None:
            continue
        shape = (value,) if key == "input_dim" or isinstance(value, int) else value
        if key in ("batch_shape", "batch_input_shape"):
            shape = shape[1:]
    if shape is None:
        return None
    result = tuple(shape)
    if any(
        not (d is None or (isinstance(d, (int, np.integer)) and d >= 0)) for d in result
    ):
        raise ArgumentError(
            "input_shape holds the sizes of one row.",
            where=where,
            expected="whole numbers, as in input_shape=[3]",
            received=repr(shape),
        )
    return tuple(None if d is None else int(d) for d in result)
