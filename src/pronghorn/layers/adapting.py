"""What layers are adapted to: a table, or batches of rows that come one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from pronghorn.data.columns import is_column, is_frame
from pronghorn.data.frames import to_matrix
from pronghorn.data.streams import is_stream, open_stream
from pronghorn.errors import DataError, DtypeError

__all__ = ["number_batches"]


def number_batches(
    data: Any, where: str, steps: int | None = None, missing: bool = False
) -> Iterator[np.ndarray]:
    """The numbers of `data` in batches; a table is one batch.

    Args:
        data: an array, a frame, a dict of columns, nested lists, or batches: a list of
            arrays, a generator, a `PyDataset`, any iterable. Of a batch that is a tuple
            the first part counts, as (x, y) has it; one of rank 1 is a row.
        where: the layer, for errors.
        steps: how many batches of an iterable to take. Default all.
        missing: whether NaN may be there, for a missing value. Default False.

    Raises:
        DataError: no batch; text, NaN or infinite values, naming column and rows.
        DtypeError: a batch that is no array.

    Example:

    >>> rows = ([float(i), 2.0] for i in range(100))
    >>> len([*number_batches(map(np.array, rows), "a layer", steps=3)])
    3
    """
    if isinstance(data, np.ndarray):
        yield _checked(data, missing)
        return
    if not (is_stream(data) or _are_batches(data)):
        yield _array(data, missing)
        return
    batches: Iterable[Any] = data
    if is_stream(data):
        batches = open_stream(data).batches(0)
    empty = True
    for batch in islice(batches, steps):
        x = batch[0] if isinstance(batch, tuple) else batch
        if not _is_array(x):
            raise DtypeError(
                "A batch is no array.",
                where=f"{where}, adapt",
                expected="arrays, or tuples of them: something that has a .shape",
                received=type(x).__name__,
                remedy="let the iterable give rows as NumPy arrays",
            )
        empty = False
        array = _array(x, missing)
        yield array[None] if array.ndim == 1 else array
    if empty:
        raise DataError(
            "There is no batch to adapt to.",
            where=f"{where}, adapt",
            expected="at least one array",
            received="an empty iterable",
            remedy="make it anew: a generator gives its batches once",
        )


def _is_array(x: Any) -> bool:
    return hasattr(x, "shape") and len(x.shape) > 0


def _are_batches(data: Any) -> bool:
    """Whether it is a list of arrays, or of tuples of them: no nested list of rows."""
    if not isinstance(data, (list, tuple)):
        return False
    return not data or any(
        _is_array(x[0] if isinstance(x, tuple) and x else x) for x in data
    )


def _is_table(data: Any) -> bool:
    """Whether it is to be read column by column: a frame, or what is no number."""
    if isinstance(data, (list, tuple)):
        return np.asarray(data).dtype.kind not in "fiub"
    return is_frame(data) or is_column(data) or not hasattr(data, "__array__")


def _array(data: Any, missing: bool) -> np.ndarray:
    if _is_table(data):
        return to_matrix(data, missing=missing).array
    return _checked(np.asarray(data), missing)


def _checked(array: np.ndarray, missing: bool) -> np.ndarray:
    """The array; an error that names column and rows where it holds no numbers."""
    good = array.dtype.kind in "fiub" and array.size > 0
    if not good or not np.isfinite(array).all():
        return to_matrix(array, missing=missing).array
    return array
