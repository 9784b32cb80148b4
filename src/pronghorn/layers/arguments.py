"""What a layer is called with, looked at.

It is nearly always an array. A walk through a structure would then take longer than all
else in a call, so arrays are told first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn.ir.masks import mask_of, set_mask
from pronghorn.ir.tracer import active
from pronghorn.layers.shapes import has_shape, is_symbol, text_error
from pronghorn.tree import flatten, map_structure

__all__ = ["as_inputs", "has_symbols", "has_tensors", "text_fault"]


def as_inputs(x: Any, wide: bool = False) -> Any:
    """A structure with tensors for arrays, lists and frames; numbers and text stay.

    Args:
        x: what a layer is called with.
        wide: whether the layer computes in float64: floats become that then.

    >>> as_inputs({"x": np.ones(2), "by": 3})
    {'x': array([1., 1.], dtype=float32), 'by': 3}
    """
    if wide:
        return map_structure(_as_wide, x)
    return _as_input(x) if type(x) is np.ndarray else map_structure(_as_input, x)


def has_symbols(values: Sequence[Any]) -> bool:
    """Whether a symbolic tensor is anywhere in them.

    >>> has_symbols([np.ones(2), True])
    False
    """
    return any(
        type(x) is not np.ndarray and any(map(is_symbol, flatten(x))) for x in values
    )


def has_tensors(x: Any) -> bool:
    """Whether anything in it has a shape.

    >>> has_tensors([np.ones(2)]), has_tensors(True)
    (True, False)
    """
    return type(x) is np.ndarray or any(map(has_shape, flatten(x)))


def text_fault(values: Sequence[Any], layer: Any) -> Exception | None:
    """What to say of a failed call where NumPy met text; None where there is none.

    >>> print(text_fault([np.array(["red"])], "a layer").expected)
    numbers
    """
    for x in flatten(values):
        if isinstance(x, np.ndarray) and x.dtype.kind in "OSU" and x.size:
            name = getattr(layer, "name", layer)
            return text_error(
                f"an array of {x.dtype}, for instance {x.flat[0]!r}",
                f"layer {name!r} ({type(layer).__name__})",
            )
    return None


def _as_wide(x: Any) -> Any:
    if is_symbol(x):
        return _cast(x, "float32", "float64")
    if isinstance(x, np.ndarray) and x.dtype == np.float64:
        return x
    x = _as_input(x)
    floats = isinstance(x, np.ndarray) and x.dtype.kind == "f"
    return x.astype(np.float64) if floats else x


def _cast(x: Any, old: str, new: str) -> Any:
    """A symbol of one dtype as another; within a trace, where models keep no cast."""
    return ops.cast(x, new) if x.dtype == old and active() is not None else x


def _as_input(x: Any) -> Any:
    if isinstance(x, np.ndarray) and x.dtype == np.float64:
        narrow = x.astype(np.float32)
        set_mask(narrow, mask_of(x))
        return narrow
    if isinstance(x, (int, float, bool)) or x is None or isinstance(x, str):
        return x
    if type(x) is np.ndarray and x.dtype.kind in "fib":
        return x
    return _cast(x, "float64", "float32") if is_symbol(x) else ops.convert_to_tensor(x)
