"""`Pipeline`: layers one after the other as one layer, which is no model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pronghorn import config as configs
from pronghorn.errors import ArgumentError
from pronghorn.layers.calling import signature
from pronghorn.layers.layer import Layer
from pronghorn.registry import keras_class

__all__ = ["Pipeline"]


@keras_class("keras.layers")
class Pipeline(Layer):
    """Layers one after the other, for what is done to a table before a net.

    Args:
        layers: in their order.
        name: default "pipeline".

    Raises:
        ArgumentError: what is no list of layers.

    Example:

    >>> import numpy as np
    >>> from pronghorn import layers
    >>> steps = Pipeline([layers.Rescaling(2.0), layers.Rescaling(1.0, offset=-1.0)])
    >>> steps(np.array([[3.0]], "float32"))
    array([[5.]], dtype=float32)
    """

    def __init__(self, layers: Sequence[Layer], name: str | None = None) -> None:
        super().__init__(name=name)
        listed = isinstance(layers, (list, tuple))
        if not listed or not all(isinstance(layer, Layer) for layer in layers):
            raise ArgumentError(
                "A pipeline is made of layers.",
                where=f"layer {self.name!r}, layers",
                expected="a list of layers",
                received=repr(layers),
                remedy="write Pipeline([layers.Rescaling(2.0)]), say",
            )
        self._pipeline_layers = list(layers)

    @property
    def layers(self) -> list[Layer]:
        """The layers, in their order."""
        return self._pipeline_layers

    def call(self, inputs: Any, training: bool | None = True, mask: Any = None) -> Any:
        """What the last layer gives."""
        for layer in self._pipeline_layers:
            taken = signature(layer.call).names
            extra = {"training": training, "mask": mask}
            given = {k: v for k, v in extra.items() if k in taken and v is not None}
            outputs = layer(inputs, **given)
            mask = layer.compute_mask(inputs, mask) if layer.supports_masking else None
            inputs = outputs
        return inputs

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"layers": configs.serialize(self._pipeline_layers), "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer from what `get_config` gave."""
        layers = config.get("layers")
        if not isinstance(layers, (list, tuple)):
            raise ArgumentError(
                "The config of a pipeline has its layers.",
                where="Pipeline.from_config",
                expected='"layers": a list of configs',
                received=repr(layers),
                remedy="give what get_config() gave",
            )
        return cls(**{**config, "layers": configs.deserialize(list(layers))})
