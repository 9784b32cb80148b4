"""Categorical columns in a net: ids gathered from tables, one-hot or learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pronghorn import ops
from pronghorn.errors import ArgumentError, StateError
from pronghorn.initializers import RandomNormal
from pronghorn.layers.by_shape import ByShape
from pronghorn.layers.core import whole
from pronghorn.layers.input_spec import InputSpec
from pronghorn.registry import keras_class
from pronghorn.tabular.encoders import IDS_FROM

__all__ = ["CategoryEmbedding", "OneHotCategories"]

_known = keras_class("pronghorn.tabular")

CLIP = 3.0
"""Where one-hot features bend: RealMLP's smooth clipping, as for numbers."""


class _Categories(ByShape):
    """Base of layers of id columns: 0 is missing, 1 unseen, then the categories."""

    def __init__(self, sizes: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        name = type(self).__name__
        if not len(sizes):
            raise ArgumentError(
                "A layer of categories has columns.",
                where=f"layer {self.name!r}, sizes",
                expected="the number of categories of each column",
                received=repr(sizes),
                remedy="leave the layer out",
            )
        self.sizes = tuple(whole(size, "sizes", name) for size in sizes)
        self.input_spec = InputSpec(ndim=2, axes={-1: len(self.sizes)})

    def _output_dtype(self, inputs: Any) -> str:
        return "float32"

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "sizes": list(self.sizes)}


@_known
class OneHotCategories(_Categories):
    """Categories as one-hot features, brought to one scale, by a gather.

    A column of two categories becomes one feature, -1 or 1; any other one feature for
    each category. What is missing or unseen is 0 everywhere. `adapt` then centers and
    scales each feature and bends it beyond 3, as `RobustScaling` does: RealMLP's
    preprocessing (Holzmueller et al., arXiv 2407.04491). The result lies in a table
    with a row for each id, so rows are looked up and nothing is compared.

    Args:
        sizes: how many categories each column has, missing and unseen not counted.
        **kwargs: `name`, `trainable`, and `input_shape` on a first layer.

    Shapes: int (rows, columns), 0 for missing, 1 for unseen, 2 and up for the
    categories, to float32 (rows, features).

    Raises:
        ArgumentError: a size that is no positive whole number.
        StateError: when it runs before `adapt`.

    Example:

    >>> layer = OneHotCategories([2])
    >>> layer.adapt(np.array([[2], [3], [2], [3]]))
    >>> layer(np.array([[2], [3], [0]])).round(2)
    array([[-0.49],
           [ 0.49],
           [ 0.  ]], dtype=float32)
    """

    def build(self, input_shape: Any) -> None:
        """Makes the tables, which `adapt` fills."""
        self.rows = self._constant("rows", (), "int32")
        self.tables = [
            self._constant(f"table_{i}", (IDS_FROM + size, _width(size)))
            for i, size in enumerate(self.sizes)
        ]
        self.built = True

    def _constant(
        self, name: str, shape: tuple[int, ...], dtype: str = "float32"
    ) -> Any:
        return self.add_weight(
            name=name, shape=shape, initializer="zeros", dtype=dtype, trainable=False
        )

    def adapt(self, data: Any) -> None:
        """Looks at how frequent the categories are.

        Args:
            data: ids of the training rows: int (rows, columns).
        """
        ids = np.asarray(data)
        if not self.built:
            self._ensure_built((None, len(self.sizes)))
        for column, (size, table) in enumerate(zip(self.sizes, self.tables)):
            codes = _one_hot(size)
            counts = np.bincount(ids[:, column], minlength=len(codes))
            table.assign(np.stack([_scaled(c, counts) for c in codes.T], axis=1))
        self.rows.assign(len(ids))

    def call(self, inputs: Any) -> Any:
        """int (rows, columns) to (rows, features)."""
        if not int(self.rows.storage):
            raise StateError(
                "The layer does not know its categories.",
                where=f"layer {self.name!r} ({type(self).__name__})",
                expected="a layer that was adapted to the training rows",
                received="one that was not",
                remedy="call adapt(ids) first, or load its weights",
            )
        parts = [
            ops.take(table, inputs[:, i], axis=0) for i, table in enumerate(self.tables)
        ]
        return ops.concatenate(parts, axis=-1) if len(parts) > 1 else parts[0]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(rows, columns) to (rows, features)."""
        return input_shape[0], sum(map(_width, self.sizes))


@_known
class CategoryEmbedding(_Categories):
    """Categories as learned vectors, for each member of an ensemble its own.

    Missing and unseen have vectors too (Guo and Berkhahn, arXiv 1604.06737; RealMLP,
    arXiv 2407.04491, has 8 numbers for columns of more than 9 categories).

    Args:
        sizes: how many categories each column has, missing and unseen not counted.
        units: how many numbers stand for a category. Default 8.
        members: of the ensemble. Default 1.
        **kwargs: `name`, `trainable`, and `input_shape` on a first layer.

    Shapes: int (rows, columns), 0 for missing, 1 for unseen, 2 and up for the
    categories, to (rows, members, columns * units); table (members * ids, units), the
    ids of all columns one after the other.

    Raises:
        ArgumentError: sizes, units or members are no positive whole numbers.

    Example:

    >>> layer = CategoryEmbedding([100, 20], units=4, members=3)
    >>> layer(np.array([[2, 0], [101, 1]])).shape
    (2, 3, 8)
    """

    def __init__(
        self, sizes: Sequence[int], units: int = 8, members: int = 1, **kwargs: Any
    ) -> None:
        super().__init__(sizes, **kwargs)
        self.units = whole(units, "units", "CategoryEmbedding")
        self.members = whole(members, "members", "CategoryEmbedding")

    def build(self, input_shape: Any) -> None:
        """Makes the table of all columns and members."""
        self.table = self.add_weight(
            name="table",
            shape=(self.members * self._ids, self.units),
            initializer=RandomNormal(stddev=1.0),
        )
        self.built = True

    @property
    def _ids(self) -> int:
        return sum(self.sizes) + IDS_FROM * len(self.sizes)

    def call(self, inputs: Any) -> Any:
        """int (rows, columns) to (rows, members, columns * units)."""
        sizes = np.array([0, *self.sizes[:-1]]) + IDS_FROM
        sizes[0] = 0
        first = np.cumsum(sizes)[None, :] + self._ids * np.arange(self.members)[:, None]
        places = ops.expand_dims(inputs, 1) + first.astype(np.int32)
        vectors = ops.take(self.table, places, axis=0)
        return ops.reshape(vectors, (-1, self.members, len(self.sizes) * self.units))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(rows, columns) to (rows, members, columns * units)."""
        return input_shape[0], self.members, len(self.sizes) * self.units

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "units": self.units,
            "members": self.members,
        }


def _width(size: int) -> int:
    return 1 if size == 2 else size


def _one_hot(size: int) -> np.ndarray:
    """A row for each id: zeros for missing and unseen."""
    known = np.array([[-1.0], [1.0]]) if size == 2 else np.eye(size)
    return np.concatenate([np.zeros((IDS_FROM, known.shape[1])), known])


def _scaled(codes: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """One feature's values by id, centered, scaled and bent as `RobustScaling` does."""
    values = np.repeat(codes, counts)
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
    spread = high - low or np.ptp(values) / 2
    scaled = (codes - middle) / spread if spread else codes - middle
    return np.asarray(scaled / np.sqrt(1 + (scaled / CLIP) ** 2))
