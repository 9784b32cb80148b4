"""`keras.backend`, and what scripts of Keras 2 call `K`: operations by their old names.

New code uses `pronghorn.ops`, `pronghorn.random` and `pronghorn.config`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from pronghorn import ops, random
from pronghorn.config import (
    backend,
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)
from pronghorn.errors import ArgumentError, UnsupportedError
from pronghorn.ir.dtypes import standard
from pronghorn.ir.variable import Variable
from pronghorn.naming import auto_name, name_scope
from pronghorn.utils.promotion import result_type
from pronghorn.utils.seeds import clear_session
from pronghorn.utils.tensors import is_keras_tensor, standardize_dtype

__all__ = [
    "abs",
    "all",
    "any",
    "argmax",
    "argmin",
    "backend",
    "batch_get_value",
    "batch_set_value",
    "binary_crossentropy",
    "cast",
    "cast_to_floatx",
    "categorical_crossentropy",
    "clear_session",
    "clip",
    "concatenate",
    "constant",
    "count_params",
    "device",
    "dot",
    "dtype",
    "epsilon",
    "equal",
    "eval",
    "exp",
    "expand_dims",
    "flatten",
    "floatx",
    "get_uid",
    "get_value",
    "greater",
    "greater_equal",
    "image_data_format",
    "int_shape",
    "is_float_dtype",
    "is_int_dtype",
    "is_keras_tensor",
    "l2_normalize",
    "less",
    "less_equal",
    "log",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "name_scope",
    "ndim",
    "not_equal",
    "ones_like",
    "permute_dimensions",
    "pow",
    "prod",
    "random_normal",
    "random_uniform",
    "relu",
    "repeat_elements",
    "reshape",
    "result_type",
    "round",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "set_value",
    "shape",
    "sigmoid",
    "sign",
    "softmax",
    "softplus",
    "sparse_categorical_crossentropy",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "standardize_dtype",
    "std",
    "stop_gradient",
    "sum",
    "switch",
    "tanh",
    "tile",
    "transpose",
    "update",
    "update_add",
    "update_sub",
    "var",
    "variable",
    "zeros_like",
]

# The same here and there.
abs, exp, log, sign, sqrt, square = (
    ops.abs,
    ops.exp,
    ops.log,
    ops.sign,
    ops.sqrt,
    ops.square,
)
equal, not_equal, greater, less = ops.equal, ops.not_equal, ops.greater, ops.less
greater_equal, less_equal = ops.greater_equal, ops.less_equal
maximum, minimum, tanh, sigmoid = ops.maximum, ops.minimum, ops.tanh, ops.sigmoid
softplus, stack, tile, reshape = ops.softplus, ops.stack, ops.tile, ops.reshape
stop_gradient, transpose = ops.stop_gradient, ops.transpose
ones_like, zeros_like = ops.ones_like, ops.zeros_like


# --- what tensors and variables are


def int_shape(x: Any) -> tuple[int | None, ...] | None:
    """The shape, with None for the rows; None for what has no shape.

    >>> int_shape(np.ones((2, 3))), int_shape(3)
    ((2, 3), None)
    """
    return tuple(x.shape) if hasattr(x, "shape") else None


def ndim(x: Any) -> int:
    """The number of axes."""
    return len(x.shape)


def shape(x: Any) -> Any:
    """The shape, which follows the batch while tracing."""
    return ops.shape(x)


def dtype(x: Any) -> str:
    """The name of the dtype.

    >>> dtype(np.ones(2, "float32"))
    'float32'
    """
    return standard(x.dtype)


def is_float_dtype(dtype: Any) -> bool:
    """Whether the dtype is one of floating-point numbers.

    >>> is_float_dtype("bfloat16"), is_float_dtype("int32")
    (True, False)
    """
    return standardize_dtype(dtype).startswith(("float", "bfloat"))


def is_int_dtype(dtype: Any) -> bool:
    """Whether the dtype is one of whole numbers.

    >>> is_int_dtype("uint8"), is_int_dtype("bool")
    (True, False)
    """
    return standardize_dtype(dtype).startswith(("int", "uint"))


def count_params(x: Any) -> int:
    """The number of elements.

    >>> count_params(np.ones((2, 3)))
    6
    """
    return int(np.prod(x.shape))


def get_uid(prefix: str = "") -> int:
    """A number that counts up for each prefix, from 1.

    >>> get_uid("an_example_of_uid")
    1
    """
    name = auto_name(f"uid_of_{prefix}")
    last = name.rsplit("_", 1)[-1]
    return int(last) + 1 if name != f"uid_of_{prefix}" and last.isdigit() else 1


def device(device_name: str) -> AbstractContextManager[None]:
    """A scope whose tensors live on a device. There is one: the processor.

    Args:
        device_name: "cpu" or "cpu:0", in any case.

    Raises:
        UnsupportedError: another device.

    Example:

    >>> with device("cpu:0"):
    ...     ops.ones((2,))
    array([1., 1.], dtype=float32)
    """
    if str(device_name).lower().lstrip("/").removeprefix("device:") in ("cpu", "cpu:0"):
        return nullcontext()
    raise UnsupportedError(
        "There is no such device here.",
        where="device",
        expected='"cpu" or "cpu:0"',
        received=repr(device_name),
        remedy="leave the scope out: all is computed on the processor",
    )


def _computed(dtype: Any) -> str:
    """The dtype that the engine computes in, for one that was asked for."""
    return standard(standardize_dtype(dtype))


# --- values


def variable(
    value: Any, dtype: Any = None, name: str | None = None, constraint: Any = None
) -> Variable:
    """A variable with that value; its dtype is float32 unless named."""
    made = Variable(np.asarray(value), dtype=_computed(dtype), name=name)
    made.constraint = constraint
    return made


def constant(value: Any, dtype: Any = None, shape: Any = None, name: Any = None) -> Any:
    """An array with that value, float32 unless named."""
    array = np.asarray(value, _computed(dtype))
    return array if shape is None else np.broadcast_to(array, tuple(shape)).copy()


def get_value(x: Any) -> np.ndarray:
    """The value as an array."""
    return np.array(x)


def eval(x: Any) -> np.ndarray:
    """The value as an array."""
    return get_value(x)


def batch_get_value(tensors: Iterable[Any]) -> list[np.ndarray]:
    """The values of several."""
    return [get_value(x) for x in tensors]


def set_value(x: Variable, value: Any) -> None:
    """Sets a variable; a learning rate too: `set_value(optimizer.learning_rate, 0.1)`.

    Raises:
        ArgumentError: what is no variable.

    Example:

    >>> v = variable([1.0, 2.0])
    >>> set_value(v, [3.0, 4.0])
    >>> get_value(v)
    array([3., 4.], dtype=float32)
    """
    if not isinstance(x, Variable):
        raise ArgumentError(
            "Only a variable can be set.",
            where="set_value",
            expected="a variable, as in layer.weights or optimizer.variables",
            received=type(x).__name__,
        )
    x.assign(np.asarray(value, x.dtype))


def batch_set_value(tuples: Iterable[tuple[Variable, Any]]) -> None:
    """Sets several, given as pairs of variable and value."""
    for x, value in tuples:
        set_value(x, value)


def update(x: Variable, new_x: Any) -> Variable:
    """Sets a variable, also while tracing."""
    x.assign(new_x)
    return x


def update_add(x: Variable, increment: Any) -> Variable:
    """Adds to a variable, also while tracing."""
    x.assign_add(increment)
    return x


def update_sub(x: Variable, decrement: Any) -> Variable:
    """Subtracts from a variable, also while tracing."""
    x.assign_sub(decrement)
    return x


# --- operations whose arguments had other names or defaults


def cast(x: Any, dtype: Any) -> Any:
    """The tensor in another dtype."""
    return ops.cast(x, dtype)


def cast_to_floatx(x: Any) -> Any:
    """The tensor in float32."""
    return ops.cast(ops.convert_to_tensor(x), floatx())


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum along axes."""
    return ops.sum(x, axis=axis, keepdims=keepdims)


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean along axes; of booleans too."""
    return ops.mean(_numbers(x), axis=axis, keepdims=keepdims)


def std(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The standard deviation along axes."""
    return ops.std(_numbers(x), axis=axis, keepdims=keepdims)


