"""Text and ids as arrays of their own type, for layers that look at them as they came.

Text becomes an object array of `str`, whole numbers int64; nothing passes through
float32, and no id is cut to 32 bits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pronghorn.data.columns import is_column, is_frame, named_columns, place
from pronghorn.data.frames import Table
from pronghorn.errors import DataError, DtypeError, ShapeError

__all__ = ["host_array", "host_table"]


def host_array(x: Any, what: str = "x") -> np.ndarray:
    """An array of text or of numbers in their own type, of whatever shape.

    Args:
        x: a text or a number, nested lists of them, an array, a column or a frame.
        what: what errors call it.

    Returns:
        Text as an object array of `str` (bytes are read as UTF-8, and come back as they
        were by `.encode(errors="surrogateescape")`), whole numbers as int64, others as
        float64 or float32, bools as bool.

    Raises:
        DataError: missing values, other objects, text among numbers.
        ShapeError: rows of several lengths.
        DtypeError: nothing of that kind.

    Example:

    >>> host_array([b"red", "blue"])
    array(['red', 'blue'], dtype=object)
    >>> host_array([[3], [4]]).dtype.name
    'int64'
    """
    if isinstance(x, (list, tuple)) and any(hasattr(item, "shape") for item in x):
        x = [np.asarray(item).tolist() for item in x]
    if is_column(x) and hasattr(x, "factorize"):
        x = _texts_made_once(x)
    try:
        array = np.asarray(x) if hasattr(x, "__array__") else np.asarray(x, object)
    except ValueError:
        raise _ragged(what) from None
    kind = array.dtype.kind
    if kind == "O":
        return _from_objects(array, what)
    if kind in "UT":
        return array.astype(object)
    if kind == "S":
        return _from_objects(array.astype(object), what)
    if kind == "b" or array.dtype in (np.float32, np.float64):
        return array
    if kind == "u" and array.size and int(array.max()) > np.iinfo(np.int64).max:
        raise _bad(what, "whole numbers within the range of int64", str(array.max()))
    if kind in "iu":
        return array.astype(np.int64)
    if kind == "f":
        return array.astype(np.float64)
    raise DtypeError(
        f"{what} is neither text nor numbers.",
        where=what,
        expected="text, whole numbers or numbers",
        received=f"dtype {array.dtype}",
        remedy="turn it into text: .astype(str)",
    )


def _texts_made_once(column: Any) -> Any:
    """pandas' column of text with one object for all equal texts; others as they are.

    Its text lies in Arrow's form, and to make an object of it takes long.
    """
    if isinstance(column.dtype, np.dtype):
        return column
    places, texts = column.factorize()
    texts = np.asarray(texts)
    if texts.dtype.kind != "O" or not len(texts) or places.min() < 0:
        return column
    return texts[places]


def _from_objects(array: np.ndarray, what: str) -> np.ndarray:
    flat = array.ravel().tolist()
    kinds = set(map(type, flat))
    if kinds <= {str}:
        return array
    if all(issubclass(kind, (str, bytes)) for kind in kinds):
        made = np.empty(len(flat), object)
        made[:] = [_text(v) for v in flat]
        return made.reshape(array.shape)
    numbers = (bool, int, float, np.number, np.bool_)
    if kinds and all(issubclass(kind, numbers) for kind in kinds):
        return host_array(np.array(flat).reshape(array.shape), what)
    if kinds & {list, tuple, np.ndarray}:
        raise _ragged(what)
    row = next((i for i, v in enumerate(flat) if _is_missing(v)), None)
    missing = row is not None
    if row is None:
        row = next(i for i, v in enumerate(flat) if not isinstance(v, (str, bytes)))
    found, row = flat[row], row // max(1, len(flat) // max(1, len(array)))
    raise DataError(
        f"{what} holds a missing value." if missing else f"{what} is not all text.",
        where=f"{what}, row {row} (counted from 0)",
        expected="a value in every row" if missing else "text in every row",
        received=repr(found),
        remedy="fill it in first, as by .fillna('missing')"
        if missing
        else "turn it into text first, as by .astype(str)",
    )


def _is_missing(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value


def _text(value: str | bytes) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return str(value)


def host_table(x: Any, what: str = "x") -> Table:
    """A frame, a dict of columns or an array as one array of `host_array`'s types.

    Args:
        x: as `to_matrix` takes it, and text.
        what: what errors call it.

    Returns:
        The array, (rows, columns) or of a higher rank, and the names of its columns
        where it has some.

    Example:

    >>> host_table({"color": ["red", "blue"]}).array
    array([['red'],
           ['blue']], dtype=object)
    """
    if isinstance(x, Mapping) or is_frame(x):
        pairs = named_columns(x, what)
        columns = [host_array(c, place(what, name)) for name, c in pairs]
        columns = [c[:, 0] if c.shape[1:] == (1,) else c for c in columns]
        if len({c.dtype.kind == "O" for c in columns}) > 1:
            raise _bad(what, "columns that are all text, or all numbers", "both kinds")
        array = np.stack(columns, axis=1)
        return Table(_with_rows(array, what), tuple(name for name, _ in pairs))
    array = host_array(x, what)
    if array.ndim == 0:
        raise _bad(what, "at least one dimension: the rows", f"{array.item()!r}")
    name = getattr(x, "name", None) if is_column(x) else None
    array = array[:, None] if array.ndim == 1 else array
    return Table(_with_rows(array, what), None if name is None else (str(name),))


def _with_rows(array: np.ndarray, what: str) -> np.ndarray:
    if not len(array):
        raise _bad(what, "at least one row", "0 rows")
    return array


def _bad(what: str, expected: str, received: str) -> DataError:
    return DataError(
        f"{what} does not fit.", where=what, expected=expected, received=received
    )


def _ragged(what: str) -> ShapeError:
    return ShapeError(
        f"The rows of {what} differ in length.",
        where=what,
        expected="rows of one length",
        received="several lengths",
        remedy="fill the shorter ones up, with a mask token for instance",
    )
