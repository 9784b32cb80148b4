"""A frame taken apart into named NumPy columns, whoever made the frame.

pandas, polars, Arrow and the rest are recognised by what they can do, never imported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from numbers import Complex, Number, Real
from typing import Any, NoReturn

import numpy as np

from pronghorn.errors import DataError, DtypeError, MissingDependencyError, ShapeError

__all__ = ["column_values", "is_column", "is_frame", "named_columns", "place"]

NUMBERS = "biuf"
TEXT_TYPES = ("str", "string", "utf8", "object", "large_string", "char")
CATEGORY_TYPES = ("categor", "enum", "dictionary")
DATE_TYPES = ("date", "time", "duration", "period", "interval")
NESTED_TYPES = ("list", "array(", "struct", "map", "binary")

ENCODE = (
    "give it an Input(dtype='string') of its own and layers.StringLookup, turn it into "
    "numbers first, leave it out, or let `pronghorn train` encode the table"
)


def place(what: str, column: str | None) -> str:
    """How an error names a column: ``column 'fiber' of x``, or ``x``."""
    return what if column is None else f"column {column!r} of {what}"


def is_frame(x: Any) -> bool:
    """Whether `x` is a frame: pandas, polars, Arrow, or speaks their protocol."""
    if isinstance(x, np.ndarray | Mapping | Sequence):
        return False
    if getattr(x, "ndim", 2) == 1 or is_column(x):
        return False
    return _reader(x) is not None


def is_column(x: Any) -> bool:
    """Whether `x` is one column: a pandas or polars Series, an Arrow array."""
    if isinstance(x, np.ndarray | Mapping | Sequence) or hasattr(type(x), "columns"):
        return False
    series = hasattr(x, "to_numpy") and hasattr(x, "dtype") and hasattr(x, "name")
    arrow = hasattr(x, "to_numpy") and hasattr(x, "type") and hasattr(x, "null_count")
    return series or arrow


def named_columns(x: Any, what: str) -> list[tuple[str, Any]]:
    """The columns of a frame or of a dict, in order, each with its name.

    Raises:
        DataError: two columns share a name.
        ShapeError: columns of a dict differ in length, or one is no column.
    """
    if isinstance(x, Mapping):
        pairs = [(str(name), column) for name, column in x.items()]
        _check_lengths(pairs, what)
    else:
        reader = _reader(x)
        if reader is None:
            raise DtypeError(f"{what} is no table.", received=type(x).__name__)
        pairs = reader(x, what)
    _check_unique([name for name, _ in pairs], what)
    return pairs


def column_values(column: Any, name: str | None, what: str) -> np.ndarray:
    """One column as a NumPy array of numbers or bools; a missing value is NaN.

    Raises:
        DataError: the column holds text, categories, dates or nested values.
    """
    if not isinstance(column, np.ndarray):
        kind = _kind_name(column)
        _refuse(kind, column, name, what)
        column = _to_numpy(column)
        if column.dtype.kind == "O" and _holds_numbers(kind):
            column = _floats(column)
    return _checked(column, name, what)


def _reader(x: Any) -> Callable[[Any, str], list[tuple[str, Any]]] | None:
    if hasattr(x, "collect") and hasattr(x, "collect_schema"):
        return _lazy_columns
    if hasattr(x, "iloc") and hasattr(x, "columns"):
        return _pandas_columns
    if hasattr(x, "get_columns") and hasattr(x, "columns"):
        return _polars_columns
    if hasattr(x, "itercolumns") and hasattr(x, "column_names"):
        return _arrow_columns
    if hasattr(x, "__arrow_c_stream__") or hasattr(x, "__dataframe__"):
        return _protocol_columns
    return None


def _pandas_columns(x: Any, what: str) -> list[tuple[str, Any]]:
    return [(str(name), x.iloc[:, j]) for j, name in enumerate(x.columns)]


def _polars_columns(x: Any, what: str) -> list[tuple[str, Any]]:
    return [(str(column.name), column) for column in x.get_columns()]


def _arrow_columns(x: Any, what: str) -> list[tuple[str, Any]]:
    return list(zip(map(str, x.column_names), x.itercolumns(), strict=True))


def _lazy_columns(x: Any, what: str) -> list[tuple[str, Any]]:
    raise DtypeError(
        f"{what} is a lazy frame: its rows are not there yet.",
        expected="a frame that holds its rows",
        received=type(x).__name__,
        remedy=f"pass {what}.collect()",
    )


def _protocol_columns(x: Any, what: str) -> list[tuple[str, Any]]:
    try:
        import pyarrow
        import pyarrow.interchange
    except ImportError as error:
        raise MissingDependencyError(
            f"{what}, a {type(x).__name__}, can be read through pyarrow only.",
            remedy="pip install pyarrow, or pass a pandas or polars frame",
        ) from error
    if hasattr(x, "__arrow_c_stream__"):
        return _arrow_columns(pyarrow.table(x), what)
    return _arrow_columns(pyarrow.interchange.from_dataframe(x), what)


def _check_unique(names: Sequence[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise DataError(
                f"{what} has more than one column named {name!r}.",
                where=f"columns {[i for i, n in enumerate(names) if n == name]} of "
                f"{what} (counted from 0)",
                expected="every column to have a name of its own",
                received=f"{list(names).count(name)} columns named {name!r}",
                remedy="rename one of them, or leave it out",
            )
        seen.add(name)


def _check_lengths(pairs: Sequence[tuple[str, Any]], what: str) -> None:
    first: tuple[str, int] | None = None
    for name, column in pairs:
        if not hasattr(column, "__len__") or isinstance(column, str | bytes):
            raise ShapeError(
                f"Column {name!r} of {what} is a single value.",
                where=place(what, name),
                expected="one value per row",
                received=repr(column),
                remedy=f"put it in a list: {{{name!r}: [{column!r}]}}",
            )
        first = first or (name, len(column))
        if len(column) != first[1]:
            raise ShapeError(
                f"The columns of {what} differ in length.",
                where=place(what, name),
                expected=f"{first[1]} rows, as in column {first[0]!r}",
                received=f"{len(column)} rows",
                remedy="give every column one value per row",
            )


def _kind_name(column: Any) -> str:
    kind = getattr(column, "dtype", None)
    if kind is None:
        kind = getattr(column, "type", "")
    return str(kind).lower()


def _holds_numbers(kind: str) -> bool:
    return kind.startswith(
        ("bool", "int", "uint", "float", "double", "decimal", "half")
    )


def _refuse(kind: str, column: Any, name: str | None, what: str) -> None:
    """Raises where the column's own type tells that it holds no numbers."""
    if kind.startswith(CATEGORY_TYPES):
        _raise_not_numbers("categories", kind, _example(column), name, what, ENCODE)
    if kind.startswith(NESTED_TYPES):
        remedy = "give every value a column of its own"
        _raise_not_numbers("nested values", kind, None, name, what, remedy)
    if kind.startswith(DATE_TYPES):
        _raise_dates(kind, _example(column), name, what)
    if kind.startswith(TEXT_TYPES) and not kind.startswith("object"):
        _raise_not_numbers("text", kind, _example(column), name, what, ENCODE)


