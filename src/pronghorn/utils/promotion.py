"""The dtype of a result of several dtypes, by their names."""

from __future__ import annotations

from functools import cache
from typing import Any

from pronghorn.errors import ArgumentError
from pronghorn.preferences import floatx
from pronghorn.utils.tensors import standardize_dtype

__all__ = ["result_type"]

# Each dtype, and the next that hold all of it. "int" and "float" are Python's numbers,
# which take the width of what they meet.
_NEXT = {
    "bool": "int",
    "int": "uint8 int8",
    "uint8": "uint16 int16",
    "uint16": "uint32 int32",
    "uint32": "uint64 int64",
    "uint64": "float",
    "int8": "int16",
    "int16": "int32",
    "int32": "int64",
    "int64": "float",
    "float": "bfloat16 float16",
    "bfloat16": "float32",
    "float16": "float32",
    "float32": "float64",
    "float64": "",
    "string": "",
}
_NARROW = {
    "int": "int32",
    "int64": "int32",
    "uint64": "uint32",
    "float": "float32",
    "float64": "float32",
}


@cache
def _holders(name: str) -> frozenset[str]:
    """The dtypes that hold all of this one, itself too."""
    above = [_holders(other) for other in _NEXT[name].split()]
    return frozenset([name]).union(*above)


def result_type(*dtypes: Any) -> str:
    """The dtype in which values of all these dtypes meet, as Keras on JAX has it.

    It is the first that holds them all; 64 bits become 32. These are names: the
    engine's own tensors are float32, int32 and bool, and so is what they meet in.

    Args:
        *dtypes: names, NumPy's dtypes, or `int` and `float` for Python's numbers. None
            means "float32".

    Returns:
        A dtype's name; "float32" for no dtypes at all.

    Raises:
        ArgumentError: what is no dtype; text together with numbers.

    Example:

    >>> result_type("int32", "float32"), result_type("int8", float)
    ('float32', 'float32')
    >>> result_type("bool", int), result_type("float16", int)
    ('int32', 'float16')
    """
    if not dtypes:
        return floatx()
    names = [standardize_dtype(dtype) for dtype in dtypes]
    weak = [dtype is int or dtype is float for dtype in dtypes]
    if len(set(names)) == 1:
        return _NARROW.get(names[0], names[0])
    if not all(weak):
        pairs = zip(names, weak, strict=True)
        names = [name.rstrip("0123456789") if w else name for name, w in pairs]
    common = frozenset.intersection(*map(_holders, names))
    if not common:
        raise ArgumentError(
            "Text and numbers meet in no dtype.",
            where="result_type",
            expected="numbers only, or text only",
            received=", ".join(map(repr, dtypes)),
            remedy="convert one of them first",
        )
    first = next(name for name in common if common <= _holders(name))
    return _NARROW.get(first, first)
