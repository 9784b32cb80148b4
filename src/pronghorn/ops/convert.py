"""Getting arguments into shape: what every operation does with what it is given."""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn.errors import UnsupportedError
from pronghorn.ir import dtypes
from pronghorn.ir.graph import apply
from pronghorn.ir.operators import OPERATORS
from pronghorn.ir.primitive import Kind, Primitive, named
from pronghorn.ir.shapes import Batch, Shape
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import as_node, bind, number
from pronghorn.ir.variable import Variable

__all__ = ["cast", "convert_to_numpy", "convert_to_tensor", "operands", "tensor"]

_PYTHON = (bool, int, float)
_KNOWN = (KerasTensor, float, int, bool)  # what needs no conversion


def _cast_shape(x: Any, dtype: str) -> tuple[Shape, str]:
    return x.shape, dtype


def _cast_vjp(g: Any, _: Any, x: Any, dtype: str) -> tuple[Any]:
    flows = dtypes.is_float(dtype) and dtypes.is_float(x.dtype)
    return (cast(g, x.dtype) if flows else None,)


cast_p = Primitive(
    "cast",
    Kind.ELEMENTWISE,
    lambda x, dtype: np.asarray(x).astype(dtype),
    _cast_shape,
    _cast_vjp,
)


def tensor(x: Any) -> Any:
    """A value as an operation wants it: an array or a KerasTensor.

    Python numbers and lists become float32, int32 or bool. The batch's symbolic size
    becomes a tensor.
    """
    if isinstance(x, (np.ndarray, KerasTensor)):
        return x
    if isinstance(x, Variable):
        return x.value
    if isinstance(x, Batch):
        return _rows(x)
    if isinstance(x, (list, tuple)) and any(
        isinstance(i, (KerasTensor, Variable, Batch)) for i in x
    ):
        return _rows_of(x)
    if isinstance(x, np.generic):
        return np.asarray(x)
    array = np.asarray(x)
    return array.astype(dtypes.standard(array.dtype).replace("64", "32"))


def _rows(x: Batch) -> KerasTensor:
    return KerasTensor.of(apply(named("rows"), (), {"dim": x}))


def _rows_of(x: Any) -> Any:
    return OPERATORS["stack"](list(x))


def operands(*args: Any, floating: bool = False) -> tuple[Any, ...]:
    """Arguments of one elementwise operation, brought to one dtype.

    Python numbers are weak: they never widen an array. With `floating`, integers and
    booleans become float32.
    """
    symbolic, plain, numbers = False, True, True
    values = []
    for arg in args:
        if not isinstance(arg, _KNOWN):
            arg = tensor(arg)
        if isinstance(arg, KerasTensor):
            symbolic = True
            plain = plain and arg.node.dtype == "float32"
        elif not isinstance(arg, _PYTHON):
            plain = numbers = False
        values.append(arg)
    if symbolic and plain:  # the most frequent case
        return tuple(
            [v if isinstance(v, KerasTensor) else number(v, "float32") for v in values]
        )
    if symbolic:
        return _symbolic(values, floating)
    if floating:
        return tuple([_as_float(v) for v in values])
    return tuple([tensor(v) for v in values] if numbers else values)


def _symbolic(values: list[Any], floating: bool) -> tuple[KerasTensor, ...]:
    strong = [_dtype(v) for v in values if not isinstance(v, _PYTHON)]
    weak = [dtypes.scalar_dtype(v) for v in values if isinstance(v, _PYTHON)]
    if floating:
        weak.append("float32")
    dtype = dtypes.promote(strong, weak)
    return tuple([_of_dtype(v, dtype) for v in values])


def _of_dtype(value: Any, dtype: str) -> KerasTensor:
    if isinstance(value, _PYTHON):
        return number(value, dtype)
    if isinstance(value, KerasTensor) and value.node.dtype == dtype:
        return value
    return KerasTensor.of(as_node(value, dtype))


def _dtype(value: Any) -> str:
    dtype = dtypes.standard(value.dtype)
    # An array of doubles inside a trace is a constant of the float32 program.
    if dtype == "float64" and isinstance(value, np.ndarray):
        return "float32"
    return dtype


def _as_float(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value if value.dtype.kind == "f" else value.astype(np.float32)
    return np.float32(value)


def cast(x: Any, dtype: Any) -> Any:
    """`x` as another dtype. Floats become integers by truncation.

    Within a trace there are float32, int32 and bool; narrower and wider dtypes become
    those. Arrays get the dtype that is asked for.

    >>> cast(np.array([1.7, -1.7]), "int32")
    array([ 1, -1], dtype=int32)
    """
    value = tensor(x)
    if isinstance(value, KerasTensor):
        name = dtypes.standard(dtype)
        if value.dtype == name:
            return value
        if name == "bool":  # NumPy's rule: everything but zero is true
            return OPERATORS["not_equal"](value, 0)
        return bind(cast_p, value, dtype=name)
    return value.astype(dtypes.of_values(dtype))


def convert_to_tensor(
    x: Any, dtype: Any = None, sparse: bool | None = None, ragged: bool | None = None
) -> Any:
    """`x` as an array (or as it is, if it is symbolic), of `dtype` if one is given.

    Args:
        x: an array, a number, a list, a variable or a tensor; or text, which stays so,
            for lookup and hash layers.
        dtype: default: that of `x`; Python's floats are float32, its integers int32.
        sparse: True raises: all tensors are dense.
        ragged: True raises: all rows have one length.

    Raises:
        UnsupportedError: sparse or ragged.

    Example:

    >>> convert_to_tensor([1.0, 2.0])
    array([1., 2.], dtype=float32)
    >>> convert_to_tensor(["red", "blue"])
    array(['red', 'blue'], dtype='<U4')
    """
    if sparse or ragged:
        raise UnsupportedError(
            "Tensors are dense here.",
            where="ops.convert_to_tensor",
            received=f"sparse={sparse}, ragged={ragged}",
            remedy="leave both out, and pass class numbers to layers.Embedding instead "
            "of sparse rows",
        )
    text = _text(x)
    if text is not None and dtype in (None, "string"):
        return text
    value = tensor(x)
    return value if dtype is None else cast(value, dtype)


def _text(x: Any) -> np.ndarray | None:
    """Text as an array of it; None of all else."""
    first = x
    while isinstance(first, (list, tuple)) and first:
        first = first[0]
    return np.asarray(x) if isinstance(first, (str, bytes)) else None


def convert_to_numpy(x: Any) -> np.ndarray:
    """`x` as a NumPy array.

    Raises:
        TraceError: for a symbolic tensor, which has no value.
    """
    return np.asarray(tensor(x))