def _to_numpy(column: Any) -> np.ndarray:
    if hasattr(column, "__array__") and not hasattr(column, "to_numpy"):
        return np.asarray(column)
    if not hasattr(column, "to_numpy"):
        return _from_sequence(column)
    if hasattr(column, "isna") and _is_extension(column.dtype):
        if str(column.dtype).lower().startswith("bool") and not column.isna().any():
            return np.asarray(column.to_numpy(dtype="bool"))
        if column.isna().any():
            return np.asarray(column.to_numpy(dtype="float64", na_value=np.nan))
        return np.asarray(column.to_numpy())
    if hasattr(column, "null_count") and hasattr(column, "type"):
        return np.asarray(_arrow_numpy(column))
    return np.asarray(column.to_numpy())


def _arrow_numpy(column: Any) -> Any:
    """`Array` copies only when told so, `ChunkedArray` always does."""
    if hasattr(column, "chunks"):
        return column.to_numpy()
    return column.to_numpy(zero_copy_only=False)


def _is_extension(dtype: Any) -> bool:
    return not isinstance(dtype, np.dtype)


def _from_sequence(column: Any) -> np.ndarray:
    values = list(column)
    if any(value is None for value in values):
        values = [np.nan if value is None else value for value in values]
    try:
        return np.asarray(values)
    except ValueError:
        return np.asarray(values, dtype=object)


