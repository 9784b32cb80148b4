"""Python's operators for tensors and variables.

`ops` fills the table, so that the graph below it needs no knowledge of any operation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["OPERATORS", "Operators"]

OPERATORS: dict[str, Callable[..., Any]] = {}

_UFUNCS = {"absolute": "abs", "remainder": "mod"}  # NumPy's names for two of ours
_ARITHMETIC = frozenset(
    "add subtract multiply divide floor_divide mod power negative abs matmul less "
    "less_equal greater greater_equal equal not_equal".split()
)


class Operators:
    """Mixin: `a + b`, `a @ b`, `a[1:]`, `a < b` as operations of the graph."""

    __slots__ = ()
    __array_priority__ = 100.0

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any
    ) -> Any:
        """What NumPy calls for `array + tensor` and for `np.add(tensor, tensor)`.

        Arithmetic and comparison become operations. Anything else needs values: a
        variable gives them, a symbolic tensor says what to write instead.
        """
        name = _UFUNCS.get(ufunc.__name__, ufunc.__name__)
        if method == "__call__" and not kwargs and name in _ARITHMETIC:
            return OPERATORS[name](*inputs)
        values = [np.asarray(x) if isinstance(x, Operators) else x for x in inputs]
        return getattr(ufunc, method)(*values, **kwargs)

    def __add__(self, other: Any) -> Any:
        return OPERATORS["add"](self, other)

    def __radd__(self, other: Any) -> Any:
        return OPERATORS["add"](other, self)

    def __sub__(self, other: Any) -> Any:
        return OPERATORS["subtract"](self, other)

    def __rsub__(self, other: Any) -> Any:
        return OPERATORS["subtract"](other, self)

    def __mul__(self, other: Any) -> Any:
        return OPERATORS["multiply"](self, other)

    def __rmul__(self, other: Any) -> Any:
        return OPERATORS["multiply"](other, self)

    def __truediv__(self, other: Any) -> Any:
        return OPERATORS["divide"](self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return OPERATORS["divide"](other, self)

    def __floordiv__(self, other: Any) -> Any:
        return OPERATORS["floor_divide"](self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return OPERATORS["floor_divide"](other, self)

    def __mod__(self, other: Any) -> Any:
        return OPERATORS["mod"](self, other)

    def __rmod__(self, other: Any) -> Any:
        return OPERATORS["mod"](other, self)

    def __pow__(self, other: Any) -> Any:
        return OPERATORS["power"](self, other)

    def __rpow__(self, other: Any) -> Any:
        return OPERATORS["power"](other, self)

    def __matmul__(self, other: Any) -> Any:
        return OPERATORS["matmul"](self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return OPERATORS["matmul"](other, self)

    def __neg__(self) -> Any:
        return OPERATORS["negative"](self)

    def __pos__(self) -> Any:
        return OPERATORS["positive"](self)

    def __abs__(self) -> Any:
        return OPERATORS["abs"](self)

    def __round__(self, ndigits: int | None = None) -> Any:
        return OPERATORS["round"](self, ndigits or 0)

    def __lt__(self, other: Any) -> Any:
        return OPERATORS["less"](self, other)

    def __le__(self, other: Any) -> Any:
        return OPERATORS["less_equal"](self, other)

    def __gt__(self, other: Any) -> Any:
        return OPERATORS["greater"](self, other)

    def __ge__(self, other: Any) -> Any:
        return OPERATORS["greater_equal"](self, other)

    def __and__(self, other: Any) -> Any:
        return OPERATORS["logical_and"](self, other)

    def __rand__(self, other: Any) -> Any:
        return OPERATORS["logical_and"](other, self)

    def __or__(self, other: Any) -> Any:
        return OPERATORS["logical_or"](self, other)

    def __ror__(self, other: Any) -> Any:
        return OPERATORS["logical_or"](other, self)

    def __xor__(self, other: Any) -> Any:
        return OPERATORS["logical_xor"](self, other)

    def __rxor__(self, other: Any) -> Any:
        return OPERATORS["logical_xor"](other, self)

    def __invert__(self) -> Any:
        return OPERATORS["logical_not"](self)

    def __getitem__(self, key: Any) -> Any:
        return OPERATORS["getitem"](self, key)
