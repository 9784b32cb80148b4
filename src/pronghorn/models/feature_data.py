"""What a `FeatureSpace` is adapted to: each feature's values, batch by batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from pronghorn.data.columns import is_frame, named_columns
from pronghorn.data.host import host_array
from pronghorn.errors import ArgumentError, DataError

__all__ = ["batches_by_name"]

ROWS = 32  # rows that come one by one are put together in batches of so many


def batches_by_name(dataset: Any, names: Sequence[str]) -> dict[str, list[np.ndarray]]:
    """For each name the batches of its values, of shape (values, ...).

    Args:
        dataset: a frame, a dict of columns, or an iterable of dicts of values.
        names: of the columns.

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
        found = {name: _table_batches(name, dataset) for name in names}
    elif isinstance(dataset, Iterable) and not isinstance(dataset, str):
        found = _stream_batches(dataset, names)
    else:
        raise _no_table(dataset)
    if any(not batches for batches in found.values()):
        raise DataError("There are no rows to adapt to.", where="adapt(dataset)")
    return found


def _table_batches(name: str, table: Mapping[str, Any]) -> list[np.ndarray]:
    """The rows of a column, one by one or, as single values, some at once."""
    values = host_array(_value(name, table), f"column {name!r}")
    if values.ndim == 1:
        column = values[:, None]
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