def _floats(values: np.ndarray) -> np.ndarray:
    """Python numbers and None, as polars and Arrow give nullable bools and decimals."""
    return np.array([np.nan if v is None else float(v) for v in values], np.float64)


def _checked(values: np.ndarray, name: str | None, what: str) -> np.ndarray:
    # Looking np.ma up loads it, which takes as long as all of this package's data room.
    if hasattr(values, "mask") and isinstance(values, np.ma.MaskedArray):
        values = np.ma.filled(values.astype(np.float64), np.nan)
    if values.dtype.names:
        raise DtypeError(
            f"{what} is a structured array.",
            where=place(what, name),
            expected="one dtype of numbers for all columns",
            received=f"fields {', '.join(values.dtype.names)}",
            remedy=f"pass a dict of columns: {{k: {what}[k] for k in "
            f"{what}.dtype.names}}",
        )
    kind = values.dtype.kind
    if kind in NUMBERS:
        return values
    dtype = str(values.dtype)
    if kind == "O":
        if _are_numbers(values):  # as columns of rows of several kinds come
            return _floats(values.ravel()).reshape(values.shape)
        _raise_object(values, name, what)
    if kind in "mM":
        _raise_dates(dtype, _example(values.ravel()), name, what)
    if kind in "USTa":
        _raise_not_numbers("text", dtype, _example(values.ravel()), name, what, ENCODE)
    remedy = "pass its real and imaginary parts as two columns"
    _raise_not_numbers("complex numbers", dtype, None, name, what, remedy)


def _are_numbers(values: np.ndarray) -> bool:
    """Whether all are Python's or NumPy's numbers, `Decimal` too, or None."""
    return all(
        value is None
        or isinstance(value, Real | np.bool_)
        or (isinstance(value, Number) and not isinstance(value, Complex))
        for value in values.ravel()
    )


def _raise_object(values: np.ndarray, name: str | None, what: str) -> NoReturn:
    flat = values.ravel()
    for row, value in enumerate(flat):
        if isinstance(value, str | bytes):
            row //= max(1, flat.size // max(1, len(values)))
            found = f"{value!r} in row {row} (counted from 0)"
            _raise_not_numbers("text", "object", found, name, what, ENCODE)
    example = next((v for v in flat if v is not None), None)
    if hasattr(example, "year"):
        _raise_dates("object", example, name, what)
    if isinstance(example, list | tuple | np.ndarray):
        raise ShapeError(
            f"The rows of {what} differ in length.",
            where=place(what, name),
            expected="rows of one length",
            received=f"lengths {sorted({np.size(v) for v in flat})[:5]}",
            remedy=f"give every row of {what} the same number of values",
        )
    remedy = "give it a dtype of numbers, for instance .astype('float32')"
    _raise_not_numbers("Python objects", "object", _example(flat), name, what, remedy)


def _raise_not_numbers(
    holds: str, dtype: str, example: Any, name: str | None, what: str, remedy: str
) -> NoReturn:
    shown = "" if example is None else f", for instance {example}"
    subject = what if name is None else f"Column {name!r} of {what}"
    raise DataError(
        f"{subject} holds {holds}, not numbers.",
        where=place(what, name),
        expected="numbers or bools",
        received=f"{holds} (dtype {dtype}){shown}",
        remedy=remedy,
    )


def _raise_dates(dtype: str, example: Any, name: str | None, what: str) -> NoReturn:
    remedy = (
        "turn it into numbers (year, month, weekday, days since a day you choose), "
        "or let `pronghorn train` do so"
    )
    shown = None if example is None else str(example)
    _raise_not_numbers("dates or times", dtype, shown, name, what, remedy)


def _example(column: Any) -> str | None:
    """The first value that is there, with its row."""
    for row, value in enumerate(column):
        for unwrap in ("as_py", "item"):
            value = getattr(value, unwrap)() if hasattr(value, unwrap) else value
        if value is not None and value == value:
            return f"{value!r} in row {row} (counted from 0)"
    return None
