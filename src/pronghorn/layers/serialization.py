"""Layers as plain data, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pronghorn import config as configs
from pronghorn.errors import ArgumentError
from pronghorn.layers.layer import Layer

__all__ = ["deserialize", "serialize"]


def serialize(layer: Layer) -> dict[str, Any]:
    """What a file says for a layer; its weights are saved apart.

    >>> from pronghorn.layers import Dense
    >>> serialize(Dense(3))["config"]["units"]
    3
    """
    config: dict[str, Any] = configs.serialize(layer)
    return config


def deserialize(
    config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
) -> Any:
    """The layer that `serialize` described.

    Args:
        config: plain data.
        custom_objects: name to a class or function of your own.

    Raises:
        ArgumentError: the data describe something else.
        FileFormatError: a class that is not known.

    Example:

    >>> from pronghorn.layers import Dense
    >>> deserialize(serialize(Dense(3))).units
    3
    """
    made = configs.deserialize(config, custom_objects)
    if not isinstance(made, Layer):
        raise ArgumentError(
            "This describes no layer.",
            where="layers.deserialize",
            expected="what layers.serialize gave",
            received=repr(config),
            remedy="use saving.deserialize_keras_object for other objects",
        )
    return made
