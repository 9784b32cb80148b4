"""Tables in memory as a `RawTable`."""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn.data.raw import NumberColumn, RawColumn, RawTable, text_column

__all__ = ["raw_table"]


def raw_table(data: Any, *, source: str = "the table") -> RawTable:
    """Columns of a frame, a dict or an array."""
    if isinstance(data, RawTable):
        return data
    if isinstance(data, np.ndarray):
        columns: dict[str, Any] = {str(i): data[:, i] for i in range(data.shape[1])}
    elif isinstance(data, dict):
        columns = {str(k): np.atleast_1d(np.asarray(v)) for k, v in data.items()}
    else:
        columns = {str(name): data[name] for name in data.columns}
    raw = {name: _column(name, values) for name, values in columns.items()}
    rows = len(next(iter(columns.values())))
    return RawTable(raw, rows, source)


def _column(name: str, values: Any) -> RawColumn:
    array = values.to_numpy() if hasattr(values, "to_numpy") else np.asarray(values)
    if array.dtype.kind in "iufb":
        return NumberColumn(name, array.astype(np.float64))
    return text_column(
        name, [None if v is None or v != v else str(v) for v in array.tolist()]
    )
