"""Inputs, targets and weights of a batch, packed into one tuple and out of it."""

from __future__ import annotations

from typing import Any

from pronghorn.errors import DataError

__all__ = ["pack_x_y_sample_weight", "unpack_x_y_sample_weight"]


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """The three parts of a batch, None for those that it does not have.

    Args:
        data: `x`, `(x,)`, `(x, y)` or `(x, y, sample_weight)`; a list counts as a
            tuple.

    Raises:
        DataError: a tuple of another length.

    Example:

    >>> unpack_x_y_sample_weight(([1.0, 2.0], [0, 1]))
    ([1.0, 2.0], [0, 1], None)
    """
    if not isinstance(data, (list, tuple)):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise DataError(
            "A batch has one to three parts.",
            expected="x, (x,), (x, y) or (x, y, sample_weight)",
            received=f"a {type(data).__name__} of {len(data)}",
            remedy="put several inputs into one: ((x_1, x_2), y)",
        )
    parts = (*data, None, None)
    return parts[0], parts[1], parts[2]


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """What `unpack_x_y_sample_weight` takes apart.

    Args:
        x, y, sample_weight: the parts; without `y` there are no weights either.

    Returns:
        `x` itself where it comes alone and is no list or tuple, else a tuple.

    Example:

    >>> pack_x_y_sample_weight("x", "y")
    ('x', 'y')
    >>> pack_x_y_sample_weight("x"), pack_x_y_sample_weight(["a", "b"])
    ('x', (['a', 'b'],))
    """
    if y is None:
        return (x,) if isinstance(x, (tuple, list)) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)
