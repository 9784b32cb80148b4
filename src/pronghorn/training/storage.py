"""Where variables live: one flat buffer for all of a kind.

An optimizer's step is then one pass over memory, and saving the best weights is one
copy.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pronghorn.ir.variable import Variable

__all__ = ["gather"]

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
    total = sum(v.size for v in members)
    raw = np.zeros(total + 2 * _ALIGN // 4, np.float32)
    skip = -raw.__array_interface__["data"][0] % _ALIGN // 4
    at = skip
    for variable in members:
        variable.rehome(raw[at : at + variable.size].reshape(variable.shape))
        at += variable.size
