"""Any table that Python holds as a `RawTable`, each column by its own library's means.

pandas, polars and Arrow are recognised by what they can do, never imported before the
data is theirs. Files are read by `reader`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pronghorn.data.cells import all_missing, column_of_cells, spelt_number
from pronghorn.data.columns import is_column, is_frame, named_columns
from pronghorn.data.libraries import library_column
from pronghorn.data.raw import DateColumn, NumberColumn, RawColumn, RawTable, TextColumn
from pronghorn.errors import ArgumentError, DataError, DtypeError, ShapeError

__all__ = ["OpenTable", "is_cell", "raw_table"]


def raw_table(
    data: Any,
    *,
    as_text: Sequence[str] = (),
    names: Sequence[str] | None = None,
    source: str = "the table",
) -> RawTable:
    """Any table as columns of numbers, texts and dates.

    What is missing is what the data's own library marks so (None, NaN, NaT, NA, null,
    a mask), and blank text; "NA" in a frame is a text. Blanks at the ends of texts are
    dropped, but for `as_text`. Bools are the texts "true" and "false". Times become
    days in UTC, durations and times of the day seconds. Whole numbers beyond 2**53 are
    rounded to float64. A column without any value is text without levels.

    Args:
        data: a pandas or polars frame, an Arrow table or record batch, or what speaks
            Arrow's or the frames' interchange protocol; a dict of columns; a list of
            dicts, or of rows; a structured array; an array (rows, columns); one row: a
            dict of single values, or a pandas Series (its index are the names).
        as_text: columns that become text as they are spelt, numbers too.
        names: of an array's columns; "0", "1", ... where None.
        source: what errors call the table.

    Returns:
        The table with its columns in the data's order, their names as `str`.

    Raises:
        DataError: no rows, no columns, two columns of one name, a value that no cell
            can hold.
        ShapeError: an array that is no table, or columns that differ in length.
        DtypeError: no table at all, or a lazy or sparse one.
        ArgumentError: a name in `as_text` that the table lacks.

    >>> table = raw_table({"sugars": [6, None], "mfr": ["N", "Q"]})
    >>> table.column("sugars").values.tolist(), table.column("mfr").levels
    ([6.0, nan], ('N', 'Q'))
    """
    if isinstance(data, RawTable):
        return data
    table = OpenTable(data, names=names, source=source)
    for name in as_text:
        if name not in table.columns:
            raise ArgumentError(
                f"as_text names a column {name!r} that {source} lacks.",
                expected="columns " + ", ".join(map(repr, table.columns)),
                received=repr(name),
            )
    columns = {name: table.read(name, text=name in as_text) for name in table.columns}
    return RawTable(columns, table.rows, source)


class OpenTable:
    """A table whose columns are read when they are asked for.

    Args:
        data, names, source: as for `raw_table`.

    Attributes:
        columns: each column as its own library holds it, by name.
        rows: how many rows there are.
        source: what errors call the table.
    """

    def __init__(
        self,
        data: Any,
        *,
        names: Sequence[str] | None = None,
        source: str = "the table",
    ) -> None:
        self.source = source
        self.columns: dict[str, Any]
        self.rows: int
        if isinstance(data, (RawTable, OpenTable)):
            self.columns, self.rows = dict(data.columns), data.rows
            self.source = data.source
        else:
            self.columns = dict(_pairs(data, names, source))
            self.rows = len(next(iter(self.columns.values()), ()))
        _check_table(self)

    def read(self, name: str, *, text: bool = False) -> RawColumn:
        """One column; as text where told so.

        Raises:
            DataError: a value that no cell can hold.
        """
        found = self.columns[name]
        if isinstance(found, (NumberColumn, TextColumn, DateColumn)):
            column: RawColumn | None = found
        else:
            column = library_column(name, found, self.source, text)
        if column is None:
            column = column_of_cells(name, list(found), source=self.source, text=text)
        if isinstance(column, TextColumn):
            return column
        if np.isnan(column.values[0]) and column.missing.all():
            return all_missing(name, self.rows)
        if text:
            return _numbers_as_text(column)
        return column

    def values(self, name: str) -> np.ndarray:
        """One column as labels, or as numbers to predict.

        Returns:
            float64, NaN where missing; bool, where the column holds bools and none is
            missing; or else an object array of texts exactly as they are spelt, None
            where missing.

        Raises:
            DataError: there is no such column, or a value that no cell can hold.
        """
        if name not in self.columns:
            RawTable(self.columns, self.rows, self.source).column(name)
        given = self.columns[name]
        if hasattr(given, "iloc") and hasattr(given.dtype, "categories"):
            return OpenTable({name: np.asarray(given)}).values(name)
        column = self.read(name)
        if isinstance(column, NumberColumn):
            return column.values
        text = self.read(name, text=True)
        assert isinstance(text, TextColumn)
        bools = text.levels and {*text.levels} <= {"false", "true"}
        if bools and not text.missing.any() and _holds_bools(given):
            return np.array([level == "true" for level in text.levels])[text.codes]
        return np.array([*text.levels, None], object)[text.codes]


def is_cell(value: Any) -> bool:
    """Whether this is a single value rather than a column.

    >>> is_cell("abc"), is_cell(3), is_cell([3])
    (True, True, False)
    """
    if isinstance(value, (str, bytes)) or getattr(value, "ndim", 1) == 0:
        return True
    return not hasattr(value, "__len__")


def _pairs(
    data: Any, names: Sequence[str] | None, source: str
) -> Sequence[tuple[str, Any]]:
    """The columns, named, in order."""
    if isinstance(data, Mapping):
        if data and all(is_cell(value) for value in data.values()):
            data = {name: [value] for name, value in data.items()}
        return named_columns(data, source)
    if is_frame(data):
        return named_columns(data, source)
    if hasattr(data, "iloc") and hasattr(data, "index"):  # a row of a pandas frame
        labels, cells = list(map(str, data.index)), data.tolist()
        _check_names(labels, source)
        return [(label, [cell]) for label, cell in zip(labels, cells)]
    if is_column(data):
        raise _no_table(data, source, "a column alone")
    if hasattr(data, "toarray") and hasattr(data, "nnz"):
        raise _no_table(data, source, "a sparse matrix", "pass its .toarray()")
    if isinstance(data, (list, tuple)):
        if data and all(isinstance(row, Mapping) for row in data):
            return _of_dicts(data, source)
        data = _of_rows(data, source)
    if not isinstance(data, np.ndarray):
        if not hasattr(data, "__array__"):
            raise _no_table(data, source, f"a {type(data).__name__}")
        data = np.asarray(data)
    return _of_array(data, names, source)


def _of_dicts(data: Sequence[Mapping[Any, Any]], source: str) -> list[tuple[str, Any]]:
    """A column for every key of any row; a row that lacks it has no value there."""
    keys = dict.fromkeys(key for row in data for key in row)
    _check_names(list(map(str, keys)), source)
    return [(str(key), [row.get(key) for row in data]) for key in keys]


def _of_rows(data: Sequence[Any], source: str) -> np.ndarray:
    lengths = {-1 if is_cell(row) else len(row) for row in data}
    if len(lengths) > 1 or -1 in lengths:
        raise ShapeError(
            f"{source} is a list, and no table.",
            expected="a list of dicts, or of rows of one length",
            received=f"{len(data)} item(s), the first is {type(data[0]).__name__}",
            remedy="for one row, pass [row] or a dict of its values",
        )
    array = np.empty((len(data), *lengths), dtype=object)
    for row, values in enumerate(data):
        array[row] = list(values)
    return array


def _of_array(
    data: np.ndarray, names: Sequence[str] | None, source: str
) -> list[tuple[str, Any]]:
    if data.dtype.names:
        flat = data.reshape(-1)
        return [(name, flat[name]) for name in data.dtype.names]
    if data.ndim != 2:
        raise ShapeError(
            f"{source} is an array of {data.ndim} axes.",
            expected="shape (rows, columns)",
            received=f"shape {data.shape}",
            remedy="for one row, pass x[None]; for one column, x[:, None]",
        )
    if names is None:
        names = [str(i) for i in range(data.shape[1])]
    if len(names) != data.shape[1]:
        raise ShapeError(
            f"{source} has another number of columns than names.",
            expected=f"{len(names)} columns, as many as names",
            received=f"{data.shape[1]} columns",
        )
    _check_names(names, source)
    return [(name, data[:, j]) for j, name in enumerate(names)]


def _check_names(names: Sequence[str], source: str) -> None:
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise DataError(
            f"{source} has more than one column named {twice!r}.",
            expected="every column to have a name of its own",
            received=f"{names.count(twice)} columns named {twice!r}",
            remedy="rename one of them, or leave it out",
        )


def _check_table(table: OpenTable) -> None:
    if not table.columns:
        raise DataError(f"{table.source} has no columns.", expected="a column or more")
    if table.rows == 0:
        raise DataError(
            f"{table.source} has no rows.",
            expected="at least one row",
            received="0 rows",
            remedy="check how the rows were read or filtered",
        )


def _no_table(
    data: Any, source: str, what: str, remedy: str | None = None
) -> DtypeError:
    return DtypeError(
        f"{source} is {what}, and no table.",
        expected="a pandas or polars frame, an Arrow table, a dict of columns, a list "
        "of dicts, or an array (rows, columns)",
        received=type(data).__name__,
        remedy=remedy or "put its columns into a dict by name",
    )


def _holds_bools(column: Any) -> bool:
    if isinstance(column, TextColumn):
        return False
    kind = str(getattr(column, "dtype", getattr(column, "type", "object")))
    if kind != "object":
        return "bool" in kind.lower()
    return all(isinstance(value, (bool, np.bool_)) for value in column)


def _numbers_as_text(column: NumberColumn | DateColumn) -> TextColumn:
    """The values as they are spelt, in order of first appearance."""
    levels, first, codes = np.unique(
        column.values, return_index=True, return_inverse=True
    )
    present = int((~np.isnan(levels)).sum())  # one NaN comes last
    order = np.argsort(first[:present], kind="stable")
    moved = np.full(len(levels), -1, np.int32)
    moved[order] = np.arange(present)
    kept = levels[:present][order]
    if isinstance(column, DateColumn):
        texts = DateColumn(column.name, kept).text()
    else:
        texts = [spelt_number(value) for value in kept.tolist()]
    return TextColumn(column.name, moved[codes.reshape(-1)], tuple(texts))
