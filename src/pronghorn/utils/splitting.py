"""A data set in two parts: the first rows and the last, or drawn by chance."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn.errors import ArgumentError, DtypeError, ShapeError

__all__ = ["split_dataset"]


def split_dataset(
    dataset: Any,
    left_size: float | None = None,
    right_size: float | None = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Any, Any]:
    """Splits rows into a left and a right part.

    Args:
        dataset: an array, a list or a tuple of arrays of equally many rows, or
            anything with `__len__` and `__getitem__` by row number, such as a torch
            `Dataset`.
        left_size, right_size: a part of the rows as a float between 0 and 1, or their
            number. One may be left out: it gets the rest.
        shuffle: draw which rows go left, in an order of chance. Default False.
        seed: of the order. Default: drawn from Python's `random`.
        preferred_backend: which library's object Keras would give; here the kind of
            `dataset` decides. Default none.

    Returns:
        Two parts of the kind that was given: arrays, tuples of arrays (of a list too),
        or sequences that read the data set's rows when they are asked for.

    Raises:
        ArgumentError: a size that is none, or leaves a part empty.
        DtypeError: nothing that can be split.
        ShapeError: arrays of different lengths.

    Example:

    >>> (x, y), (x_held, y_held) = split_dataset(
    ...     (np.zeros((10, 3)), np.arange(10)), left_size=0.8)
    >>> x.shape, y_held
    ((8, 3), array([8, 9]))
    """
    if preferred_backend not in (None, "tensorflow", "torch", "jax", "numpy"):
        raise ArgumentError(
            "There is no such backend.",
            where="split_dataset(preferred_backend=)",
            expected="tensorflow, torch, jax, numpy or None",
            received=repr(preferred_backend),
            remedy="leave it out",
        )
    count = _rows(dataset)
    left, right = _sizes(left_size, right_size, count)
    order = list(range(count))
    if shuffle:
        # The order that Keras draws, without seeding the generator of everybody.
        drawn = random.randint(0, int(1e6)) if seed is None else seed
        random.Random(drawn).shuffle(order)
    return _part(dataset, order[:left]), _part(dataset, order[count - right :])


class _Rows(Sequence[Any]):
    """Some rows of a data set that is read by number."""

    def __init__(self, dataset: Any, order: list[int]) -> None:
        self._dataset, self._order = dataset, order

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self._dataset[i] for i in self._order[index]]
        return self._dataset[self._order[index]]


def _part(dataset: Any, order: list[int]) -> Any:
    if isinstance(dataset, np.ndarray):
        return dataset[order]
    if isinstance(dataset, (list, tuple)):
        return tuple(array[order] for array in dataset)
    return _Rows(dataset, order)


def _rows(dataset: Any) -> int:
    if isinstance(dataset, (list, tuple)):
        for position, item in enumerate(dataset):
            if not isinstance(item, np.ndarray):
                raise DtypeError(
                    "A list to be split holds arrays.",
                    where=f"split_dataset, item {position} of `dataset`",
                    expected="numpy.ndarray",
                    received=type(item).__name__,
                    remedy="pass numpy.asarray(...) of it",
                )
        lengths = [len(array) for array in dataset]
        if not lengths or min(lengths) != max(lengths):
            raise ShapeError(
                "Arrays to be split have equally many rows.",
                where="split_dataset, argument `dataset`",
                expected="one or more arrays, each with the same number of rows",
                received=f"numbers of rows: {lengths}",
                remedy="give every row a place in each array",
            )
        return lengths[0]
    if hasattr(dataset, "__len__") and hasattr(dataset, "__getitem__"):
        return len(dataset)
    raise DtypeError(
        "This cannot be split.",
        where="split_dataset, argument `dataset`",
        expected="an array, a list or tuple of arrays, or rows by number",
        received=type(dataset).__name__,
        remedy="turn it into arrays first",
    )


def _sizes(left: Any, right: Any, count: int) -> tuple[int, int]:
    if left is None and right is None:
        raise _bad_size("left_size", left, count, "left_size=0.8, say")
    sizes = [_size(n, s, count) for n, s in (("left", left), ("right", right))]
    if isinstance(left, float) and isinstance(right, float) and left + right > 1:
        raise _bad_size("right_size", right, count, f"right_size={1 - left:.3g}")
    first = count - sizes[1] if sizes[0] is None else sizes[0]  # type: ignore[operator]
    last = count - first if sizes[1] is None else sizes[1]
    if first <= 0 or last <= 0 or first + last > count:
        name, value = ("left_size", left) if left is not None else ("right_size", right)
        raise _bad_size(name, value, count, "a size that leaves either side a row")
    return first, last


def _size(side: str, value: Any, count: int) -> int | None:
    if value is None:
        return None
    whole = isinstance(value, int) and not isinstance(value, bool)
    if whole and 0 < value < count:
        return int(value)
    if isinstance(value, float) and 0 < value < 1:
        return round(value * count)
    if not (whole or isinstance(value, float)):
        raise DtypeError(
            "A size of a part is a number.",
            where=f"split_dataset({side}_size=)",
            expected="a float between 0 and 1, or a whole number",
            received=repr(value),
            remedy=f"pass {side}_size=0.5, say",
        )
    raise _bad_size(f"{side}_size", value, count, f"{side}_size=0.5, say")


def _bad_size(name: str, value: Any, count: int, remedy: str) -> ArgumentError:
    return ArgumentError(
        f"{count} rows cannot be split so.",
        where=f"split_dataset({name}=)",
        expected=f"a float between 0 and 1, or a whole number from 1 to {count - 1}; "
        "together no more than all",
        received=repr(value),
        remedy=f"pass {remedy}",
    )
