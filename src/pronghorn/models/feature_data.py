"""What a `FeatureSpace` is adapted to: each feature's values, batch by batch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pronghorn.data.columns import is_frame, named_columns
from pronghorn.data.host import host_array
from pronghorn.errors import ArgumentError, DataError
from pronghorn.ir.tracer import array_hooks

__all__ = ["batches_by_name", "side_by_side"]

CHUNK = 1024
ROWS = 32  # rows that come one by one are put together in batches of so many


def batches_by_name(
    dataset: Any, names: Sequence[str], whole: Collection[str] = ()
) -> dict[str, list[np.ndarray]]:
    """For each name the batches of its values, of shape (values, ...).

    Args:
        dataset: a frame, a dict of columns, or an iterable of dicts of values.
        names: of the columns.
        whole: those whose values may come in one batch where they are a column.

    Raises:
        ArgumentError: nothing of that kind.
        DataError: a column is missing, or there are no rows.

    Example:

    >>> batches_by_name({"age": [20, 30]}, ["age"])["age"][0].shape
    (2, 1)
    """
    if is_frame(dataset):
        dataset = dict(named_columns(dataset, "the frame"))
    if isinstance(dataset, Mapping):
        found = {n: _table_batches(n, dataset, n in whole) for n in names}
    elif isinstance(dataset, Iterable) and not isinstance(dataset, str):
        found = _stream_batches(dataset, names)
    else:
        raise _no_table(dataset)
    if any(not batches for batches in found.values()):
        raise DataError("There are no rows to adapt to.", where="adapt(dataset)")
    return found


def _table_batches(
    name: str, table: Mapping[str, Any], whole: bool
) -> list[np.ndarray]:
    """The rows of a column, one by one or, as single values, some at once."""
    values = host_array(_value(name, table), f"column {name!r}")
    if values.ndim == 1:
        column = values[:, None]
        if whole and len(column):
            return [column]
        return [column[i : i + ROWS] for i in range(0, len(column), ROWS)]
    return list(values[..., None] if values.ndim == 2 else values)


def _stream_batches(
    elements: Iterable[Any], names: Sequence[str]
) -> dict[str, list[np.ndarray]]:
    """The elements' values, with single ones gathered into batches."""
    found: dict[str, list[np.ndarray]] = {name: [] for name in names}
    for element in elements:
        if not isinstance(element, Mapping):
            raise _no_table(element)
        for name in names:
            values = host_array(_value(name, element), f"column {name!r}")
            found[name].append(values)
    for name, listed in found.items():
        if listed and listed[0].ndim == 0:
            joined = np.stack(listed)[:, None]
            found[name] = [joined[i : i + ROWS] for i in range(0, len(joined), ROWS)]
        else:
            found[name] = [v[:, None] if v.ndim == 1 else v for v in listed]
    return found


def side_by_side(parts: Sequence[tuple[Any, int | None]]) -> Any:
    """Features of many rows in one array, each written where it belongs.

    Args:
        parts: for each feature its values, of shape (rows, n), and the number of
            columns that whole numbers get, or None for floats as they are.

    Returns:
        float32 (rows, columns); None unless all are values of these kinds, and whole
        numbers have a column each: symbols and the rest are joined by operations.

    Example:

    >>> side_by_side([(np.array([[2], [0]]), 3), (np.array([[0.5], [7.0]]), None)])
    array([[0. , 0. , 1. , 0.5],
           [1. , 0. , 0. , 7. ]], dtype=float32)
    """
    values = [value for value, _ in parts]
    if array_hooks.follow is not None:
        values = list(array_hooks.follow(tuple(values)))
    if not all(isinstance(v, np.ndarray) and v.ndim == 2 for v in values):
        return None
    kinds = ["f" if depth is None else "i" for _, depth in parts]
    rows = len(values[0])
    if any(v.dtype.kind != k or len(v) != rows for v, k in zip(values, kinds)):
        return None
    depths = [depth for _, depth in parts]
    if any(d and _outside(v, d) for v, d in zip(values, depths, strict=True)):
        return None
    made = _filled([np.asarray(v) for v in values], depths)
    return made if array_hooks.show is None else array_hooks.show(made)


def _outside(ids: np.ndarray, depth: int) -> bool:
    return bool(ids.size) and not 0 <= ids.min() <= ids.max() < depth


def _filled(
    values: Sequence[np.ndarray], depths: Sequence[int | None]
) -> NDArray[np.float32]:
    rows, width = len(values[0]), 0
    floats, classes = [], []  # with the column that each begins at
    for value, depth in zip(values, depths, strict=True):
        if depth is None:
            floats.append((slice(width, width + value.shape[1]), value))
        else:
            classes += [(width, ids) for ids in value.T]
        width += value.shape[1] if depth is None else depth
    made = np.zeros((rows, width), np.float32)
    # Some rows at a time, all their columns: as much as a cache holds.
    begins = np.arange(CHUNK, dtype=np.int64) * width
    at = np.empty((len(classes), CHUNK), np.int64)
    for first in range(0, rows, CHUNK):
        part = made[first : first + CHUNK]
        some = slice(first, first + len(part))
        for i, (start, ids) in enumerate(classes):
            np.add(ids[some], begins[: len(part)] + start, out=at[i, : len(part)])
        part.reshape(-1)[at[:, : len(part)]] = 1
        for columns, value in floats:
            part[:, columns] = value[some]
    return made


def _value(name: str, table: Mapping[str, Any]) -> Any:
    if name not in table:
        raise DataError(
            "A feature's column is missing.",
            where=f"adapt(dataset), column {name!r}",
            expected=f"a column {name!r}",
            received=", ".join(map(repr, table)),
        )
    return table[name]


def _no_table(received: Any) -> ArgumentError:
    return ArgumentError(
        "`adapt()` takes a table, or rows and batches that are dicts.",
        where="FeatureSpace.adapt(dataset)",
        expected="a frame, a dict of columns, an iterable of dicts",
        received=type(received).__name__,
        remedy="leave out the targets: dataset.map(lambda x, y: x)",
    )
