"""Where variables live: one flat buffer for all of a kind.

An optimizer's step is then one pass over memory, and saving the best weights is one
copy.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pronghorn.ir.memory import fill_zeros, side_by_side
from pronghorn.ir.variable import Variable

__all__ = ["Backup", "gather"]

_ALIGN = 64  # bytes: a cache line, and the widest vector


def gather(groups: Sequence[Sequence[Variable]]) -> None:
    """Moves each group of float32 variables into one buffer, in order.

    A group that already lies so stays where it is.
    """
    for group in groups:
        members = [v for v in group if v.dtype == "float32"]
        if members and not _is_gathered(members):
            _place(members)


def _is_gathered(members: Sequence[Variable]) -> bool:
    address = _address(members[0])
    for variable in members:
        if _address(variable) != address:
            return False
        address += variable.storage.nbytes
    return _address(members[0]) % _ALIGN == 0


def _address(variable: Variable) -> int:
    return int(variable.storage.__array_interface__["data"][0])


def _place(members: Sequence[Variable]) -> None:
    places = side_by_side([v.shape for v in members])
    for variable, place in zip(members, places, strict=True):
        variable.rehome(place)


class Backup:
    """What variables were at some time; it may be taken again and again.

    Args:
        variables: whose values are copied when `take` is called.
    """

    def __init__(self, variables: Sequence[Variable]) -> None:
        places = side_by_side([v.shape for v in variables])
        self._kept = [
            (v, _like(v, place)) for v, place in zip(variables, places, strict=True)
        ]
        self._fresh = True

    def take(self) -> None:
        """Copies the values as they are now."""
        for variable, place in self._kept:
            if self._fresh and variable.storage.itemsize == 4:
                fill_zeros(place, variable.storage)
            else:
                np.copyto(place, variable.storage)
        self._fresh = False

    def put_back(self) -> None:
        """Makes the variables what they were."""
        for variable, place in self._kept:
            variable.assign(place)


def _like(variable: Variable, place: np.ndarray) -> np.ndarray:
    dtype = variable.storage.dtype
    return place.view(dtype) if dtype.itemsize == 4 else variable.numpy()
