"""One column of pandas, polars, Arrow or NumPy, taken apart natively.

A loop in Python sees the different values of a text column, never its rows, except
where the library itself holds Python objects.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from pronghorn.data.cells import column_of_cells, spelt_number, text_of_levels
from pronghorn.data.raw import DateColumn, NumberColumn, RawColumn, TextColumn
from pronghorn.errors import DtypeError

__all__ = ["library_column"]

DAY = 86_400_000_000  # microseconds
TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}  # in a second
TRUTHS = ("false", "true")


def library_column(name: str, column: Any, source: str, text: bool) -> RawColumn | None:
    """A column of a known library; None where its values are Python's.

    Args:
        name: what it is called.
        column: a NumPy array, a pandas or polars Series, an Arrow array.
        source: what errors call the table.
        text: whether it is to be text as it is spelt. Columns of numbers and dates may
            come as such all the same.
    """
    if isinstance(column, np.ndarray):
        return _of_numpy(name, column, source, text)
    if hasattr(column, "iloc") and hasattr(column, "dtype"):
        return _of_pandas(name, column, source, text)
    if hasattr(column, "to_physical") and hasattr(column, "dtype"):
        return _of_polars(name, column, source, text)
    if hasattr(column, "null_count") and hasattr(column, "type"):
        return _of_arrow(name, column, source, text)
    if hasattr(column, "__array__"):
        return _of_numpy(name, np.asarray(column), source, text)
    return None


# --- NumPy ------------------------------------------------------------------------
def _of_numpy(name: str, values: np.ndarray, source: str, text: bool) -> RawColumn:
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        return column_of_cells(name, list(values), source=source)  # tells of the first
    kind = values.dtype.kind
    masked = np.zeros(0, bool)
    if hasattr(values, "mask"):
        masked = np.ma.getmaskarray(values)
        values = np.ma.getdata(values)
    if kind in "OUScV":
        cells = values.tolist() if kind in "OU" else list(values)
        if masked.any():
            cells = [None if gone else c for c, gone in zip(cells, masked.tolist())]
        return column_of_cells(name, cells, source=source, text=text)
    if kind == "b":
        return _truths(name, np.where(masked, -1, values) if masked.size else values)
    if kind in "mM":
        made = _of_ticks(name, values.astype(f"{kind}8[us]"))
    elif text and kind in "iu":
        return _whole_as_text(name, values, masked)
    else:
        made = NumberColumn(name, values.astype(np.float64, copy=False))
    if not masked.any():
        return made
    return type(made)(name, np.where(masked, np.nan, made.values))


def _of_ticks(name: str, values: np.ndarray) -> DateColumn | NumberColumn:
    """datetime64[us] as days, timedelta64[us] as seconds; NaN for NaT."""
    parts = values.view(np.int64)
    gaps = np.isnat(values)
    dates = values.dtype.kind == "M"
    made = parts / (DAY if dates else 10**6)
    if gaps.any():
        made[gaps] = np.nan
    return (DateColumn if dates else NumberColumn)(name, made)


def _truths(name: str, codes: np.ndarray) -> TextColumn:
    """1 for true, 0 for false, -1 for missing."""
    return text_of_levels(name, codes.astype(np.int32), TRUTHS, ordered=False)


def _whole_as_text(name: str, values: np.ndarray, masked: np.ndarray) -> TextColumn:
    levels, codes = np.unique(values, return_inverse=True)
    if masked.any():
        codes = np.where(masked, -1, codes)
    texts = list(map(str, levels.tolist()))
    return text_of_levels(name, codes, texts, exact=True, ordered=False)


# --- pandas -----------------------------------------------------------------------
def _of_pandas(name: str, column: Any, source: str, text: bool) -> RawColumn:
    dtype = column.dtype
    if isinstance(dtype, np.dtype):
        values = column.to_numpy()
        if dtype.kind == "O" and not text and _all_text(values):
            return _factorized(name, values, False)
        return _of_numpy(name, values, source, text)
    kind = str(getattr(dtype, "kind", "O"))
    if hasattr(dtype, "categories"):
        return _of_categories(name, column, source, text)
    if hasattr(dtype, "pyarrow_dtype") or getattr(dtype, "storage", "") == "pyarrow":
        return _of_arrow(name, column.array.__arrow_array__(), source, text)
    if hasattr(dtype, "storage"):
        return _factorized(name, column, text)
    if hasattr(dtype, "subtype") and hasattr(dtype, "fill_value"):  # sparse
        return _of_numpy(name, np.asarray(column), source, text)
    if kind == "M":
        return _of_ticks(name, column.to_numpy(dtype="datetime64[us]"))
    if kind in "biuf" and hasattr(dtype, "numpy_dtype"):
        return _of_masked(name, column, kind, text)
    return column_of_cells(name, column.tolist(), source=source, text=text)


def _all_text(values: np.ndarray) -> bool:
    types = import_module("pandas.api.types")
    return bool(types.infer_dtype(values, skipna=True) == "string")


def _factorized(name: str, values: Any, exact: bool) -> TextColumn:
    codes, levels = import_module("pandas").factorize(values)
    return text_of_levels(name, codes, list(levels), exact=exact)


def _of_categories(name: str, column: Any, source: str, text: bool) -> RawColumn:
    codes = column.cat.codes.to_numpy()
    categories = column.cat.categories
    levels = _of_pandas(name, categories.to_series(), source, text)
    return _coded(name, codes, levels, text)


def _coded(name: str, codes: np.ndarray, levels: RawColumn, exact: bool) -> RawColumn:
    """A column of codes of values; numbers that are categories are texts."""
    if isinstance(levels, DateColumn):
        return DateColumn(name, np.append(levels.values, np.nan)[codes])
    texts: list[str | None]
    if isinstance(levels, NumberColumn):
        numbers = levels.values.tolist()
        texts = [None if v != v else spelt_number(v) for v in numbers]
    else:
        texts = [text if text else None for text in levels.text()]
    return text_of_levels(name, codes, texts, exact=exact, ordered=False)


def _of_masked(name: str, column: Any, kind: str, text: bool) -> RawColumn:
    gone = column.isna().to_numpy()
    if kind == "b":
        return _truths(name, column.to_numpy(dtype="int8", na_value=-1))
    if text and kind in "iu":
        return _whole_as_text(name, column.to_numpy(kind + "8", na_value=0), gone)
    return NumberColumn(name, column.to_numpy(dtype="float64", na_value=np.nan))


# --- polars -----------------------------------------------------------------------
def _of_polars(name: str, column: Any, source: str, text: bool) -> RawColumn:
    import polars

    dtype = column.dtype
    if dtype == polars.Boolean:
        return _truths(name, column.cast(polars.Int8).fill_null(-1).to_numpy())
    if dtype.is_integer() and text and dtype.base_type().__name__[-3:] != "128":
        gone = column.is_null().to_numpy()
        return _whole_as_text(name, column.fill_null(0).to_numpy(), gone)
    if dtype.is_numeric():
        return NumberColumn(name, _polars_floats(column))
    if dtype in (polars.Categorical, polars.Enum):
        column = column.cast(polars.String)
        dtype = column.dtype
    if dtype == polars.String:
        levels = column.drop_nulls().unique(maintain_order=True)
        codes = column.cast(polars.Enum(levels)).to_physical().cast(polars.Int32)
        codes = codes.fill_null(-1).to_numpy()
        return text_of_levels(name, codes, levels.to_list(), exact=text)
    if dtype == polars.Date:
        return DateColumn(name, _polars_floats(column.to_physical()))
    if dtype == polars.Datetime or dtype == polars.Duration:
        dates = dtype == polars.Datetime
        ticks = column.dt.cast_time_unit("us").to_physical()
        per = DAY if dates else 10**6
        return (DateColumn if dates else NumberColumn)(
            name, _polars_floats(ticks) / per
        )
    if dtype == polars.Time:
        return NumberColumn(name, _polars_floats(column.to_physical()) / 1e9)
    return column_of_cells(name, column.to_list(), source=source, text=text)


def _polars_floats(column: Any) -> np.ndarray:
    import polars

    values = column.cast(polars.Float64).to_numpy()
    return np.asarray(values, np.float64)


# --- Arrow ------------------------------------------------------------------------
def _of_arrow(name: str, column: Any, source: str, text: bool) -> RawColumn:
    import pyarrow as pa
    from pyarrow import types

    if isinstance(column, pa.ChunkedArray):
        chunks = column.num_chunks
        column = column.chunk(0) if chunks == 1 else column.combine_chunks()
        if isinstance(column, pa.ChunkedArray):  # older: one chunk or none
            column = column.chunk(0)
    kind = column.type
    if types.is_boolean(kind):
        return _truths(name, _arrow_numpy(column.cast(pa.int8()), -1))
    if types.is_integer(kind) and text:
        gone = _arrow_numpy(column.is_null(), False)
        return _whole_as_text(name, _arrow_numpy(column, 0), gone)
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        floats = column.cast(pa.float64(), safe=False)
        return NumberColumn(name, floats.to_numpy(zero_copy_only=False))
    if str(kind) == "string_view":
        try:
            column = column.cast(pa.large_string())
        except pa.ArrowNotImplementedError:  # before pyarrow 18
            column = pa.array(column.to_pylist(), pa.large_string())
        kind = column.type
    if types.is_string(kind) or types.is_large_string(kind):
        column = column.dictionary_encode()
        codes = _arrow_numpy(column.indices, -1)
        levels = column.dictionary.to_pylist()
        return text_of_levels(name, codes, levels, exact=text)
    if types.is_dictionary(kind):
        codes = _arrow_numpy(column.indices, -1)
        levels = _of_arrow(name, column.dictionary, source, text)
        return _coded(name, codes, levels, text)
    if types.is_timestamp(kind) or types.is_date(kind) or types.is_duration(kind):
        return _arrow_ticks(name, column)
    if types.is_time(kind):
        whole = pa.int32() if types.is_time32(kind) else pa.int64()
        ticks = column.cast(whole).cast(pa.float64()).to_numpy(zero_copy_only=False)
        return NumberColumn(name, ticks / TICKS[kind.unit])
    return column_of_cells(name, column.to_pylist(), source=source, text=text)


def _arrow_numpy(column: Any, missing: Any) -> np.ndarray:
    if column.null_count:
        column = column.fill_null(missing)
    return np.asarray(column.to_numpy(zero_copy_only=False))


def _arrow_ticks(name: str, column: Any) -> RawColumn:
    """Arrow holds UTC whatever the zone is that it shows."""
    values = column.to_numpy(zero_copy_only=False)
    if values.dtype.kind not in "mM":
        raise DtypeError(f"Column {name!r} cannot be read.", received=str(column.type))
    return _of_ticks(name, values.astype(f"{values.dtype.kind}8[us]"))
