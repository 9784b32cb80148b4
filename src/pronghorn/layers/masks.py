"""How masks travel from layer to layer: which steps of a row count.

A layer's `call` gets the masks of its inputs where it has arguments for them, and its
outputs get the mask that `compute_mask` gives. See docs/decisions/masks.md.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from pronghorn.ir.masks import any_masks, mask_of, masks_of, set_mask, with_mask
from pronghorn.ir.tensor import KerasTensor
from pronghorn.layers.calling import Signature, signature
from pronghorn.tree import flatten, is_nested, pack_sequence_as

__all__ = ["Masks", "masks_filled"]

Call = tuple[tuple[Any, ...], dict[str, Any]]


class Masks:
    """Mixin of `Layer`: what becomes of a mask.

    Attributes:
        supports_masking: whether the outputs have a mask where the inputs have one.
            Default False; True for a class with its own `compute_mask`.
    """

    supports_masking: bool = False
    _makes_masks = False  # also of inputs without one, by a compute_mask of its own
    name: str
    call: Callable[..., Any]
    _layers: list[Any]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "compute_mask" in vars(cls):
            cls._makes_masks = vars(cls).get("_makes_masks", True)
            if "supports_masking" not in vars(cls):
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

    def _masks_concerned(self, kwargs: Mapping[str, Any]) -> bool:
        """Whether a call may have to do with masks: False costs no more than this."""
        makes = self._makes_masks and self.supports_masking
        return makes or any_masks() or kwargs.get("mask") is not None

    def _before(
        self, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> tuple[Any, Any]:
        """The first argument of a call, and the mask that comes with it."""
        names = signature(self.call).positional
        first = args[0] if args else kwargs.get(names[0] if names else "inputs")
        mask = kwargs.get("mask")
        return first, masks_of(first) if mask is None else mask

    def _takes_masks(self) -> bool:
        """Whether the computation knows of masks, and may have used one up."""
        return bool(signature(self.call).masks)

    def _masked(self, outputs: Any, inputs: Any, mask: Any, symbolic: bool) -> Any:
        """The outputs of a call, with their masks.

        Args:
            outputs: of the call.
            inputs: its first argument.
            mask: what came with it.
            symbolic: whether the outputs are new symbols, of which nothing is known.
        """
        made = flatten(outputs)
        known = [mask_of(output) is not None for output in made]
        if not self.supports_masking:
            lost = any(m is not None for m in flatten(mask)) and not any(known)
            # What layers inside make of it shows when the model runs.
            if lost and not (symbolic and self._layers) and not self._takes_masks():
                self._warn_of_lost_mask()
            return outputs
        if all(known):
            return outputs
        masks = self.compute_mask(inputs, mask)
        if masks is None:
            return outputs
        given = flatten(inputs)
        for i, (output, new) in enumerate(zip(made, flatten(masks))):
            if new is not None and not known[i]:
                made[i] = _holding(output, new, given)
        return pack_sequence_as(outputs, made)

    def _warn_of_lost_mask(self) -> None:
        warnings.warn(
            f"Layer {self.name!r} ({type(self).__name__}) gets inputs with a mask, and "
            "does not support masks: layers behind it count every step. Use the mask "
            "before it, in a layer whose call() takes `mask`; or set supports_masking "
            "= True on a layer of your own that keeps the steps.",
            stacklevel=4,
        )


def _holding(output: Any, mask: Any, inputs: Sequence[Any]) -> Any:
    """An output with a mask; an input that was passed through keeps its own."""
    if isinstance(output, np.generic) or any(output is x for x in inputs):
        return with_mask(output, mask)
    if isinstance(output, (KerasTensor, np.ndarray)):
        set_mask(output, mask)
    return output


def masks_filled(
    known: Signature,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    tensors: Sequence[tuple[str, Any]],
) -> Call:
    """The arguments of a call, with the masks that were not given.

    With one tensor (or structure of them) among the arguments, its mask goes to `mask`;
    with several, the mask of `query` goes to `query_mask`.

    Args:
        known: the parameters of `call`.
        args, kwargs: of the call.
        tensors: the arguments that are tensors, by their names.
    """
    if not any_masks() and not any(is_nested(x) for _, x in tensors):
        return args, kwargs
    if len(tensors) == 1:
        sources = {"mask": tensors[0][1]}
    else:
        sources = {f"{name}_mask": x for name, x in tensors}
    for name in known.masks:
        if name not in sources:
            continue
        places = known.positional
        place = places.index(name) if name in places else len(args)
        if place < len(args):
            if args[place] is None:
                args = (*args[:place], masks_of(sources[name]), *args[place + 1 :])
        elif kwargs.get(name, known.defaults.get(name, name)) is None:
            kwargs = {**kwargs, name: masks_of(sources[name])}
    return args, kwargs
