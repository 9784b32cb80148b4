"""What operations refuse, and how: by name, with what to use instead."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pronghorn import ops
from pronghorn.errors import (
    ArgumentError,
    DataError,
    DtypeError,
    PronghornError,
    ShapeError,
    UnsupportedError,
)
from pronghorn.ir import KerasTensor
from pronghorn.ir.tracer import Trace

X = np.arange(12, dtype="float32").reshape(3, 4)

OUTSIDE = ["conv", "max_pool", "image", "ctc_loss", "stft", "jvp"]


@pytest.mark.parametrize("name", OUTSIDE)
def test_what_is_outside_the_field_says_so(name: str) -> None:
    with pytest.raises(UnsupportedError, match=f"ops.{name}") as caught:
        getattr(ops, name)
    assert caught.value.remedy


def test_a_name_that_there_is_not() -> None:
    with pytest.raises(AttributeError, match="did you mean argmax"):
        ops.argmaxx  # noqa: B018
    assert not hasattr(ops, "__wrapped__")


BATCH: dict[str, Callable[[Any], Any]] = {
    "sort": lambda x: ops.sort(x, 0),
    "argsort": lambda x: ops.argsort(x, 0),
    "prod": lambda x: ops.prod(x, 0),
    "cumprod": lambda x: ops.cumprod(x, 0),
    "cumsum": lambda x: ops.cumsum(x, 0),
    "diag": lambda x: ops.diag(x[:, 0]),
    "vander": lambda x: ops.vander(x[:, 0]),
    "map": lambda x: ops.map(ops.sum, x),
    "vectorized_map": lambda x: ops.vectorized_map(ops.sum, x),
    "scan": lambda x: ops.scan(lambda s, r: (s, r), 0.0, x),
    "segment_sum without num_segments": lambda x: ops.segment_sum(x, x[:, 0]),
    "bincount": lambda x: ops.bincount(ops.cast(x[:, 0], "int32")),
    "bitwise_and of whole numbers": lambda x: ops.bitwise_and(
        ops.cast(x, "int32"), np.array([1], "int32")
    ),
    "where without values": lambda x: ops.where(x > 0),
    "det": lambda x: ops.det(ops.matmul(ops.transpose(x), x)),
    "fft": lambda x: ops.fft((x, x)),
    "unique": lambda x: ops.unique(x),
}


@pytest.mark.parametrize("name", BATCH)
def test_what_a_trace_cannot_hold_is_named(name: str) -> None:
    with Trace(), pytest.raises(UnsupportedError, match=f"ops.{name}") as caught:
        BATCH[name](KerasTensor((None, 4)))
    assert caught.value.remedy


WRONG: dict[str, tuple[type[PronghornError], Callable[[], Any]]] = {
    "sparse one_hot": (UnsupportedError, lambda: ops.one_hot([1], 3, sparse=True)),
    "sparse": (UnsupportedError, lambda: ops.convert_to_tensor([1], sparse=True)),
    "moments": (UnsupportedError, lambda: ops.moments(X, 0, synchronized=True)),
    "another keyword": (
        UnsupportedError,
        lambda: ops.layer_normalization(X, scaling=True),
    ),
    "multi_hot without classes": (ArgumentError, lambda: ops.multi_hot([1])),
    "one value of where": (ArgumentError, lambda: ops.where(X > 0, X)),
    "border values": (
        ArgumentError,
        lambda: ops.pad(X, 1, "reflect", constant_values=1),
    ),
    "too many of the largest": (ArgumentError, lambda: ops.top_k(X, 5)),
    "method": (ArgumentError, lambda: ops.quantile(X, 0.5, method="cubic")),
    "side": (ArgumentError, lambda: ops.searchsorted([1.0], [1.0], side="top")),
    "matrix of steps": (ShapeError, lambda: ops.searchsorted(X, [1.0])),
    "reduction": (
        ArgumentError,
        lambda: ops.scatter_update(X, [[0, 0]], [1.0], reduction="sub"),
    ),
    "places of too many axes": (
        ShapeError,
        lambda: ops.scatter([[0, 0, 0]], np.ones(1), (2, 2)),
    ),
    "a place outside": (DataError, lambda: ops.scatter([[5]], np.ones(1), (4,))),
    "bits of floats": (DtypeError, lambda: ops.bitwise_and(X, X)),
    "no matrix": (ShapeError, lambda: ops.tril(np.ones(3))),
    "diag of a cube": (ShapeError, lambda: ops.diag(np.ones((2, 2, 2)))),
    "cross of 4": (ShapeError, lambda: ops.cross(X, X)),
    "cdist of two widths": (ShapeError, lambda: ops.cdist(X, X[:, :3])),
    "weights without an axis": (
        ShapeError,
        lambda: ops.average(X, weights=np.ones(4)),
    ),
    "not definite": (DataError, lambda: ops.cholesky(-np.eye(3))),
    "singular": (DataError, lambda: ops.inv(np.ones((2, 2)))),
    "unsolvable": (DataError, lambda: ops.solve(np.ones((2, 2)), np.ones(2))),
    "mode": (ArgumentError, lambda: ops.qr(X, mode="full")),
    "a row instead of a matrix": (ShapeError, lambda: ops.qr(X[0])),
    "no square": (ShapeError, lambda: ops.det(X)),
    "no rows to solve for": (ShapeError, lambda: ops.solve(np.eye(3), np.ones(2))),
    "a number instead of a matrix": (ShapeError, lambda: ops.inv(3.0)),
    "no pair": (ArgumentError, lambda: ops.fft(X)),
    "no branch": (ArgumentError, lambda: ops.switch(0, [])),
    "scan of no function": (DtypeError, lambda: ops.scan(3, 0.0, X)),
    "unroll": (ArgumentError, lambda: ops.scan(lambda s, x: (s, x), 0.0, X, unroll=-1)),
    "box of too many sizes": (ShapeError, lambda: ops.slice(X, (1, 1), (1, 1, 1))),
    "box of too many starts": (ShapeError, lambda: ops.slice(X, (1, 1, 1), (1, 1))),
    "segments of fewer rows": (ShapeError, lambda: ops.segment_sum(X, [0, 1])),
    "segments of two axes": (
        ShapeError,
        lambda: ops.segment_max(X[0], [[0, 1], [1, 1]]),
    ),
    "a segment beyond the last": (
        DataError,
        lambda: ops.segment_sum(X, [0, 1, 2], num_segments=2),
    ),
    "three parts of a number": (ShapeError, lambda: ops.view_as_complex(X[:, :3])),
    "no length": (ArgumentError, lambda: ops.scan(lambda s, x: (s, x), 0.0)),
    "two lengths": (ArgumentError, lambda: ops.map(ops.sum, [X, X[:2]])),
    "unstack": (ShapeError, lambda: ops.unstack(X, num=2)),
    "one choice": (ArgumentError, lambda: ops.select([X > 0, X > 1], [X])),
    "attention of three axes": (
        ShapeError,
        lambda: ops.dot_product_attention(X, X, X),
    ),
    "flash": (
        UnsupportedError,
        lambda: ops.dot_product_attention(
            *[np.ones((1, 2, 1, 2))] * 3, flash_attention=True
        ),
    ),
    "indexing": (ShapeError, lambda: ops.meshgrid([1], [2], indexing="ji")),
    "no places to move to": (ShapeError, lambda: ops.moveaxis(X, [0, 1], [1])),
    "one place twice": (ShapeError, lambda: ops.moveaxis(X, [0, 1], [1, -1])),
    "a dimension below -1": (ShapeError, lambda: ops.reshape(X, (-3, 4))),
    "two open dimensions": (ShapeError, lambda: ops.reshape(X, (-1, -1))),
    "joined without an axis": (ArgumentError, lambda: ops.concatenate([X], None)),
    "too few repeats": (ShapeError, lambda: ops.repeat(X, [1, 2], axis=1)),
    "repeats below 0": (ShapeError, lambda: ops.repeat(X, [1, -2, 1], axis=0)),
    "an index far below 0": (DataError, lambda: ops.take(X, [-5], axis=1)),
    "an axis of a line": (ShapeError, lambda: ops.rot90(X, axes=(0, -2))),
    "histogram of a table": (ShapeError, lambda: ops.histogram(X)),
    "no bins": (ArgumentError, lambda: ops.histogram(X[0], bins=0)),
    "half a range": (ArgumentError, lambda: ops.histogram(X[0], range=(1,))),
    "a range backwards": (ArgumentError, lambda: ops.histogram(X[0], range=(2, 1))),
    "length of text": (ArgumentError, lambda: ops.normalize(X, order="a")),
    "length 0": (ArgumentError, lambda: ops.normalize(X, order=0)),
    "running along no axis": (
        ShapeError,
        lambda: ops.cumsum(KerasTensor((3, 4)), axis=10),
    ),
    "no arrow": (ArgumentError, lambda: ops.rearrange(X, "a b")),
    "an open bracket": (ArgumentError, lambda: ops.rearrange(X, "a b -> (a b")),
    "other names": (ArgumentError, lambda: ops.rearrange(X, "a b -> a c")),
    "a name twice": (ArgumentError, lambda: ops.rearrange(X, "a a -> a a")),
    "no such name": (ArgumentError, lambda: ops.rearrange(X, "a b -> b a", c=3)),
    "three axes of two": (ShapeError, lambda: ops.rearrange(X, "a b c -> c b a")),
    "no such parts": (ShapeError, lambda: ops.rearrange(X, "(a c) b -> a b c", a=2)),
    "two unknown parts": (ShapeError, lambda: ops.rearrange(X, "(a c) b -> a b c")),
    "another length": (ShapeError, lambda: ops.rearrange(X, "a b -> b a", a=4)),
    "kth": (ArgumentError, lambda: ops.argpartition(X, 4)),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_arguments(name: str) -> None:
    kind, call = WRONG[name]
    with pytest.raises(kind):
        call()


def test_nothing_is_cut_into_as_many_parts() -> None:
    assert [p.shape for p in ops.split(np.ones(0), 2)] == [(0,), (0,)]


def test_nothing_is_repeated_of_what_is_repeated_0_times() -> None:
    for x in (X, KerasTensor((3, 4))):
        assert ops.repeat(x, [0, 0, 0], axis=0).shape == (0, 4)


@pytest.mark.parametrize("n", [3, 4])
def test_differences_of_too_few_are_none(n: int) -> None:
    for x in (X[:, :3], KerasTensor((3, 3))):
        assert ops.diff(x, n).shape == (3, 0)


def test_the_largest_of_nothing_is_the_initial_value() -> None:
    nothing = np.ones((0, 2), "float32")
    assert ops.max(nothing, axis=0, initial=3).tolist() == [3.0, 3.0]
    assert ops.min(nothing, keepdims=True, initial=3).tolist() == [[3.0]]
    with pytest.raises(ValueError, match="identity"):
        ops.max(nothing)


def test_the_median_of_infinite_numbers() -> None:
    x = np.array([[np.inf, np.inf, np.nan], [1.0, np.nan, 3.0]])
    assert ops.nanmedian(x, axis=1).tolist() == [np.inf, 2.0]


def test_names_loaded_later_are_those_of_their_modules() -> None:
    for home, names in ops._LATER.items():
        module = importlib.import_module(f"pronghorn.ops.{home}")
        assert sorted(names.split()) == sorted(module.__all__), home
        for name in names.split():
            assert callable(getattr(ops, name))
    assert set(ops._HOME) <= set(dir(ops))
