"""What a tensor is, where it comes from, and what its dtype is called."""

from __future__ import annotations

from typing import Any

from pronghorn.errors import ArgumentError
from pronghorn.ir.tensor import KerasTensor
from pronghorn.preferences import floatx
from pronghorn.tree import flatten

__all__ = ["get_source_inputs", "is_keras_tensor", "standardize_dtype"]

_DTYPES = frozenset(
    ["bool", "string", "bfloat16", "float16", "float32", "float64"]
    + [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
)


def is_keras_tensor(x: Any) -> bool:
    """Whether it is a symbolic tensor, as `Input` gives it.

    >>> is_keras_tensor(3)
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


def get_source_inputs(tensor: Any) -> Any:
    """The inputs from which a symbolic tensor is computed.

    Args:
        tensor: what a layer gave for what `Input` gave.

    Returns:
        A list of symbolic tensors, each once; `tensor` itself if it is none.

    Example:

    >>> from pronghorn import Input, layers
    >>> left, right = Input((2,)), Input((2,))
    >>> total = layers.Add()([left, layers.Dense(2)(right)])
    >>> [t is s for t, s in zip(get_source_inputs(total), (left, right))]
    [True, True]
    """
    if not isinstance(tensor, KerasTensor):
        return tensor
    found: dict[int, Any] = {}
    seen: set[int] = set()
    waiting = [tensor]
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        history = current._keras_history
        if history is None:
            found[id(current)] = current
            continue
        operation, index, _ = history
        node = operation._inbound_nodes[index]
        if node.is_input:
            found |= {id(t): t for t in flatten(node.output_tensors)}
        waiting.extend(reversed(node.input_tensors))
    return list(found.values())
