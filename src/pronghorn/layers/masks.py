"""Which steps of a row count: masks, as layers pass them on."""

from __future__ import annotations

from typing import Any

__all__ = ["Masks"]


class Masks:
    """Mixin of `Layer`: what becomes of a mask.

    Attributes:
        supports_masking: whether the outputs have a mask where the inputs have one.
            Default False; True for a class with its own `compute_mask`.
    """

    supports_masking: bool = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "compute_mask" in vars(cls) and "supports_masking" not in vars(cls):
            cls.supports_masking = True

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """The mask of the outputs: that of the inputs. Override it.

        Args:
            inputs: the layer's inputs.
            previous_mask: their mask, of booleans, True where a step counts; or None.

        >>> from pronghorn.layers import Dense
        >>> Dense(1).supports_masking, Dense(1).compute_mask([[1.0]], [True])
        (True, [True])
        """
        return previous_mask
