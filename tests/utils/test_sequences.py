"""pad_sequences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pronghorn.errors import ArgumentError, DataError, ShapeError
from pronghorn.utils import pad_sequences

ROWS = [[1], [], [2, 3, 4]]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [[0, 0, 1], [0, 0, 0], [2, 3, 4]]),
        ({"padding": "post"}, [[1, 0, 0], [0, 0, 0], [2, 3, 4]]),
        ({"maxlen": 2}, [[0, 1], [0, 0], [3, 4]]),
        ({"maxlen": 2, "truncating": "post"}, [[0, 1], [0, 0], [2, 3]]),
        ({"maxlen": 4, "value": -1}, [[-1, -1, -1, 1], [-1] * 4, [-1, 2, 3, 4]]),
        ({"maxlen": 0}, [[], [], []]),
    ],
)
def test_rows_get_one_length(options: dict[str, Any], expected: Any) -> None:
    found = pad_sequences(ROWS, **options)
    assert found.dtype == np.int32 and found.tolist() == expected


def test_entries_of_other_kinds() -> None:
    floats = pad_sequences([[1.5], [2.5, 3.5]], dtype="float32")
    assert floats.dtype == np.float32 and floats.tolist() == [[0, 1.5], [2.5, 3.5]]
    words = pad_sequences([["a"], ["b", "c"]], dtype=object, value="-")
    assert words.tolist() == [["-", "a"], ["b", "c"]]
    pairs = pad_sequences([[], [[1, 2]], np.ones((2, 2))])
    assert pairs.tolist() == [[[0, 0]] * 2, [[0, 0], [1, 2]], [[1, 1]] * 2]
    assert pad_sequences([]).shape == (0, 0)


@pytest.mark.parametrize(
    ("kind", "rows", "options"),
    [
        (ArgumentError, ROWS, {"padding": "both"}),
        (ArgumentError, ROWS, {"truncating": "before"}),
        (ArgumentError, [["a"]], {"value": "-"}),
        (DataError, [[1], 2], {}),
        (ShapeError, [[1], [[2, 3]]], {}),
    ],
)
def test_what_is_no_row(
    kind: type[Exception], rows: Any, options: dict[str, Any]
) -> None:
    with pytest.raises(kind):
        pad_sequences(rows, **options)
