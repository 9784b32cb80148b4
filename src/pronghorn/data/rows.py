"""One row out of whatever holds one, without looking at what its values are."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["single_row"]


def single_row(data: Any) -> tuple[Any, Any] | None:
    """The one row that `data` holds, or None where it may hold more.

    Args:
        data: a dict (of single values: that is for the caller to see), a list of one
            dict, a pandas Series, a pandas or polars frame, an Arrow table, or an array
            (1, columns).

    Returns:
        The columns' names as a tuple, and the values as a sequence; or None and a dict.

    >>> single_row({"a": 1}), single_row(np.array([[1, 2]])), single_row(np.eye(2))
    ((None, {'a': 1}), (('0', '1'), [1, 2]), None)
    """
    kind = type(data)
    if kind is dict:
        return None, data
    if kind is np.ndarray:
        return _of_array(data)
    if kind is list:
        alone = len(data) == 1 and type(data[0]) is dict
        return (None, data[0]) if alone else None
    read = _READERS.get((kind.__module__.partition(".")[0], kind.__name__))
    return None if read is None else read(data)


def _of_array(data: np.ndarray) -> tuple[Any, Any] | None:
    shape = data.shape
    if len(shape) != 2 or shape[0] != 1 or data.dtype.kind not in "biufOU":
        return None
    return _numbered(shape[1]), data[0].tolist()


_NUMBERED: dict[int, tuple[str, ...]] = {}


def _numbered(count: int) -> tuple[str, ...]:
    names = _NUMBERED.get(count)
    if names is None:
        names = _NUMBERED[count] = tuple(map(str, range(count)))
    return names


def _pandas_row(data: Any) -> tuple[Any, Any] | None:
    return tuple(data.index), data.tolist()


def _pandas_frame(data: Any) -> tuple[Any, Any] | None:
    if len(data) != 1:
        return None
    return tuple(data.columns), data.to_numpy()[0].tolist()


def _polars_frame(data: Any) -> tuple[Any, Any] | None:
    if data.height != 1:
        return None
    return tuple(data.columns), data.row(0)


def _arrow_table(data: Any) -> tuple[Any, Any] | None:
    if data.num_rows != 1:
        return None
    row = data.to_pylist()[0]
    return (None, row) if len(row) == data.num_columns else None


_READERS = {
    ("pandas", "Series"): _pandas_row,
    ("pandas", "DataFrame"): _pandas_frame,
    ("polars", "DataFrame"): _polars_frame,
    ("pyarrow", "Table"): _arrow_table,
    ("pyarrow", "RecordBatch"): _arrow_table,
}
