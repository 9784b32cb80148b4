"""What is a stream of batches, and what is a table; passes cut into epochs."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from pronghorn.data.packing import unpack_x_y_sample_weight
from pronghorn.data.py_dataset import PyDataset
from pronghorn.data.streams import Epochs, is_stream, open_stream
from pronghorn.errors import DataError

TABLE = {"a": [1.0, 2.0], "b": [3.0, 4.0]}


class Loader:
    def __iter__(self) -> Iterator[int]:
        return iter(range(5))


class Numbered(PyDataset):
    def __len__(self) -> int:
        return 5

    def __getitem__(self, index: int) -> int:
        return index


@pytest.mark.parametrize(
    "x", [iter([1]), (i for i in ()), map(abs, [1]), Loader(), Numbered()]
)
def test_streams(x: Any) -> None:
    assert is_stream(x)


@pytest.mark.parametrize(
    "x",
    [
        *([1.0], (1.0,), TABLE, "text", range(3), {1}, None, 1.0, Loader, len),
        *(np.ones(3), pd.DataFrame(TABLE), pd.Series([1]), pl.DataFrame(TABLE)),
        *(pl.Series([1]), pl.DataFrame(TABLE).to_arrow(), pl.LazyFrame(TABLE)),
    ],
    ids=lambda x: type(x).__name__,
)
def test_tables_are_none(x: Any) -> None:
    assert not is_stream(x)


def epochs(stream: Any, steps: int | None, count: int) -> list[list[int]]:
    run = Epochs(open_stream(stream), steps)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [list(run.epoch(seed=0)) for _ in range(count)]


@pytest.mark.parametrize("kind", [Loader, Numbered])
def test_epochs_of_what_begins_anew(kind: Any) -> None:
    whole = list(range(5))
    assert epochs(kind(), None, 2) == [whole, whole]
    assert epochs(kind(), 2, 4) == [[0, 1], [2, 3], [4], [0, 1]]
    assert epochs(kind(), 5, 2) == [whole, whole]
    assert epochs(kind(), 9, 2) == [whole, whole]


def test_epochs_of_what_does_not() -> None:
    run = Epochs(open_stream(iter(range(5))), 3)
    assert run.first() == 0 and run.ready()
    assert list(run.epoch(0)) == [0, 1, 2] and run.ready()
    with pytest.warns(UserWarning, match="gave 2 of the 3"):
        assert list(run.epoch(0)) == [3, 4]
    assert not run.ready()
    with pytest.raises(DataError, match="no batch"):
        list(run.epoch(0))


@pytest.mark.parametrize("kind", [Loader, Numbered])
def test_a_look_takes_nothing_away(kind: Any) -> None:
    run = Epochs(open_stream(kind()), None)
    assert run.first() == 0
    run.reset()
    assert list(run.epoch(0)) == list(range(5)) == list(run.epoch(0))


def test_a_new_run_begins_at_the_beginning() -> None:
    run = Epochs(open_stream(Loader()), 2)
    assert list(run.epoch(0)) == [0, 1]
    run.reset()
    assert list(run.epoch(0)) == [0, 1]


def test_parts_of_a_batch() -> None:
    assert unpack_x_y_sample_weight([1, 2, 3]) == (1, 2, 3)
    for wrong in ((), (1, 2, 3, 4)):
        with pytest.raises(DataError, match="one to three parts"):
            unpack_x_y_sample_weight(wrong)


def test_a_data_set_by_hand() -> None:
    assert list(Numbered()) == [0, 1, 2, 3, 4]
    with pytest.raises(NotImplementedError, match="__getitem__"):
        PyDataset()[0]
    with pytest.raises(NotImplementedError, match="num_batches"):
        _ = PyDataset().num_batches
    data = Numbered()
    data.workers, data.max_queue_size, data.use_multiprocessing = 3, 2, True
    assert list(open_stream(data).batches(0)) == [0, 1, 2, 3, 4]
