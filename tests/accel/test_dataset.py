"""`tf.data.Dataset`: what comes out of tables in memory, and how often."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pronghorn.accel.dataset import Dataset
from pronghorn.accel.eager import Tensor
from pronghorn.errors import ArgumentError, ShapeError, UnsupportedError

X = np.arange(10, dtype="float32").reshape(10, 1)
Y = np.arange(10)


def rows() -> Dataset:
    return Dataset.from_tensor_slices((X, Y))


def values(dataset: Any) -> list[int]:
    """All targets, in the order in which they come."""
    flat = [np.ravel(e[1] if isinstance(e, tuple) else e) for e in dataset]
    return [int(v) for v in np.concatenate(flat)] if flat else []


def test_rows_of_text_are_tensors() -> None:
    words = Dataset.from_tensor_slices({"word": np.array(["a", "b"], object)})
    (first, _) = words
    assert type(first["word"]) is Tensor and first["word"].shape == ()
    assert [b["word"].numpy().tolist() for b in words.batch(2)] == [["a", "b"]]


CHANGED = {
    "rows": (lambda: rows(), range(10), 10),
    "batch": (lambda: rows().batch(4), range(10), 3),
    "drop_remainder": (lambda: rows().batch(4, drop_remainder=True), range(8), 2),
    "take": (lambda: rows().take(3), range(3), 3),
    "take all": (lambda: rows().take(-1), range(10), 10),
    "take more": (lambda: rows().take(30), range(10), 10),
    "skip": (lambda: rows().skip(8), (8, 9), 2),
    "skip and take": (lambda: rows().skip(2).take(2), (2, 3), 2),
    "skip all": (lambda: rows().skip(20), (), 0),
    "batches taken": (lambda: rows().batch(4).take(1), range(4), 1),
    "batches skipped": (lambda: rows().batch(4).skip(2), (8, 9), 1),
    "repeat": (lambda: rows().take(2).repeat(2), (0, 1, 0, 1), 4),
    "batch of repeats": (lambda: rows().take(3).repeat(2).batch(4), (0, 1, 2) * 2, 2),
    "map": (lambda: rows().map(lambda x, y: (x, y * 2)), range(0, 20, 2), 10),
    "map batches": (
        lambda: rows().batch(5).map(lambda x, y: (x, y + 1), num_parallel_calls=-1),
        range(1, 11),
        2,
    ),
    "filter": (lambda: rows().filter(lambda x, y: y > 6), (7, 8, 9), None),
    "cache": (lambda: rows().cache().prefetch(1), range(10), 10),
    "unbatch": (lambda: rows().batch(3).unbatch(), range(10), None),
    "concatenate": (lambda: rows().take(1).concatenate(rows()), [0, *range(10)], 11),
    "shard": (lambda: rows().shard(3, 1), (1, 4, 7), 3),
    "zip": (lambda: Dataset.zip((Dataset.range(3), rows())), None, 3),
    "range": (lambda: Dataset.range(2, 8, 2), (2, 4, 6), 3),
    "enumerate": (lambda: rows().take(2).enumerate(), None, 2),
    "apply": (lambda: rows().apply(lambda d: d.take(1)), (0,), 1),
}


@pytest.mark.parametrize("name", CHANGED)
def test_elements_and_their_number(name: str) -> None:
    make, expected, length = CHANGED[name]
    dataset = make()
    for _ in range(2):  # every pass is a whole one
        elements = list(dataset)
        if expected is not None:
            assert values(elements) == list(expected)
        if length is not None:
            assert len(elements) == length == len(dataset)
            assert int(dataset.cardinality()) == length
    if length is None:
        assert int(dataset.cardinality()) == -2
        with pytest.raises(TypeError, match="not known"):
            len(dataset)


def test_elements_are_tensors_in_the_form_of_the_arrays() -> None:
    x, y = next(iter(rows()))
    assert type(x) is Tensor and x.shape == (1,) and x.dtype == "float32"
    assert type(y) is Tensor and y.shape == () and y.dtype == "int32"
    frame = pd.DataFrame({"a": [1.5, 2.5], "b": [1, 2]})
    features, label = next(iter(Dataset.from_tensor_slices((dict(frame), [0, 1]))))
    assert sorted(features) == ["a", "b"] and features["a"].numpy() == 1.5
    assert label.numpy() == 0
    text = next(iter(Dataset.from_tensor_slices(np.array(["u", "v"]))))
    assert text.numpy() == "u"
    assert next(rows().as_numpy_iterator())[0].tolist() == [0.0]
    batch = next(iter(Dataset.range(4).map(lambda i: {"i": i}).batch(2)))
    assert batch["i"].numpy().tolist() == [0, 1]


def test_shuffle_draws_anew_unless_told_otherwise() -> None:
    shuffled = rows().shuffle(100, seed=1)
    first, second = values(shuffled), values(shuffled)
    assert sorted(first) == sorted(second) == list(range(10))
    assert first != second and first != list(range(10))
    assert values(rows().shuffle(100, seed=1)) == first
    same = rows().shuffle(100, reshuffle_each_iteration=False)
    assert values(same) == values(same)
    pairs = list(rows().shuffle(10).batch(3))
    assert all(np.array_equal(x.numpy()[:, 0], y.numpy()) for x, y in pairs)


@pytest.mark.parametrize("make", [rows, lambda: rows().map(lambda x, y: (x, y))])
def test_a_small_buffer_moves_elements_little(make: Any) -> None:
    order = values(make().shuffle(3, seed=2))
    assert sorted(order) == list(range(10)) and order != list(range(10))
    assert all(value - place < 3 for place, value in enumerate(order))


def test_without_an_end() -> None:
    ever = rows().batch(4).repeat()
    assert int(ever.cardinality()) == -1
    assert len(list(itertools.islice(ever, 8))) == 8
    assert len(ever.take(7)) == 7 == len(list(ever.take(7)))
    with pytest.raises(TypeError):
        len(ever)


def test_cache_computes_once() -> None:
    calls: list[int] = []

    def counted(x: Any, y: Any) -> Any:
        calls.append(int(y))
        return x, y

    cached = rows().map(counted).cache()
    assert values(cached) == values(cached) == list(range(10))
    assert len(calls) == 10


def test_from_a_generator() -> None:
    def batches() -> Iterator[Any]:
        yield X[:2], Y[:2]
        yield X[2:4], Y[2:4]

    dataset = Dataset.from_generator(batches, output_signature=None)
    assert values(dataset) == values(dataset) == [0, 1, 2, 3]


def test_samples_of_several() -> None:
    ones = Dataset.from_tensor_slices(np.ones(400, "float32")).repeat()
    zeros = Dataset.from_tensor_slices(np.zeros(30, "float32"))
    drawn = Dataset.sample_from_datasets([ones, zeros.repeat()], [0.8, 0.2], seed=1)
    assert int(drawn.cardinality()) == -1
    found = [float(x) for x in drawn.take(500)]
    assert 0.7 < np.mean(found) < 0.9
    assert found == [float(x) for x in drawn.take(500)]
    # What is over is left out, or ends all of it.
    few = Dataset.sample_from_datasets([zeros, zeros.map(lambda x: x + 1.0)])
    assert int(few.cardinality()) == -2
    assert sorted(float(x) for x in few) == [0.0] * 30 + [1.0] * 30
    ends = Dataset.sample_from_datasets([ones, zeros], stop_on_empty_dataset=True)
    found = [float(x) for x in ends]
    assert found.count(0.0) == 30 and 5 < found.count(1.0) < 100
    anew = Dataset.sample_from_datasets(
        [ones, zeros.repeat()], seed=1, rerandomize_each_iteration=True
    ).take(50)
    assert [float(x) for x in anew] != [float(x) for x in anew]
    assert [float(x) for x in Dataset.sample_from_datasets([ones, zeros], [0, 1])] == [
        0.0
    ] * 30


def test_mistakes_are_told() -> None:
    for weights in ([1.0], [0.5, -0.5]):
        with pytest.raises(ArgumentError, match="2 numbers from 0 up"):
            Dataset.sample_from_datasets([rows(), rows()], weights)
    with pytest.raises(ShapeError, match="10, 3"):
        Dataset.from_tensor_slices((X, Y[:3]))
    with pytest.raises(ArgumentError, match="batch_size"):
        rows().batch(0)
    with pytest.raises(UnsupportedError, match=r"tf\.data\.Dataset\.window"):
        rows().window(3)
    with pytest.raises(UnsupportedError, match="list_files"):
        Dataset.list_files("*.csv")
    assert not hasattr(rows(), "toarray") and not hasattr(Dataset, "nothing")
