"""Keeping gradients small."""

from __future__ import annotations

from typing import Any

from pronghorn import ops

__all__ = ["clip_by_global_norm", "clip_by_norm", "clip_gradients"]


def clip_gradients(
    grads: list[Any],
    clipnorm: float | None,
    clipvalue: float | None,
    global_clipnorm: float | None,
) -> list[Any]:
    """The gradients, clipped by the one bound that is given and above 0.

    >>> import numpy as np
    >>> clip_gradients([np.array([3.0, -4.0])], None, 1.0, None)[0].tolist()
    [1.0, -1.0]
    """
    if clipnorm and clipnorm > 0:
        return [clip_by_norm(g, clipnorm) for g in grads]
    if global_clipnorm and global_clipnorm > 0:
        return clip_by_global_norm(grads, global_clipnorm)
    if clipvalue and clipvalue > 0:
        return [ops.clip(g, -clipvalue, clipvalue) for g in grads]
    return grads


def clip_by_norm(gradient: Any, norm: float) -> Any:
    """The gradient, shortened to a norm if it is longer.

    >>> import numpy as np
    >>> clip_by_norm(np.array([3.0, -4.0]), 1.0).tolist()
    [0.6, -0.8]
    """
    length = ops.sqrt(ops.sum(ops.square(gradient)))
    return ops.divide(gradient * norm, ops.maximum(length, norm))


def clip_by_global_norm(grads: list[Any], norm: float) -> list[Any]:
    """The gradients, shortened together so that their common norm is bounded.

    One that is not finite makes all of them NaN, which stops training.

    >>> import numpy as np
    >>> grads = clip_by_global_norm([np.array([3.0]), np.array([4.0])], 1.0)
    >>> [g.round(4).tolist() for g in grads]
    [[0.6], [0.8]]
    """
    squares = [ops.sum(ops.square(g)) for g in grads]
    total = squares[0]
    for square in squares[1:]:
        total = total + square
    length = ops.sqrt(total)
    # length - length is 0, or NaN where it is infinite
    factor = ops.divide(norm, ops.maximum(length, norm)) + (length - length)
    return [g * factor for g in grads]
