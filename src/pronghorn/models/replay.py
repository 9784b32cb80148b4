"""A call that was recorded on symbols, made again with values in their place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pronghorn.ir.tensor import KerasTensor
from pronghorn.tree import flatten, map_structure

__all__ = ["replay"]


def replay(
    call: Callable[..., Any],
    args: Any,
    kwargs: Any,
    outputs: Sequence[KerasTensor],
    values: dict[int, Any],
    training: bool | None = None,
) -> None:
    """Makes one call, and notes what its outputs are.

    Args:
        call: what is called.
        args, kwargs: as they were recorded, with symbols among them.
        outputs: the symbols of the outputs.
        values: what stands for each symbol, by its id; the outputs' are added.
        training: stands for a `training` that was recorded. Default: as recorded.

    Example:

    >>> x, y = KerasTensor((None, 1)), KerasTensor((None, 1))
    >>> values = {id(x): 3}
    >>> replay(max, (x, 2), {}, [y], values)
    >>> values[id(y)]
    3
    """
    args, kwargs = map_structure(
        lambda leaf: values[id(leaf)] if isinstance(leaf, KerasTensor) else leaf,
        (args, kwargs),
    )
    # Keras's files write down the flag that a call was recorded with.
    if training is not None and "training" in kwargs:
        kwargs = {**kwargs, "training": training}
    made = flatten(call(*args, **kwargs))
    values.update(zip(map(id, outputs), made, strict=True))
