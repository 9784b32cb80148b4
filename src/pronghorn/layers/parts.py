"""Weights whose initializer, regularizer and constraint are arguments of the layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pronghorn import constraints, initializers, regularizers
from pronghorn.errors import UnsupportedError

__all__ = ["add_part", "no_language_models", "parts_config"]

_PARTS = (
    ("initializer", initializers),
    ("regularizer", regularizers),
    ("constraint", constraints),
)


def add_part(
    layer: Any, name: str, shape: Sequence[int], initializer: Any = None
) -> Any:
    """A weight of the layer, made as its attributes `name_initializer` ... say.

    Args:
        layer: with `name_initializer`, `name_regularizer` and `name_constraint`.
        name: of the weight.
        shape: of the weight.
        initializer: in place of the layer's own.
    """
    return layer.add_weight(
        name=name,
        shape=shape,
        initializer=initializer or getattr(layer, f"{name}_initializer"),
        regularizer=getattr(layer, f"{name}_regularizer"),
        constraint=getattr(layer, f"{name}_constraint"),
    )


def parts_config(layer: Any, *names: str) -> dict[str, Any]:
    """What `get_config` says of these weights."""
    return {
        f"{name}_{part}": room.serialize(getattr(layer, f"{name}_{part}"))
        for part, room in _PARTS
        for name in names
    }


def no_language_models(layer: str, **given: Any) -> None:
    """Raises for arguments of Keras's that serve large language models alone."""
    for name, value in given.items():
        if value is not None:
            raise UnsupportedError(
                f"{name} is made for large language models.",
                where=f"{layer}({name}=)",
                remedy="leave it out",
            )
