"""What layers of numeric columns share: adapting, missing values, their checks."""

from __future__ import annotations

from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn.data.columns import is_frame
from pronghorn.data.frames import Table, to_matrix
from pronghorn.errors import ArgumentError, DataError, ShapeError, StateError
from pronghorn.layers.adapting import number_batches
from pronghorn.layers.by_shape import ByShape
from pronghorn.layers.core import known_size
from pronghorn.layers.input_spec import InputSpec

__all__ = ["NumericColumns", "column_name"]

MISSING = ("error", "median", "indicator")


class NumericColumns(ByShape):
    """Base of layers that look at the values of numeric columns before training.

    A subclass makes its weights in `_make(columns)`, fills them in `_fit(values,
    table)` and computes in `_encode(x)`, whose columns `_width(columns)` counts.

    Args:
        missing: what a missing value (NaN) is. "error" (default): bad data, which
            `fit`, `predict` and `adapt` refuse. "median": its column's median.
            "indicator": the same, and one more column for each column, 1 where the
            value was missing and else 0, behind all others.
        **kwargs: those of `Layer`.

    Raises:
        ArgumentError: another value of `missing`.
    """

    def __init__(self, missing: str = "error", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if missing not in MISSING:
            raise ArgumentError(
                "There is no such way to take missing values.",
                where=f"layer {self.name!r}, missing",
                expected=", ".join(map(repr, MISSING)),
                received=repr(missing),
                remedy='missing="indicator" keeps what their absence tells',
            )
        self.missing = missing
        self._takes_missing = missing != "error"
        self.input_spec = InputSpec(ndim=2)

    def build(self, input_shape: Any) -> None:
        """Makes the weights that `adapt` fills."""
        columns = known_size(input_shape, -1, self)
        self.rows = self._statistic("rows", (), dtype="int32")
        self.median = self._statistic("median", (columns,))
        self._make(columns)
        self.input_spec = InputSpec(ndim=2, axes={-1: columns})
        self.built = True

    def _statistic(
        self,
        name: str,
        shape: tuple[int, ...],
        initializer: str = "zeros",
        dtype: str = "float32",
    ) -> Any:
        return self.add_weight(
            name=name,
            shape=shape,
            initializer=initializer,
            dtype=dtype,
            trainable=False,
        )

    def adapt(self, data: Any) -> None:
        """Looks at the columns of `data`, all rows of it at once.

        Args:
            data: an array or a frame of numbers, or batches of rows: a list of arrays,
                a generator, a `PyDataset`, any iterable. Of batches (x, y) x counts.
                NaN is left out, unless `missing` is "error".

        Raises:
            DataError: text or infinite values, NaN with `missing="error"`, a column
                of missing values only; no batch.
            ShapeError: another number of columns than the layer was built for, or no
                table.
        """
        table = self._table(data)
        values = table.array.astype(np.float64)
        if values.ndim != 2:
            raise ShapeError(
                "Numeric columns are a table.",
                where=f"layer {self.name!r}, adapt",
                expected="shape (rows, columns)",
                received=values.shape,
                remedy="reshape the data to one row per example",
            )
        if not self.built:
            self._ensure_built((None, values.shape[1]))
        if values.shape[1] != len(self.median.storage):
            raise ShapeError(
                "The data does not fit the layer.",
                where=f"layer {self.name!r}, adapt",
                expected=f"{len(self.median.storage)} columns",
                received=values.shape,
            )
        empty = np.flatnonzero(np.isnan(values).all(axis=0))
        if len(empty):
            raise DataError(
                "A column has no value at all.",
                where=f"layer {self.name!r}, adapt, {column_name(table, empty[0])}",
                expected="at least one value that is not missing",
                received=f"{len(values)} missing values",
                remedy="leave the column out",
            )
        self._fit(values, table)
        self.median.assign(np.nanmedian(values, axis=0))
        self.rows.assign(len(values))

    def _table(self, data: Any) -> Table:
        where, takes = f"layer {self.name!r}", self._takes_missing
        if is_frame(data) or isinstance(data, dict):
            return to_matrix(data, missing=takes)
        parts = [*number_batches(data, where, missing=takes)]
        widths = {part.shape[1:] for part in parts}
        if len(widths) > 1:
            raise ShapeError(
                "The batches differ in their columns.",
                where=f"{where}, adapt",
                expected="as many columns in each batch",
                received=" and ".join(map(str, sorted(widths))),
            )
        array = np.concatenate(parts).astype(np.float32)
        return Table(array[:, None] if array.ndim == 1 else array)

    def call(self, inputs: Any) -> Any:
        """(rows, columns) to what `compute_output_shape` tells."""
        if not int(self.rows.storage):
            raise StateError(
                "The layer does not know its columns.",
                where=f"layer {self.name!r} ({type(self).__name__})",
                expected="a layer that was adapted to the training rows",
                received="one that was not",
                remedy="call adapt(x) first, or load its weights",
            )
        x = ops.cast(inputs, "float32")
        if self.missing == "error":
            return self._encode(x)
        absent = ops.isnan(x)
        encoded = self._encode(ops.where(absent, self.median, x))
        if self.missing == "median":
            return encoded
        return ops.concatenate([encoded, ops.cast(absent, "float32")], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(rows, columns) to (rows, encoded columns), indicators among them."""
        rows, columns = input_shape
        width = self._width(columns)
        return rows, width + columns if self.missing == "indicator" else width

    def _output_dtype(self, inputs: Any) -> str:
        return "float32"

    def _make(self, columns: int) -> None:
        raise NotImplementedError

    def _fit(self, values: np.ndarray, table: Table) -> None:
        raise NotImplementedError

    def _encode(self, x: Any) -> Any:
        raise NotImplementedError

    def _width(self, columns: int) -> int:
        return columns

    def _refuse_constant(self, constant: np.ndarray, table: Table) -> None:
        """Raises where a column holds one value only, which has no quantiles."""
        if constant.any():
            i = int(np.flatnonzero(constant)[0])
            raise DataError(
                f"{int(constant.sum())} column(s) hold one value only.",
                where=f"layer {self.name!r}, adapt, {column_name(table, i)}",
                expected="at least two different values in each column",
                received=f"{np.nanmax(table.array[:, i]):g} in all rows",
                remedy="leave constant columns out: they tell nothing",
            )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "missing": self.missing}


def column_name(table: Table, index: int) -> str:
    """A column as errors call it: by its name, or by its place."""
    if table.columns is None:
        return f"column {index} (counted from 0)"
    return f"column {table.columns[index]!r}"
