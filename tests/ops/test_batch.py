"""Operations along the batch, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pronghorn import ops
from pronghorn.errors import ShapeError
from pronghorn.ir import BATCH, KerasTensor, Trace
from pronghorn.testing import check_gradient, trace_and_run

X = np.arange(20, dtype="float32").reshape(5, 4) / 7 - 1

ALONG: dict[str, Callable[[Any], Any]] = {
    "first row": lambda x: x[0],
    "last row": lambda x: x[-1],
    "all but the first": lambda x: x[1:],
    "all but the last": lambda x: x[:-1],
    "differences": lambda x: x[1:] - x[:-1],
    "two rows": lambda x: x[:2],
    "the last two": lambda x: x[-2:],
    "backwards": lambda x: x[::-1],
    "a new axis": lambda x: x[:, None, 1:3],
    "an ellipsis": lambda x: x[..., -1],
    "itself again": lambda x: ops.concatenate([x, x[:1]], 0),
    "lower triangle": lambda x: ops.tril(x),
    "upper triangle": lambda x: ops.triu(x, 1),
    "gram": lambda x: ops.matmul(ops.transpose(x), x),
    "gram by tensordot": lambda x: ops.tensordot(x, x, ((0,), (0,))),
    "gram by einsum": lambda x: ops.einsum("ni,nj->ij", x, x),
    "flat": lambda x: ops.reshape(x, (-1,)),
    "pairs": lambda x: ops.reshape(x, (-1, 2, 2)),
    "centred": lambda x: x - ops.mean(x, 0),
    "scaled by rows": lambda x: x / ops.cast(ops.size(x), "float32"),
    "padded": lambda x: ops.pad(x, ((1, 2), (0, 0))),
    "doubled": lambda x: ops.repeat(x, 2, 0),
    "numbered": lambda x: x * ops.cast(ops.arange(ops.shape(x)[0]), "float32")[:, None],
}


@pytest.mark.parametrize("backend", ["reference", "native"])
@pytest.mark.parametrize("name", ALONG)
def test_along_the_batch(name: str, backend: str) -> None:
    def function(x: Any) -> Any:
        """Reduced, since an output has a row for each of the batch, or no batch."""
        result = ALONG[name](x)
        return ops.sum(result * result, 0)

    expected = np.asarray(function(X))
    check_gradient(function, [X], backend, rows=[0])
    run = trace_and_run(function, [X], backend, rows=[0], gradient=False)
    np.testing.assert_allclose(run.values[0], expected, rtol=1e-5, atol=1e-6)


def test_shapes_of_a_batch() -> None:
    x = KerasTensor((None, 4))
    assert ops.shape(x) == (BATCH, 4)
    assert ops.shape(x[1:]) == (BATCH - 1, 4)
    assert ops.shape(ops.concatenate([x, x], 0)) == (BATCH * 2, 4)
    assert ops.shape(ops.reshape(x, (-1,))) == (BATCH * 4,)
    assert x[:, 1].shape == (None,) and x[..., None].shape == (None, 4, 1)


def test_a_batch_too_small_for_a_slice() -> None:
    with pytest.raises(ShapeError, match="more rows than a batch has"):
        trace_and_run(lambda x: x[:7], [X], rows=[0], gradient=False)


REFUSED: dict[str, Callable[[Any], Any]] = {
    "an index behind the end": lambda x: x[:, 4],
    "an index before the start": lambda x: x[:, -5],
    "too many indices": lambda x: x[0, 0, 0],
    "steps along the batch": lambda x: x[::2],
    "parts of the batch": lambda x: ops.split(x, 2),
    "parts that are not even": lambda x: ops.split(x, 3, axis=1),
    "another number of elements": lambda x: ops.reshape(x, (-1, 3)),
    "an axis twice": lambda x: ops.transpose(x, (0, 0)),
    "an axis too many": lambda x: ops.sum(x, 2),
    "an axis of more than 1": lambda x: ops.squeeze(x, 1),
    "columns that do not fit": lambda x: ops.matmul(x, x),
    "rows that do not fit": lambda x: x + np.ones((5, 4), "float32"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    with Trace(), pytest.raises(ShapeError):
        REFUSED[name](KerasTensor((None, 4)))


def test_slices_are_numpys() -> None:
    keys: list[Any] = [
        (slice(None), slice(1, 3)),
        (slice(None), slice(-3, -1)),
        (slice(None), slice(None, None, 2)),
        (slice(None), slice(3, 1)),
        (slice(None), slice(-99, 99)),
        (slice(None), slice(None, None, -1)),
        (slice(None), -4),
        (..., 0),
        (slice(None), None, 2),
    ]
    for key in keys:
        run = trace_and_run(lambda x, k=key: x[k], [X], rows=[0], gradient=False)
        np.testing.assert_array_equal(run.values[0], X[key])


def test_whole_numbers_divide_exactly() -> None:
    big = np.array([2**30 + 1, -7], "int32")
    assert ops.floor_divide(big, 1).tolist() == big.tolist()
    assert ops.floor_divide(big, np.array([2, 2], "int32")).tolist() == [2**29, -4]
