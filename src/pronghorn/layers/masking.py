"""`Masking`: where masks begin."""

from __future__ import annotations

from typing import Any

from pronghorn import config as configs
from pronghorn import ops
from pronghorn.ir.masks import set_mask
from pronghorn.layers.layer import Layer
from pronghorn.registry import keras_class

__all__ = ["Masking"]


@keras_class("keras.layers")
class Masking(Layer):
    """Leaves out steps all of whose features have one value, such as padding.

    The outputs have a mask, True for the steps that count. It goes to the `mask`
    argument of layers behind this one, and losses and metrics leave out what it does.

    Args:
        mask_value: a number, or an array that broadcasts to a step. Default 0.

    Shapes: (rows, ..., features) to the same, zeros in steps that are left out; the
    mask (rows, ...).

    Example:

    >>> import numpy as np
    >>> x = np.array([[[1.0, 2.0], [9.0, 9.0]]], "float32")
    >>> layer = Masking(mask_value=9.0)
    >>> layer(x)
    array([[[1., 2.],
            [0., 0.]]], dtype=float32)
    >>> layer.compute_mask(x)
    array([[ True, False]])
    """

    supports_masking = True

    def __init__(self, mask_value: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(mask_value, dict):  # an array, as files hold it
            mask_value = configs.deserialize(mask_value)
        self.mask_value = mask_value
        self._build_at_init()

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """(rows, ..., features) to bool (rows, ...)."""
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)

    def call(self, inputs: Any) -> Any:
        """(rows, ..., features) to the same."""
        counts = ops.any(ops.not_equal(inputs, self.mask_value), axis=-1, keepdims=True)
        outputs = ops.where(counts, inputs, 0)
        set_mask(outputs, ops.squeeze(counts, -1))
        return outputs

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "mask_value": self.mask_value}
