"""Whatever a user passes as x, y or sample_weight, as NumPy arrays.

A frame keeps its column names, so that columns are matched by name, not by place.
Nothing that is not a finite number gets through: each error names column and row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pronghorn.data.columns import (
    column_values,
    is_column,
    is_frame,
    named_columns,
    place,
)
from pronghorn.errors import DataError, DtypeError, ShapeError
from pronghorn.settings import bad_data, goes_on_with_bad_data

__all__ = [
    "Table",
    "align_columns",
    "check_finite",
    "row_count",
    "to_matrix",
    "to_target",
]

INT32 = np.iinfo(np.int32)


@dataclass(frozen=True)
class Table:
    """A matrix with its column names.

    Attributes:
        array: float32 or int32, C-contiguous, (rows, columns); an array of a higher
            rank that came as NumPy keeps its rank.
        columns: one name per column, or None where the source has none.
    """

    array: np.ndarray
    columns: tuple[str, ...] | None = None


def to_matrix(
    x: Any,
    *,
    what: str = "x",
    dtype: str = "float32",
    finite: bool = True,
    missing: bool = False,
) -> Table:
    """Turns a frame, a dict of columns, an array or a list into one matrix.

    Args:
        x: a pandas or polars frame or Series, an Arrow table or array, a dict of
            columns, a NumPy array of rank 1 or more, or nested lists.
        what: what errors call it.
        dtype: "float32", or "int32" where the model takes ids: these are checked to
            be whole numbers within the range of int32.
        finite: whether NaN and infinity are errors.
        missing: whether NaN is none all the same: a missing value.

    Returns:
        A `Table`; one column of rank 1 becomes (rows, 1).

    Raises:
        DataError: text, dates, NaN, infinity, values outside the dtype's range, two
            columns of one name, no rows.
        ShapeError: a scalar, or columns that differ in length.
        DtypeError: no table at all.

    Example:

    >>> to_matrix({"sugars": [6, 8], "fiber": [10, 2]}).array
    array([[ 6., 10.],
           [ 8.,  2.]], dtype=float32)
    """
    if isinstance(x, Mapping) or is_frame(x):
        return _from_columns(named_columns(x, what), what, dtype, finite, missing)
    if is_column(x):
        name = getattr(x, "name", None)
        pairs = [(what if name is None else str(name), x)]
        table = _from_columns(pairs, what, dtype, finite, missing)
        return table if name is not None else Table(table.array)
    values = column_values(_as_array(x, what), None, what)
    _check_rank(values, what)
    array = _convert(values, dtype, None, what)
    array = array[:, None] if array.ndim == 1 else array
    if finite:
        check_finite(array, None, what, missing)
    return Table(np.require(array, requirements=("C", "A")))


def to_target(
    y: Any, *, what: str = "y", dtype: str | None = None, finite: bool = True
) -> np.ndarray:
    """Turns a target, or weights of samples, into one array.

    Args:
        y: as `to_matrix` takes it.
        what: what errors call it.
        dtype: "float32", "int32", or None: whole numbers and bools become int32,
            everything else float32.
        finite: whether NaN and infinity are errors.

    Returns:
        (rows,) for one column of rank 1, (rows, columns) for a frame or a matrix.

    Raises:
        DataError: text, dates, NaN, infinity, values outside the dtype's range.

    Example:

    >>> to_target([0, 1, 1])
    array([0, 1, 1], dtype=int32)
    >>> to_target([0.5, 1.5])
    array([0.5, 1.5], dtype=float32)
    """
    if isinstance(y, Mapping) or is_frame(y):
        pairs = named_columns(y, what)
        columns = [column_values(column, name, what) for name, column in pairs]
        names: tuple[str, ...] | None = tuple(name for name, _ in pairs)
        _check_rows(columns, what)
        source = np.stack(columns, axis=1)
    else:
        name = getattr(y, "name", None) if is_column(y) else None
        source = _as_array(y, what) if name is None else y
        source = column_values(source, None if name is None else str(name), what)
        names = None if name is None else (str(name),)
        _check_rank(source, what)
    whole = source.dtype.kind in "biu"
    array = _convert(source, dtype or ("int32" if whole else "float32"), names, what)
    if finite:
        check_finite(array, names, what)
    return np.require(array, requirements=("C", "A"))


def row_count(x: Any) -> int:
    """How many rows `x` has.

    >>> row_count({"sugars": [6, 8, 5]})
    3
    """
    if isinstance(x, Mapping):
        return len(next(iter(x.values()))) if x else 0
    if hasattr(x, "num_rows"):
        return int(x.num_rows)
    try:
        return len(x)
    except TypeError as error:
        raise DtypeError(
            "This has no rows.",
            expected="an array, a frame, a dict of columns or a list",
            received=type(x).__name__,
        ) from error


def check_finite(
    array: np.ndarray,
    columns: Sequence[str] | None,
    what: str = "x",
    missing: bool = False,
) -> None:
    """Raises where `array` holds NaN or infinity, naming the column and the rows.

    Where the process goes on with bad data (`settings`), it warns instead.

    Costs one sum where all is well: NaN and infinity never sum to a finite number.

    Args:
        array: any shape; rows come first, columns last.
        columns: names of the columns, or None.
        what: what errors call it.
        missing: whether NaN may be there, for a missing value.

    Example:

    >>> check_finite(np.array([[1.0], [2.0]]), ["sugars"])
    """
    if array.dtype.kind != "f":
        return
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(array.sum()):
            return
    bad = np.isinf(array) if missing else ~np.isfinite(array)
    if bad.any():
        _tell_not_finite(array, bad, columns, what)


def align_columns(table: Table, expected: Sequence[str] | None) -> Table:
    """Puts the columns of `table` into the order that a model was trained with.

    Args:
        table: what `to_matrix` gave; one without names is returned as it is.
        expected: the names that the model was trained with, in order, or None.

    Raises:
        DataError: a column is missing, or there is one that the model does not know.

    Example:

    >>> table = Table(np.array([[1.0, 2.0]]), ("fiber", "sugars"))
    >>> align_columns(table, ["sugars", "fiber"]).array
    array([[2., 1.]])
    """
    names = table.columns
    if names is None or expected is None or names == tuple(expected):
        return table
    missing = [name for name in expected if name not in names]
    extra = [name for name in names if name not in expected]
    if missing or extra or len(names) != len(expected):
        error = _other_columns(names, expected, missing, extra)
        if len(names) != len(expected):
            raise error
        bad_data(error)  # as many columns: Keras takes them by their place
        return table
    order = [names.index(name) for name in expected]
    return Table(np.ascontiguousarray(table.array[:, order]), tuple(expected))


def _from_columns(
    pairs: Sequence[tuple[str, Any]],
    what: str,
    dtype: str,
    finite: bool,
    missing: bool,
) -> Table:
    if not pairs:
        raise DataError(f"{what} has no columns.", expected="at least one column")
    names = tuple(name for name, _ in pairs)
    columns = []
    for name, column in pairs:
        values = _squeeze(column_values(column, name, what), name, what)
        columns.append(_convert(values, dtype, (name,), what))
    _check_rows(columns, what)
    array = np.empty((len(columns[0]), len(columns)), dtype)
    for j, column in enumerate(columns):
        array[:, j] = column
    if finite:
        check_finite(array, names, what, missing)
    return Table(array, names)


def _squeeze(values: np.ndarray, name: str, what: str) -> np.ndarray:
    if values.ndim == 2 and values.shape[1] == 1:
        return values[:, 0]
    if values.ndim != 1:
        raise ShapeError(
            f"Column {name!r} of {what} is not one-dimensional.",
            where=place(what, name),
            expected="shape (rows,) or (rows, 1)",
            received=f"shape {values.shape}",
            remedy="give every column an entry of its own",
        )
    return values


def _as_array(x: Any, what: str) -> Any:
    """`x` itself where it is an array or a column, NumPy where it is a list."""
    if isinstance(x, np.ndarray) or is_column(x):
        return x
    if hasattr(x, "toarray") and hasattr(x, "nnz"):
        raise DtypeError(
            f"{what} is a sparse matrix.",
            expected="a dense array",
            received=type(x).__name__,
            remedy=f"pass {what}.toarray()",
        )
    if hasattr(x, "__array__") or isinstance(x, Sequence | int | float | complex):
        return _dense(x)
    raise DtypeError(
        f"{what} is nothing that holds a table.",
        expected="a NumPy array, a pandas or polars frame, an Arrow table, a dict of "
        "columns, or a list",
        received=type(x).__name__,
        remedy="turn it into one of these, for instance by numpy.asarray(...)",
    )


def _dense(x: Any) -> np.ndarray:
    try:
        array = np.asarray(x)
    except ValueError:
        rows = list(x)
        array = np.empty(len(rows), dtype=object)
        array[:] = rows
    if array.dtype.kind == "O" and array.ndim and _only_numbers_and_none(array):
        return np.array(
            [np.nan if v is None else float(v) for v in array.ravel()]
        ).reshape(array.shape)
    return array


def _only_numbers_and_none(array: np.ndarray) -> bool:
    return all(v is None or isinstance(v, bool | int | float) for v in array.ravel())


def _convert(
    values: np.ndarray, dtype: str, columns: Sequence[str] | None, what: str
) -> np.ndarray:
    """To float32 or int32, refusing what would not survive the change."""
    if values.dtype == dtype:
        return values
    if dtype == "int32":
        return _to_int32(values, columns, what)
    with np.errstate(over="ignore"):
        array = values.astype(np.float32)
    if values.dtype.kind == "f" and values.dtype.itemsize > 4:
        _check_overflow(values, array, columns, what)
    return array


def _to_int32(
    values: np.ndarray, columns: Sequence[str] | None, what: str
) -> np.ndarray:
    if values.dtype.kind == "f":
        check_finite(values, columns, what)
        _raise_where(values != np.floor(values), values, columns, what, "whole numbers")
    if values.dtype.kind in "fu" or values.dtype.itemsize > 4:
        outside = (values < INT32.min) | (values > INT32.max)
        wanted = f"whole numbers from {INT32.min} to {INT32.max} (int32)"
        _raise_where(outside, values, columns, what, wanted)
    return values.astype(np.int32)


def _check_overflow(
    values: np.ndarray, array: np.ndarray, columns: Sequence[str] | None, what: str
) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(array.sum()):
            return
    if goes_on_with_bad_data():
        return  # what became infinite is told of as infinite
    lost = np.isinf(array) & np.isfinite(values)
    wanted = "values within the range of float32, +-3.4e38"
    _raise_where(lost, values, columns, what, wanted)


def _raise_where(
    bad: np.ndarray,
    values: np.ndarray,
    columns: Sequence[str] | None,
    what: str,
    expected: str,
) -> None:
    if not bad.any():
        return
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    raise DataError(
        f"{int(bad.sum())} value(s) of {what} do not fit.",
        where=_where(index, columns, what),
        expected=expected,
        received=repr(values[index].item()),
        remedy="rescale the column; for a target that is no class id, pass it as "
        "floats: .astype('float32')",
    )


def _tell_not_finite(
    array: np.ndarray, bad: np.ndarray, columns: Sequence[str] | None, what: str
) -> None:
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    here = bad if array.ndim == 1 else bad[..., index[-1]]
    rows = np.flatnonzero(here.reshape(len(here), -1).any(axis=1))
    value = "NaN (a missing value)" if np.isnan(array[index]) else str(array[index])
    shown = ", ".join(map(str, rows[:5])) + (", ..." if len(rows) > 5 else "")
    total = int(bad.sum())
    more = f"; {total} such values in all of {what}" if total > len(rows) else ""
    bad_data(
        DataError(
            f"{what} holds {value}.",
            where=f"{_column_of(index, columns, what)}, {len(rows)} row(s): {shown} "
            f"(counted from 0){more}",
            expected="finite numbers",
            received=value,
            remedy="leave these rows out, or fill them (the median, and a column that "
            "tells where it was missing); `pronghorn train` does so for you",
        )
    )


def _where(index: tuple[int, ...], columns: Sequence[str] | None, what: str) -> str:
    return f"{_column_of(index, columns, what)}, row {index[0]} (counted from 0)"


def _column_of(index: tuple[int, ...], columns: Sequence[str] | None, what: str) -> str:
    if columns is not None:
        return place(what, columns[index[-1]] if len(index) > 1 else columns[0])
    if len(index) == 1:
        return what
    return f"column {', '.join(map(str, index[1:]))} (counted from 0) of {what}"


def _check_rank(values: np.ndarray, what: str) -> None:
    if values.ndim == 0:
        raise ShapeError(
            f"{what} is a single value.",
            expected="at least one dimension: the rows",
            received=f"{values.item()!r}, shape ()",
            remedy=f"pass a list or an array: [{values.item()!r}]",
        )
    _check_rows([values], what)
    if values.size == 0 and values.ndim < 3:  # rows of no steps are rows
        raise DataError(
            f"{what} has no columns.",
            expected="at least one column",
            received=f"shape {values.shape}",
        )


def _check_rows(columns: Sequence[np.ndarray], what: str) -> None:
    if len(columns[0]) == 0:
        raise DataError(
            f"{what} is empty.",
            where=what,
            expected="at least one row",
            received="0 rows",
            remedy="check how the rows were read or filtered",
        )


def _other_columns(
    names: Sequence[str],
    expected: Sequence[str],
    missing: Sequence[str],
    extra: Sequence[str],
) -> DataError:
    faults = []
    if missing:
        faults.append(f"missing: {', '.join(map(repr, missing))}")
    if extra:
        faults.append(f"unknown to the model: {', '.join(map(repr, extra))}")
    if not faults:
        faults.append(f"{len(names)} columns for {len(expected)}")
    return DataError(
        "The columns are not those that the model was trained with: "
        + "; ".join(faults)
        + ".",
        where=", ".join(f"column {name!r}" for name in [*missing, *extra]) or "columns",
        expected=", ".join(map(repr, expected)),
        received=", ".join(map(repr, names)),
        remedy="pass the same columns, in any order"
        + (f"; leave out {', '.join(map(repr, extra))}" if extra else ""),
    )
