"""`tf.data.Dataset` for tables in memory: an iterable of batches for `fit`.

As long as a data set is rows of arrays, a pass is a list of row numbers: to shuffle, to
take and to batch it moves no row before it is asked for.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from pronghorn import random
from pronghorn.accel.eager import shown, tensor
from pronghorn.accel.refusal import absence
from pronghorn.errors import ArgumentError, ShapeError
from pronghorn.tree import flatten, map_structure

__all__ = ["AUTOTUNE", "INFINITE_CARDINALITY", "UNKNOWN_CARDINALITY", "Dataset"]

AUTOTUNE, INFINITE_CARDINALITY, UNKNOWN_CARDINALITY = -1, -1, -2

# What TensorFlow's has besides, and tables in memory do not need.
_ELSEWHERE = frozenset(
    """
    bucket_by_sequence_length choose_from_datasets from_tensors get_single_element
    group_by_window interleave list_files padded_batch ragged_batch random
    rejection_resample save load scan snapshot sparse_batch
    take_while window
    """.split()
)


class _Kind(type):
    def __getattr__(cls, name: str) -> Any:
        if name in _ELSEWHERE:
            raise absence(f"tf.data.Dataset.{name}")
        raise AttributeError(f"type object 'Dataset' has no attribute {name!r}")


class Dataset(metaclass=_Kind):
    """Elements one after the other, as often as they are asked for.

    Elements are tensors, or tuples and dicts of them. Make one with
    `from_tensor_slices`, `from_generator`, `range` or `zip`.

    Example:

    >>> rows = Dataset.from_tensor_slices(([[1.0], [2.0], [3.0]], [0, 1, 1]))
    >>> for x, y in rows.batch(2):
    ...     print(x.shape, y.numpy())
    (2, 1) [0 1]
    (1, 1) [1]
    """

    def __init__(self, passes: Callable[[], Iterable[Any]], length: int | None) -> None:
        self._passes = passes
        self._length = length  # None: not known; -1: without an end

    # --- making

    @staticmethod
    def from_tensor_slices(tensors: Any, name: str | None = None) -> Dataset:
        """The rows of arrays, tuples and dicts of arrays.

        Raises:
            ShapeError: arrays of different lengths.
        """
        arrays = map_structure(_array, _structure(tensors))
        lengths = [len(a) for a in flatten(arrays)]
        if len(set(lengths)) != 1:
            raise ShapeError(
                "A data set's arrays have one length.",
                where="tf.data.Dataset.from_tensor_slices",
                expected="as many rows in each",
                received=", ".join(map(str, lengths)),
            )
        return _Rows(arrays, lambda: np.arange(lengths[0]), lengths[0])

    @staticmethod
    def from_generator(generator: Callable[..., Any], *_: Any, **__: Any) -> Dataset:
        """What a function of no arguments yields, anew for every pass."""
        return Dataset(lambda: map(_element, generator()), None)

    @staticmethod
    def range(*args: int, **_: Any) -> Dataset:
        """Whole numbers, as Python's `range`."""
        return Dataset.from_tensor_slices(np.arange(*args))

    @staticmethod
    def zip(*datasets: Any, **_: Any) -> Dataset:
        """Tuples with an element of each."""
        parts = datasets[0] if len(datasets) == 1 else datasets
        known = [p._length for p in parts]
        finite = [n for n in known if n is not None and n >= 0]
        length = None if None in known else min(finite, default=-1)
        return Dataset(lambda: zip(*parts), length)

    @staticmethod
    def sample_from_datasets(
        datasets: Sequence[Any],
        weights: Sequence[float] | None = None,
        seed: int | None = None,
        stop_on_empty_dataset: bool = False,
        rerandomize_each_iteration: bool | None = None,
    ) -> Dataset:
        """Each next element from one of several data sets, drawn by their weights.

        Raises:
            ArgumentError: not one weight, from 0 up, for each.
        """
        given = [1.0] * len(datasets) if weights is None else weights
        chances = np.asarray(given, np.float64)
        if chances.shape != (len(datasets),) or not (chances >= 0).all():
            raise ArgumentError(
                "There is a weight for each data set.",
                where="tf.data.Dataset.sample_from_datasets(weights=)",
                expected=f"{len(datasets)} numbers from 0 up",
                received=repr(weights),
            )
        lengths = [part._length for part in datasets]
        ends = stop_on_empty_dataset or -1 not in lengths
        draw = _seeds(seed, bool(rerandomize_each_iteration))
        return Dataset(
            lambda: _sampled(datasets, chances, draw(), stop_on_empty_dataset),
            None if ends or None in lengths else -1,
        )

    # --- changing

    def map(self, map_func: Callable[..., Any], *_: Any, **__: Any) -> Dataset:
        """A function of each element; how many run at once changes no result."""

        def mapped(element: Any) -> Any:
            spread = isinstance(element, tuple)
            return _element(map_func(*element) if spread else map_func(element))

        return Dataset(lambda: map(mapped, self), self._length)

    def filter(self, predicate: Callable[..., Any], name: str | None = None) -> Dataset:
        """The elements for which a function is true."""

        def kept(element: Any) -> bool:
            spread = isinstance(element, tuple)
            return bool(predicate(*element) if spread else predicate(element))

        return Dataset(lambda: filter(kept, self), None)

    def shuffle(
        self,
        buffer_size: int,
        seed: int | None = None,
        reshuffle_each_iteration: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Another order in every pass, drawn through a buffer of so many elements."""
        size = _whole("shuffle(buffer_size=)", buffer_size)
        draw = _seeds(seed, reshuffle_each_iteration is not False)
        return Dataset(lambda: _shuffled(iter(self), size, draw()), self._length)

    def batch(
        self, batch_size: int, drop_remainder: bool = False, *_: Any, **__: Any
    ) -> Dataset:
        """So many elements together; the last batch may be smaller."""
        size = _whole("batch(batch_size=)", batch_size)

        def batches() -> Iterator[Any]:
            elements = iter(self)
            while part := list(itertools.islice(elements, size)):
                if len(part) == size or not drop_remainder:
                    yield _stacked(part)

        return Dataset(batches, _batches(self._length, size, drop_remainder))

    def unbatch(self, name: str | None = None) -> Dataset:
        """The rows of batches one by one."""

        def rows() -> Iterator[Any]:
            for batch in self:
                for i in range(len(flatten(batch)[0])):
                    yield map_structure(lambda array, i=i: array[i], batch)

        return Dataset(rows, None)

    def repeat(self, count: int | None = None, name: str | None = None) -> Dataset:
        """Pass after pass, `count` times or for ever."""
        ever = count is None or count < 0
        length = self._length
        if length is not None:
            length = -1 if ever or length < 0 else length * (count or 0)

        def passes() -> Iterator[Any]:
            for _ in itertools.count() if ever else range(count or 0):
                yield from self

        return Dataset(passes, length)

    def take(self, count: int, name: str | None = None) -> Dataset:
        """The first so many; -1 for all."""
        if count < 0:
            return self
        length = self._length
        length = count if length == -1 else length and min(length, count)
        return Dataset(lambda: itertools.islice(self, count), length)

    def skip(self, count: int, name: str | None = None) -> Dataset:
        """What comes after the first so many."""
        length = self._length
        if length is not None and length >= 0:
            length = max(0, length - count)
        return Dataset(lambda: itertools.islice(self, count, None), length)

    def concatenate(self, dataset: Dataset, name: str | None = None) -> Dataset:
        """These elements, and then others."""
        first, second = self._length, dataset._length
        length = None
        if first is not None and second is not None:
            length = -1 if -1 in (first, second) else first + second
        return Dataset(lambda: itertools.chain(self, dataset), length)

    def enumerate(self, start: int = 0, name: str | None = None) -> Dataset:
        """Pairs of a number and an element."""
        return Dataset(lambda: enumerate(self, start), self._length)

    def shard(self, num_shards: int, index: int, name: str | None = None) -> Dataset:
        """Every so many-th element, from one on."""
        length = self._length
        if length is not None and length >= 0:
            length = len(range(index, length, num_shards))
        step = (index, None, num_shards)
        return Dataset(lambda: itertools.islice(self, *step), length)

    def apply(self, transformation_func: Callable[[Dataset], Any]) -> Any:
        """A function of the data set."""
        return transformation_func(self)

    def cache(self, filename: str = "", name: str | None = None) -> Dataset:
        """The elements of the first whole pass, kept in memory."""
        kept: list[Any] = []
        done: list[bool] = []

        def elements() -> Iterator[Any]:
            if done:
                yield from kept
                return
            seen = []
            for element in self:
                seen.append(element)
                yield element
            kept[:] = seen
            done.append(True)

        return Dataset(elements, self._length)

    def prefetch(self, buffer_size: int, name: str | None = None) -> Dataset:
        """The data set itself: it is in memory."""
        return self

    def with_options(self, options: Any, name: str | None = None) -> Dataset:
        """The data set itself: options are about how it is run."""
        return self

    # --- asking

    def cardinality(self, name: str | None = None) -> Any:
        """How many elements a pass has: -1 without an end, -2 where not known."""
        return tensor(UNKNOWN_CARDINALITY if self._length is None else self._length)

    def as_numpy_iterator(self) -> Iterator[Any]:
        """The elements as NumPy arrays."""
        return (map_structure(lambda t: t.numpy(), element) for element in self)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._passes())

    def __len__(self) -> int:
        if self._length is None or self._length < 0:
            raise TypeError("The length of this data set is not known, or has no end.")
        return self._length

    def __bool__(self) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        if name in _ELSEWHERE:
            raise absence(f"tf.data.Dataset.{name}")
        raise AttributeError(f"'Dataset' object has no attribute {name!r}")


class _Rows(Dataset):
    """Rows of arrays, in an order of row numbers."""

    def __init__(
        self, arrays: Any, order: Callable[[], np.ndarray], length: int
    ) -> None:
        super().__init__(self._rows, length)
        self._arrays = arrays
        self._order = order

    def _rows(self) -> Iterator[Any]:
        return (self._at(row) for row in self._order())

    def _at(self, rows: Any) -> Any:
        return map_structure(lambda array: _picked(array, rows), self._arrays)

    def _ordered(self, order: Callable[[], np.ndarray], length: int) -> Dataset:
        return _Rows(self._arrays, order, length)

    def shuffle(
        self,
        buffer_size: int,
        seed: int | None = None,
        reshuffle_each_iteration: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        size = _whole("shuffle(buffer_size=)", buffer_size)
        draw = _seeds(seed, reshuffle_each_iteration is not False)

        def order() -> np.ndarray:
            rows, generator = self._order(), draw()
            if size >= len(rows):
                return generator.permutation(rows)
            return np.fromiter(_shuffled(iter(rows), size, generator), np.int64)

        return self._ordered(order, len(self))

    def batch(
        self, batch_size: int, drop_remainder: bool = False, *_: Any, **__: Any
    ) -> Dataset:
        size = _whole("batch(batch_size=)", batch_size)
        count = _batches(len(self), size, drop_remainder)
        assert count is not None

        def batches() -> Iterator[Any]:
            order = self._order()
            return (self._at(order[i * size : (i + 1) * size]) for i in range(count))

        return Dataset(batches, count)

    def take(self, count: int, name: str | None = None) -> Dataset:
        if count < 0:
            return self
        length = min(count, len(self))
        return self._ordered(lambda: self._order()[:length], length)

    def skip(self, count: int, name: str | None = None) -> Dataset:
        length = max(0, len(self) - count)
        return self._ordered(lambda: self._order()[count:], length)


def _structure(tensors: Any) -> Any:
    """Dicts of columns as dicts; a list is one tensor, as TensorFlow has it."""
    if isinstance(tensors, Mapping):
        return {name: _structure(part) for name, part in tensors.items()}
    if isinstance(tensors, tuple):
        return tuple(map(_structure, tensors))
    return np.asarray(tensors)


def _picked(array: np.ndarray, rows: Any) -> Any:
    """Rows of an array; of text, one row is a tensor too."""
    found = array[rows]
    return shown(np.asarray(found, array.dtype) if isinstance(found, str) else found)


def _array(x: Any) -> np.ndarray:
    return np.asarray(x) if x.dtype.kind in "OSU" else np.asarray(tensor(x))


def _element(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _element(part) for name, part in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_element, value))
    return tensor(value)


def _stacked(elements: list[Any]) -> Any:
    return map_structure(
        lambda *parts: shown(np.stack([np.asarray(p) for p in parts])), *elements
    )


def _batches(length: int | None, size: int, drop_remainder: bool) -> int | None:
    if length is None or length < 0:
        return length
    return length // size if drop_remainder else -(-length // size)


def _whole(where: str, value: Any) -> int:
    if int(value) != value or value < 1:
        raise ArgumentError(
            "This is a whole number from 1 up.",
            where=f"tf.data.Dataset.{where}",
            received=repr(value),
        )
    return int(value)


def _seeds(seed: int | None, anew: bool) -> Callable[[], np.random.Generator]:
    """What gives each pass its source of random numbers."""
    first = random.draw_seed() if seed is None else int(seed)
    passes = itertools.count()

    def draw() -> np.random.Generator:
        number = next(passes) if anew else 0
        return np.random.Generator(np.random.Philox(key=first << 32 | number))

    return draw


def _shuffled(
    elements: Iterator[Any], size: int, generator: np.random.Generator
) -> Iterator[Any]:
    """Each next element is drawn from a buffer of the so many that follow."""
    buffer = list(itertools.islice(elements, size))
    for element in elements:
        place = int(generator.integers(len(buffer)))
        yield buffer[place]
        buffer[place] = element
    generator.shuffle(buffer)
    yield from buffer


def _sampled(
    datasets: Sequence[Any],
    chances: np.ndarray,
    generator: np.random.Generator,
    stops: bool,
) -> Iterator[Any]:
    """Elements of data sets that are drawn; those that are over are left out."""
    parts = [iter(part) for part in datasets]
    left = chances.copy()
    while left.any():
        which = int(generator.choice(len(parts), p=left / left.sum()))
        try:
            yield next(parts[which])
        except StopIteration:
            if stops:
                return
            left[which] = 0.0
