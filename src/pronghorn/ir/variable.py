"""Variables: named state that a model keeps between steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, DtypeError, ShapeError, UnsupportedError
from pronghorn.ir import dtypes
from pronghorn.ir.memory import aligned
from pronghorn.ir.operators import OPERATORS, Operators
from pronghorn.naming import check_name, current_path

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
    # What an initializer's name stands for; the room of initializers is loaded late.
    initializer: Callable[[str], Any] | None = None


variable_hooks = _Hooks()


_AGGREGATIONS = (None, "none", "mean", "sum", "only_first_replica")
_SYNCHRONIZATIONS = (None, "none", "on_read", "on_write", "auto")


class Variable(Operators):
    """A float32, int32 or bool array that changes from step to step.

    A variable owns its identity and its storage. A compiled model moves the storage
    into one flat buffer (`rehome`), so that what the engine writes is seen here
    without a copy. `==` compares values; as keys of a dict variables are themselves.

    Args:
        initializer: an array, a number, a callable `(shape, dtype=...)`, or the name of
            an initializer.
        shape: needed with a callable or a name.
        dtype: default "float32".
        trainable: whether training changes it. Default True.
        autocast: kept; all is computed in float32.
        aggregation, synchronization: kept; there is one replica.
        name: text without a slash. Default "variable".
        layout: None; there is one device.
        **kwargs: none.

    Raises:
        ArgumentError: an initializer without a shape, or another value that does not
            fit.
        UnsupportedError: a layout.

    Example:

    >>> v = Variable([1.0, 2.0], name="v")
    >>> v.assign_add([1.0, 1.0])
    array([2., 3.], dtype=float32)
    >>> v.numpy()
    array([2., 3.], dtype=float32)
    >>> v == [2.0, 0.0]
    array([ True, False])
    """

    __slots__ = (
        "__weakref__",
        "_constraint",
        "_regularizer",
        "_storage",
        "_trainable",
        "aggregation",
        "autocast",
        "dtype",
        "name",
        "path",
        "synchronization",
    )

    def __init__(
        self,
        initializer: Any,
        shape: Sequence[int] | None = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        aggregation: str | None = "none",
        synchronization: str | None = "auto",
        name: str | None = None,
        layout: Any = None,
        **kwargs: Any,
    ) -> None:
        name = name or "variable"
        check_name(name, "Variable(name=)")
        _check_options(name, layout, kwargs, aggregation, synchronization)
        if isinstance(initializer, Variable):
            initializer = initializer.numpy()
        if isinstance(initializer, str) and variable_hooks.initializer is not None:
            initializer = variable_hooks.initializer(initializer)
        if callable(initializer):
            if shape is None:
                raise ArgumentError(
                    "A variable made by an initializer needs a shape.",
                    where=f"variable {name!r}",
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
        storage = aligned(np.asarray(value), self.dtype)
        self._begin(storage, trainable, name, autocast)
        self.aggregation = aggregation or "none"
        self.synchronization = synchronization or "none"
        around = current_path()
        if around:
            self.path = f"{around}/{name}"

    def _begin(
        self,
        storage: np.ndarray,
        trainable: bool,
        name: str | None,
        autocast: bool = True,
    ) -> None:
        self._storage = storage
        self._trainable = bool(trainable)
        self.name = name or "variable"
        self.path = self.name
        self.autocast = bool(autocast)
        self.aggregation = "none"
        self.synchronization = "auto"
        self._regularizer: Any = None
        self._constraint: Any = None

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
    def regularizer(self) -> Any:
        """The penalty on the value, a function of it, or None."""
        return self._regularizer

    @regularizer.setter
    def regularizer(self, value: Any) -> None:
        self._regularizer = self._function(value, "regularizer")

    @property
    def constraint(self) -> Any:
        """What follows each update, a function of the value, or None."""
        return self._constraint

    @constraint.setter
    def constraint(self, value: Any) -> None:
        self._constraint = self._function(value, "constraint")

    def _function(self, value: Any, attribute: str) -> Any:
        if value is None or callable(value):
            return value
        raise ArgumentError(
            f"A variable's {attribute} is a function.",
            where=f"variable {self.path!r}",
            expected=f"a {attribute} object, a function of the value, or None",
            received=repr(value),
            remedy=f"write keras.{attribute}s.get({value!r})"
            if isinstance(value, str)
            else None,
        )

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

    def __eq__(self, other: Any) -> Any:
        if other is None or isinstance(other, str):
            return NotImplemented
        return OPERATORS["equal"](self, other)

    def __ne__(self, other: Any) -> Any:
        if other is None or isinstance(other, str):
            return NotImplemented
        return OPERATORS["not_equal"](self, other)

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        told = f"path={self.path}, shape={self.shape}, dtype={self.dtype}"
        return f"<Variable {told}, value={self._storage}>"


def _default_dtype(value: np.ndarray) -> str:
    name = dtypes.standard(value.dtype)
    return "float32" if name == "float64" else name


def _check_options(
    name: str, layout: Any, others: Any, aggregation: Any, synchronization: Any
) -> None:
    if layout is not None:
        raise UnsupportedError(
            "A variable lives on one device.",
            where=f"variable {name!r}",
            expected="layout=None",
            received=repr(layout),
            remedy="leave it out",
        )
    if others:
        raise ArgumentError(
            "A variable does not take these arguments.",
            where=f"variable {name!r}",
            received=", ".join(sorted(others)),
            remedy="leave them out",
        )
    for what, value, known in (
        ("aggregation", aggregation, _AGGREGATIONS),
        ("synchronization", synchronization, _SYNCHRONIZATIONS),
    ):
        if value not in known:
            raise ArgumentError(
                f"Invalid value for argument `{what}`.",
                where=f"variable {name!r}",
                expected=", ".join(map(repr, known)),
                received=repr(value),
            )
