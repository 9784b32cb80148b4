"""Variables: named state that a model keeps between steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, DtypeError, ShapeError
from pronghorn.ir import dtypes
from pronghorn.ir.operators import Operators

__all__ = [
    "Variable",
    "storage_generation",
    "structure_changed",
    "structure_generation",
    "variable_hooks",
]

_generation = 0
_structure = 0


def storage_generation() -> int:
    """A number that changes whenever any variable's storage moved."""
    return _generation


def structure_generation() -> int:
    """A number that changes whenever what some model is made of changed.

    That is its layers, its variables, or what of them is trainable. Whoever keeps
    something that follows from these looks here first, which costs next to nothing.
    """
    return _structure


def structure_changed() -> None:
    """Says that a layer, a variable or its `trainable` is not what it was."""
    global _structure
    _structure += 1


class _Hooks:
    """How a variable reads and writes while a trace is active; the tracer fills it."""

    read: Callable[[Variable], Any] | None = None
    write: Callable[[Variable, Any], bool] | None = None
    # First values are numbers, also of a variable that is made while a layer is traced.
    untraced: Callable[[], AbstractContextManager[None]] = nullcontext


variable_hooks = _Hooks()


class Variable(Operators):
    """A float32, int32 or bool array that changes from step to step.

    A variable owns its identity and its storage. A compiled model moves the storage
    into one flat buffer (`rehome`), so that what the engine writes is seen here
    without a copy.

    Args:
        initializer: an array, a number, or a callable `(shape, dtype=...)`.
        shape: needed with a callable.
        dtype: default "float32".
        trainable: whether training changes it. Default True.
        name: default "variable".

    Example:

    >>> v = Variable([1.0, 2.0], name="v")
    >>> v.assign_add([1.0, 1.0])
    array([2., 3.], dtype=float32)
    >>> v.numpy()
    array([2., 3.], dtype=float32)
    """

    __slots__ = (
        "__weakref__",
        "_storage",
        "_trainable",
        "constraint",
        "dtype",
        "name",
        "path",
        "regularizer",
    )

    def __init__(
        self,
        initializer: Any,
        shape: Sequence[int] | None = None,
        dtype: Any = None,
        trainable: bool = True,
        name: str | None = None,
    ) -> None:
        if isinstance(initializer, Variable):
            initializer = initializer.numpy()
        if callable(initializer):
            if shape is None:
                raise ArgumentError(
                    "A variable made by an initializer needs a shape.",
                    where=f"variable {name or 'variable'!r}",
                    remedy="pass shape=(...)",
                )
            self.dtype = dtypes.standard(dtype or "float32")
            with variable_hooks.untraced():
                value = initializer(tuple(shape), dtype=self.dtype)
        else:
            value = np.asarray(initializer)
            self.dtype = dtypes.standard(dtype or _default_dtype(value))
        if shape is not None:
            value = np.broadcast_to(np.asarray(value), tuple(shape))
        self._begin(np.array(value, dtype=self.dtype, order="C"), trainable, name)

    def _begin(self, storage: np.ndarray, trainable: bool, name: str | None) -> None:
        self._storage = storage
        self._trainable = bool(trainable)
        self.name = name or "variable"
        self.path = self.name
        self.regularizer: Any = None
        self.constraint: Any = None

    @classmethod
    def living_in(
        cls, storage: np.ndarray, trainable: bool = True, name: str | None = None
    ) -> Variable:
        """A variable whose storage is this float32 array, which is not copied."""
        made = cls.__new__(cls)
        made.dtype = "float32"
        made._begin(storage, trainable, name)
        return made

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape; it never changes."""
        return self._storage.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._storage.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        return self._storage.size

    @property
    def trainable(self) -> bool:
        """Whether training changes it."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        structure_changed()

    @property
    def storage(self) -> np.ndarray:
        """The array itself, for backends: not a copy."""
        return self._storage

    @property
    def value(self) -> Any:
        """The value now: a read-only array, or a tensor while tracing."""
        if variable_hooks.read is not None:
            tensor = variable_hooks.read(self)
            if tensor is not None:
                return tensor
        return self._view()

    def _view(self) -> np.ndarray:
        view = self._storage.view()
        view.flags.writeable = False
        return view

    def numpy(self) -> np.ndarray:
        """A copy of the value."""
        return self._storage.copy()

    def assign(self, value: Any) -> Any:
        """Sets the value; while tracing, records that the step sets it.

        Returns:
            The value now: a read-only array, or a tensor while tracing.

        Raises:
            ShapeError: if the value has another shape.
        """
        if variable_hooks.write is not None and variable_hooks.write(self, value):
            return self.value
        if isinstance(value, Variable):
            value = value.value
        array = np.asarray(value)
        if array.shape != self.shape:
            raise ShapeError(
                "A variable keeps its shape.",
                where=f"variable {self.path!r}",
                expected=self.shape,
                received=array.shape,
            )
        np.copyto(self._storage, array, casting="unsafe")
        return self._view()

    def assign_add(self, value: Any) -> Any:
        """Adds to the value, and gives it; see `assign`."""
        return self.assign(self.value + value)

    def assign_sub(self, value: Any) -> Any:
        """Subtracts from the value, and gives it; see `assign`."""
        return self.assign(self.value - value)

    def rehome(self, storage: np.ndarray) -> None:
        """Moves the value into `storage`, of the same shape and dtype."""
        global _generation
        np.copyto(storage, self._storage)
        self._storage = storage
        _generation += 1

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = self.numpy()
        return array if dtype is None else array.astype(dtype)

    def __float__(self) -> float:
        return float(self._scalar())  # raises inside a trace, where there is no value

    def __int__(self) -> int:
        return int(self._scalar())

    def __bool__(self) -> bool:
        raise DtypeError(
            "A variable is neither true nor false.",
            where=f"variable {self.path!r}",
            remedy="ask whether it `is None`, or for its `.numpy()`",
        )

    def _scalar(self) -> Any:
        if self.shape:
            raise DtypeError(
                "Only a scalar is a number of Python.",
                where=f"variable {self.path!r}",
                expected="the shape ()",
                received=self.shape,
            )
        return self.value

    def __repr__(self) -> str:
        told = f"path={self.path}, shape={self.shape}, dtype={self.dtype}"
        return f"<Variable {told}, value={self._storage}>"


def _default_dtype(value: np.ndarray) -> str:
    name = dtypes.standard(value.dtype)
    return "float32" if name == "float64" else name
