"""Shapes with a symbolic batch: arithmetic, broadcasting, reshaping."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pronghorn.errors import ShapeError
from pronghorn.ir import BATCH, Batch
from pronghorn.ir.shapes import (
    at,
    axes,
    axis,
    broadcast,
    from_keras,
    resolve_reshape,
    size,
    text,
    to_keras,
)

numbers = st.integers(-5, 5)
dims = st.builds(Batch, st.integers(1, 4), numbers) | numbers


def value(dim: Any, rows: int) -> int:
    return dim.at(rows) if isinstance(dim, Batch) else dim


@given(dims, dims, numbers, st.integers(1, 9))
def test_arithmetic_is_that_of_the_sizes(a: Any, b: Any, k: int, rows: int) -> None:
    def same(found: Any, expected: int) -> None:
        assert value(found, rows) == expected

    x, y = value(a, rows), value(b, rows)
    same(a + b, x + y)
    same(a - b, x - y)
    same(a * k, x * k)
    same(k * a, x * k)
    if k:
        same((a * k) // k, x)


@given(dims, dims)
def test_equal_dimensions_are_equal_for_every_batch(a: Any, b: Any) -> None:
    both = [value(a, n) == value(b, n) for n in (1, 2, 3)]
    assert (a == b) == all(both)
    assert a != b or hash(a) == hash(b)


def test_what_cancels_is_a_number() -> None:
    assert BATCH - BATCH == 0 and isinstance(BATCH - BATCH, int)
    assert BATCH * 0 == 0
    assert 5 - (BATCH + 5) + BATCH == 0


def test_batches_are_not_multiplied() -> None:
    with pytest.raises(TypeError):
        BATCH * BATCH  # type: ignore[operator]
    with pytest.raises(ShapeError, match="two batch dimensions"):
        size((BATCH, BATCH))


def test_uneven_division_is_an_error() -> None:
    with pytest.raises(ShapeError, match="divided evenly"):
        (BATCH * 4 + 2) // 4


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        ([(BATCH, 3), (3,)], (BATCH, 3)),
        ([(BATCH, 1), (1, 4)], (BATCH, 4)),
        ([(1,), (BATCH,)], (BATCH,)),
        ([(BATCH * 2,), ()], (BATCH * 2,)),
        ([(2, 1, 3), (4, 1), (1,)], (2, 4, 3)),
        ([], ()),
    ],
)
def test_broadcast(shapes: Any, expected: Any) -> None:
    assert broadcast(*shapes) == expected


@pytest.mark.parametrize(
    "shapes",
    [[(BATCH,), (3,)], [(BATCH,), (BATCH + 1,)], [(2, 3), (2,)], [(BATCH, 3), (2, 3)]],
)
def test_what_does_not_broadcast(shapes: Any) -> None:
    with pytest.raises(ShapeError, match="do not go together"):
        broadcast(*shapes)


@given(st.lists(st.sampled_from([1, 2, 3]), max_size=4), st.data())
def test_broadcast_is_numpys(shape: list[int], data: st.DataObject) -> None:
    other = data.draw(st.lists(st.sampled_from([1, 2, 3]), max_size=4))
    try:
        expected = np.broadcast_shapes(tuple(shape), tuple(other))
    except ValueError:
        with pytest.raises(ShapeError):
            broadcast(tuple(shape), tuple(other))
    else:
        assert broadcast(tuple(shape), tuple(other)) == expected


@pytest.mark.parametrize(
    ("shape", "target", "expected"),
    [
        ((BATCH, 4, 2), (-1, 8), (BATCH, 8)),
        ((BATCH, 6), (BATCH, -1, 2), (BATCH, 3, 2)),
        ((BATCH, 6), (None, 3, 2), (BATCH, 3, 2)),
        ((BATCH, 6), (-1,), (BATCH * 6,)),
        ((BATCH * 6,), (-1, 6), (BATCH, 6)),
        ((BATCH * 6,), (BATCH * 2, -1), (BATCH * 2, 3)),
        ((2, 3), (3, -1), (3, 2)),
        ((0, 3), (-1, 3), (0, 3)),
        ((), (1, 1), (1, 1)),
        ((BATCH, BATCH, 4), (BATCH, BATCH, -1, 2), (BATCH, BATCH, 2, 2)),
        ((BATCH, BATCH), (BATCH, 1, BATCH), (BATCH, 1, BATCH)),
    ],
)
def test_reshape(shape: Any, target: Any, expected: Any) -> None:
    assert resolve_reshape(shape, target) == expected


@pytest.mark.parametrize(
    ("shape", "target"),
    [
        ((BATCH, 3), (-1, 2)),
        ((BATCH, 3), (4, -1)),
        ((BATCH, 3), (BATCH, 4)),
        ((BATCH + 1, 3), (BATCH, -1)),
        ((2, 3), (-1, -1)),
        ((2, 3), (7,)),
        ((2, 3), (-1, 4)),
        ((BATCH, BATCH, 3), (BATCH, BATCH, 4)),
    ],
)
def test_what_cannot_be_reshaped(shape: Any, target: Any) -> None:
    with pytest.raises(ShapeError) as caught:
        resolve_reshape(shape, target)
    assert str(shape[0]) in str(caught.value) and "elements" in str(caught.value)


def test_keras_writes_none() -> None:
    assert to_keras((BATCH, 3)) == (None, 3)
    assert from_keras((None, 3)) == (BATCH, 3)
    assert at((BATCH * 2 + 1, 3), 4) == (9, 3)
    assert text((BATCH,)) == "(n,)" and text((BATCH + 1, 2)) == "(n+1, 2)"


def test_axes() -> None:
    assert axis(-1, 3) == 2
    assert axes(None, 2) == (0, 1) and axes((-1, 0), 3) == (0, 2)
    with pytest.raises(ShapeError, match="no axis 3"):
        axis(3, 3)
    with pytest.raises(ShapeError, match="twice"):
        axes((0, -2), 2)


def test_equal_batches_are_the_same() -> None:
    assert BATCH * 2 + 1 is Batch(2, 1)
    assert pickle.loads(pickle.dumps(Batch(3, -1))) is Batch(3, -1)
    assert copy.deepcopy(BATCH) is BATCH
    assert Batch(2, 1) != Batch(1, 2)
    assert BATCH not in (1, (1, 0))


def test_a_number_is_no_shape() -> None:
    with pytest.raises(ShapeError, match="comma"):
        from_keras(3)  # type: ignore[arg-type]
    assert from_keras([None, 3]) == (BATCH, 3)