def var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The variance along axes."""
    return ops.var(_numbers(x), axis=axis, keepdims=keepdims)


def _numbers(x: Any) -> Any:
    value = ops.convert_to_tensor(x)
    return ops.cast(value, floatx()) if str(value.dtype) == "bool" else value


def max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest along axes."""
    return ops.max(x, axis=axis, keepdims=keepdims)


def min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The smallest along axes."""
    return ops.min(x, axis=axis, keepdims=keepdims)


def prod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The product along axes."""
    return ops.prod(x, axis=axis, keepdims=keepdims)


def any(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether any element is true, along axes."""
    return ops.any(x, axis=axis, keepdims=keepdims)


def all(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether all elements are true, along axes."""
    return ops.all(x, axis=axis, keepdims=keepdims)


def argmax(x: Any, axis: int = -1) -> Any:
    """The place of the largest along an axis, the last by default."""
    return ops.argmax(x, axis=axis)


def argmin(x: Any, axis: int = -1) -> Any:
    """The place of the smallest along an axis, the last by default."""
    return ops.argmin(x, axis=axis)


def clip(x: Any, min_value: Any, max_value: Any) -> Any:
    """The tensor between two values."""
    return ops.clip(x, min_value, max_value)


def pow(x: Any, a: Any) -> Any:
    """The tensor to a power."""
    return ops.power(x, a)


def round(x: Any) -> Any:
    """The nearest whole numbers."""
    return ops.round(x)


def dot(x: Any, y: Any) -> Any:
    """The matrix product."""
    return ops.matmul(x, y)


def concatenate(tensors: Sequence[Any], axis: int = -1) -> Any:
    """The tensors joined along an axis, the last by default."""
    return ops.concatenate(tensors, axis=axis)


def expand_dims(x: Any, axis: int = -1) -> Any:
    """A new axis of size 1, the last by default."""
    return ops.expand_dims(x, axis)


def squeeze(x: Any, axis: int) -> Any:
    """Without an axis of size 1."""
    return ops.squeeze(x, axis)


def flatten(x: Any) -> Any:
    """All elements in one axis."""
    return ops.reshape(x, (-1,))


def permute_dimensions(x: Any, pattern: Sequence[int]) -> Any:
    """The axes in another order."""
    return ops.transpose(x, pattern)


def repeat_elements(x: Any, rep: int, axis: int) -> Any:
    """Each element several times along an axis."""
    return ops.repeat(x, rep, axis=axis)


def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """One tensor where a condition holds, else the other."""
    return ops.where(condition, then_expression, else_expression)


def l2_normalize(x: Any, axis: int | None = None) -> Any:
    """The tensor divided by its length, along an axis or as a whole."""
    length = ops.sum(ops.square(x), axis=axis, keepdims=True)
    return x * ops.rsqrt(ops.maximum(length, 1e-12))


def relu(
    x: Any, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Any:
    """`x` above a threshold, `alpha * (x - threshold)` below, at most `max_value`."""
    below = alpha * (x - threshold) if alpha else 0.0 * x
    value = ops.where(ops.greater_equal(x, threshold), x, below)
    return value if max_value is None else ops.minimum(value, max_value)


def softmax(x: Any, axis: int = -1) -> Any:
    """Exponentials that sum to one along an axis."""
    return ops.softmax(x, axis=axis)


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """Cross-entropy of each element."""
    return ops.binary_crossentropy(target, output, from_logits=from_logits)


def categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """Cross-entropy of each row of one-hot targets."""
    return ops.categorical_crossentropy(
        target, output, from_logits=from_logits, axis=axis
    )


def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """Cross-entropy of each row, with class numbers as targets."""
    return ops.sparse_categorical_crossentropy(
        target, output, from_logits=from_logits, axis=axis
    )


def random_normal(
    shape: Any,
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: Any = None,
    seed: Any = None,
) -> Any:
    """Normal random numbers."""
    return random.normal(shape, mean, stddev, _computed(dtype), seed=seed)


def random_uniform(
    shape: Any,
    minval: float = 0.0,
    maxval: float = 1.0,
    dtype: Any = None,
    seed: Any = None,
) -> Any:
    """Random numbers, all as likely between two bounds."""
    return random.uniform(shape, minval, maxval, _computed(dtype), seed=seed)
