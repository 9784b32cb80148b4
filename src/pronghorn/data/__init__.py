"""Tables: frames into arrays, files into columns, columns into a schema, rows apart."""

from pronghorn.data.frames import (
    Table,
    align_columns,
    check_finite,
    row_count,
    to_matrix,
    to_target,
)

__all__ = [
    "Table",
    "align_columns",
    "check_finite",
    "row_count",
    "to_matrix",
    "to_target",
]
