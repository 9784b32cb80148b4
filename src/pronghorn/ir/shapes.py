"""Shapes with one symbolic dimension: the batch.

A dimension is an `int` or a `Batch`: `scale * n + offset` for a batch of `n` rows. `n`
is known only when a program runs, so the last, smaller batch needs no second program.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import prod

from pronghorn.errors import ShapeError

__all__ = [
    "BATCH",
    "Batch",
    "Dim",
    "Shape",
    "at",
    "axes",
    "axis",
    "broadcast",
    "from_keras",
    "resolve_reshape",
    "size",
    "text",
    "to_keras",
]


_KEPT = 4096  # results of rules that ask for the same again and again


class Batch:
    """The dimension `scale * n + offset`, where `n` is the number of rows.

    There is one object for each pair, so two are equal where they are the same, and
    shapes are compared and hashed without any Python.

    >>> Batch(2) + 1
    2n+1
    >>> (BATCH * 3).at(10)
    30
    """

    __slots__ = ("offset", "scale")

    scale: int
    offset: int

    def __new__(cls, scale: int = 1, offset: int = 0) -> Batch:
        found = _BATCHES.get((scale, offset))
        if found is None:
            made = super().__new__(cls)
            made.scale, made.offset = int(scale), int(offset)
            # Where two threads make the same, both get the first.
            found = _BATCHES.setdefault((made.scale, made.offset), made)
        return found

    def __reduce__(self) -> tuple[type[Batch], tuple[int, int]]:
        return Batch, (self.scale, self.offset)

    def at(self, rows: int) -> int:
        """The size for a batch of `rows` rows."""
        return self.scale * rows + self.offset

    def __add__(self, other: Dim) -> Dim:
        if isinstance(other, Batch):
            return _dim(self.scale + other.scale, self.offset + other.offset)
        return _dim(self.scale, self.offset + other)

    __radd__ = __add__

    def __sub__(self, other: Dim) -> Dim:
        return self + other * -1

    def __rsub__(self, other: int) -> Dim:
        return self * -1 + other

    def __mul__(self, factor: int) -> Dim:
        if not isinstance(factor, int):
            return NotImplemented
        return _dim(self.scale * factor, self.offset * factor)

    __rmul__ = __mul__

    def __floordiv__(self, divisor: int) -> Dim:
        if self.scale % divisor or self.offset % divisor:
            raise ShapeError(
                "The batch dimension cannot be divided evenly.",
                expected=f"a multiple of {divisor}",
                received=repr(self),
            )
        return _dim(self.scale // divisor, self.offset // divisor)

    def __repr__(self) -> str:
        head = "n" if self.scale == 1 else f"{self.scale}n"
        return head + (f"{self.offset:+d}" if self.offset else "")


_BATCHES: dict[tuple[int, int], Batch] = {}

Dim = int | Batch
Shape = tuple[Dim, ...]
BATCH = Batch()


def _dim(scale: int, offset: int) -> Dim:
    return Batch(scale, offset) if scale else offset


def at(shape: Shape, rows: int) -> tuple[int, ...]:
    """The shape for a batch of `rows` rows."""
    return tuple(d.at(rows) if isinstance(d, Batch) else d for d in shape)


@lru_cache(_KEPT)
def size(shape: Shape) -> Dim:
    """The number of elements."""
    symbolic = [d for d in shape if isinstance(d, Batch)]
    fixed = prod(d for d in shape if not isinstance(d, Batch))
    if len(symbolic) > 1:
        raise ShapeError(
            "A tensor has two batch dimensions.",
            expected="the batch along one axis only",
            received=text(shape),
            remedy="where y_true is of shape (n,) and y_pred (n, 1), give one of them "
            "the shape of the other: ops.reshape(y_true, ops.shape(y_pred)), say",
        )
    return symbolic[0] * fixed if symbolic else fixed


def text(shape: Shape) -> str:
    """The shape as people write it: `(n, 3)`."""
    inner = ", ".join(map(repr, shape))
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


def to_keras(shape: Shape) -> tuple[int | None, ...]:
    """The shape as Keras shows it: None for the batch."""
    return tuple(None if isinstance(d, Batch) else d for d in shape)


def from_keras(shape: Sequence[int | None]) -> Shape:
    """The shape with the batch where Keras writes None.

    Raises:
        ShapeError: what is no sequence of sizes.
    """
    if not isinstance(shape, (tuple, list)):
        raise ShapeError(
            "A shape is a tuple of sizes.",
            expected="whole numbers, and None for what is unknown, as in (None, 3)",
            received=repr(shape),
            remedy="write (3,) with a comma" if isinstance(shape, int) else None,
        )
    return tuple(BATCH if d is None else d for d in shape)


def axis(index: int, rank: int) -> int:
    """An axis as a number from 0, or a ShapeError."""
    if not -rank <= index < rank:
        raise ShapeError(
            f"There is no axis {index}.",
            expected=f"an axis from {-rank} to {rank - 1}",
            received=index,
        )
    return index % rank


def axes(index: int | Sequence[int] | None, rank: int) -> tuple[int, ...]:
    """Axes as sorted numbers from 0; None is all of them."""
    if index is None:
        return tuple(range(rank))
    listed = (index,) if isinstance(index, int) else tuple(index)
    found = tuple(sorted(axis(int(i), rank) for i in listed))
    if len(set(found)) != len(found):
        raise ShapeError("An axis is named twice.", received=listed)
    return found


@lru_cache(_KEPT)
def broadcast(*shapes: Shape) -> Shape:
    """The shape of an elementwise result, by NumPy's rules.

    >>> broadcast((BATCH, 3), (3,), (1, 1))
    (n, 3)
    """
    rank = max(map(len, shapes), default=0)
    result: list[Dim] = [1] * rank
    for shape in shapes:
        for i, d in enumerate(shape, rank - len(shape)):
            if result[i] == 1:
                result[i] = d
            elif d != 1 and d != result[i]:
                raise ShapeError(
                    "These shapes do not go together.",
                    expected="dimensions that are equal or 1",
                    received=" and ".join(map(text, shapes)),
                )
    return tuple(result)


def resolve_reshape(shape: Shape, target: Sequence[Dim | None]) -> Shape:
    """The target of a reshape, with -1 (or None) worked out.

    >>> resolve_reshape((BATCH, 4, 2), (-1, 8))
    (n, 8)
    >>> resolve_reshape((BATCH, BATCH, 4), (BATCH, BATCH, 2, -1))
    (n, n, 2, 2)
    """
    wanted = [-1 if d is None else d for d in target]
    unknown = [d for d in shape if isinstance(d, Batch)]
    if len(unknown) > 1 and [d for d in wanted if isinstance(d, Batch)] == unknown:
        # They stay as they are, as they do in a symbol of rows of any number of steps.
        parts = [
            tuple(d for d in s if not isinstance(d, Batch)) for s in (shape, wanted)
        ]
        known = iter(resolve_reshape(*parts))
        return tuple(d if isinstance(d, Batch) else next(known) for d in wanted)
    total = size(shape)
    if wanted.count(-1) == 1:
        rest = size(tuple(d for d in wanted if d != -1))
        wanted[wanted.index(-1)] = _quotient(total, rest, shape, target)
    result = tuple(wanted)
    if -1 in result or size(result) != total:
        raise ShapeError(
            "A tensor cannot be reshaped so.",
            expected=f"{total} elements, as in {text(shape)}",
            received=f"the shape {tuple(target)}",
        )
    return result


def _quotient(total: Dim, rest: Dim, shape: Shape, target: Sequence[object]) -> Dim:
    try:
        if isinstance(rest, Batch):
            if not isinstance(total, Batch) or total.scale % rest.scale:
                raise ValueError
            return total.scale // rest.scale
        if isinstance(total, Batch):
            return total // rest
        return total // rest if rest else 0
    except ValueError:
        raise ShapeError(
            "A tensor cannot be reshaped so.",
            expected=f"{total} elements, as in {text(shape)}",
            received=f"the shape {tuple(target)}",
        ) from None
