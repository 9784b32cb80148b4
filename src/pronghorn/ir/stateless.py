"""Variables with values of the caller's choice, and no trace left in them."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError
from pronghorn.ir.primitive import named
from pronghorn.ir.tensor import KerasTensor
from pronghorn.ir.tracer import bind, depth
from pronghorn.ir.variable import Variable, variable_hooks

__all__ = ["StatelessScope"]


class _Scopes(threading.local):
    def __init__(self) -> None:
        self.stack: list[StatelessScope] = []


_scopes = _Scopes()


class StatelessScope:
    """Code inside reads the given values, and what it assigns is kept here.

    Args:
        state_mapping: pairs of a variable and its value inside, an array or a tensor
            of its shape. Variables that are not named have their own values.

    Raises:
        ArgumentError: something is no variable, or its value has another shape.

    Example:

    >>> v = Variable(1.0)
    >>> with StatelessScope([(v, 5.0)]) as scope:
    ...     _ = v.assign_add(1.0)
    >>> float(scope.get_current_value(v)), float(v)
    (6.0, 1.0)
    """

    def __init__(
        self, state_mapping: Iterable[tuple[Variable, Any]] | None = None
    ) -> None:
        self._values: dict[int, tuple[Variable, Any]] = {}
        self._depth = 0
        for pair in state_mapping or ():
            self.add_update(pair)

    def add_update(self, update: tuple[Variable, Any]) -> None:
        """Sets the value that a variable has inside from here on."""
        variable, value = update
        if not isinstance(variable, Variable):
            raise ArgumentError(
                "A StatelessScope gives values to variables.",
                where="StatelessScope(state_mapping=)",
                expected="pairs of a Variable and its value",
                received=type(variable).__name__,
            )
        value = _of_dtype(value, variable.dtype)
        if tuple(value.shape) != variable.shape:
            raise ArgumentError(
                "A variable keeps its shape.",
                where=f"variable {variable.path!r}",
                expected=variable.shape,
                received=tuple(value.shape),
                remedy="pass the values in the order of the variables",
            )
        self._values[id(variable)] = (variable, value)

    def get_current_value(self, variable: Variable) -> Any:
        """The value inside; None for a variable that was neither given nor assigned."""
        found = self._values.get(id(variable))
        return None if found is None else found[1]

    def __enter__(self) -> StatelessScope:
        self._depth = depth()
        _scopes.stack.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        _scopes.stack.pop()


def _of_dtype(value: Any, dtype: str) -> Any:
    if isinstance(value, Variable):
        value = value.value
    if isinstance(value, KerasTensor):
        same = value.dtype == dtype
        return value if same else bind(named("cast"), value, dtype=dtype)
    return np.array(value, dtype)


def _innermost() -> StatelessScope | None:
    """The scope that code here runs in; a trace that began later hides it."""
    stack = _scopes.stack
    return stack[-1] if stack and stack[-1]._depth == depth() else None


_traced_read, _traced_write = variable_hooks.read, variable_hooks.write


def _read(variable: Variable) -> Any:
    for scope in reversed(_scopes.stack):
        if scope._depth != depth():
            break
        value = scope.get_current_value(variable)
        if value is not None:
            return value
    return _traced_read(variable) if _traced_read is not None else None


def _write(variable: Variable, value: Any) -> bool:
    scope = _innermost()
    if scope is not None:
        scope.add_update((variable, value))
        return True
    return _traced_write(variable, value) if _traced_write is not None else False


variable_hooks.read = _read
variable_hooks.write = _write
