"""Results as TensorFlow's scripts expect them: arrays that have `.numpy()`.

`Tensor` is a NumPy array and nothing besides, until a gradient tape watches it: from
then on what is computed from it goes to the tape.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from pronghorn.ir import KerasTensor, Primitive, Variable
from pronghorn.ir.masks import mask_of
from pronghorn.ir.operators import OPERATORS, Operators

__all__ = ["Tensor", "apply", "follow", "followed", "is_tensor", "shown", "tensor"]

_NARROW = {"float64": np.float32, "int64": np.int32}


class Tensor(np.ndarray):
    """An array with `.numpy()`, which prints as TensorFlow's tensors do.

    Example:

    >>> x = tensor([1.0, 2.0])
    >>> x * 2.0
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([2., 4.], dtype=float32)>
    >>> (x * 2.0).numpy()
    array([2., 4.], dtype=float32)
    """

    watched: Any = None  # what a tape knows this tensor as

    @property
    def _keras_mask(self) -> Any:
        """The mask that a layer gave this tensor, by Keras's name for it."""
        return mask_of(self)

    def numpy(self) -> Any:
        """The plain array; of a single number a NumPy number."""
        return self.view(np.ndarray)[()]

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any
    ) -> Any:
        if any(x.watched is not None for x in inputs if isinstance(x, Tensor)):
            return getattr(ufunc, method)(*map(followed, inputs), **kwargs)
        if any(isinstance(x, Operators) for x in inputs):
            return NotImplemented  # tensors without a value know what to do
        if "out" in kwargs:
            kwargs["out"] = tuple(map(_plain, kwargs["out"]))
        result = getattr(ufunc, method)(*map(_plain, inputs), **kwargs)
        wide = {x.dtype.name for x in inputs if isinstance(x, Tensor)}
        return shown(result, keep=wide)

    def __getitem__(self, key: Any) -> Any:
        if self.watched is not None:
            return OPERATORS["getitem"](self.watched, key)
        return shown(self.view(np.ndarray)[key], keep={self.dtype.name})

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        value = repr(self.numpy()) if self.ndim else str(self.numpy())
        return (
            f"<tf.Tensor: shape={self.shape}, dtype={self.dtype.name}, numpy={value}>"
        )

    def __str__(self) -> str:
        value = self.view(np.ndarray)
        return f"tf.Tensor({value}, shape={self.shape}, dtype={self.dtype.name})"

    def __format__(self, spec: str) -> str:
        return format(self.numpy(), spec) if spec else str(self)


def tensor(value: Any, dtype: Any = None) -> Any:
    """A `Tensor` of a number, a list or an array; what is one already stays.

    Doubles and long integers become float32 and int32, as everywhere here.

    >>> tensor(3.0)
    <tf.Tensor: shape=(), dtype=float32, numpy=3.0>
    """
    if isinstance(value, Variable):
        value = value.value
    if isinstance(value, KerasTensor):
        return value if dtype is None else OPERATORS["cast"](value, dtype)
    known = isinstance(value, Tensor) and value.watched is not None
    if known and dtype is None:
        return value
    array = np.asarray(_numbers(value))
    wanted: Any = _NARROW.get(array.dtype.name)
    if dtype is not None:
        wanted = array.dtype if dtype == "string" else np.dtype(dtype)
    if wanted is not None and array.dtype != wanted:
        array = array.astype(wanted)
    return array.view(Tensor)


def _numbers(value: Any) -> Any:
    """Lists of tensors as lists of numbers, which NumPy joins."""
    if isinstance(value, (list, tuple)):
        return [_numbers(v) for v in value]
    return np.asarray(value) if isinstance(value, Variable) else value


def shown(value: Any, keep: Any = ("float64", "int64")) -> Any:
    """A result for a script: plain arrays become `Tensor`s, all else stays.

    Args:
        value: of any kind; lists and tuples are looked into.
        keep: the names of wide dtypes that are wanted; others become narrow.

    >>> shown(np.float32(1.5)).numpy()
    np.float32(1.5)
    """
    kind = type(value)
    if kind is np.ndarray or isinstance(value, np.generic):
        array = np.asarray(value)
        name = array.dtype.name
        if name in _NARROW and name not in keep:
            array = array.astype(_NARROW[name])
        return array.view(Tensor)
    if kind is list or kind is tuple:
        return kind(shown(v, keep) for v in value)
    return value


def followed(value: Any) -> Any:
    """What operations take: for a tensor that a tape watches, the one it knows."""
    if isinstance(value, Tensor) and value.watched is not None:
        return value.watched
    if type(value) in (list, tuple):
        return type(value)(map(followed, value))
    return value


def follow(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The operands of a primitive, with those that a tape watches as it knows them."""
    return tuple(map(followed, args))


def apply(primitive: Primitive, args: tuple[Any, ...], attrs: dict[str, Any]) -> Any:
    """Applies a primitive to arrays, and gives a result with `.numpy()`."""
    return shown(primitive.value(*map(_plain, args), **attrs))


def is_tensor(value: Any) -> bool:
    """Whether it is a tensor or a variable, not a plain array.

    >>> is_tensor(tensor(1.0)), is_tensor(np.zeros(3))
    (True, False)
    """
    return isinstance(value, (Tensor, KerasTensor, Variable))


def _plain(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, Tensor) else value
