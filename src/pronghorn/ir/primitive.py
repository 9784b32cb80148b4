"""What the graph is made of: a primitive has a value, a shape rule and a gradient.

A primitive is declared once, in `pronghorn.ops`. Passes and backends ask its `kind`;
only a backend that has an instruction for it looks at its name.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import numpy as np

from pronghorn.errors import GraphError
from pronghorn.ir.shapes import Shape

__all__ = ["CONSTANT", "INPUT", "STATE", "Kind", "Primitive", "named", "primitives"]


class Kind(enum.Enum):
    """What a pass may assume of a primitive."""

    LEAF = "leaf"  # no inputs: a batch's data, a variable, a constant
    SOURCE = "source"  # no inputs, computed elementwise: iota, rows
    RANDOM = "random"  # no inputs; the value takes seed= and step= too
    ELEMENTWISE = "elementwise"  # inputs broadcast by NumPy's rules
    REDUCTION = "reduction"  # attrs: axes
    CONTRACTION = "contraction"  # matmul
    STRUCTURE = "structure"  # moves elements, computes nothing
    GATHER = "gather"  # moves elements by the values of an index


class Primitive:
    """One operation of the graph, with one result.

    Args:
        name: unique.
        kind: what passes may assume.
        value: NumPy arrays and attributes to a NumPy array. This is the definition.
        shape: input nodes and attributes to (shape, dtype).
        vjp: (gradient of the result, result, *inputs, **attributes) to one gradient
            for each input, None where none flows. Written with tensors' own operators
            and `ops`, so that gradients are graphs too. None: not differentiable.
    """

    __slots__ = ("kind", "name", "shape", "value", "vjp")

    def __init__(
        self,
        name: str,
        kind: Kind,
        value: Callable[..., np.ndarray],
        shape: Callable[..., tuple[Shape, str]],
        vjp: Callable[..., tuple[Any, ...]] | None = None,
    ) -> None:
        if name in _ALL:
            raise GraphError(f"There are two primitives called {name!r}.")
        self.name = name
        self.kind = kind
        self.value = value
        self.shape = shape
        self.vjp = vjp
        _ALL[name] = self

    def __repr__(self) -> str:
        return self.name


_ALL: dict[str, Primitive] = {}


def primitives() -> dict[str, Primitive]:
    """All primitives by name, the three leaves left out."""
    return {n: p for n, p in _ALL.items() if p.kind is not Kind.LEAF}


def named(name: str) -> Primitive:
    """The primitive of a name, for those that stand too low to import it."""
    return _ALL[name]


def _no_value(**_: object) -> np.ndarray:
    raise GraphError("A leaf has no value of its own.")


def _no_shape(**_: object) -> tuple[Shape, str]:
    raise GraphError("A leaf has no shape rule.")


INPUT = Primitive("input", Kind.LEAF, _no_value, _no_shape)
STATE = Primitive("state", Kind.LEAF, _no_value, _no_shape)
CONSTANT = Primitive("constant", Kind.LEAF, _no_value, _no_shape)
