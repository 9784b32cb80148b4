"""Masks: which steps of a tensor count, kept beside the tensor.

A `KerasTensor` holds its mask as `_keras_mask`, as Keras's do. NumPy's arrays take no
attributes: theirs stand in a table, from which an entry goes with its array.
"""

from __future__ import annotations

import weakref
from typing import Any, ClassVar

import numpy as np

from pronghorn.ir.tensor import KerasTensor
from pronghorn.tree import is_nested, map_structure

__all__ = ["any_masks", "mask_of", "masks_of", "set_mask", "with_mask", "with_masks"]


class _Known:
    """The masks of arrays, by the arrays' ids; and whether there ever was any mask."""

    ever: ClassVar[bool] = False
    of_arrays: ClassVar[dict[int, tuple[weakref.ref[Any], Any]]] = {}


def any_masks() -> bool:
    """Whether any tensor of this process has ever had a mask.

    What asks here first costs nothing where nobody uses masks.
    """
    return _Known.ever


def mask_of(x: Any) -> Any:
    """The mask of a tensor: booleans, True for what counts; None for all.

    Args:
        x: a symbolic tensor or an array; other things have no mask.

    Example:

    >>> x = np.zeros((2, 3))
    >>> set_mask(x, np.array([True, False]))
    >>> mask_of(x), mask_of(x * 1.0) is None
    (array([ True, False]), True)
    """
    if isinstance(x, KerasTensor):
        return x._keras_mask
    found = _Known.of_arrays.get(id(x))
    return found[1] if found is not None and found[0]() is x else None


def masks_of(structure: Any) -> Any:
    """The masks of the tensors in a structure, in its form; None for one without.

    >>> masks_of([np.zeros(2), np.zeros(3)])
    [None, None]
    """
    if is_nested(structure):
        return map_structure(mask_of, structure)
    return mask_of(structure)


def set_mask(x: Any, mask: Any) -> None:
    """Gives a tensor a mask, or with None takes it away; other things have none.

    Args:
        x: a symbolic tensor or an array.
        mask: booleans, or numbers of which 0 stands for what does not count.
    """
    if mask is not None:
        _Known.ever = True
    if isinstance(x, KerasTensor):
        x._keras_mask = mask
    elif mask is None:
        _Known.of_arrays.pop(id(x), None)
    elif isinstance(x, np.ndarray):
        if mask is x or getattr(mask, "base", None) is x:
            mask = np.array(mask)  # the table must not keep its own key alive
        _Known.of_arrays[id(x)] = (weakref.ref(x, _Forget(id(x))), mask)


class _Forget:
    """Takes an array's entry out of the table when the array is gone."""

    __slots__ = ("_key",)

    def __init__(self, key: int) -> None:
        self._key = key

    def __call__(self, reference: weakref.ref[Any]) -> None:
        found = _Known.of_arrays.get(self._key)
        if found is not None and found[0] is reference:  # not of a later array
            del _Known.of_arrays[self._key]


def with_mask(x: Any, mask: Any) -> Any:
    """The same values as another tensor, which has the mask; `x` stays as it is.

    >>> x = np.zeros(2)
    >>> mask_of(with_mask(x, np.array([True, False]))), mask_of(x) is None
    (array([ True, False]), True)
    """
    if isinstance(x, KerasTensor):
        other: Any = type(x).of(x.node)
        other.name, other.logits = x.name, x.logits
        other._keras_history = x._keras_history
    elif isinstance(x, np.ndarray):
        other = x.view()
        if type(x) is not np.ndarray:  # what a tape knows an array as stays
            vars(other).update(vars(x))
    else:
        other = np.asarray(x)
    set_mask(other, mask)
    return other


def with_masks(tensors: Any, masks: Any) -> Any:
    """Each tensor of a structure with the mask of a like structure, where it has one.

    >>> x, y = with_masks([np.zeros(2), np.zeros(2)], [np.array([True, False]), None])
    >>> mask_of(x), mask_of(y) is None
    (array([ True, False]), True)
    """
    return map_structure(
        lambda x, mask: x if mask is None or mask is mask_of(x) else with_mask(x, mask),
        tensors,
        masks,
    )
