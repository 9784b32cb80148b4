"""Places in a vocabulary as columns: on the host, and within a program."""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn import ops

__all__ = ["columns_on_host", "traced_columns"]


def columns_on_host(
    places: np.ndarray, mode: str, depth: int, weights: Any
) -> np.ndarray:
    """Places as columns; those below 0 have none.

    Args:
        places: int, (rows, ..., places of a row).
        mode: "one_hot", "multi_hot", "count" or "tf_idf".
        depth: how many columns.
        weights: of "tf_idf", one for each column.

    >>> columns_on_host(np.array([[0, 2, 2, -1]]), "count", 3, None)
    array([[1., 0., 2.]], dtype=float32)
    """
    places = places[None] if places.ndim == 0 else places
    if mode == "one_hot":
        single = places.ndim > 1 and places.shape[-1] == 1
        places = places if single else places[..., None]
    rows = places.reshape(-1, places.shape[-1])
    columns = np.zeros((len(rows), depth), np.float32)
    if rows.shape[1] == 1 and mode != "tf_idf":  # a term a row, as tables have it
        ids = rows[:, 0]
        row = np.flatnonzero((ids >= 0) & (ids < depth))
        columns[row, ids[row]] = 1
        return columns.reshape(*places.shape[:-1], depth)
    row, position = np.nonzero((rows >= 0) & (rows < depth))
    ids = rows[row, position]
    if mode in ("one_hot", "multi_hot"):
        columns[row, ids] = 1
    else:
        np.add.at(columns, (row, ids), 1)
    if mode == "tf_idf":
        columns *= weights
    return columns.reshape(*places.shape[:-1], depth)


def traced_columns(places: Any, mode: str, depth: int, weights: Any) -> Any:
    """The same for a tensor, composed of operations.

    >>> traced_columns(np.array([[0, 2, 2, -1]]), "multi_hot", 3, None)
    array([[1., 0., 1.]], dtype=float32)
    """
    if mode == "one_hot":
        single = places.ndim > 1 and places.shape[-1] == 1
        return ops.one_hot(ops.squeeze(places, -1) if single else places, depth)
    columns = ops.one_hot(places, depth)
    if mode == "multi_hot":
        return ops.max(columns, axis=-2)
    counted = ops.sum(columns, axis=-2)
    return counted * weights if mode == "tf_idf" else counted
