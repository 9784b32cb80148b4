"""One row out of whatever holds one, without looking at what its values are."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["RowReader"]

FRAMES = ("DataFrame", "Series", "Table", "RecordBatch")


class RowReader:
    """Reads single rows; it remembers the names that it has seen.

    >>> read = RowReader().read
    >>> read({"a": 1}), read(np.array([[1, 2]])), read(np.eye(2))
    ((None, {'a': 1}), (('0', '1'), [1, 2]), None)
    """

    def __init__(self) -> None:
        self._numbered: tuple[str, ...] = ()
        self._seen: tuple[Any, tuple[Any, ...]] = (None, ())

    def read(self, data: Any) -> tuple[tuple[Any, ...] | None, Any] | None:
        """The one row that `data` holds, or None where it may hold more.

        Args:
            data: a dict (of single values: that is for the caller to see), a list of
                one dict, a pandas Series, a pandas or polars frame, an Arrow table, or
                an array (1, columns).

        Returns:
            The columns' names and the values as a sequence; or None and a dict.
        """
        kind = type(data)
        if kind is dict:
            return None, data
        if kind is np.ndarray:
            return self._of_array(data)
        if kind is list:
            alone = len(data) == 1 and type(data[0]) is dict
            return (None, data[0]) if alone else None
        if kind.__name__ not in FRAMES:
            return None
        if hasattr(data, "iloc"):
            return self._of_pandas(data)
        if hasattr(data, "height"):
            return (tuple(data.columns), data.row(0)) if data.height == 1 else None
        return _of_arrow(data) if hasattr(data, "to_pylist") else None

    def _of_array(self, data: np.ndarray) -> tuple[tuple[str, ...], Any] | None:
        shape = data.shape
        if len(shape) != 2 or shape[0] != 1 or data.dtype.kind not in "biufOU":
            return None
        if len(self._numbered) != shape[1]:
            self._numbered = tuple(map(str, range(shape[1])))
        return self._numbered, data[0].tolist()

    def _of_pandas(self, data: Any) -> tuple[tuple[Any, ...], Any] | None:
        if data.ndim == 2:
            if len(data) != 1:
                return None
            data = data.iloc[0]
        index, (seen, names) = data.index, self._seen
        if not index.is_(seen):  # whether both are views of one index
            names = tuple(index.tolist())
            self._seen = (index, names)
        return names, data.tolist()


def _of_arrow(data: Any) -> tuple[None, Any] | None:
    if data.num_rows != 1:
        return None
    row = data.to_pylist()[0]
    return (None, row) if len(row) == data.num_columns else None
