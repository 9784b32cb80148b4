"""Arrays made ready: one-hot labels, rows of length one."""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, DataError

__all__ = ["normalize", "to_categorical"]


def to_categorical(x: Any, num_classes: int | None = None) -> np.ndarray:
    """One-hot vectors of class ids.

    Args:
        x: array-like of whole numbers from 0 to `num_classes - 1`, of any shape; a last
            axis of size 1 is dropped.
        num_classes: size of the new last axis. Default: the largest id and 1.

    Returns:
        float64 array of the shape of `x`, with an axis of `num_classes` appended.

    Raises:
        DataError: something that is no class id, or is out of range.

    Example:

    >>> to_categorical([0, 2, 1])
    array([[1., 0., 0.],
           [0., 0., 1.],
           [0., 1., 0.]])
    """
    ids = _class_ids(x)
    if ids.ndim > 1 and ids.shape[-1] == 1:
        ids = ids[..., 0]
    if not num_classes and not ids.size:
        raise DataError(
            "No labels, so no number of classes.",
            where="to_categorical",
            expected="labels, or `num_classes`",
            received=f"an array of shape {ids.shape}",
            remedy="pass num_classes=",
        )
    count = int(num_classes or ids.max() + 1)
    outside = np.flatnonzero((ids < 0) | (ids >= count))
    if outside.size:
        raise DataError(
            "A class id is out of range.",
            where=f"to_categorical, element {outside[0]} ({outside.size} in all)",
            expected=f"ids from 0 to {count - 1}",
            received=int(ids.flat[outside[0]]),
            remedy="number the classes from 0, or pass a larger num_classes",
        )
    result = np.zeros((*ids.shape, count))
    np.put_along_axis(result, ids[..., None], 1.0, axis=-1)
    return result


def _class_ids(x: Any) -> np.ndarray:
    raw = np.asarray(x)
    try:
        values = raw.astype("float64")
        if np.all(values == np.floor(values)) and np.all(np.isfinite(values)):
            return values.astype("int64")
        bad = np.flatnonzero(~(np.isfinite(values) & (values == np.floor(values))))
        received = f"{values.flat[bad[0]]} at element {bad[0]}"
    except (TypeError, ValueError):
        received = f"an array of dtype {raw.dtype}"
    raise DataError(
        "Class ids are whole numbers.",
        where="to_categorical, argument `x`",
        expected="whole numbers from 0",
        received=received,
        remedy="map the names of classes to numbers: np.unique(x, return_inverse=True)",
    )


def normalize(x: Any, axis: int | None = -1, order: float = 2) -> np.ndarray:
    """Scales an array to norm 1 along an axis; zeros stay zeros.

    Args:
        x: array-like.
        axis: the axis whose norm becomes 1; None for the array as a whole. Default -1.
        order: which norm, as in `numpy.linalg.norm`. Default 2.

    Returns:
        An array of the shape of `x`.

    Raises:
        ArgumentError: there is no such axis.

    Example:

    >>> normalize([[3.0, 4.0], [0.0, 0.0]])
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    values = np.asarray(x)
    if axis is not None and not -values.ndim <= axis < max(values.ndim, 1):
        raise ArgumentError(
            "There is no such axis.",
            where="normalize, argument `axis`",
            expected=f"an axis of an array of shape {values.shape}",
            received=axis,
            remedy="pass axis=-1",
        )
    flat = values.reshape(-1) if axis is None else values
    norm = np.linalg.norm(flat, order, None if axis is None else axis, keepdims=True)
    norm[norm == 0] = 1
    return np.asarray(flat / norm).reshape(values.shape)
